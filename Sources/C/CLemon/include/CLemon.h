#pragma once
#include <stdint.h>

/// Which algorithm of LEMON solves a network.
typedef enum { LEMON_NETWORK_SIMPLEX = 0, LEMON_COST_SCALING = 1 } kechuang_lemon_method;

/// What came of it. `LEMON_THREW` stands for any C++ exception, running out of memory among them.
typedef enum { LEMON_OPTIMAL = 0, LEMON_INFEASIBLE = 1, LEMON_UNBOUNDED = 2, LEMON_THREW = 3 } kechuang_lemon_status;

#ifdef __cplusplus
extern "C" {
#endif

/// Minimum-cost flow. Arc i runs from tail[i] to head[i] with 0 <= flow <= capacity[i] at cost[i] a unit; supply[v] units
/// enter at node v (negative: leave) and must balance. On LEMON_OPTIMAL, flow[i] and potential[v] are filled so that
/// cost + potential[tail] - potential[head] is >= 0 where flow < capacity and <= 0 where flow > 0.
kechuang_lemon_status kechuang_lemon_flow(kechuang_lemon_method method, int32_t nodes, int32_t arcs, const int32_t *tail,
                                          const int32_t *head, const int64_t *capacity, const int64_t *cost,
                                          const int64_t *supply, int64_t *flow, int64_t *potential);

#ifdef __cplusplus
}
#endif
