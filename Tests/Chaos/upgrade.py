"""Processes of the version before behind nginx, replaced one after the other by this one."""
import collections
import hashlib
import http.client
import os
import re
import subprocess
import threading
import time
import urllib.parse

from before import Before
from client import Client
from conftest import BINARY, Server, free_port
from faults import Failed, need
from fleet import Post, Proxy, delivered, mails
from keys import SITE, add_key, asks
from places import House
from work import Staff, Work, ask, audit, base, told

READERS = ["officer", "applicant", "treasurer", "auditor"]
# Who adds a security key while both versions serve.
KEYED = "expert1"
PAGES = ["/work", "/calls", "/account", "/"]
# Of the schema.
STEPS = "SELECT id FROM migration"
# What jobs that lose against others say; they try again by themselves.
LOST = "lost against others|holds the database for too long|became free in time"


class Reader:
    """Somebody who signed in once and reads on in that session, each page with its style and script, and now and then
    sends a form, which need not reach the process that made it."""

    def __init__(self, address, login):
        self.client = Client(address).sign_in(login)
        self.pages, self.forms, self.others, self.put_off, self.faults = 0, 0, 0, 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        rounds = 0
        while not self.stopping.is_set():
            try:
                for path in PAGES:
                    self.open(path)
                if rounds % 5 == 0:
                    self.send()
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"a page is cut off: {type(error).__name__}: {error}")
            rounds += 1
            time.sleep(0.2)

    def open(self, path):
        status, text = self.client.open(path)
        if status == 503:
            self.put_off += 1
            return
        if status != 200 or "/sign-out" not in text:
            self.faults.append(f"{path} answers {status}{' to somebody who is signed in no more' * (status == 200)}")
            return
        for part in re.findall(r'"(/assets/[^"]+)"', text):
            status, content = self.client.open(part)
            if status != 200:
                self.faults.append(f"{path} lacks {part}")
            # The address is the digest of what it was made for.
            self.others += part.split("/")[2] != hashlib.sha256(content.encode()).hexdigest()[:16]
        self.pages += 1

    def send(self):
        status, text = self.client.open("/account")
        if token := re.search('name="_token" value="([^"]+)"', text):
            # The version before asks for no password.
            values = urllib.parse.urlencode(
                {"label": "chaos", "token-password": self.client.password, "_token": token.group(1)})
            status, text = self.client.open("/account/tokens", values.encode())
        if status == 503:
            self.put_off += 1
        elif status == 200 and re.search("kc_[0-9a-f]{20}", text):
            self.forms += 1
        else:
            self.faults.append(f"a form is answered {status}")

    def end(self):
        self.stopping.set()
        self.thread.join()


def rolling_upgrade(town, engine, say, options):
    """Three processes of the version before serve a city that they made, on one PostgreSQL behind nginx, with people at
    work: one after the other is taken out, stopped and replaced by this version. The first of this version brings the
    schema up to date while the others serve on; then both versions serve at once."""
    before = Before(options.origin, say)
    place, folder = town.fresh(), town.fresh()
    name = f"house_{town.count}"
    town.postgres.sql(f"CREATE DATABASE {name}")
    post = Post()
    shared = {"KECHUANG_TRUST_PROXY": "1", "KECHUANG_SMTP": post.address, "KECHUANG_PUBLIC_ADDRESS": SITE}
    former = {**shared, **before.environment}
    say(f"the version before is {before.name}")
    servers, readers, proxy, work = [], [], None, None
    try:
        house = House(folder, engine, town.postgres, name, former, binary=before.binary)
        servers.append(house.server)
        staff = Staff(house.address)
        for _ in range(2):
            servers.append(Server(folder, *house.place[2:], environment=former, binary=before.binary))
        proxy = Proxy(place, [server.port for server in servers])
        start, known = base(house), {row[0] for row in house.rows(STEPS)}
        mails(house, 60)
        for login in READERS:
            readers.append(Reader(proxy.address, login))
        work = Work(proxy.address, staff, people=5)
        together(proxy, servers, work.book, 0, say)
        for count, server in enumerate(servers, 1):
            took = replace(proxy, server, shared)
            added = {row[0] for row in house.rows(STEPS)} - known
            if count == 1:
                say(f"this version served after {took:.1f} s, {len(added)} steps of the schema later: "
                    f"{', '.join(sorted(added)) or 'both versions have the same'}")
            if count == 1 and added:
                refuses(before, house, say)
            if count == 1:
                codes = add_key(KEYED, server)
                asks(KEYED, servers[1], codes.pop(), "the version before")
                say("a key that was added at this version keeps the password alone out of the version before")
            asks(KEYED, server, codes.pop(), "this version")
            together(proxy, servers, work.book, count, say)
        for reader in readers:
            reader.end()
        book = work.end()
        say(told(book))
        judge(proxy, readers, book, say)
        keeps(readers, servers, say)
        faults = audit(house, book, start) + complaints(folder)
        need(not faults, "; ".join(faults))
        delivered(house, post, len(servers), say)
        say("nothing acknowledged is missing, nothing is there twice, record and ledger hold")
    finally:
        for one in [*readers, *([work] if work else [])]:
            one.stopping.set()
        if proxy:
            proxy.stop()
        for server in servers:
            if server.process.poll() is None:
                server.stop()
        post.controller.stop()


def replace(proxy, server, environment):
    """Takes a process out, lets it end, and puts one of this version in its place.
    - Returns: seconds until that one took work."""
    proxy.take_out(server.port)
    server.process.terminate()
    need(server.process.wait(timeout=60) == 0, "a process of the version before did not end well")
    server.command[0], server.environment = BINARY, {**os.environ, **environment}
    begun = time.monotonic()
    try:
        server.start()
    except RuntimeError as error:
        raise Failed(f"this version does not start: {str(error).strip().splitlines()[-1][:300]}") from error
    while (state := ask(server.address, "GET", "/ready"))[0] != 200:
        need(time.monotonic() - begun < 180, f"this version takes no work: {state[1]}")
        time.sleep(0.2)
    took = time.monotonic() - begun
    proxy.put_back()
    return took


def refuses(before, house, say):
    """The version before, started once more, has to leave the newer schema alone."""
    command = [before.binary, "serve", *house.place, "--port", str(free_port())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                              env={**os.environ, **before.environment})
    except subprocess.TimeoutExpired:
        raise Failed("the version before starts on the newer schema") from None
    words = (done.stderr.strip().splitlines() or [""])[-1]
    say(f"the version before, started once more, ends with {done.returncode}: {words}")
    need(done.returncode == 1 and "newer version" in words, "it has to refuse the newer schema")


def together(proxy, servers, book, count, say):
    """Waits until each process has answered much, and people have got on, with so many processes of this version."""
    before, begun = book.acknowledged, time.monotonic()
    _, since = proxy.answers()
    while True:
        found, _ = proxy.answers(since)
        each = collections.Counter(port for port, _, _ in found)
        parts = [each[str(server.port)] for server in servers]
        done = book.acknowledged - before
        if min(parts) >= 100 and done >= 60:
            break
        need(time.monotonic() - begun < 300, f"after 300 s each has answered {parts}, {done} changes acknowledged")
        time.sleep(0.2)
    say(f"{len(servers) - count} processes of the version before and {count} of this one answered "
        f"{', '.join(map(str, parts))} requests in {time.monotonic() - begun:.0f} s: {done} changes acknowledged, the "
        f"slowest answer took {max(seconds for _, _, seconds in found):.2f} s")


def judge(proxy, readers, book, say):
    """What people noticed of it. Who loses against others too often is told to try again, as with one version."""
    found, _ = proxy.answers()
    failed = collections.Counter(status for _, status, _ in found if status >= 500 and status != 503)
    otherwise = dict(book.refusals)
    say(f"{len(found)} answers, the slowest after {max(seconds for _, _, seconds in found):.2f} s; "
        f"{book.acknowledged} changes acknowledged, {book.cut} cut off, {book.refused_connections} not connected, told "
        f"otherwise: {otherwise or 'nothing'}")
    say(f"{sum(reader.pages for reader in readers)} pages and {sum(reader.forms for reader in readers)} forms in "
        f"sessions from before, {sum(reader.put_off for reader in readers)} put off; "
        f"{sum(reader.others for reader in readers)} styles and scripts of a version whose last process was gone")
    need(not (book.cut or book.refused_connections or failed or set(otherwise) - {"503 store.unavailable"}),
         f"the upgrade was noticed: {dict(failed) or otherwise}")
    faults = [fault for reader in readers for fault in reader.faults]
    need(not faults, f"readers noticed the upgrade {len(faults)} times: {'; '.join(faults[:3])}")


def keeps(readers, servers, say):
    """Sessions that the version before opened hold in each process of this one."""
    for reader in readers:
        for server in servers:
            reader.client.address = server.address
            status, text = reader.client.open("/work")
            need(status == 200 and "/sign-out" in text, f"a session from before is worth nothing: {status}")
    say(f"{len(readers)} sessions from before hold in {len(servers)} processes of this version")


def complaints(folder):
    """What processes of either version wrote down as an error."""
    lines = (folder / "server.log").read_text(errors="replace").splitlines()
    return [f"logged: {line[:300]}" for line in lines
            if re.match(r"\S+ (error|critical)\b", line) and not re.search(LOST, line)][:5]
