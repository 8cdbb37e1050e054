"""An outsider with the exported log, the keys and the program: what holds, and everything that may be wrong with it."""
import json
import shutil
import subprocess

import forger
import pytest
from conftest import BINARY, ROOT
from outsider import CHINESE, Outsider


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=ROOT)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A synthetic city with some checkpoints, and what it publishes. It shows another face to somebody else: two houses
    with the same keys and the same beginning, of which each goes on by itself."""
    folder = tmp_path_factory.mktemp("record")
    place, other = ["--data", folder / "var"], ["--data", folder / "other"]
    assert run("demo", "--scale", "1", *place).returncode == 0
    assert run("record", "sign", *place).returncode == 0
    shutil.copytree(folder / "var", folder / "other")
    for face, name in ((place, "log"), (other, "fork")):
        assert run("record", "rotate", *face).returncode == 0
        assert run("record", "export", folder / name, *face).returncode == 0
        assert "holds" in run("record", "check", *face).stdout
    (folder / "keys").write_text(run("record", "keys", *place).stdout)
    return folder


@pytest.fixture
def outside(house, tmp_path):
    """The outsider has the files, and no house."""
    someone = Outsider(tmp_path / "outside")
    for name in ("log", "fork", "keys"):
        shutil.copy(house / name, someone.folder)
    return someone


def log_of(outside, name="log"):
    return forger.LogFile((outside.folder / name).read_text("utf-8"))


def lines_of(outside):
    return (outside.folder / "log").read_text("utf-8").rstrip("\n").split("\n")


def place_of(lines, index):
    """The line of a leaf."""
    return next(at for at, line in enumerate(lines) if line.startswith(f'{{"index":{index},'))


def check(outside, lines, *options):
    return outside.verify("log", outside.keep("changed", "\n".join(lines) + "\n"), "--keys", "keys", *options)


def numbered(leaves, lines):
    """Leaves and checkpoints as they stand, each leaf with the number of its place."""
    count, done = 0, []
    for line in lines:
        if line.startswith('{"index":'):
            line = f'{{"index":{count},"leaf":{leaves[count]}}}'
            count += 1
        done.append(line)
    return done


def test_an_honest_log_holds(outside):
    assert outside.verify("log", "log", "--keys", "keys") == []
    result = outside.run("log", "log", "--keys", "keys")
    assert "complete, in order and unchanged" in result.stdout, result
    for checkpoint in log_of(outside).checkpoints.values():
        outside.keep("kept", checkpoint)
        assert outside.verify("log", "log", "--keys", "keys", "--checkpoint", "kept") == []


def test_a_changed_event_is_found(outside):
    lines = lines_of(outside)
    log = log_of(outside)
    first, public, last = 0, log.index("record.key-added"), len(log.leaves) - 1
    for index in (first, 7, public, last):
        at = place_of(lines, index)
        seal = json.loads(log.leaves[index])["seal"]
        changed = lines[at].replace(seal, ("0" if seal[0] != "0" else "1") + seal[1:])
        assert changed != lines[at]
        assert check(outside, lines[:at] + [changed] + lines[at + 1:]) == ["leaf.changed"], index
    # What a public event says, and a leaf that says the same in other bytes.
    at = place_of(lines, public)
    for old, new in ((f'"{log.name}+', f'"{log.name}.example+'), ('"number":1', '"number":2'),
                     ('"leaf":{', '"leaf":{ ')):
        assert old in lines[at], lines[at]
        assert check(outside, lines[:at] + [lines[at].replace(old, new)] + lines[at + 1:]) == ["leaf.changed"], new


def test_a_removed_or_added_event_is_found(outside):
    lines = lines_of(outside)
    log = log_of(outside)
    for index in (0, 7, len(log.leaves) - 3):
        at = place_of(lines, index)
        assert lines[at + 1].startswith('{"index":'), "a checkpoint lies between"
        assert check(outside, lines[:at] + lines[at + 1:]) == ["leaf.missing"], index
        # The forger numbers the rest anew: what was signed counts them.
        fewer = log.leaves[:index] + log.leaves[index + 1:]
        assert check(outside, numbered(fewer, lines[:at] + lines[at + 1:])) == ["leaf.count"], index
        again = lines[:at] + [lines[at], lines[at]] + lines[at + 1:]
        assert check(outside, again) == ["leaf.order"], index
        more = log.leaves[:index] + ['{"seal":"' + "0" * 64 + '"}'] + log.leaves[index:]
        assert check(outside, numbered(more, again)) == ["leaf.count"], index
    # The last one before a checkpoint.
    at = place_of(lines, len(log.leaves) - 2)
    assert lines[at + 1].startswith('{"checkpoint"') and check(outside, lines[:at] + lines[at + 1:]) == ["leaf.count"]
    # One goes and comes back at another place.
    other = log.leaves[:7] + log.leaves[8:20] + [log.leaves[7]] + log.leaves[20:]
    assert check(outside, numbered(other, lines)) == ["leaf.changed"]


def test_a_reordered_event_is_found(outside):
    lines = lines_of(outside)
    log = log_of(outside)
    for index in (0, 7, len(log.leaves) - 3):
        at = place_of(lines, index)
        assert lines[at + 1].startswith('{"index":'), "a checkpoint lies between"
        assert check(outside, lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]) == ["leaf.missing"], index
        swapped = log.leaves[:index] + [log.leaves[index + 1], log.leaves[index]] + log.leaves[index + 2:]
        assert check(outside, numbered(swapped, lines)) == ["leaf.changed"], index
    assert check(outside, numbered(log.leaves[::-1], lines))[0] == "leaf.changed"


def test_a_log_that_was_cut_off_is_found_with_a_checkpoint_that_was_kept(outside):
    lines = lines_of(outside)
    log = log_of(outside)
    ends = [at for at, line in enumerate(lines) if line.startswith('{"checkpoint"')]
    assert check(outside, lines[:ends[-1]]) == ["log.unsigned-end"]
    outside.keep("last", log.checkpoints[max(log.checkpoints)])
    for end in ends[:-1]:
        assert check(outside, lines[:end + 1]) == []
        assert check(outside, lines[:end + 1], "--checkpoint", "last") == ["log.shortened"]
    assert check(outside, lines[:1], "--checkpoint", "last") == ["log.unsigned-end", "log.shortened"]


def test_a_forked_log_is_found_with_a_checkpoint_that_was_kept(outside):
    ours, theirs = log_of(outside), log_of(outside, "fork")
    size = len(ours.leaves)
    assert ours.leaves[:-1] == theirs.leaves[:-1] and ours.leaves[-1] != theirs.leaves[-1]
    begin = max(one for one in ours.checkpoints if one < size)
    for name, text in (("begin", ours.checkpoints[begin]), ("ours", ours.checkpoints[size]),
                       ("theirs", theirs.checkpoints[size])):
        outside.keep(name, text)
    keys = ["--keys", "keys"]
    # Each face by itself is a good log, and goes on from the same beginning.
    for name in ("log", "fork"):
        assert outside.verify("log", name, *keys, "--checkpoint", "begin") == []
    assert outside.verify("log", "fork", *keys, "--checkpoint", "ours") == ["log.forked"]
    assert outside.verify("log", "log", *keys, "--checkpoint", "begin", "--checkpoint", "theirs") == ["log.forked"]
    # Without either log, two checkpoints of one size say enough.
    assert outside.verify("consistency", "ours", "theirs", *keys) == ["log.forked"]
    assert outside.verify("consistency", "begin", "theirs", *keys, "--log", "log") == ["log.forked"]
    assert outside.verify("consistency", "begin", "ours", *keys, "--log", "log") == []
    assert outside.verify("consistency", "begin", "ours", *keys) == ["consistency.no-proof"]
    # Both in one file.
    lines = lines_of(outside)
    both = json.dumps({"checkpoint": theirs.checkpoints[size]}, ensure_ascii=False)
    assert check(outside, lines + [both]) == ["log.forked"]
    # Their leaf under our checkpoint.
    spliced = numbered(theirs.leaves, lines)
    assert check(outside, spliced) == ["leaf.changed"]


def test_a_proof_between_two_checkpoints_cannot_be_made_up(outside):
    # From eight leaves, a complete subtree, to eleven the proof is the root of the other three.
    hashes = log_of(outside).hashes()
    old, new = 8, 11
    key = forger.hashlib.sha256(b"an outsider's own log").digest()
    name = "outsider.example/record"
    outside.keep("own-keys", forger.key_file(name, key))
    outside.keep("old", forger.checkpoint(name, old, forger.root(hashes[:old]), key))
    outside.keep("new", forger.checkpoint(name, new, forger.root(hashes[:new]), key))
    path = [forger.b64(forger.root(hashes[8:11]))]
    pair = ["consistency", "old", "new", "--keys", "own-keys", "--proof"]
    assert outside.verify(*pair, outside.keep("proof", {"from": old, "to": new, "path": path})) == []
    for proof, code in (({"from": old, "to": new, "path": []}, "log.forked"),
                        ({"from": old, "to": new, "path": path * 2}, "log.forked"),
                        ({"from": old, "to": new, "path": [forger.b64(forger.root(hashes[8:10]))]}, "log.forked"),
                        ({"from": old, "to": new + 1, "path": path}, "consistency.other-proof"),
                        ({"from": 4, "to": new, "path": path}, "consistency.other-proof"),
                        ({"from": old, "to": new, "path": ["not base64"]}, "consistency.other-proof")):
        assert outside.verify(*pair, outside.keep("proof", proof)) == [code], proof
    # A log whose beginning was changed and signed anew does not begin with the old one.
    outside.keep("new", forger.checkpoint(name, new, forger.root(hashes[1:2] + hashes[1:new]), key))
    assert outside.verify(*pair, outside.keep("proof", {"from": old, "to": new, "path": path})) == ["log.forked"]
    # Checkpoints of somebody else are none of this house.
    assert outside.verify("consistency", "old", "new", "--keys", "keys") == ["checkpoint.unknown-key"]


def test_wrong_files_are_told(outside):
    keys = ["--keys", "keys"]
    assert outside.verify("receipt", "keys", *keys) == ["receipt.form"]
    assert outside.verify("notice", "keys", *keys) == ["notice.form"]
    assert outside.verify("draw", "keys") == ["draw.rules"]
    for arguments in (["log", "log", "--keys", "log"], ["log", "/nothing", *keys]):
        result = outside.run(*arguments)
        assert result.returncode == 1 and len(result.stderr.strip().splitlines()) == 1, result
        assert CHINESE.search(result.stderr) and arguments[1] in result.stderr, result
    assert outside.run("draw", "keys", "--log", "log").returncode == 64
    # The log of another house: its name is in the first line and in every signature.
    other = forger.LogFile((outside.folder / "log").read_text("utf-8"))
    other.head["origin"] = "other.example/record"
    assert outside.verify("log", outside.keep("other", other.text()), *keys) == ["log.other"]
