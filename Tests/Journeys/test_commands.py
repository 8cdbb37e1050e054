"""Commands: right answers, and one line that says what is wrong with exit code 1 (64 for wrong use)."""
import json
import subprocess

import pytest
from conftest import BINARY, ROOT, fresh_postgres


def test_help_of_chaos_needs_nothing():
    """It is answered before anything is installed or built."""
    answer = subprocess.run(
        ["script/chaos", "--seed", "1", "--help"], capture_output=True, text=True, timeout=300, cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "KECHUANG_BINARY": "/nowhere"})
    assert answer.returncode == 0 and "rolling-restart" in answer.stdout, answer.stderr
    assert "error" not in answer.stderr and "Installing" not in answer.stdout


def run(*arguments, text=None, folder=None):
    return subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, input=text, timeout=300, cwd=folder or ROOT)


@pytest.mark.parametrize("arguments, answer", [
    (["calendar", "add", "2026-09-18", "5", "--city", "shenzhen"], "2026-09-24"),
    (["calendar", "months", "2026-01-31", "1"], "2026-02-28"),
])
def test_days(arguments, answer):
    assert run(*arguments).stdout.strip() == answer
    assert json.loads(run(*arguments, "--json").stdout) == {"day": answer}


@pytest.mark.parametrize("arguments, code, words", [
    (["calendar", "add", "2026-12-30", "5"], 1, "published"),
    (["calendar", "add", "18.9.2026", "5"], 1, "not a day"),
    (["calendar", "add", "2026-09-18", "-5"], 64, ""),
    (["calendar", "add", "2026-09-18"], 64, "Missing"),
    (["calendar", "add", "2026-09-18", "5", "--city", "atlantis"], 1, "atlantis"),
    (["identifier", "check", "uscc", "91440300708461136X"], 1, "校验位"),
    (["identifier", "check", "resident-id", "12"], 1, "18"),
    (["identifier", "check", "stars", "1"], 64, ""),
    (["import", "awards", "/nothing.csv", "--map", "docs/examples/nsfc-awards.yaml"], 1, "/nothing.csv"),
    (["import", "awards", "README.md", "--map", "README.md"], 1, "README.md"),
    (["import", "calls", "README.md", "--map", "docs/examples/funding-calls.yaml"], 1, "lacks"),
    (["import", "ties", "/nothing.csv"], 1, "/nothing.csv"),
    (["import", "ties", "README.md"], 1, "Columns are missing"),
    (["rehearse", "--applications", "README.md", "--call", "docs/examples/rehearsal-call.yaml"], 1, "columns"),
    (["rehearse", "--applications", "/nothing", "--call", "/nothing"], 1, "/nothing"),
    (["demo", "--scale", "0"], 1, "1000"),
    (["serve", "--port", "99999"], 1, "65535"),
    (["ledger", "balance", "cash"], 1, "cash"),
    (["ledger", "balance", "budget:natural-science:2026", "--on", "today"], 1, "today"),
    (["ledger", "export", "--format", "xml"], 1, "xml"),
    (["ledger", "check", "--database", "sqlite:/nothing.sqlite"], 1, "/nothing.sqlite"),
    (["search", "reindex", "--database", "mysql://x"], 1, "sqlite"),
    (["search"], 0, "reindex"),
    (["review", "calibrate", "--scores", "/nothing.csv"], 1, "/nothing.csv"),
    (["review", "calibrate", "--scores", "README.md"], 1, "lacks the columns application, reviewer, score"),
    (["review", "calibrate", "--scores", "README.md", "--lambda-f", "1"], 64, "both"),
    (["review", "duplicates", "--texts", "README.md"], 1, "line 1: no tab"),
    (["review", "duplicates", "--texts", "README.md", "--threshold", "0"], 64, "threshold"),
    (["nonsense"], 64, ""),
])
def test_what_is_wrong_is_said(arguments, code, words, folder):
    if arguments[0] in ("import", "demo", "serve") or arguments[:2] == ["search", "reindex"]:
        arguments = arguments + ["--data", str(folder)]
    result = run(*arguments)
    assert result.returncode == code, result
    assert words in result.stderr + result.stdout
    if code == 1:
        assert len((result.stderr or result.stdout).strip().splitlines()) == 1, result


def test_scores_of_a_file_are_calibrated(folder):
    file = folder / "scores.csv"
    file.write_text("application,reviewer,score\n1,1,5\n2,1,3\n2,2,5\n3,2,4\n")
    result = json.loads(run(
        "review", "calibrate", "--scores", file, "--lambda-f", "1", "--lambda-b", "1", "--line", "1", "--json").stdout)
    assert abs(result["mu"] - 4.3) < 1e-12
    values = {one["application"]: one["calibrated"] for one in result["applications"]}
    assert all(abs(values[k] - v) < 1e-12 for k, v in {"1": 4.8, "2": 4.1, "3": 4.0}.items())
    assert abs(sum(one["chance"] for one in result["applications"]) - 1) < 1e-9
    file.write_text("application,reviewer,score\n1,1,5\n2,,3\n2,2,x\n")
    refused = run("review", "calibrate", "--scores", file)
    assert refused.returncode == 1 and "line 3" in refused.stderr and "line 4" in refused.stderr


def test_duplicates_of_a_file_show_their_passages(folder):
    file = folder / "texts.tsv"
    left, right = "面向Deep learning的基金项目（2024）评审方法研究", "面 向ｄｅｅｐ LEARNING的基金项目2024评审方法研究。"
    file.write_text(f"id\ttext\na\t{left}\nb\t{right}\nc\t别的题目\n", encoding="utf-8")
    result = json.loads(run("review", "duplicates", "--texts", file, "--json").stdout)
    [pair] = result["pairs"]
    assert (pair["left"], pair["right"], pair["similarity"]) == ("a", "b", 1)
    [passage] = pair["passages"]
    for side, text in (("left", left), ("right", right)):
        assert text[passage[side]["start"]:passage[side]["end"]] == passage[side]["text"]


def test_many_codes_from_standard_input():
    result = run("identifier", "check", "orcid", "-", text="0000-0002-1825-0097\n0000-0002-1825-0098\n")
    assert result.returncode == 1
    assert [line.split("\t")[1] for line in result.stdout.splitlines()] == ["valid", "invalid"]


def test_a_rehearsal_keeps_its_laws_and_is_the_same_on_both_databases(folder):
    rows = "项目批准号,项目名称,依托单位,负责人,金额\n" + "".join(
        f"7170{n:04},复杂系统管理理论与方法{n},大学{n % 7},张{n},{20 + n % 40}.5\n" for n in range(1, 61))
    (folder / "awards.csv").write_text(rows)
    address = fresh_postgres()
    outcomes = [
        json.loads(run(
            "rehearse", "--applications", folder / "awards.csv", "--call", "docs/examples/rehearsal-call.yaml",
            "--seed", "3", "--json", *database).stdout)
        for database in ([], *([["--database", address]] if address else []))]
    for outcome in outcomes:
        assert len(outcome["laws"]) > 5 and not any(law["faults"] for law in outcome["laws"]), outcome["laws"]
        assert {"acceptance", "money", "review"} <= {step["step"] for step in outcome["steps"]}
    assert len({json.dumps([(step["step"], step["result"]) for step in outcome["steps"]]) for outcome in outcomes}) == 1


def test_the_generator_gives_the_same_city_twice(folder):
    for name in ("a", "b"):
        assert "applications" in run("demo", "--scale", "1", "--seed", "7", "--data", str(folder / name)).stdout
    import sqlite3
    names = [
        sqlite3.connect(folder / name / "kechuang.sqlite").execute(
            "SELECT number, title_zh FROM application ORDER BY number").fetchall()
        for name in ("a", "b")]
    assert names[0] == names[1] and len(names[0]) > 30
    assert "not empty" in run("demo", "--data", str(folder / "a")).stderr


def test_the_books_of_an_import_are_exported_checked_and_questioned(folder):
    rows = "项目批准号,项目类别,项目名称,依托单位,负责人,金额,起止年月,总评\n" + "".join(
        f"7170{n:04},面上项目,名称{n},某大学,张三,{n}.01,2018.01-2021.12,\n" for n in range(1, 21))
    (folder / "awards.csv").write_text(rows)
    data = ["--data", str(folder)]
    assert run("import", "awards", str(folder / "awards.csv"), "--map", "docs/examples/nsfc-awards.yaml",
               *data).returncode == 0
    report = json.loads(run("ledger", "check", "--json", *data).stdout)
    assert report["faults"] == [] and report["postings"] == 20 and report["total"] == 210_200_000
    assert run("ledger", "balance", "commitment:nsfc:2018:71700003", *data).stdout.strip() == "30,100.00"
    journal = folder / "books.journal"
    assert run("ledger", "export", "--format", "hledger", "--output", str(journal), *data).returncode == 0
    answer = subprocess.run(
        ["hledger", "-f", str(journal), "--strict", "balance", "commitment", "--depth", "1", "-O", "csv", "-N"],
        capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert "2102000.00" in answer.stdout.replace(",", ""), answer
    import sqlite3
    with sqlite3.connect(folder / "kechuang.sqlite") as db:
        db.execute("UPDATE ledger_account SET in_fen = in_fen + 1 WHERE id = 'commitment:nsfc:2018:71700003'")
    result = run("ledger", "check", *data)
    assert result.returncode == 1 and "FAULT balance commitment:nsfc:2018:71700003" in result.stdout


def test_the_search_index_is_made_again(folder):
    assert run("demo", "--scale", "1", "--data", str(folder)).returncode == 0
    assert json.loads(run("search", "reindex", "--data", str(folder), "--json").stdout)["entries"] >= 2
    assert "Indexed" in run("search", "reindex", "--data", str(folder)).stdout


def test_serve_says_in_json_where_it_is(folder):
    process = subprocess.Popen(
        [BINARY, "serve", "--data", str(folder), "--port", "0", "--json"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        started = json.loads(process.stdout.readline())
        assert started["address"].startswith("http://127.0.0.1:")
        assert {"applicant", "officer"} <= {account["login"] for account in started["accounts"]}
    finally:
        process.terminate()
        process.wait(timeout=300)
