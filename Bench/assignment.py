"""Solves a binary assignment instance with OR-tools: the objective, processor seconds of the solve, peak memory in MiB."""
import resource
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow

data = open(sys.argv[1], "rb").read()
at = 8


def take(count, kind):
    global at
    found = np.frombuffer(data, kind, count, at)
    at += found.nbytes
    return found


applications, experts = (int(n) for n in take(2, np.int32))
arcs = int(take(1, np.int64)[0])
demand, load, _ = take(applications, np.int32), take(experts, np.int32), take(experts, np.int32)
offset, expert, score = take(applications + 1, np.int64), take(arcs, np.int32), take(arcs, np.int32)
sink = applications + experts
# A seat may stay empty at a price above anything that moves could gain.
penalty = int(score.max()) * 2 * (min(applications, experts) + 1)
owner = np.repeat(np.arange(applications, dtype=np.int32), np.diff(offset))
tail = np.concatenate([owner, np.arange(applications, sink, dtype=np.int32), np.arange(applications, dtype=np.int32)])
head = np.concatenate([expert + applications, np.full(experts + applications, sink)]).astype(np.int32)
capacity = np.concatenate([np.ones(arcs), load, demand]).astype(np.int64)
cost = np.concatenate([-score.astype(np.int64), np.zeros(experts, np.int64), np.full(applications, penalty, np.int64)])
flow = min_cost_flow.SimpleMinCostFlow()
flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
supply = np.concatenate([demand, np.zeros(experts), [-int(demand.sum())]]).astype(np.int64)
flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
start = time.process_time()
assert flow.solve() == flow.OPTIMAL
took = time.process_time() - start
objective = int((flow.flows(np.arange(arcs, dtype=np.int32)) * score).sum())
print(objective, round(took, 3), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
