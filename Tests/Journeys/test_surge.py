"""A house with few places at once, before which a crowd stands."""
import json
import re
import threading
import time
import urllib.error
import urllib.request

import pytest
from client import Client, answers, organisation_of
from conftest import city
from house import Browser


class Crowd:
    """Asks for public pages, many at once, until it is sent away; keeps what it was answered."""

    def __init__(self, address, count=48, headers=None):
        self.address = address
        self.headers = headers or {}
        self.answers = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(count)]

    def ask(self):
        while not self.over.is_set():
            request = urllib.request.Request(self.address, headers=self.headers)
            try:
                with urllib.request.urlopen(request, timeout=300) as answer:
                    self.answers.append((answer.status, dict(answer.headers), answer.read()))
            except urllib.error.HTTPError as problem:
                self.answers.append((problem.code, dict(problem.headers), problem.read()))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        deadline = time.monotonic() + 300
        while not self.refused and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.refused, "nobody was refused"
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    @property
    def refused(self):
        return [one for one in list(self.answers) if one[0] == 503]


@pytest.fixture
def narrow(folder):
    server = city(folder, environment={"KECHUANG_REQUESTS_AT_ONCE": "2"})
    yield server
    server.stop()


def test_drafts_and_submissions_go_through_a_crowd_that_only_reads(narrow):
    client = Client(narrow.address).sign_in("applicant").make_token()
    place = organisation_of(client)
    with Crowd(narrow.address + "/calls") as crowd:
        for number in range(10):
            status, made = client.api(
                "POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": place})
            assert status == 201, made
            path = f"/applications/{made['id']}"
            for version in range(3):
                status, answer = client.api("PUT", f"{path}/answers", answers(number), version=version)
                assert status == 200, answer
            status, kept = client.api("GET", path)
            assert status == 200 and kept["answers"]["title-zh"] == answers(number)["title-zh"]
            assert client.api("POST", f"/cases/{made['id']}/actions/submit", {})[0] == 200
            # Pages of somebody who has signed in, and what watches over the house.
            assert client.open("/work")[0] == 200
            for address in ("/health", "/ready", "/metrics"):
                assert client.open(address)[0] == 200
        _, metrics = client.open("/metrics")
    assert {status for status, _, _ in crowd.answers} == {200, 503}
    refused = int(re.search(r'admission_refused_total{line="reading"} (\d+)', metrics).group(1))
    assert 0 < refused <= len(crowd.refused)
    for line in ("acting", "signed-in"):
        assert f'admission_refused_total{{line="{line}"}} 0\n' in metrics
    assert "kechuang_admission_limit 2\n" in metrics
    # Afterwards everything is as before.
    assert client.open("/calls")[0] == 200
    assert 'admission_running{line="reading"} 0\n' in client.open("/metrics")[1]


def test_who_has_to_wait_is_told_so_in_both_languages(narrow):
    for language, words in {
        "zh": ["请稍候", "已经保存的草稿和附件都在", "秒后自动重试"],
        "en": ["Please wait a moment", "Drafts and files that were saved are kept", "tries again by itself"],
    }.items():
        with Crowd(f"{narrow.address}/calls?lang={language}") as crowd:
            pass
        _, headers, body = crowd.refused[0]
        assert 5 <= int(headers["Retry-After"]) <= 15
        assert headers["Refresh"] == headers["Retry-After"] and headers["Cache-Control"] == "no-store"
        assert "<script" not in body.decode().split("</head>")[1]
        for word in words:
            assert word in body.decode(), word


def test_a_program_is_told_in_json_when_to_come_again(narrow):
    with Crowd(narrow.address + "/api/v1/calls") as crowd:
        pass
    _, headers, body = crowd.refused[0]
    assert headers["Content-Type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == 503 and problem["code"] == "admission.queue"
    assert set(problem["translations"]) == {"zh", "en"} and int(headers["Retry-After"]) >= 5


def test_a_cookie_that_belongs_to_nobody_gives_no_precedence(narrow):
    client = Client(narrow.address).sign_in("applicant")
    # Whose a cookie is, is looked up in the line of those who have signed in; so many fill the line of the readers only.
    with Crowd(narrow.address + "/calls", 24, headers={"Cookie": "kc_session=" + "0" * 64}) as crowd:
        for _ in range(20):
            assert client.open("/work")[0] == 200
    assert crowd.refused


def test_the_page_of_the_queue_lets_in_by_itself(narrow, drivers):
    browser = Browser(drivers(javascript=False), narrow.address, False)
    with Crowd(narrow.address + "/calls"):
        for _ in range(200):
            browser.visit("/calls?lang=en")
            if "Please wait a moment" in browser.text:
                break
        browser.see("Many people are here", "Saving drafts and handing in come first")
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 1280
    deadline = time.monotonic() + 300
    while "Please wait a moment" in browser.text and time.monotonic() < deadline:
        time.sleep(0.5)
    browser.see("Calls", "Subscribe (Atom)")
