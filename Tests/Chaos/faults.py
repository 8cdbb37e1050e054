"""What can happen to the machines, one function each: what it does, what people are told meanwhile, what is left."""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import uuid

from client import Client
from places import Absent, Disk, House, Postgres
from work import CALL, Unanswered, Work, ask, attachment, audit, base, pdf, told

CLOCK = pathlib.Path(__file__).with_name("clock.c")


class Failed(Exception):
    """What people were told, or what is left, is not as it has to be."""


def need(condition, words):
    if not condition:
        raise Failed(words)


class Scene:
    """One house with people at work in it, and what was seen."""

    def __init__(self, town, house, say, people=3):
        self.house, self.say = house, say
        self.staff = town.staff[house.engine]
        self.before = base(house)
        self.people = people
        self.work = None

    def start(self):
        self.work = Work(self.house.address, self.staff, self.people)
        status, made = ask(
            self.house.address, "POST", "/api/v1/applications",
            {"call": CALL, "organisation": self.staff.organisation}, self.staff.spare)
        need(status == 201, f"no draft: {made}")
        self.spare = made["id"]
        self.work.book.created[made["id"]] = made["number"]

    def attempt(self):
        """Status, code and seconds of a request that changes something, as somebody sees it during the fault."""
        begun = time.monotonic()
        reference = f"CHAOS-{uuid.uuid4().hex[:12]}"
        try:
            status, answer = ask(
                self.house.address, "POST", "/api/v1/treasury/orders", self.staff.order(reference), self.staff.officer)
        except Unanswered as error:
            return None, str(error), time.monotonic() - begun
        if status == 201:
            self.work.book.orders[reference] = answer
        return status, answer.get("code") or "", time.monotonic() - begun

    def meets(self, status, code, within=None):
        """Somebody who changes something meets this."""
        seen = self.attempt()
        self.say(f"changing something: {seen[0]} {seen[1]} after {seen[2]:.1f} s")
        need(seen[:2] == (status, code), f"expected {status} {code}")
        need(within is None or seen[2] < within, f"that took more than {within} s")

    def page(self, path="/calls", language="zh-CN"):
        try:
            return ask(self.house.address, "GET", path, headers={"Accept": "text/html", "Accept-Language": language})
        except Unanswered as error:
            return None, str(error)

    def sees(self, path, status, *words):
        got, text = self.page(path)
        self.say(f"{path}: {got}" + (f" {text}" if path == "/ready" else ""))
        need(got == status, f"expected {status}: {str(text)[:200]}")
        for word in words:
            need(word in str(text), f"'{word}' is not in it")

    def recovers(self, seconds=30):
        deadline = time.monotonic() + seconds
        begun = time.monotonic()
        while time.monotonic() < deadline:
            if self.attempt()[0] == 201:
                self.say(f"works again {time.monotonic() - begun:.1f} s later")
                return
            time.sleep(0.3)
        raise Failed(f"does not work again after {seconds} s")

    def finish(self):
        """Everybody finishes; what they were told is compared with what is there."""
        book = self.work.end()
        self.say(told(book))
        faults = audit(self.house, book, self.before)
        need(not faults, "; ".join(faults))
        need(not [words for words in book.refusals if words.startswith("500")], f"incidents: {dict(book.refusals)}")
        self.say("nothing acknowledged is missing, nothing is there twice, record and ledger hold")


@contextlib.contextmanager
def at_work(town, house, say, people=3):
    scene = Scene(town, house, say, people)
    scene.start()
    time.sleep(2)
    try:
        yield scene
    finally:
        scene.work.stopping.set()
        house.close()


@contextlib.contextmanager
def on_disk(town, engine, say):
    """A house whose database lies on a disk of its own; on SQLite its files as well."""
    place = town.fresh()
    disk = Disk(place, 200 if engine == "sqlite" else 400)
    postgres = None
    try:
        if engine == "sqlite":
            folder, name = town.copy(engine, disk.folder / "house")
        else:
            disk.folder.chmod(0o755)
            postgres = Postgres(disk.folder / "postgres", "-c max_wal_size=64MB -c min_wal_size=32MB")
            folder, name = town.copy(engine, None, postgres)
        # The log of the house belongs elsewhere, as on a real machine.
        house = House(folder, engine, postgres, name)
        with at_work(town, house, say) as scene:
            yield scene, disk
    finally:
        if postgres:
            postgres.stop()
        disk.unmount()


def refuses_changes(scene, engine, say, seconds):
    """After the disk has been away for a while under load, a change is refused with the reason and pages open."""
    time.sleep(seconds)
    # What PostgreSQL has laid out already may have room for a few more.
    deadline = time.monotonic() + 60
    while (answer := scene.attempt())[0] == 201 and time.monotonic() < deadline:
        pass
    status, code, _ = answer
    say(f"changing something: {status} {code}")
    wanted = ["store.disk"] if engine == "sqlite" else ["store.disk", "store.unavailable", "store.outcome-unknown"]
    need(status == 503 and code in wanted, f"expected 503 {' or '.join(wanted)}")
    if engine == "sqlite":
        scene.sees("/calls", 200)


def disk_full(town, engine, say, options):
    """The disk of the database has no room left."""
    with on_disk(town, engine, say) as (scene, disk):
        disk.fill()
        refuses_changes(scene, engine, say, 3)
        if engine == "sqlite":
            body, kind = attachment(pdf(1) * 300)
            status, answer = ask(
                scene.house.address, "POST", f"/api/v1/applications/{scene.spare}/files/attachments", body,
                scene.staff.spare, media=kind)
            say(f"uploading: {status} {answer.get('code')}: {answer.get('detail')}")
            need(status == 503, "expected 503")
        disk.empty()
        if engine == "postgres" and not scene.house.postgres.folder.joinpath("data/postmaster.pid").exists():
            scene.house.postgres.start()
        scene.recovers(60)
        scene.finish()


def disk_broken(town, engine, say, options):
    """The kernel takes the disk of the database for broken and makes it read-only while everything runs."""
    with on_disk(town, engine, say) as (scene, disk):
        disk.break_now()
        refuses_changes(scene, engine, say, 2)
        if engine == "sqlite":
            scene.sees("/ready", 503, "not writable")
        # A disk is mended with nobody on it.
        server = scene.house.server
        server.kill()
        server.log.close()
        if engine == "postgres":
            scene.house.postgres.kill()
        disk.mend()
        if engine == "postgres":
            scene.house.postgres.start()
        server.log = open(server.folder / "server.log", "ab")
        server.start()
        scene.recovers(60)
        scene.finish()


def database_gone(town, engine, say, options):
    """PostgreSQL is stopped at once, with all its sessions, and started again; the house keeps running."""
    place = town.fresh()
    postgres = Postgres(place / "postgres")
    try:
        folder, name = town.copy(engine, None, postgres)
        with at_work(town, House(folder, engine, postgres, name), say) as scene:
            for how in ("immediate", "fast", "kill"):
                postgres.kill() if how == "kill" else postgres.stop(how)
                scene.meets(503, "store.unavailable", within=6)
                scene.sees("/calls", 503, "系统繁忙", "没有生效")
                scene.sees("/ready", 503, "unreachable")
                time.sleep(1)
                postgres.start()
                scene.recovers()
                scene.sees("/ready", 200)
                time.sleep(1)
            scene.finish()
    finally:
        postgres.stop()


def database_slow(town, engine, say, options):
    """Somebody else holds what everybody needs; on PostgreSQL a session also stands still."""
    with at_work(town, town.house(engine), say) as scene:
        house = scene.house
        if engine == "sqlite":
            holder = sqlite3.connect(f"{house.folder}/kechuang.sqlite", isolation_level=None, timeout=20)
            holder.execute("BEGIN IMMEDIATE")
            scene.meets(503, "store.unavailable", within=15)
            scene.sees("/calls", 200)
            holder.execute("ROLLBACK")
            holder.close()
        else:
            holder = subprocess.Popen(
                ["psql", "-q", house.postgres.address(house.name), "-c",
                 "BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12); ROLLBACK"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(1)
            scene.meets(503, "store.unavailable", within=15)
            scene.sees("/calls", 200)
            holder.wait()
            scene.recovers()
            backend = house.postgres.backends(house.name)[0]
            os.kill(backend, signal.SIGSTOP)
            slow = []
            for _ in range(20):
                begun = time.monotonic()
                scene.page()
                slow.append(time.monotonic() - begun)
            os.kill(backend, signal.SIGCONT)
            say(f"with one of its sessions standing still, 20 pages took at most {max(slow):.2f} s each")
        scene.recovers()
        scene.finish()


def clock_back(town, engine, say, options):
    """The clock of the machine is set back by two hours while everything runs."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Absent("needs a C compiler")
    place = town.fresh()
    library, control = place / "clock.so", place / "seconds"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, CLOCK, "-ldl"], check=True)

    def offset(seconds):
        control.with_suffix(".new").write_text(f"{seconds}\n")
        control.with_suffix(".new").rename(control)

    offset(0)
    environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(control)}
    with at_work(town, town.house(engine, environment), say) as scene:
        scene.house.command("record", "sign")
        scene.sees("/ready", 200)
        offset(-7200)
        time.sleep(7)
        scene.sees("/ready", 503, "seconds behind the record")
        scene.recovers()
        log = (scene.house.folder / "server.log").read_text()
        need("seconds behind the record" in log, "the log says nothing of it")
        scene.house.server.kill()
        scene.house.server.start()
        scene.recovers()
        offset(0)
        scene.sees("/ready", 200)
        scene.finish()


def killed(town, engine, say, options):
    """The house is killed at any moment under load, again and again; on PostgreSQL now and then its sessions, or all
    of PostgreSQL, instead."""
    postgres = Postgres(town.fresh() / "postgres") if engine == "postgres" else None
    chance = random.Random(options.seed)
    try:
        folder, name = town.copy(engine, None, postgres)
        with at_work(town, House(folder, engine, postgres, name), say, people=8) as scene:
            server, counts = scene.house.server, {"house": 0, "session": 0, "PostgreSQL": 0}
            begun = time.monotonic()
            for round in range(options.kills):
                if options.until and time.monotonic() - begun > options.until:
                    break
                time.sleep(chance.uniform(0.05, 0.6))
                kind = "house"
                if postgres:
                    kind = "PostgreSQL" if round % 25 == 24 else "session" if round % 5 == 4 else "house"
                counts[kind] += 1
                if kind == "house":
                    server.kill()
                    server.start()
                elif kind == "session":
                    backends = postgres.backends(name)
                    if backends:
                        postgres.sql(f"SELECT pg_terminate_backend({chance.choice(backends)})")
                else:
                    postgres.kill()
                    postgres.start()
            took = time.monotonic() - begun
            say(f"{sum(counts.values())} kills in {took:.0f} s, seed {options.seed}: "
                + ", ".join(f"{count} of the {kind}" for kind, count in counts.items() if count))
            scene.recovers()
            scene.finish()
    finally:
        if postgres:
            postgres.stop()


def torn_file(town, engine, say, options):
    """An attachment is cut short on the disk; a page of the database is overwritten."""
    with at_work(town, town.house(engine), say) as scene:
        deadline = time.monotonic() + 60
        while not scene.work.book.attached and time.monotonic() < deadline:
            time.sleep(0.2)
        house = scene.house
        hash, case = next(iter(scene.work.book.attached.items()))
        path = house.folder / "files" / hash[:2] / hash
        content = path.read_bytes()
        path.write_bytes(content[:100])
        document = house.rows(f"SELECT id FROM document WHERE hash = '{hash}'")[0][0]
        status, text = Client(house.address).sign_in("officer").open(f"/documents/{document}")
        words = re.search(r"<h1>.*?</p>", text, re.S)
        shown = re.sub(r"<[^>]+>|\s+", " ", words.group(0) if words else text[:80])
        say(f"the torn attachment: {status} {shown.strip()}")
        need(status == 500 and "与登记的摘要不符" in text, "the torn file was given, or without saying why not")
        result = house.command("backup", town.fresh() / "backup")
        need(result.returncode == 1 and "DAMAGED" in result.stdout + result.stderr, "the backup does not say so")
        say("the backup: " + next(line for line in (result.stdout + result.stderr).splitlines() if "DAMAGED" in line))
        body, kind = attachment(content)
        status, _ = ask(house.address, "POST", f"/api/v1/applications/{scene.spare}/files/attachments", body,
                        scene.staff.spare, media=kind)
        need(status == 201 and path.read_bytes() == content, "sent again, it is not mended")
        say("sent again, the attachment is whole")
        # It is registered twice now, on purpose.
        del scene.work.book.attached[hash]
        scene.finish()
        tear_database(town, scene, say)


def tear_database(town, scene, say):
    """Overwrites a page in the middle of the events."""
    house = scene.house
    house.server.stop()
    junk = os.urandom(4096)
    if house.engine == "sqlite":
        file = house.folder / "kechuang.sqlite"
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = database.execute("PRAGMA page_size").fetchone()[0]
            page = database.execute(
                "SELECT pageno FROM dbstat WHERE name = 'event' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 5"
            ).fetchone()[0] if has_dbstat(database) else \
                database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()[0]
        place = (page - 1) * size
    else:
        file = house.postgres.folder / "data" / house.postgres.sql(
            "SELECT pg_relation_filepath('event')", house.name)[0][0]
        house.postgres.sql("CHECKPOINT", house.name)
        house.postgres.stop("fast")
        place = 8192 * 3 + 1024
    with open(file, "r+b") as handle:
        handle.seek(place)
        handle.write(junk)
    if house.engine == "postgres":
        house.postgres.start()
    result = house.command("record", "check")
    words = (result.stdout + result.stderr).strip().splitlines()
    say(f"a page of the database overwritten: record check exits with {result.returncode}: {words[-1][:200]}")
    need(result.returncode == 1 and len(words) >= 1, "record check finds nothing")
    try:
        house.server.start(20)
    except RuntimeError as error:
        say(f"the house does not start: {str(error).strip().splitlines()[-1][:200]}")
        return
    try:
        status, answer = ask(house.address, "GET", "/api/v1/record/log?from=0", timeout=20)
        say(f"reading the record: {status} {answer.get('code') if isinstance(answer, dict) else 'cut off'}")
    except Unanswered as error:
        say(f"reading the record: broken off, {error}")


def has_dbstat(database):
    try:
        return bool(database.execute("SELECT 1 FROM dbstat LIMIT 1").fetchone())
    except sqlite3.Error:
        return False


def graceful_stop(town, engine, say, options):
    """The house is told to stop, under load, and started again."""
    with at_work(town, town.house(engine), say, people=6) as scene:
        server, book = scene.house.server, scene.work.book
        for _ in range(options.stops):
            time.sleep(1.5)
            begun = time.monotonic()
            server.process.terminate()
            code = server.process.wait(timeout=40)
            took = time.monotonic() - begun
            need(code == 0, f"it ended with {code}")
            server.start()
        say(f"{options.stops} stops; the last took {took:.2f} s; requests cut off: {book.cut}")
        need(book.cut == 0, f"{book.cut} requests were sent and not answered")
        scene.finish()
