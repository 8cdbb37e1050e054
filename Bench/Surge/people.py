"""People who use the portal over HTTP, on one thread: a small client, and one applicant's way through a call."""
import asyncio
import hashlib
import json
import random
import re
import urllib.parse

CALL = "NATURAL-SCIENCE-2026-001"
WORDS = "城市感知隐私保护协同建模方法验证示范应用数据系统研究技术路线预期成果创新基础理论实验平台算法"


class Refused(Exception):
    """The house answered something else than was expected."""


class Connection:
    """One browser: a connection that is kept, and its cookie."""

    def __init__(self, port, cookie=None):
        self.port, self.cookie, self.reader, self.writer = port, cookie, None, None

    async def ask(self, method, path, body=b"", type="application/x-www-form-urlencoded"):
        """Status, headers and body of an answer."""
        # The house ends what was idle for a minute; a browser then connects anew.
        if self.writer is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: zh\r\n"
        if self.cookie:
            head += f"Cookie: kc_session={self.cookie}\r\n" if "=" not in self.cookie else f"Cookie: {self.cookie}\r\n"
        if method != "GET":
            head += f"Content-Type: {type}\r\nContent-Length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), value)
        size = int(headers.get("content-length", 0))
        return status, headers, await self.reader.readexactly(size) if size else b""

    def close(self):
        if self.writer:
            self.writer.close()


class Applicant:
    """Fills in an application as the pages ask, and knows what was acknowledged."""

    def __init__(self, number, port, cookie, organisation, password=None):
        self.number, self.organisation, self.password = number, organisation, password
        self.browser = Connection(port, cookie)
        self.cookie = cookie
        self.id = self.token = None
        self.revision = 0
        self.kept = {}
        self.file = None
        self.requests = 0
        self.random = random.Random(number)

    async def ask(self, method, path, expected, **more):
        self.requests += 1
        status, headers, body = await self.browser.ask(method, path, **more)
        if status != expected:
            page = body.decode(errors="replace")
            words = re.sub(r"\s*<[^>]*>\s*", " ", page[max(0, page.find("<main")):])
            raise Refused(f"{method} {re.sub('[0-9a-f-]{36}', '…', path)} answered {status}: {words[:300].strip()}")
        return headers, body

    async def send(self, path, fields, expected=303):
        form = urllib.parse.urlencode([*fields.items(), ("_token", self.token)]).encode()
        return await self.ask("POST", path, expected, body=form)

    async def look(self, path):
        _, body = await self.ask("GET", path, 200)
        found = re.search(rb'name="_token" value="([^"]+)"', body)
        if found:
            self.token = found.group(1).decode()
        return body

    def text(self, length):
        return f"第{self.number}号" + "".join(self.random.choices(WORDS, k=length))

    async def sign_in(self):
        """As at the door, with a password."""
        self.browser.cookie = None
        headers, body = await self.ask("GET", "/sign-in", 200)
        self.browser.cookie = headers["set-cookie"].split(";")[0]
        self.token = re.search(rb'name="_token" value="([^"]+)"', body).group(1).decode()
        headers, _ = await self.send("/sign-in", {"login": f"surge{self.number}", "password": self.password})
        self.browser.cookie = headers["set-cookie"].split(";")[0]

    async def start(self):
        await self.look(f"/calls/{CALL}")
        await self.look(f"/applications/new?call={CALL}")
        headers, _ = await self.send("/applications", {"call": CALL, "organisation": self.organisation})
        self.id = headers["location"].split("/")[2]

    async def section(self, name, fields, kept, autosaves=0):
        """Opens a section, types with automatic saving, saves."""
        path = f"/applications/{self.id}/sections/{name}"
        body = await self.look(path)
        self.revision = int(re.search(rb'name="revision" value="(\d+)"', body).group(1))
        for turn in range(1, autosaves + 1):
            typed = {key: text[: len(text) * turn // (autosaves + 1)] for key, text in fields.items() if len(text) > 9}
            _, body = await self.send(path + "/autosave", {**typed, "revision": self.revision}, 200)
            self.revision = json.loads(body)["revision"]
        await self.send(path, {**fields, "revision": self.revision})
        self.kept.update(kept)

    async def fill_in(self):
        words = {"title-zh": self.text(20), "title-en": f"Urban sensing study no. {self.number}", "abstract": self.text(300)}
        await self.section(
            "basics", {**words, "requested": "400000.00", "term-months": "24"},
            {**words, "requested": 40000000, "term-months": 24})
        await self.section("team", {"telephone": "0755-12345678"}, {"telephone": "0755-12345678"})
        words = {"significance": self.text(600), "plan": self.text(1200), "outcomes": self.text(300)}
        await self.section("content", {**words, "ethics": "yes"}, {**words, "ethics": True}, autosaves=2)
        await self.attach()
        await self.section("budget-section", {
            "budget.operations.amount": "300000.00", "budget.operations.note": "材料",
            "budget.indirect.amount": "100000.00"}, {})

    async def attach(self):
        content = b"%PDF-1.4\n" + self.random.randbytes(200_000) + b"\n%%EOF\n"
        mark = f"surge{self.number}"
        parts = [("_token", None, self.token.encode()), ("section", None, b"content"), ("attachments", "report.pdf", content)]
        body = b""
        for name, file, value in parts:
            body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            body += f'; filename="{file}"\r\nContent-Type: application/pdf'.encode() if file else b""
            body += b"\r\n\r\n" + value + b"\r\n"
        body += f"--{mark}--\r\n".encode()
        await self.ask(
            "POST", f"/applications/{self.id}/files/attachments", 303, body=body,
            type=f"multipart/form-data; boundary={mark}")
        self.file = hashlib.sha256(content).hexdigest()

    async def check(self):
        """The page that says what is missing."""
        body = await self.look(f"/applications/{self.id}/check")
        if b"/actions/submit" not in body:
            raise Refused("the check found something: " + re.sub(r"<[^>]+>", " ", body.decode())[-1500:])
        self.case_revision = re.search(rb'name="revision" value="(\d+)"', body).group(1).decode()

    async def submit(self):
        await self.send(f"/cases/{self.id}/actions/submit", {"revision": self.case_revision})

    async def draft_quickly(self):
        """A complete draft by the API, where only handing it in is measured."""
        await self.look(f"/applications/new?call={CALL}")
        headers, _ = await self.send("/applications", {"call": CALL, "organisation": self.organisation})
        self.id = headers["location"].split("/")[2]
        self.case_revision = ""
        for name, fields in {
            "basics": {
                "title-zh": self.text(20), "title-en": "Urban sensing", "abstract": self.text(300),
                "requested": "400000.00", "term-months": "24"},
            "team": {"telephone": "0755-12345678"},
            "content": {
                "significance": self.text(600), "plan": self.text(1200), "outcomes": self.text(300), "ethics": "yes"},
            "budget-section": {
                "budget.operations.amount": "300000.00", "budget.operations.note": "材料",
                "budget.indirect.amount": "100000.00"},
        }.items():
            await self.section(name, fields, {})
        await self.check()

    async def read_back(self):
        """What the house holds: nothing, or what differs from what was acknowledged."""
        _, body = await self.ask("GET", f"/api/v1/applications/{self.id}", 200)
        held = json.loads(body)
        for field, value in self.kept.items():
            if held["answers"].get(field) != value:
                return f"{self.id} lost {field}", held
        if self.file and self.file not in [one["hash"] for one in held["files"]]:
            return f"{self.id} lost its file", held
        return None, held
