"""A backup of a house at work, brought back and compared; the counters that operators read."""
import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.request

import pytest
from client import Client, answers, organisation_of
from conftest import BINARY, ROOT, Server, city, fresh_postgres

DATABASES = ["sqlite", "postgres"]


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def address_of(server):
    return ["--database", server.command[server.command.index("--database") + 1]] if "--database" in server.command else []


@pytest.mark.parametrize("database", DATABASES)
def test_a_backup_under_writes_comes_back_whole(folder, database):
    if database == "postgres" and fresh_postgres() is None:
        pytest.skip("KECHUANG_TEST_PG is not set")
    server = city(folder / "house", database)
    client = Client(server.address).sign_in("applicant").make_token()
    place = organisation_of(client)
    made, done = [], threading.Event()

    def write():
        while not done.is_set():
            _, one = client.api("POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": place})
            client.api("PUT", f"/applications/{one['id']}/answers", answers(len(made)), version=0)
            status, answer = client.api("POST", f"/cases/{one['id']}/actions/submit", {})
            assert status == 200, answer
            made.append(one["number"])

    writer = threading.Thread(target=write)
    writer.start()
    limit = time.monotonic() + 300
    while len(made) < 6:
        assert time.monotonic() < limit, "nothing is written"
        time.sleep(0.05)
    before = list(made)
    result = run("backup", folder / "backup", "--data", folder / "house", *address_of(server), "--with-keys", "--json")
    after = len(made)
    done.set()
    writer.join()
    assert result.returncode == 0, result
    report = json.loads(result.stdout)
    assert after > len(before), "nobody wrote while the backup was made"
    server.stop()

    beside = address_of(server)
    result = run("restore", folder / "backup", "--drill", *beside, "--sha256", report["sha256"])
    assert result.returncode == 0 and "The backup is good." in result.stdout, result
    assert f"{report['rows']} rows" in result.stdout and report["root"] in result.stdout

    target = ["--database", fresh_postgres()] if beside else []
    result = run("restore", folder / "backup", "--data", folder / "again", *target)
    assert result.returncode == 0, result
    again = Server(folder / "again", *target)
    auditor = Client(again.address).sign_in("auditor")
    address, numbers = "/audit/cases", set()
    while address:
        _, page = auditor.open(address)
        numbers |= set(re.findall(r'href="/cases/[^"]+">([^<]+)</a>', page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following and following.group(1)
    assert set(before) <= numbers, "what was acknowledged before the backup is not in it"
    again.stop()
    assert "holds" in run("record", "check", "--data", folder / "again", *target).stdout
    assert "The books hold." in run("ledger", "check", "--data", folder / "again", *target).stdout

    # One changed byte in the middle of the database: the file is named, and nothing is restored.
    name = "database.dump" if beside else "database.sqlite"
    path = folder / "backup" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    result = run("restore", folder / "backup", "--drill", *beside)
    assert result.returncode == 1 and name in result.stderr, result


def test_counters_are_for_the_machine_itself_and_for_whoever_has_the_token(folder):
    token = "a-token-of-the-operators"
    server = city(folder, "sqlite", "--log-level", "info", "--log-json", environment={"KECHUANG_METRICS_TOKEN": token})

    def get(path, **headers):
        request = urllib.request.Request(server.address + path, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode(), problem.headers

    assert get("/ready")[0] == 200
    status, text, _ = get("/metrics")
    assert status == 200
    for name in ["kechuang_requests_total", "kechuang_request_seconds_bucket", "kechuang_job_rounds_total",
                 "kechuang_record_leaves", "kechuang_incidents_open 0\n", "process_resident_memory_bytes"]:
        assert name in text, text
    assert re.search(r'kechuang_requests_total\{route="ready",status="200"\} 1\b', text)
    assert re.search(r'kechuang_request_statements_total\{route="ready"\} [1-9]', text)
    # A proxy speaks for others.
    assert get("/metrics", **{"X-Forwarded-For": "203.0.113.9"})[0] == 404
    assert get("/metrics", **{"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer wrong"})[0] == 404
    assert get("/metrics", **{"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {token}"})[0] == 200
    number = get("/calls?q=secret-in-the-query")[2]["X-Request-ID"]
    shutil.move(folder / "files" / "spool", folder / "files" / "gone")
    status, text, _ = get("/ready")
    assert status == 503 and json.loads(text)["files"] == "not writable"
    server.stop()
    lines = [json.loads(line) for line in (folder / "server.log").read_text().splitlines() if line.startswith("{")]
    line = next(line for line in lines if line.get("request") == number)
    assert line["route"] == "calls.list" and line["status"] == 200 and isinstance(line["microseconds"], int)
    assert line["statements"] > 0
    assert not any("secret-in-the-query" in json.dumps(line) for line in lines)


def test_a_database_goes_back_to_a_moment_between_two_events():
    if fresh_postgres() is None:
        pytest.skip("KECHUANG_TEST_PG is not set")
    tried = subprocess.run(
        [ROOT / "script/point-in-time"], env={**os.environ, "KECHUANG_BINARY": BINARY}, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "The first event is there, the second is not" in tried.stdout
