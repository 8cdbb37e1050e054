// Solves a binary assignment instance (docs/assignment.md has the layout) with LEMON as its users would:
// FILE simplex|scaling prints the objective, processor seconds of the solve and peak memory in MiB.
#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using Graph = lemon::SmartDigraph;

template <typename T>
std::vector<T> take(FILE *file, size_t count) {
    std::vector<T> list(count);
    if (fread(list.data(), sizeof(T), count, file) != count) {
        fprintf(stderr, "the instance is too short\n");
        exit(1);
    }
    return list;
}

template <typename Algorithm>
void solve(const Graph &graph, const Graph::ArcMap<int> &capacity, const Graph::ArcMap<int64_t> &cost,
           const Graph::NodeMap<int> &supply, const std::vector<int32_t> &score) {
    clock_t start = clock();
    Algorithm algorithm(graph);
    if (algorithm.upperMap(capacity).costMap(cost).supplyMap(supply).run() != Algorithm::OPTIMAL) exit(1);
    double seconds = double(clock() - start) / CLOCKS_PER_SEC;
    int64_t objective = 0;
    for (size_t arc = 0; arc < score.size(); arc++) objective += algorithm.flow(graph.arcFromId(arc)) * score[arc];
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld %.3f %ld\n", (long long)objective, seconds, usage.ru_maxrss / 1024);
}

int main(int count, char **arguments) {
    FILE *file = count == 3 ? fopen(arguments[1], "rb") : nullptr;
    if (!file) return 64;
    take<int64_t>(file, 1);
    int32_t applications = take<int32_t>(file, 1)[0], experts = take<int32_t>(file, 1)[0];
    int64_t arcs = take<int64_t>(file, 1)[0];
    std::vector<int32_t> demand = take<int32_t>(file, applications), load = take<int32_t>(file, experts);
    take<int32_t>(file, experts);
    std::vector<int64_t> offset = take<int64_t>(file, applications + 1);
    std::vector<int32_t> expert = take<int32_t>(file, arcs), score = take<int32_t>(file, arcs);
    fclose(file);

    // A seat may stay empty at a price above anything that moves could gain.
    int64_t penalty = 2 * int64_t(*std::max_element(score.begin(), score.end())) * (std::min(applications, experts) + 1);
    Graph graph;
    graph.reserveNode(applications + experts + 1);
    graph.reserveArc(arcs + applications + experts);
    for (int32_t node = 0; node <= applications + experts; node++) graph.addNode();
    Graph::Node sink = graph.nodeFromId(applications + experts);
    for (int32_t i = 0; i < applications; i++) {
        for (int64_t arc = offset[i]; arc < offset[i + 1]; arc++) {
            graph.addArc(graph.nodeFromId(i), graph.nodeFromId(applications + expert[arc]));
        }
    }
    for (int32_t j = 0; j < experts; j++) graph.addArc(graph.nodeFromId(applications + j), sink);
    for (int32_t i = 0; i < applications; i++) graph.addArc(graph.nodeFromId(i), sink);
    Graph::ArcMap<int> capacity(graph, 1);
    Graph::ArcMap<int64_t> cost(graph, 0);
    Graph::NodeMap<int> supply(graph, 0);
    for (int64_t arc = 0; arc < arcs; arc++) cost[graph.arcFromId(arc)] = -int64_t(score[arc]);
    for (int32_t j = 0; j < experts; j++) capacity[graph.arcFromId(arcs + j)] = load[j];
    int total = 0;
    for (int32_t i = 0; i < applications; i++) {
        Graph::Arc empty = graph.arcFromId(arcs + experts + i);
        capacity[empty] = demand[i];
        cost[empty] = penalty;
        supply[graph.nodeFromId(i)] = demand[i];
        total += demand[i];
    }
    supply[sink] = -total;
    if (std::string(arguments[2]) == "scaling") {
        solve<lemon::CostScaling<Graph, int, int64_t>>(graph, capacity, cost, supply, score);
    } else {
        solve<lemon::NetworkSimplex<Graph, int, int64_t>>(graph, capacity, cost, supply, score);
    }
}
