"""An outsider with the exported log, the keys and the program: what holds, and everything that may be wrong with it."""
import json
import shutil
import subprocess

import pytest
from conftest import BINARY, ROOT


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=ROOT)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A synthetic city with three checkpoints, and what it publishes."""
    folder = tmp_path_factory.mktemp("record")
    place = ["--data", folder / "var"]
    assert run("demo", "--scale", "1", *place).returncode == 0
    assert run("record", "sign", *place).returncode == 0
    assert run("record", "rotate", *place).returncode == 0
    assert run("record", "export", folder / "log", *place).returncode == 0
    (folder / "keys").write_text(run("record", "keys", *place).stdout)
    assert "holds" in run("record", "check", *place).stdout
    return folder


def codes(*arguments):
    result = run(*arguments, "--json")
    answer = json.loads(result.stdout)
    assert answer["holds"] == (result.returncode == 0)
    return [fault["code"] for fault in answer["faults"]]


def written(folder, lines):
    path = folder / "changed"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_honest_log_holds(house):
    result = run("verify", "log", house / "log", "--keys", house / "keys")
    assert result.returncode == 0 and "complete, in order and unchanged" in result.stdout, result


def test_changed_removed_and_reordered_events_are_found(house):
    lines = (house / "log").read_text().splitlines()
    keys = ["--keys", house / "keys"]
    at = next(index for index, line in enumerate(lines) if '"index":7,' in line)
    changed = lines[at].replace('"seal":"', '"seal":"f')
    assert codes("verify", "log", written(house, lines[:at] + [changed] + lines[at + 1:]), *keys)[0] == "leaf.changed"
    assert codes("verify", "log", written(house, lines[:at] + lines[at + 1:]), *keys)[0] == "leaf.missing"
    swapped = lines[:at] + [lines[at + 1].replace('"index":8,', '"index":7,'), lines[at].replace('"index":7,', '"index":8,')]
    assert codes("verify", "log", written(house, swapped + lines[at + 2:]), *keys)[0] == "leaf.changed"
    result = run("verify", "log", house / "changed", *keys)
    assert result.returncode == 1 and "DOES NOT HOLD" in result.stdout


def test_a_log_cut_off_or_forked_is_found_with_a_checkpoint_that_was_kept(house):
    lines = (house / "log").read_text().splitlines()
    keys = ["--keys", house / "keys"]
    checkpoints = [index for index, line in enumerate(lines) if line.startswith('{"checkpoint"')]
    (house / "last").write_text(json.loads(lines[checkpoints[-1]])["checkpoint"])
    (house / "first").write_text(json.loads(lines[checkpoints[0]])["checkpoint"])
    short = written(house, lines[:checkpoints[0] + 1])
    assert codes("verify", "log", short, *keys) == []
    assert codes("verify", "log", short, *keys, "--checkpoint", house / "last") == ["log.shortened"]
    assert codes("verify", "consistency", house / "first", house / "last", *keys) == ["consistency.no-proof"]
    assert codes("verify", "consistency", house / "first", house / "last", *keys, "--log", house / "log") == []
    # The same keys sign another city: a fork.
    other = house / "other"
    shutil.rmtree(other, ignore_errors=True)
    (other / "keys").mkdir(parents=True)
    for number in (1, 2):
        shutil.copy(house / f"var/keys/record-{number}.key", other / "keys")
    assert run("demo", "--scale", "1", "--seed", "2", "--data", other).returncode == 0
    assert run("record", "sign", "--data", other).returncode == 0
    assert run("record", "export", house / "fork", "--data", other).returncode == 0
    assert codes("verify", "log", house / "fork", *keys) == []
    found = codes("verify", "log", house / "fork", *keys, "--checkpoint", house / "first")
    assert found in (["log.forked"], ["log.shortened"])
    fork = (house / "fork").read_text().splitlines()[-1]
    (house / "theirs").write_text(json.loads(fork)["checkpoint"])
    assert codes("verify", "log", house / "log", *keys, "--checkpoint", house / "theirs") in (["log.forked"], ["log.shortened"])


def test_wrong_files_are_told(house):
    keys = ["--keys", house / "keys"]
    assert codes("verify", "receipt", house / "keys", *keys) == ["receipt.form"]
    assert codes("verify", "notice", house / "keys", *keys) == ["notice.form"]
    assert codes("verify", "draw", house / "keys") == ["draw.rules"]
    assert run("verify", "log", house / "log", "--keys", house / "log").returncode == 1
    assert run("verify", "log", "/nothing", *keys).returncode == 1
    assert run("verify", "draw", house / "keys", "--log", house / "log").returncode == 64
