"""The peers of kechuang-bench-review-texts: the same work with packages of PyPI, answers compared, ratios printed."""
import os
import sys
import time

import numpy as np
import pandas as pd

folder = sys.argv[2]


def seconds_of(name):
    return float(open(f"{folder}/{name}").read())


missed = False


def ratio(what, ours, theirs, least=None):
    """Prints how many times as fast ours is, beside what it has to be at least."""
    global missed
    verdict = ""
    if least:
        verdict = f"  {'ok' if theirs / ours >= least else 'MISSED'} (>= {least})"
        missed = missed or theirs / ours < least
    print(f"{what}: {theirs:.3f} s, ours {ours:.4f} s: {theirs / ours:.1f} times{verdict}", flush=True)


def calibration():
    import warnings

    import scipy.sparse as sp
    import scipy.sparse.linalg as sla
    import statsmodels.formula.api as smf
    warnings.filterwarnings("ignore")
    d = pd.read_csv(f"{folder}/panel.csv")
    ours = pd.read_csv(f"{folder}/panel-ours.csv", index_col="name")["value"]
    d["one"] = 1
    start = time.process_time()
    parts = {"application": "0 + C(application)", "reviewer": "0 + C(reviewer)"}
    fit = smf.mixedlm("score ~ 1", d, groups="one", vc_formula=parts).fit(reml=True)
    took = time.process_time() - start
    v = dict(zip(fit.model.exog_vc.names, fit.vcomp))
    print(f"  lambdas {fit.scale / v['application']:.4f} {fit.scale / v['reviewer']:.4f}, "
          f"ours {ours['lambdaF']:.4f} {ours['lambdaB']:.4f}")
    worst = max(abs(e + fit.fe_params.iloc[0] - ours[k.split('[')[-1].rstrip(']')])
                for k, e in fit.random_effects[1].items() if k.startswith("application"))
    print(f"  largest difference of a calibrated value {worst:.1e}")
    assert worst < 1e-2
    ratio(f"statsmodels MixedLM, {len(d)} scores", seconds_of("panel-seconds"), took, least=10)

    d = pd.read_csv(f"{folder}/nation.csv")
    ours = pd.read_csv(f"{folder}/nation-ours.csv", index_col="name")["value"]
    a, b = pd.factorize(d["application"], sort=True), pd.factorize(d["reviewer"], sort=True)
    n, p, r = len(d), len(a[1]), len(b[1])
    start = time.process_time()
    rows = np.arange(n)
    w = sp.csr_matrix((np.ones(3 * n), (np.tile(rows, 3), np.concatenate([np.zeros(n, int), 1 + a[0], 1 + p + b[0]]))))
    c = (w.T @ w + sp.diags(np.concatenate([[0], np.full(p, .7), np.full(r, 1.4)]))).tocsr()
    right = w.T @ d["score"].to_numpy()
    scale = sp.diags(1 / c.diagonal())
    x, info = sla.cg(c, right, rtol=1e-12, M=scale)
    took = time.process_time() - start
    assert info == 0
    worst = np.abs(ours.reindex(a[1]).to_numpy() - x[0] - x[1:p + 1]).max()
    print(f"  largest difference of a calibrated value {worst:.1e}")
    assert worst < 1e-6
    ratio(f"scipy sparse equations and conjugate gradients, {n} scores", seconds_of("nation-seconds"), took)


def duplicates():
    import xxhash
    from datasketch import MinHash, MinHashLSH
    texts = open(f"{folder}/texts.txt", encoding="utf-8").read().split("\n")
    cjk = ["".join(ch for ch in t if ch.isalnum()).lower() for t in texts]

    def runs(t):
        return {t[i:i + 5] for i in range(len(t) - 4)}

    def digest(data):
        return xxhash.xxh32_intdigest(data)

    start = time.process_time()
    lsh = MinHashLSH(num_perm=126, params=(42, 3))
    pairs = set()
    made = MinHash.generator(([s.encode() for s in runs(t)] for t in cjk), num_perm=126, hashfunc=digest)
    for i, m in enumerate(made):
        pairs.update((j, i) for j in lsh.query(m))
        lsh.insert(i, m)
    exact = {}
    for j, i in pairs:
        a, b = runs(cjk[j]), runs(cjk[i])
        s = len(a & b) / len(a | b)
        if s >= .2:
            exact[j, i] = s
    took = time.process_time() - start
    ours = pd.read_csv(f"{folder}/pairs-ours.csv", names=["left", "right", "similarity"])
    mine = {(int(a), int(b)): s for a, b, s in ours.itertuples(index=False) if s >= .2}
    missed = [k for k in exact if k not in mine]
    worst = max(abs(exact[k] - mine[k]) for k in exact if k in mine)
    print(f"  pairs at .2: {len(exact)}, ours {len(mine)}; theirs that ours lacks {len(missed)}; "
          f"largest difference of a similarity {worst:.1e}")
    assert not missed and worst < 1e-12
    ratio(f"datasketch (generator, xxhash, 42 bands of 3), {len(texts)} texts", seconds_of("pairs-seconds"), took, least=10)


def affinity():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sparse_dot_topn import sp_matmul_topn
    a = open(f"{folder}/applications.txt", encoding="utf-8").read().split("\n")
    e = open(f"{folder}/experts.txt", encoding="utf-8").read().split("\n")
    start = time.process_time()
    tool = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True, lowercase=False, dtype=np.float32)
    both = tool.fit_transform(a + e)
    middle = time.process_time()
    best = sp_matmul_topn(both[:len(a)], both[len(a):].T.tocsr(), top_n=50, sort=True)
    took = time.process_time() - start
    print(f"  of which vectors {middle - start:.2f} and search {took - (middle - start):.2f}")
    worst = 0
    for i, line in enumerate(open(f"{folder}/affinity-ours.txt")):
        ours = np.array([int(x.split(":")[1]) / 1e6 for x in line.split()])
        theirs = best.data[best.indptr[i]:best.indptr[i + 1]]
        # What ours leaves out is next to nothing.
        assert len(ours) <= len(theirs) and (theirs[len(ours):] < 2e-3).all(), f"application {i}: candidates are missing"
        worst = max(worst, np.abs(ours - theirs[:len(ours)]).max())
    print(f"  largest difference between the k-th best affinities {worst:.1e}")
    assert worst < 2e-3
    what = f"scikit-learn and sparse_dot_topn, {len(a)} × {len(e)}"
    ratio(f"{what}, one processor", seconds_of("affinity-seconds"), took, least=10)
    # By the clock, with as many threads in the search as there are processors; both make vectors with one.
    start = time.monotonic()
    tool = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True, lowercase=False, dtype=np.float32)
    both = tool.fit_transform(a + e)
    sp_matmul_topn(both[:len(a)], both[len(a):].T.tocsr(), top_n=50, sort=True, n_threads=len(os.sched_getaffinity(0)))
    ratio(f"{what}, by the clock", seconds_of("affinity-wall"), time.monotonic() - start)


{"calibration": calibration, "duplicates": duplicates, "affinity": affinity}[sys.argv[1]]()
sys.exit(3 if missed else 0)
