#include "CLemon.h"

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

namespace {

using Graph = lemon::SmartDigraph;

struct Network {
    Graph graph;
    Graph::ArcMap<int64_t> capacity, cost;
    Graph::NodeMap<int64_t> supply;

    Network(int32_t nodes, int32_t arcs, const int32_t *tail, const int32_t *head, const int64_t *capacities,
            const int64_t *costs, const int64_t *supplies)
        : capacity(graph), cost(graph), supply(graph) {
        graph.reserveNode(nodes);
        graph.reserveArc(arcs);
        for (int32_t v = 0; v < nodes; v++) supply[graph.addNode()] = supplies[v];
        for (int32_t i = 0; i < arcs; i++) {
            Graph::Arc arc = graph.addArc(graph.nodeFromId(tail[i]), graph.nodeFromId(head[i]));
            capacity[arc] = capacities[i];
            cost[arc] = costs[i];
        }
    }

    template <typename Algorithm>
    kechuang_lemon_status run(int64_t *flow, int64_t *potential) {
        Algorithm algorithm(graph);
        algorithm.upperMap(capacity).costMap(cost).supplyMap(supply);
        switch (algorithm.run()) {
        case Algorithm::OPTIMAL: break;
        case Algorithm::UNBOUNDED: return LEMON_UNBOUNDED;
        default: return LEMON_INFEASIBLE;
        }
        for (Graph::ArcIt arc(graph); arc != lemon::INVALID; ++arc) flow[graph.id(arc)] = algorithm.flow(arc);
        for (Graph::NodeIt node(graph); node != lemon::INVALID; ++node) {
            potential[graph.id(node)] = algorithm.potential(node);
        }
        return LEMON_OPTIMAL;
    }
};

}  // namespace

extern "C" kechuang_lemon_status kechuang_lemon_flow(kechuang_lemon_method method, int32_t nodes, int32_t arcs,
                                                     const int32_t *tail, const int32_t *head, const int64_t *capacity,
                                                     const int64_t *cost, const int64_t *supply, int64_t *flow,
                                                     int64_t *potential) {
    try {
        Network network(nodes, arcs, tail, head, capacity, cost, supply);
        if (method == LEMON_COST_SCALING) {
            return network.run<lemon::CostScaling<Graph, int64_t, int64_t>>(flow, potential);
        }
        return network.run<lemon::NetworkSimplex<Graph, int64_t, int64_t>>(flow, potential);
    } catch (...) {
        return LEMON_THREW;
    }
}
