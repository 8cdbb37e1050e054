"""Draws that somebody changed, alone and against the exported log, and logs that were made to fit them."""
import hashlib
import json
import runpy

import forger
from conftest import ROOT
from papers import changed, without

ANOTHER = "0190aaaa-0000-7000-8000-000000000001"
NO_HASH = "0" * 64
DRAW = runpy.run_path(str(ROOT / "script/draw-check"))["draw"]


def again(papers, plan=None, seed=None):
    """The protocol that really comes of a plan and a seed, by another program."""
    plan, seed = plan or papers.draw["plan"], seed or papers.draw["seed"]
    commitment, rules = forger.draw_commitment(plan), papers.draw["rules"]
    return {"rules": rules, "plan": plan, "commitment": commitment, "seed": seed,
            "results": DRAW(plan, seed, commitment, rules)}


def check_draw(outside, file, log=None):
    """What is found in a protocol alone, and against a log."""
    path = outside.keep("draw", file)
    return outside.verify("draw", path), outside.verify("draw", path, "--log", log or "log", "--keys", "keys")


def test_a_draw_with_another_seed_is_found(papers, outside):
    assert again(papers) == papers.draw
    public, half = papers.draw["seed"].rsplit(" ", 1)
    seeds = [(f"{public}2 {half}", []), (f" {half}", []), (f"{public} {NO_HASH}", ["draw.seed-commitment"]),
             (public, ["draw.seed-commitment"]), (f"{half} {public}", ["draw.seed-commitment"])]
    for seed, more in seeds:
        in_log = ["draw.seed", "draw.protocol", *more]
        # The old result does not come of it.
        old = changed(papers.draw, "seed", seed)
        assert check_draw(outside, old) == (["draw.result"], ["draw.result", *in_log]), seed
        # With the result that does come of it, only the log knows better.
        assert check_draw(outside, again(papers, seed=seed)) == ([], in_log), seed


def test_a_draw_from_another_list_of_candidates_is_found(papers, outside):
    plan = papers.draw["plan"]
    item = ("items", 0)
    eligible = plan["items"][0]["eligible"]
    drawn = papers.draw["results"][0]["drawn"][0]
    stranger = {"expert": ANOTHER, "employer": "", "load": 15}
    plans = {
        "without who was drawn": changed(plan, *item, "eligible", [one for one in eligible if one != drawn]),
        "without the last": changed(plan, *item, "eligible", eligible[:-1]),
        "with a stranger": changed(
            changed(plan, "experts", [stranger, *plan["experts"]]), *item, "eligible", [ANOTHER, *eligible]),
        "in another order": changed(plan, *item, "eligible", eligible[::-1]),
        "experts in another order": changed(plan, "experts", plan["experts"][::-1]),
        "items in another order": changed(plan, "items", plan["items"][::-1]),
        "another employer": changed(plan, "experts", 0, "employer", plan["experts"][-1]["employer"] + "0"),
        "another load": changed(plan, "experts", 0, "load", 1),
        "fewer for each": changed(plan, "wanted", plan["wanted"] - 1),
        "more than there are": changed(plan, "wanted", 10**15),
        "other reserves": changed(plan, "reserves", 1),
        "one member more": {**plan, "note": "x"},
    }
    for name, other in plans.items():
        alone, logged = check_draw(outside, changed(papers.draw, "plan", other))
        # The commitment names another plan; the log has it, and the hash of another protocol.
        assert alone[0] == "draw.plan" and set(alone) <= {"draw.plan", "draw.result"}, name
        assert logged == [*alone, "draw.protocol"], name
        if name not in ("more than there are", "one member more"):
            # All of it made anew, nothing of it was ever published.
            assert check_draw(outside, again(papers, plan=other)) == ([], ["draw.not-in-log"]), name
    # The program ends with a finding whatever the plan says.
    grouped = {"items": [{"item": one["item"], "group": 7, "except": [99, -1]} for one in plan["items"]],
               "experts": plan["experts"], "wanted": 3, "reserves": 2}
    for groups in ([], [[]], [[0, 99, -1]]):
        file = changed(changed(papers.draw, "plan", {**grouped, "groups": groups}), "rules", "kechuang-draw-2")
        assert check_draw(outside, file)[0][0] == "draw.plan", groups


def test_a_draw_with_another_result_or_order_is_found(papers, outside):
    results = papers.draw["results"]
    drawn, reserves = results[0]["drawn"], results[0]["reserves"]
    swapped = [{**results[0], "drawn": results[1]["drawn"]}, {**results[1], "drawn": drawn}, *results[2:]]
    others = {
        "a reserve for who was drawn": changed(
            changed(results, 0, "drawn", [reserves[0], *drawn[1:]]), 0, "reserves", [drawn[0], *reserves[1:]]),
        "a stranger": changed(results, 0, "drawn", [ANOTHER, *drawn[1:]]),
        "drawn in another order": changed(results, 0, "drawn", drawn[::-1]),
        "reserves in another order": changed(results, 0, "reserves", [reserves[1], reserves[0], *reserves[2:]]),
        "a reserve less": changed(results, 0, "reserves", reserves[:-1]),
        "one too few": changed(changed(results, 0, "drawn", drawn[:-1]), 0, "missing", 1),
        "items in another order": results[::-1],
        "an item less": results[:-1],
        "none": [],
    }
    if results[1]["drawn"] != drawn:
        others["experts of two items exchanged"] = swapped
    for name, other in others.items():
        alone, logged = check_draw(outside, changed(papers.draw, "results", other))
        assert (alone, logged) == (["draw.result"], ["draw.result", "draw.protocol"]), name
    commitment = changed(papers.draw, "commitment", NO_HASH)
    assert check_draw(outside, commitment) == (["draw.plan"], ["draw.plan", "draw.not-in-log"])
    for rules, code in (("kechuang-draw-2", "draw.form"), ("kechuang-draw-9", "draw.rules")):
        assert check_draw(outside, changed(papers.draw, "rules", rules))[0] == [code]
    for name in ("plan", "seed"):
        assert check_draw(outside, without(papers.draw, name))[0] == ["draw.form"], name
    # What no rule reads is in the hash that the log has.
    assert check_draw(outside, {**papers.draw, "title": "another"}) == ([], ["draw.protocol"])


def test_a_log_that_was_made_to_fit_another_draw_is_found(papers, outside):
    def fresh():
        return forger.LogFile(papers.log)

    log = fresh()
    promise, place = (
        log.index(kind, commitment=papers.draw["commitment"]) for kind in ("review.committed", "review.drawn"))
    between = [size for size in log.checkpoints if promise < size <= place]
    assert between, "the commitment was not signed before the draw"
    keys = ["--keys", "keys"]
    # Nothing shows that the commitment came first.
    for size in between:
        del log.checkpoints[size]
    assert check_draw(outside, papers.draw, outside.keep("late", log.text()))[1] == ["draw.not-published-before"]
    # The log as it was before the draw.
    log = fresh()
    log.leaves = log.leaves[:between[0]]
    log.checkpoints = {size: note for size, note in log.checkpoints.items() if size <= between[0]}
    assert check_draw(outside, papers.draw, outside.keep("early", log.text()))[1] == ["draw.not-in-log"]
    # The draw in the log is another one, with its seed and its hash.
    forged = again(papers, seed="another " + papers.draw["seed"].rsplit(" ", 1)[1])
    leaf = json.loads(log_leaf := fresh().leaves[place])
    leaf["event"]["content"].update(
        seed=forged["seed"], protocol=hashlib.sha256(forger.canonical(forged)).hexdigest())
    log = fresh()
    log.leaves[place] = forger.canonical(leaf).decode()
    assert log.leaves[place] != log_leaf
    assert check_draw(outside, forged, outside.keep("changed", log.text()))[1] == ["leaf.changed"]
    # By the house itself, which signs it all anew: whoever kept a checkpoint finds out.
    rewritten = outside.keep("rewritten", log.signed_anew(papers.secrets[1]).text())
    assert check_draw(outside, forged, rewritten) == ([], [])
    assert check_draw(outside, papers.draw, rewritten)[1] == ["draw.seed", "draw.protocol"]
    kept = fresh()
    outside.keep("kept", next(kept.checkpoints[size] for size in sorted(kept.checkpoints) if size > place))
    assert outside.verify("log", rewritten, *keys) == []
    assert outside.verify("log", rewritten, *keys, "--checkpoint", "kept") == ["log.forked"]
    # Or drawn again, after the first draw did not please.
    log = fresh()
    log.leaves.append(forger.canonical(leaf).decode())
    size = len(log.leaves)
    log.checkpoints[size] = forger.checkpoint(log.name, size, forger.root(log.hashes()), papers.secrets[1])
    twice = outside.keep("twice", log.text())
    assert check_draw(outside, papers.draw, twice)[1] == ["draw.twice"]
    assert check_draw(outside, forged, twice)[1] == ["draw.twice", "draw.seed", "draw.protocol"]
