"""Every command with a good run, and with input that is missing, oversized, malformed, in a wrong encoding, there
already, late or not allowed: one line names what to mend, and nothing is half done."""
import functools
import itertools
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import urllib.parse

import pytest
from conftest import BINARY, ROOT, fresh_postgres, template

CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = "项目批准号,项目类别,项目名称,依托单位,负责人,金额,起止年月,总评\n"
AWARD = "71700001,面上项目,名称,某大学,张三,30.01,2018.01-2021.12,\n"
CALLS = "Unnamed: 0,项目名称,项目来源,发布时间,截止时间\n"
TABLE = "Jurisdictions/National/tables/talent-points.yaml"
WRONG_BYTES = b"\xff\xfe"


def run(*arguments, text=None, **variables):
    # A program that traps need not write pages about it, which takes seconds.
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no", **variables}
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, errors="replace", input=text, timeout=300,
        cwd=ROOT, env=environment)


def done(*arguments):
    result = run(*arguments)
    assert result.returncode == 0 and not result.stderr, result
    return result.stdout


def answer(*arguments):
    return json.loads(done(*arguments, "--json"))


# ---- Places and files

class House:
    """A house on SQLite that tells whether it was changed."""
    def __init__(self, folder):
        self.folder = folder

    @functools.cached_property
    def watch(self):
        return sqlite3.connect(f"file:{self.folder}/kechuang.sqlite?mode=ro", uri=True)

    def version(self):
        """Another one after each change, which is found sooner than by reading all rows; and the keys."""
        keys = {path.name: path.read_bytes() for path in sorted(self.folder.glob("keys/*"))}
        return self.watch.execute("PRAGMA data_version").fetchone(), keys


@pytest.fixture
def copy(tmp_path):
    """The demonstration city that all journeys begin with, to change."""
    return House(shutil.copytree(template("sqlite")[0], tmp_path / "var"))


def write_files(folder):
    """The bad files by name; each is wrong in one way."""
    score = "application,expert,score,conflict\n"
    texts = {
        "empty": "", "award.csv": NAMES + AWARD, "large.csv": NAMES + AWARD.replace("30.01", "9" * 20),
        "twice.csv": CALLS + "9,甲,基金委,2017-01-02,2017-03-20\n9,乙,基金委,2017-01-02,2017-03-20\n",
        "scores.csv": score + "a,x,5,0\na,y,4,0\nb,x,3,0\nb,y,1,0\n", "score.csv": score + "a,x,five,0\n",
        "pair.csv": score + "a,x,5,0\na,x,4,0\n", "digits.csv": score + f"a,x,{'9' * 30},0\n",
        "institution-twice.csv": "expert,institution\nx,U\nx,V\n",
        "population.csv": "posting,fen\nP1,100\nP2,900\nP3,500\n", "fen.csv": "posting,fen\nP1,many\n",
        "overflow.csv": f"posting,fen\nP1,{2**63 - 1}\nP2,{2**63 - 1}\n", "broken.yaml": "rule: [\n",
        "unknown.yaml": "rule: no.such\ndate: 2026-03-02\nrows: []\n",
        "keys.json": '{"format":"kechuang-keys-1","keys":[],"origin":""}', "note": "no checkpoint\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    score = score.encode()
    for name, (start, end) in {
            "bytes": (b"", b"\n"), "bytes-award.csv": (NAMES.encode(), b",5,0\n"),
            "bytes-score.csv": (score + b"a,", b",5,0\n"),
            "bytes-call.csv": (CALLS.encode(), b",5,0\n"), "bytes-institution.csv": (b"expert,institution\nx,", b"\n"),
            "bytes-population.csv": (b"posting,fen\nP", b",5\n")}.items():
        (folder / name).write_bytes(start + WRONG_BYTES + end)
    for name in ("folder", "out", "other"):
        (folder / name).mkdir()
    (folder / "other" / "kechuang.sqlite").write_bytes(b"no database" * 100)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A demonstration city that nobody may change, beside the bad files and an empty folder `out`."""
    folder = tmp_path_factory.mktemp("shared")
    write_files(folder)
    return House(shutil.copytree(template("sqlite")[0], folder / "var"))


# ---- Bad input: a command, its exit code, and words of the answer

IMPORT = {kind: f"--map docs/examples/{name}.yaml {{h}}"
          for kind, name in (("awards", "nsfc-awards"), ("calls", "funding-calls"))}
ASSIGN = "review assign --scores {f}/scores.csv --demand 1"
SCORES = "review assign --demand 1 --load 2 --scores {f}"
SAMPLE = "--method random --size 2 --seed s"
REPLAY = "rules replay talent.points"
HOUSES = ["keys add", "export ocds", "record sign", "rules reproduce"]

BAD = [
    # Arguments that are missing or that no command has: ArgumentParser's own answer.
    ("keys list --king x", 64, "--king"), (ASSIGN + " --load 2 --mode worst", 64, "worst"),
    ("audit sample {f}/population.csv --method random --seed s", 64, "--size"),

    # Places that cannot be used, or that nobody may use.
    ("keys list --data {f}/other", 1, "{f}/other/kechuang.sqlite"), ("keys add --data /dev/null/x", 1, "/dev/null/x"),
    ("record sign {h} --database postgres://kechuang:secret@127.0.0.1:1/x", 1, "127.0.0.1"),

    # Rules.
    *[(f"rules test {file}", 1, file) for file in ("/nothing.yaml", "{f}/folder", "{f}/bytes")],
    ("rules test {f}/unknown.yaml", 1, "no.such"),
    (REPLAY + " --date 2026-03-02 --set talent.points.class-a=many --synthetic 5", 1, "talent.points.class-a"),
    (REPLAY + " --date 2026-03-02 --synthetic=-5", 1, "--synthetic"),
    ("rules reproduce --rule no.such {h}", 1, "no.such"),

    # Days.
    ("calendar day 20.9.2026", 1, "20.9.2026"), ("calendar months 2026-12-31 1", 1, "2027-01-31"),
    (f"calendar months 2026-01-31 {2**63 - 1}", 1, "months"),

    # Assignments.
    (f"{SCORES}/folder", 1, "folder"),
    *[(f"{SCORES}/{file}", 1, f"line {line}:") for file, line in
      (("score.csv", 2), ("pair.csv", 3), ("digits.csv", 2), ("bytes-score.csv", 2))],
    (ASSIGN + f" --load {2**63 - 1}", 1, "load"), (ASSIGN + " --load 2 --cap 1/0", 1, "--cap '1/0'"),
    (ASSIGN + " --load 2 --mode random --samples=-1", 1, "--samples"),
    *[(ASSIGN + f" --load 2 --institution-cap 1 --institutions {{f}}/{file}", 1, file) for file in
      ("bytes-institution.csv", "institution-twice.csv")],

    # Open data and backups.
    ("export ocds {h} --day 2099-01-01", 1, "2099-01-01"), ("export ocds {h} --output /nothing/x", 1, "/nothing/x"),
    ("backup {f}/note/x {h}", 1, "{f}/note/x"),

    # Audits.
    ("audit export {f}/note/x {h}", 1, "note/x"), ("audit check {f}/none", 1, "none"),
    *[(f"audit sample {{f}}/{file} {SAMPLE}", 1, file) for file in ("empty", "bytes-population.csv", "overflow.csv")],
    ("audit sample {f}/fen.csv " + SAMPLE, 1, "Line 2"),
    ("audit sample {f}/population.csv --method random --size=-2 --seed s", 1, "--size"),

    # The record.
    ("record export {f}/folder {h}", 1, "{f}/folder cannot be written"),
    ("verify consistency {f}/note {f}/note --keys {f}/bytes", 1, "bytes"),

    # Imports.
    *[(f"import {kind} {{f}}/{file} {IMPORT[kind]}", 1, file) for kind, file in
      (("awards", "bytes-award.csv"), ("calls", "bytes-call.csv"))],
    *[(f"import {kind} {{f}}/award.csv --map {{f}}/{file} {{h}}", 1, file) for kind, file in
      (("awards", "none"), ("awards", "broken.yaml"), ("calls", "bytes"))],
]

# Whose answer is a verdict on standard output.
VERDICTS = [
    ("identifier check foreign-pr-id " + "1" * 10_000, "15 / 18"),
    ("verify consistency {f}/bytes {f}/note --keys {f}/keys.json", "{f}/bytes"),
    ("import awards {f}/large.csv " + IMPORT["awards"], "line 2 71700001: '99999999999999999999万元' is too large"),
    ("import calls {f}/twice.csv " + IMPORT["calls"], "line 3 9: the number came before"),
]


def fill(text, house):
    return text.replace("{h}", f"--data {house.folder}").replace("{f}", str(house.folder.parent))


def outcome(line, house):
    """What a bad line does, which is nothing to the house."""
    before = house.version()
    result = run(*fill(line, house).split(" "))
    assert house.version() == before, "something was written"
    assert not list((house.folder.parent / "out").iterdir()), "something was left half done"
    return result


def check_refusal(result, word):
    """One line says what is wrong in English and in Chinese, and nothing else is printed."""
    assert result.returncode == 1 and result.stdout == "", result
    assert word in result.stderr and "secret" not in result.stderr, result
    assert re.fullmatch("kechuang: .+\n", result.stderr), "the reason is not one line"
    assert "NSError" not in result.stderr and "Error Domain" not in result.stderr, "words of a programmer"
    assert re.search("[A-Za-z]{2}.* / .*[\u4e00-\u9fff]", result.stderr), result.stderr


@pytest.mark.parametrize("line, code, word", BAD, ids=[line for line, _, _ in BAD])
def test_bad_input_is_named_and_changes_nothing(line, code, word, shared):
    result = outcome(line, shared)
    if code == 1:
        check_refusal(result, fill(word, shared))
    else:
        assert result.returncode == code and result.stdout == "" and fill(word, shared) in result.stderr, result


@pytest.mark.parametrize("line, word", VERDICTS, ids=[line[:60] for line, _ in VERDICTS])
def test_a_verdict_names_what_does_not_hold(line, word, shared):
    result = outcome(line, shared)
    assert result.returncode == 1 and result.stderr == "" and fill(word, shared) in result.stdout, result


@pytest.mark.parametrize("line", HOUSES)
def test_a_house_that_is_not_there_is_not_made_by_looking_for_it(line, tmp_path):
    place = tmp_path / "none"
    check_refusal(run(*line.split(" "), "--data", place), str(place))
    assert not (place / "kechuang.sqlite").exists() and not (place / "keys").exists()


@pytest.mark.parametrize("line", HOUSES)
def test_the_environment_names_the_database_where_no_option_does(line, tmp_path):
    named = {"KECHUANG_DATABASE": f"sqlite:{tmp_path}/named.sqlite"}
    check_refusal(run(*line.split(" "), "--data", tmp_path, **named), f"{tmp_path}/named.sqlite")
    given = f"sqlite:{tmp_path}/given.sqlite"
    check_refusal(run(*line.split(" "), "--data", tmp_path, "--database", given, **named), f"{tmp_path}/given.sqlite")


def test_an_account_that_the_database_does_not_know_is_refused(tmp_path):
    address = fresh_postgres()
    if address is None:
        pytest.skip("KECHUANG_TEST_PG is not set")
    parts = urllib.parse.urlsplit(address)
    stranger = f"postgres://stranger:secret@{parts.netloc.rpartition('@')[2]}{parts.path}"
    check_refusal(run("keys", "list", "--data", tmp_path, "--database", stranger), "stranger")


# ---- Good runs

def test_keys_are_listed_added_and_rotated(copy):
    place = ["--data", copy.folder]
    added = answer("keys", "add", *place)["key"]
    # A second key added at once is another one, and the newest stands first.
    again = re.fullmatch("Key ([0-9a-f]{8}) seals from now on.\n", done("keys", "add", *place))[1]
    newest, second, first = answer("keys", "list", *place)
    assert [(one["key"], one["values"]) for one in (newest, second)] == [(again, 0), (added, 0)]
    assert first["values"] > 100 and re.fullmatch("[0-9a-f]{8}", first["key"])
    sealed = answer("keys", "rotate", "--no-new-key", "--keep-old", *place)
    assert sealed["values"] == first["values"]
    assert [one["values"] for one in answer("keys", "list", *place)] == [first["values"], 0, 0]
    assert answer("keys", "rotate", "--no-new-key", *place)["values"] == 0, "rotating twice seals nothing twice"
    assert done("keys", "list", *place) == f"{again} {first['values']}\n"


def test_a_damaged_ring_of_keys_is_not_written_over(copy):
    ring = copy.folder / "keys" / "registry.key"
    ring.write_bytes(ring.read_bytes()[:-1])
    before = copy.version()
    for verb in ("add", "rotate"):
        check_refusal(run("keys", verb, "--data", copy.folder), "registry.key")
    assert copy.version() == before


def test_rules_are_listed_with_their_facts():
    rules = {one["id"]: one for one in map(json.loads, done("rules", "list", "--json").splitlines())}
    assert len(rules) > 10 and {"age", "hsk", "annualSalary"} <= set(rules["talent.points"]["facts"])
    assert all(CHINESE.search(one["title"]["zh"]) and one["title"]["en"] for one in rules.values())


def test_tables_of_rules_are_run(tmp_path):
    table = answer("rules", "test", TABLE)
    assert table["rule"] == "talent.points" and table["rows"] > 20 and table["failed"] == table["uncovered"] == []
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("rule: talent.points\ndate: 2026-03-02\nrows:\n"
                     "  - name: invented\n    facts: {age: 5}\n    outcome: {points: 1}\n")
    result = run("rules", "test", ROOT / TABLE, wrong)
    assert result.returncode == 1 and "invented: points is 0, not 1" in result.stdout, result
    assert "no row for talent.points.age at 18" in result.stdout


def test_past_rulings_are_made_again(shared):
    again = answer("rules", "reproduce", "--data", shared.folder)
    assert again["same"] > 20 and again["different"] == 0


def test_a_replay_is_the_same_with_the_same_seed(tmp_path):
    line = ["rules", "replay", "talent.points", "--date", "2026-03-02", "--set", "talent.points.class-a=80",
            "--synthetic", "60", "--seed", "4", "--group", "education", "--export"]
    first = answer(*line, tmp_path / "a")
    assert first == answer(*line, tmp_path / "b") and (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert first["cases"] == 60 == sum(group["cases"] for group in first["groups"]) and first["changed"] > 0


def test_a_day_is_worked_or_off_with_the_reason():
    said = answer("calendar", "day", "2026-09-20")
    assert said["day"] == "2026-09-20" and said["works"] and "中秋" in said["reason"]
    assert done("calendar", "day", "2026-10-01").startswith("2026-10-01 day off")


def test_codes_of_foreign_residents_are_checked():
    both = run("identifier", "check", "foreign-pr-id", "-", text="911124198108030024\n911124198108030025\n")
    assert [line.split("\t")[1] for line in both.stdout.splitlines()] == ["valid", "invalid"], both
    assert both.returncode == 1


def test_all_texts_are_compared_once(copy):
    with sqlite3.connect(copy.folder / "kechuang.sqlite") as db:
        assert db.execute("DELETE FROM review_question WHERE kind = 'text.similar'").rowcount == 1
    db.close()
    first = answer("review", "compare", "--data", copy.folder)
    assert first["texts"] > 2 and first["new"] == first["pairs"] == 1
    again = done("review", "compare", "--data", copy.folder)
    assert again == f"Compared {first['texts']} texts: 1 pair, 0 of them new.\n"


def test_open_data_is_written(shared, tmp_path):
    grants = json.loads(done("export", "360giving", "--data", shared.folder))
    assert grants["version"] == "1.4" and all(grant["amountAwarded"] > 0 for grant in grants["grants"])
    day = grants["issued"]
    done("export", "ocds", "--records", "--day", day, "--data", shared.folder, "--output", tmp_path / "records.json")
    records = json.loads((tmp_path / "records.json").read_text())
    assert records["version"] == "1.1" and {one["ocid"] for one in records["records"]}
    assert records["uri"].endswith(f"{day}.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.json"], "a part is left over"


def test_an_audit_file_is_written_once_and_checked(shared, tmp_path):
    folder = tmp_path / "audit"
    assert "legs.csv" in done("audit", "export", folder, "--data", shared.folder)
    report = answer("audit", "check", folder)
    assert report["faults"] == [] and report["postings"] > 50 and report["legs"] > report["postings"]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    check_refusal(run("audit", "export", folder, "--data", shared.folder), str(folder))
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "legs.csv").write_bytes(before["legs.csv"] + WRONG_BYTES)
    (folder / "cases.csv").unlink()
    result = run("audit", "check", folder)
    assert result.returncode == 1, result
    assert "FAULT legs.csv is not what the manifest says" in result.stdout
    assert "FAULT cases.csv is missing" in result.stdout
    (folder / "manifest.json").write_bytes(WRONG_BYTES)
    check_refusal(run("audit", "check", folder), f"{folder}/manifest.json")


@pytest.mark.parametrize("method, times", [("random", 2), ("monetary", 1), ("filter", 1)])
def test_a_sample_is_drawn_again(method, times, shared):
    file = shared.folder.parent / "population.csv"
    drawn = {done("audit", "sample", file, "--method", method, "--size", "2", "--seed", "种子") for _ in range(times)}
    assert len(drawn) == 1
    rows = [line.split(",") for line in drawn.pop().splitlines()]
    assert {(one, fen) for one, fen, _ in rows} <= {("P1", "100"), ("P2", "900"), ("P3", "500")}
    assert sum(int(hits) for _, _, hits in rows) == 2


def test_a_backup_is_written_once(shared, tmp_path):
    made = answer("backup", tmp_path / "backup", "--data", shared.folder)
    assert made["damaged"] == [] and made["tables"] > 100 and len(made["sha256"]) == 64
    held = {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    check_refusal(run("backup", tmp_path / "backup", "--data", shared.folder), str(tmp_path / "backup"))
    assert held == {path: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}


def test_a_record_is_signed_and_one_checkpoint_begins_with_the_other(copy, tmp_path):
    place = ["--data", copy.folder]
    # What one command prints is what the other reads.
    (tmp_path / "old").write_text(done("record", "sign", *place))
    done("record", "rotate", *place)
    (tmp_path / "new").write_text(done("record", "sign", *place))
    (tmp_path / "keys").write_text(done("record", "keys", *place))
    done("record", "export", tmp_path / "log", *place)
    assert "holds" in done("record", "check", *place)

    def verify(*rest):
        both = [tmp_path / name for name in rest[:2]]
        result = run("verify", "consistency", *both, "--keys", tmp_path / "keys", *rest[2:])
        return result.returncode, result.stdout + result.stderr

    code, words = verify("old", "new", "--log", tmp_path / "log")
    assert code == 0 and "holds" in words, words
    (tmp_path / "bytes").write_bytes(WRONG_BYTES)
    for arguments in [("old", "new", "--log", tmp_path / "none"), ("old", "new", "--proof", tmp_path / "bytes")]:
        code, words = verify(*arguments)
        assert code == 1 and re.search("none|bytes", words) and words.count("\n") == 1, (arguments, words)
    code, words = verify("old", "new")
    assert code == 1 and "proof" in words, words


# ---- Imports: once is as good as twice, and all or nothing

@pytest.mark.parametrize("kind, text", ids=["awards", "calls"], argvalues=[
    ("awards", NAMES + AWARD + AWARD.replace("71700001", "71700002")),
    ("calls", CALLS + "1,面上项目,基金委,2017-01-02,2017-03-20\n2,重点项目,基金委,2017-01-02,2017-03-20\n")])
def test_the_same_file_twice_is_once(kind, text, copy, tmp_path):
    (tmp_path / "file.csv").write_text(text, encoding="utf-8")
    line = ["import", kind, tmp_path / "file.csv", *fill(IMPORT[kind], copy).split(" ")]
    before = copy.version()
    if kind == "awards":
        dry = answer(*line, "--dry-run")
        assert dry["imported"] == 2 and dry["written"] is False and copy.version() == before
    assert (first := answer(*line))["imported"] == 2 and first["written"] is True and first["refused"] == 0
    assert (taken := copy.version()) != before
    # A line that stands twice is taken once.
    (tmp_path / "file.csv").write_text(text + text.splitlines(True)[1], encoding="utf-8")
    again = answer(*line, "--report", tmp_path / "report.csv")
    assert (again["unchanged"], again["repeated"], again["written"]) == (2, 1, False)
    assert copy.version() == taken
    assert len((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()) == 4


def test_an_import_whose_report_cannot_be_written_takes_nothing(shared, tmp_path):
    (tmp_path / "file.csv").write_text(NAMES + AWARD.replace("71700001", "71700077"), encoding="utf-8")
    before = shared.version()
    result = run(
        "import", "awards", tmp_path / "file.csv", *fill(IMPORT["awards"], shared).split(" "), "--report", tmp_path)
    check_refusal(result, str(tmp_path))
    assert shared.version() == before, "the awards were taken although the command failed"


def test_good_lines_are_taken_where_bad_ones_may_be_left_out(copy, tmp_path):
    (tmp_path / "file.csv").write_text(NAMES + AWARD + AWARD.replace("71700001", "71700002").replace("30.01", "x"))
    line = ["import", "awards", tmp_path / "file.csv", *fill(IMPORT["awards"], copy).split(" ")]
    result = answer(*line, "--skip-refused")
    assert (result["imported"], result["refused"], result["written"]) == (1, 1, True)


# ---- Assignments against all that there are

GRID = [[9, 7, 4, 1], [8, 8, 3, 2], [6, None, 5, 2]]
INSTITUTIONS = ["U", "U", "V", "W"]


def brute(grid, demand, load, least=0, fits=lambda chosen: True):
    """All assignments that fill every seat: the totals of the applications."""
    choices = [[chosen for chosen in itertools.combinations(range(len(row)), demand)
                if all(row[expert] is not None for expert in chosen) and fits(chosen)] for row in grid]
    for choice in itertools.product(*choices):
        loads = [sum(expert in chosen for chosen in choice) for expert in range(len(grid[0]))]
        if max(loads) <= load and min(loads) >= least:
            yield [sum(row[expert] for expert in chosen) for row, chosen in zip(grid, choice)]


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """The grid as files; a forbidden pair has a score that would tempt."""
    folder = tmp_path_factory.mktemp("grid")
    (folder / "scores.csv").write_text("application,expert,score,conflict\n" + "".join(
        f"A{row},E{expert},{99 if score is None else score},{int(score is None)}\n"
        for row, scores in enumerate(GRID) for expert, score in enumerate(scores)))
    (folder / "institutions.csv").write_text("expert,institution\n" + "".join(
        f"E{expert},{name}\n" for expert, name in enumerate(INSTITUTIONS)))
    return folder


def assign(grid, demand, load, *rest):
    return answer("review", "assign", "--scores", grid / "scores.csv", "--demand", demand, "--load", load, *rest)


def check(said, demand, load):
    """The pairs are allowed, and the numbers are theirs."""
    pairs = [(int(one["application"][1:]), int(one["expert"][1:])) for one in said["pairs"]]
    assert len(set(pairs)) == len(pairs) and all(GRID[row][expert] is not None for row, expert in pairs)
    assert all(sum(expert == one for _, expert in pairs) <= load for one in range(4))
    totals = [sum(GRID[row][expert] for one, expert in pairs if one == row) for row in range(3)]
    assert (said["objective"], said["worst"]) == (sum(totals), min(totals))
    return pairs


def test_the_best_assignment_is_the_best_of_all(grid):
    said = assign(grid, 2, 3, "--load-min", 1)
    assert said["objective"] == max(map(sum, brute(GRID, 2, 3, 1))) and said["unfilled"] == []
    assert said["certificate"]["value"] == said["certificate"]["bound"]
    assert len(check(said, 2, 3)) == 6


def test_the_fair_assignment_lifts_the_worst_for_no_more_than_was_allowed(grid):
    give_up = 100
    said = assign(grid, 2, 2, "--mode", "fair", "--give-up", give_up)
    every = list(brute(GRID, 2, 2))
    best = max(map(sum, every))
    allowed = [totals for totals in every if sum(totals) * 1000 >= best * (1000 - give_up)]
    worst = max(map(min, allowed))
    assert said["worst"] == worst and said["bestTotal"] == best
    assert said["objective"] == max(sum(totals) for totals in allowed if min(totals) >= worst)
    check(said, 2, 2)


def test_seats_that_stay_empty_have_their_reasons(grid):
    said = assign(grid, 3, 2)
    [short] = [one for one in said["unfilled"] if one["reason"] == "experts"]
    # Four experts with two each have eight of nine seats.
    assert short["missing"] == 1 and {one["expert"] for one in short["limits"] if one["limit"] == "load"}
    assert len(check(said, 3, 2)) == 8


def test_no_application_has_too_many_of_one_institution(grid):
    said = assign(grid, 2, 2, "--institutions", grid / "institutions.csv", "--institution-cap", 1)
    apart = brute(GRID, 2, 2, fits=lambda chosen: len({INSTITUTIONS[one] for one in chosen}) == 2)
    assert said["objective"] == max(map(sum, apart)) < max(map(sum, brute(GRID, 2, 2)))
    check(said, 2, 2)


def test_pairs_below_the_least_score_are_left_out(grid):
    said = assign(grid, 2, 3, "--min-score", "4")
    above = [[score if score is not None and score >= 4 else None for score in row] for row in GRID]
    assert said["objective"] == max(map(sum, brute(above, 2, 3)))
    assert all(one["score"] >= 4 for one in said["pairs"])


def random_answer(grid, mode, cap, seed):
    said = assign(grid, 2, 2, "--mode", mode, "--cap", cap, "--seed", seed, "--samples", 50)
    del said["seconds"]
    return said


@pytest.mark.parametrize("mode", ["random", "perturbed"])
def test_no_pair_is_likelier_than_the_cap_and_a_seed_repeats(mode, grid):
    said = random_answer(grid, mode, "0.75", 5)
    chance = {(one["application"], one["expert"]): one["probability"] for one in said["marginals"]}
    assert all(0 < value <= 0.75 for value in chance.values())
    for row in range(3):
        held = sum(value for (application, _), value in chance.items() if application == f"A{row}")
        missing = sum(one["missing"] for one in said["unfilled"] if one["applications"] == [f"A{row}"])
        assert held + missing == 2
    assert all(sum(value for (_, one), value in chance.items() if one == f"E{expert}") <= 2 for expert in range(4))
    promised = sum(GRID[int(row[1])][int(expert[1])] * value for (row, expert), value in chance.items())
    assert said["expected"] == pytest.approx(promised)
    assert said["samples"]["seatsKept"] and said["samples"]["loadsKept"] and said["samples"]["largestZ"] < 5
    check(said, 2, 2)
    if mode == "random":
        assert said == random_answer(grid, mode, "0.75", 5)
        assert any(said["pairs"] != random_answer(grid, mode, "0.75", seed)["pairs"] for seed in (6, 7, 8, 9))


def binary(grid, demand, load):
    """The grid in the layout of docs/assignment.md."""
    arcs = [[(expert, score) for expert, score in enumerate(row) if score is not None] for row in grid]
    flat = [arc for row in arcs for arc in row]
    offsets = [0, *itertools.accumulate(map(len, arcs))]
    rows, experts = len(grid), len(grid[0])
    numbers = [demand] * rows + [load] * experts + [ord(name) for name in INSTITUTIONS]
    tail = [expert for expert, _ in flat] + [score for _, score in flat]
    return (struct.pack("<qiiq", 0x52564131, rows, experts, len(flat)) + struct.pack(f"<{len(numbers)}i", *numbers)
            + struct.pack(f"<{rows + 1}q", *offsets) + struct.pack(f"<{len(tail)}i", *tail))


def test_a_binary_instance_gives_what_the_file_of_scores_gives(grid, tmp_path):
    file = tmp_path / "instance"
    file.write_bytes(binary(GRID, 2, 2))
    said = answer("review", "assign", "--binary", file)
    assert said["objective"] == max(map(sum, brute(GRID, 2, 2)))


def changed(at, form, value):
    whole = bytearray(binary(GRID, 2, 2))
    struct.pack_into(form, whole, at, value)
    return bytes(whole)


WHOLE = binary(GRID, 2, 2)
OFFSETS = 24 + 4 * (3 + 4 + 4)


@pytest.mark.parametrize("content", [
    WHOLE[:-1], changed(8, "<i", 2**31 - 1), changed(OFFSETS + 32, "<i", 77), changed(OFFSETS + 36, "<i", 0),
], ids=["cut off", "many applications", "expert beyond the last", "expert twice"])
def test_a_damaged_binary_instance_is_refused(content, tmp_path):
    file = tmp_path / "instance"
    file.write_bytes(content)
    check_refusal(run("review", "assign", "--binary", file), "")
