"""The server as a process: starting, failing to start, dying in the middle of work, sending mail."""
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from aiosmtpd.controller import Controller
from client import Client, answers, organisation_of
from conftest import BINARY, city, free_port


def refused(folder, *options, environment=None):
    result = subprocess.run(
        [BINARY, "serve", *options], capture_output=True, text=True, timeout=300, cwd=folder,
        env={**os.environ, **(environment or {})})
    assert result.returncode == 1, result
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_what_keeps_it_from_starting_is_said_in_one_line(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refused(folder, "--data", str(folder / "a"), "--port", port)
    (folder / "file").write_text("")
    assert "cannot be" in refused(folder, "--data", str(folder / "file"), "--port", "0")
    line = refused(
        folder, "--data", str(folder / "b"), "--port", "0", "--database", "postgres://u:topsecret@127.0.0.1:1/none")
    assert "topsecret" not in line
    refused(folder, "--data", str(folder / "c"), "--port", "0", "--database", "mysql://x")
    assert "Atlantis" in refused(folder, "--data", str(folder / "d"), "--port", "0", "--city", "Atlantis")


def test_a_database_of_a_newer_version_is_left_alone(folder):
    import sqlite3
    server = city(folder)
    server.stop()
    with sqlite3.connect(folder / "kechuang.sqlite") as db:
        db.execute("INSERT INTO migration (id, room, digest) VALUES ('2099-01-01-future', 'future', 'x')")
    assert "2099-01-01-future" in refused(folder, "--data", str(folder), "--port", "0")


def test_a_second_start_keeps_the_data(folder):
    server = city(folder)
    client = Client(server.address).sign_in("applicant").make_token()
    _, made = client.api(
        "POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": organisation_of(client)})
    server.stop()
    server.start()
    client.sign_in("applicant").make_token()
    status, shown = client.api("GET", f"/applications/{made['id']}")
    assert status == 200 and shown["application"]["number"] == made["number"]
    server.stop()


def all_case_numbers(auditor):
    """The numbers that the auditor's list shows, page after page."""
    address, numbers = "/audit/cases", []
    while address:
        _, page = auditor.open(address)
        numbers += re.findall(r'href="/cases/[^"]+">([^<]+)</a>', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following and following.group(1)
    return numbers


def test_fifty_kills_neither_lose_nor_double_an_application(folder):
    server = city(folder)
    client = Client(server.address).sign_in("applicant").make_token()
    place = organisation_of(client)
    numbers, ids = [], []
    for round in range(50):
        _, made = client.api("POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": place})
        numbers.append(made["number"])
        ids.append(made["id"])
        status, _ = client.api("PUT", f"/applications/{made['id']}/answers", answers(round), version=0)
        assert status == 200
        path, key = f"/cases/{made['id']}/actions/submit", f"submit-{round}"

        def submit():
            try:
                client.api("POST", path, {}, key=key)
            except (OSError, ValueError):
                pass

        sender = threading.Thread(target=submit)
        sender.start()
        # From before the request is read until after its answer is sent.
        threading.Event().wait(round * 0.0006)
        server.kill()
        sender.join()
        server.start()
        # The client does not know what happened and asks again, under another key: the first stays taken for a minute.
        deadline = time.monotonic() + 300
        while True:
            status, answer = client.api("POST", path, {}, key=f"{key}-again")
            if status in (200, 409):
                break
            assert time.monotonic() < deadline, answer
        _, case = client.api("GET", f"/cases/{made['id']}")
        assert case["file"]["step"] == "endorsement", case
    auditor = Client(server.address).sign_in("auditor").make_token()
    call = "NATURAL-SCIENCE-2026-001-"
    assert sorted(numbers) == [f"{call}{number:05}" for number in range(1, 51)], "one is missing or was used twice"
    assert sorted(one for one in all_case_numbers(auditor) if one.startswith(call)) == sorted(numbers)
    for id in ids:
        _, case = auditor.api("GET", f"/cases/{id}")
        assert [event["kind"] for event in case["events"]].count("case.submit") == 1
    server.stop()


def test_mail_goes_out_when_something_happens(folder):
    class Sink:
        def __init__(self):
            self.mails = []
            self.arrived = threading.Event()

        async def handle_DATA(self, server, session, envelope):
            self.mails.append(envelope)
            self.arrived.set()
            return "250 taken"

    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    server = city(folder, environment={"KECHUANG_SMTP": f"smtp://127.0.0.1:{controller.port}?from=bureau@example.cn"})
    client = Client(server.address)
    status, text = client.form("/register", {
        "name": "林小明", "number": "11010519491231002X", "mail": "lin@example.cn", "login": "lin",
        "password": "a long enough one"})
    assert status == 200 and "我的工作台" in text, text
    keeper = Client(server.address).sign_in("organisation")
    _, page = keeper.open("/organisation")
    action = re.search(r'action="(/organisation/[^"]+/members)"', page).group(1)
    keeper.form(action, {"login": "lin", "roles": ["handler"]}, page="/organisation")
    client.sign_in("lin", "a long enough one").make_token()
    _, made = client.api(
        "POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": organisation_of(client)})
    client.api("PUT", f"/applications/{made['id']}/answers", answers(1), version=0)
    status, answer = client.api("POST", f"/cases/{made['id']}/actions/submit", {})
    assert status == 200, answer
    keeper.make_token()
    status, _ = keeper.api("POST", f"/cases/{made['id']}/actions/send-back", {"reason": "请补充成员"})
    assert status == 200
    assert sink.arrived.wait(300), "no mail came"
    assert sink.mails[0].rcpt_tos == ["lin@example.cn"]
    controller.stop()
    server.stop()


def test_every_answer_carries_the_headers_and_the_type_that_it_should(folder):
    server = city(folder, environment={"KECHUANG_PUBLIC_ADDRESS": "https://kechuang.example"})

    def get(path):
        try:
            answer = urllib.request.urlopen(server.address + path)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.headers

    described = json.load(urllib.request.urlopen(server.address + "/api/v1/openapi.json"))["paths"]
    log = described["/api/v1/record/log"]["get"]["responses"]["200"]["content"]
    for path, status, kind in (
            ("/", 200, "text/html"), ("/sign-in", 200, "text/html"), ("/nowhere", 404, "text/html"),
            ("/%0E", 400, "text/html"), ("/api/v1/cases/%0E", 400, "application/problem+json"),
            ("/api/v1/nowhere", 404, "application/problem+json"), ("/api/v1/record/log", 200, list(log)[0])):
        got, headers = get(path)
        assert (got, headers.get_content_type()) == (status, kind), path
        assert headers["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Strict-Transport-Security"], path
    cookies = get("/sign-in")[1].get_all("Set-Cookie")
    assert cookies and all("; Secure" in one and "HttpOnly" in one and one.startswith("__Host-") for one in cookies)
    assert "application/zip" in described["/api/v1/cases/{id}/package"]["get"]["responses"]["200"]["content"]
    server.stop()


def test_a_house_built_without_tls_says_so_before_it_begins(folder):
    if "TLS" in os.environ.get("KECHUANG_TRAITS", ""):
        pytest.skip("this one is built with TLS")
    line = refused(
        folder, "--data", str(folder / "house"), "--port", "0", "--tls-key", "key.pem", "--tls-certificate", "chain.pem")
    assert "--traits TLS" in line and not any((folder / "house").glob("*"))


@pytest.mark.skipif("TLS" not in os.environ.get("KECHUANG_TRAITS", ""), reason="script/security builds one with TLS")
def test_the_house_speaks_tls_itself(folder):
    chain, key = folder / "chain.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain],
        check=True, capture_output=True)
    assert "belong together" in refused(folder, "--data", str(folder / "a"), "--port", "0", "--tls-key", str(key))
    assert "certificate or its key" in refused(
        folder, "--data", str(folder / "b"), "--empty", "--port", "0", "--tls-key", str(key), "--tls-certificate",
        str(key))
    port = free_port()
    process = subprocess.Popen(
        [BINARY, "serve", "--data", folder / "house", "--port", str(port), "--json", "--tls-certificate", chain,
         "--tls-key", key], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(process.stdout.readline())["address"] == f"https://127.0.0.1:{port}"
        trusting = ssl.create_default_context(cafile=chain)
        answer = urllib.request.urlopen(f"https://127.0.0.1:{port}/sign-in", context=trusting)
        cookies = answer.headers.get_all("Set-Cookie")
        assert answer.status == 200 and answer.headers["Strict-Transport-Security"]
        assert cookies and all(one.startswith("__Host-") and "; Secure" in one for one in cookies)
        # Nobody talks past the certificate: neither without TLS nor with an old one.
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        old = ssl.create_default_context(cafile=chain)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError):
            urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=old, timeout=5)
    finally:
        process.terminate()
        assert process.wait(timeout=300) == 0
