"""A program that uses the portal: forms with their tokens, and the API."""
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request

from house import PASSWORD


class Client:
    def __init__(self, address):
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.token = None
        # Of whoever signed in last.
        self.password = None

    def open(self, path, data=None, headers=None, method=None):
        """Status and text of an answer; redirects are followed."""
        request = urllib.request.Request(self.address + path, data=data, headers=headers or {}, method=method)
        try:
            with self.opener.open(request, timeout=300) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode()

    def raw(self, path):
        """The bytes of a file."""
        with self.opener.open(self.address + path, timeout=300) as answer:
            return answer.read()

    def form(self, path, values, page=None):
        _, text = self.open(page or path)
        token = re.search(r'name="_token" value="([^"]+)"', text)
        pairs = [(name, value) for name, value in values.items()] + [("_token", token.group(1) if token else "")]
        return self.open(path, urllib.parse.urlencode(pairs, doseq=True).encode())

    def sign_in(self, login, password=PASSWORD):
        self.jar.clear()
        status, text = self.form("/sign-in", {"login": login, "password": password})
        assert status == 200, text
        self.password = password
        return self

    def make_token(self):
        values = {"label": "test", "token-password": self.password}
        _, text = self.form("/account/tokens", values, page="/account")
        self.token = re.search(r"kc_[0-9a-f]+", text).group(0)
        return self

    def api(self, method, path, body=None, version=None, key=None):
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key:
            headers["Idempotency-Key"] = key
        # The API knows no cookies.
        request = urllib.request.Request(
            self.address + "/api/v1" + path, data=None if body is None else json.dumps(body).encode(), headers=headers,
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as problem:
            return problem.code, json.loads(problem.read() or b"null")


def answers(number):
    return {
        "title-zh": f"第{number}号城市感知研究", "title-en": f"Urban sensing study no. {number}",
        "abstract": "研究多源异构感知数据在隐私保护下的协同建模方法，形成可复现的原型系统。", "requested": 40000000,
        "term-months": 24, "telephone": "0755-12345678", "significance": "对城市治理有重要意义，对产业有带动作用。",
        "plan": "第一年完成方法，第二年完成验证和示范。", "outcomes": "论文、专利和一个开放的原型系统。", "ethics": True,
        "budget": {"operations": {"amount": 30000000, "note": "材料"}, "indirect": {"amount": 10000000, "note": None}},
    }


def organisation_of(client):
    """The identity of the applicant's organisation, as the start page offers it."""
    _, text = client.open("/applications/new?call=NATURAL-SCIENCE-2026-001")
    return re.search(r'name="organisation" value="([0-9a-f-]{36})"', text).group(1)
