"""Makes a binary assignment instance exactly tight, in place: experts may judge as many as are wanted, and not one more."""
import sys

import numpy as np

data = bytearray(open(sys.argv[1], "rb").read())
applications, experts = (int(n) for n in np.frombuffer(data, np.int32, 2, 8))
demand = np.frombuffer(data, np.int32, applications, 24)
load = np.frombuffer(data, np.int32, experts, 24 + demand.nbytes)
order = np.random.default_rng(1).permutation(experts)
missing = int(demand.sum()) - int(load.sum())
while missing:
    able = order if missing > 0 else order[load[order] > 1]
    some = able[: abs(missing)]
    load[some] += np.sign(missing)
    missing = int(demand.sum()) - int(load.sum())
open(sys.argv[1], "wb").write(data)
print(f"loads {int(load.sum())} for {int(demand.sum())} seats")
