"""The last day of a call on one database: the closing hour, what is left of it afterwards, and the highest rates."""
import argparse
import asyncio
import hashlib
import math
import os
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import time
import urllib.request

from people import CALL, Applicant, Connection, Refused

HERE = pathlib.Path(__file__).parent
SUBMISSIONS, DRAFTS, VISITS = 3_555, 711, 70_000
HOUR, HALF = 3_600, 1_800
ORGANISATIONS = 120
PAGES = ["/", "/calls", "/calls", f"/calls/{CALL}", f"/calls/{CALL}", f"/calls/{CALL}", "/calls?phase=all&lang=en", "/notices",
         "/guides", "/projects", "/rooms", "/sign-in"]


def identity(kind, number):
    return f"0fffffff-ffff-7000-{kind:04x}-{number:012x}"


def token(kind, number):
    return hashlib.sha256(f"surge {kind} {number}".encode()).hexdigest()


class Place:
    """The database beneath the house, for what cannot be done through the pages in time: four thousand accounts."""

    def __init__(self, options):
        self.address = options.database
        self.path = f"{options.data}/kechuang.sqlite"
        self.name = "PostgreSQL" if self.address else "SQLite"

    def run(self, text):
        if not self.address:
            with sqlite3.connect(self.path) as db:
                rows = db.execute(text).fetchall() if text.startswith("SELECT") else db.executescript(text).fetchall()
            db.close()
            return [[str(value) for value in row] for row in rows]
        done = subprocess.run(
            ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.address], input=text, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"psql: {done.stderr}")
        return [line.split("|") for line in done.stdout.splitlines()]

    def people(self):
        """Organisations, each with one who endorses, and applicants who have signed in today."""
        accounts = []
        for number in range(ORGANISATIONS):
            accounts.append((0xA000, number, f"surgeorg{number}", "organisation", number))
        for number in range(SUBMISSIONS + DRAFTS):
            accounts.append((0x9000, number, f"surge{number}", "applicant", number % ORGANISATIONS))
        lines = ["BEGIN;"]
        for number in range(ORGANISATIONS):
            lines.append(
                f"INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at) VALUES ('{identity(0xB000, number)}', "
                f"'测试大学{number}', 'University {number}', '9144030{number:011}', 'university', '深圳', 0);")
        for kind, number, login, like, place in accounts:
            own = identity(kind, number)
            person = f"'{identity(0x8000, number)}'" if like == "applicant" else "NULL"
            if like == "applicant":
                lines.append(
                    f"INSERT INTO person (id, name, name_en, title, created_at) VALUES ({person}, '申请人{number}', 'Applicant {number}', '研究员', 0);")
            lines.append(
                "INSERT INTO account (id, login, name, mail, password, person, roles, division, state, language, created_at) "
                f"SELECT '{own}', '{login}', name, mail, password, {person}, roles, division, state, language, created_at "
                f"FROM account WHERE login = '{like}';")
            lines.append(
                "INSERT INTO membership (organisation, account, roles, since) "
                f"SELECT '{identity(0xB000, place)}', '{own}', m.roles, m.since FROM membership m JOIN account a ON a.id = m.account "
                f"WHERE a.login = '{like}' LIMIT 1;")
            lines.append(
                "INSERT INTO session (token_hash, account, opened_at, seen_at, ends_at, client, agent) VALUES "
                f"('{hashlib.sha256(token(kind, number).encode()).hexdigest()}', '{own}', 0, 0, 4102444800000000, '', '');")
        self.run("\n".join(lines) + "\nCOMMIT;\nANALYZE;")

    def bare_commits(self, workers, seconds=3):
        """Commits of one row a second, with nothing around them."""
        if not self.address:
            path = self.path + ".bare"
            db = sqlite3.connect(path, isolation_level=None)
            db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)")
            count, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                db.execute("INSERT INTO bare (text) VALUES (?)", ("x" * 200,))
                count += 1
            db.close()
            for name in (path, path + "-wal", path + "-shm"):
                pathlib.Path(name).unlink(missing_ok=True)
            return count / seconds
        self.run("CREATE TABLE IF NOT EXISTS bare (id BIGSERIAL PRIMARY KEY, text TEXT);")
        script = pathlib.Path("/tmp/kechuang-bare.sql")
        script.write_text("INSERT INTO bare (text) VALUES (repeat('x', 200));\n")
        bench = subprocess.run(
            [f"{os.environ['postgres_bin']}/pgbench", "-n", "-M", "prepared", "-f", str(script), "-c", str(workers), "-j", "1",
             "-T", str(seconds), self.address], capture_output=True, text=True)
        script.unlink()
        self.run("DROP TABLE bare;")
        return float(re.search(r"tps = ([\d.]+)", bench.stdout).group(1))


class Times:
    """Seconds of processor time of the house, its database and those who load it."""

    def __init__(self, server, postmaster):
        self.server, self.postmaster = server, postmaster
        self.begin()

    @staticmethod
    def of(pid, children=False):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            return 0
        return sum(map(int, fields[11:15] if children else fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def now(self):
        database = 0
        if self.postmaster:
            children = pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
            database = self.of(self.postmaster, True) + sum(map(self.of, children))
        load = sum(
            one.ru_utime + one.ru_stime for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
        return self.of(self.server), database, load, time.monotonic()

    def begin(self):
        self.before = self.now()

    def shares(self):
        """How much of all processors each took since the beginning."""
        house, database, load, seconds = (after - before for after, before in zip(self.now(), self.before))
        whole = seconds * os.cpu_count()
        text = f"house {house / whole:.0%}"
        if self.postmaster:
            text += f", database {database / whole:.0%}"
        return f"{text}, load generator {load / whole:.0%} of {os.cpu_count()} processors"


def say(name, text):
    print(f"    {name:34} {text}", flush=True)


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, math.ceil(len(times) * share) - 1)] * 1_000 if times else float("nan")


async def wrk(port, connections, seconds, wait, pages, threads=1):
    """Rate, number, errors and percentiles of requests of pages."""
    process = await asyncio.create_subprocess_exec(
        "wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / "visits.lua"),
        f"http://127.0.0.1:{port}", "--", str(wait), *pages, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    out = (await process.communicate())[0].decode()
    found = re.search(r"figures (.+)", out)
    if not found:
        sys.exit(out)
    count, microseconds, errors, p50, p95, p99 = map(float, found.group(1).split())
    return {"rate": count / microseconds * 1e6, "count": int(count), "errors": int(errors), "p50": p50, "p95": p95, "p99": p99}


class Day:
    def __init__(self, options, place):
        self.options, self.place, self.port = options, place, options.port
        self.times = {"submit": [], "endorse": [], "others": []}
        self.errors, self.done, self.drafts = [], [], []
        self.endorsers = [Connection(self.port, token(0xA000, number)) for number in range(ORGANISATIONS)]
        self.locks = [asyncio.Lock() for _ in range(ORGANISATIONS)]
        self.tokens = [None] * ORGANISATIONS
        self.requests = 0

    def applicant(self, number):
        return Applicant(
            number, self.port, token(0x9000, number), identity(0xB000, number % ORGANISATIONS), self.options.password)

    async def endorse(self, applicant):
        """The organisation recommends; the house checks the form and gives the receipt."""
        number = applicant.number % ORGANISATIONS
        async with self.locks[number]:
            browser = self.endorsers[number]
            status, _, body = await browser.ask("GET", f"/cases/{applicant.id}")
            mark = re.search(rb'name="_token" value="([^"]+)"', body)
            if status != 200 or not mark:
                raise Refused(f"the endorser sees {status}")
            form = f"_token={mark.group(1).decode()}".encode()
            begin = time.monotonic()
            status, _, body = await browser.ask("POST", f"/cases/{applicant.id}/actions/endorse", form)
            self.times["endorse"].append(time.monotonic() - begin)
            self.requests += 2
            if status != 303:
                raise Refused(f"endorse answered {status}: {body[-600:].decode(errors='replace')}")

    async def apply(self, number, hands_in):
        applicant = self.applicant(number)
        try:
            if number % 10 == 0:
                await applicant.sign_in()
            await applicant.start()
            await applicant.fill_in()
            if hands_in:
                await applicant.check()
                begin = time.monotonic()
                await applicant.submit()
                self.times["submit"].append(time.monotonic() - begin)
                await self.endorse(applicant)
                self.done.append(applicant)
            else:
                self.drafts.append(applicant)
        except (Refused, OSError, asyncio.IncompleteReadError) as error:
            self.errors.append(f"{type(error).__name__} {error}")
            if applicant.id:
                self.drafts.append(applicant)
        finally:
            self.requests += applicant.requests
            applicant.browser.close()
            applicant.browser = Connection(self.port, token(0x9000, number))

    async def closing_hour(self):
        """Arrivals grow towards the end: half of them come in its last 18 minutes."""
        length = HOUR / self.options.compress
        half = int(HALF / self.options.compress)
        rate = VISITS / half
        connections = max(20, math.ceil(rate * 0.4))
        visits = None
        arrivals = sorted(
            [(math.sqrt((n + 0.5) / SUBMISSIONS), n, True) for n in range(SUBMISSIONS)]
            + [(math.sqrt((n + 0.5) / DRAFTS), SUBMISSIONS + n, False) for n in range(DRAFTS)])
        begin, running = time.monotonic(), []
        for moment, number, hands_in in arrivals:
            if visits is None and time.monotonic() - begin >= length / 2:
                visits = asyncio.create_task(
                    wrk(self.port, connections, half, int(connections / rate * 970) - 2, PAGES))
            await asyncio.sleep(max(0, begin + moment * length - time.monotonic()))
            running.append(asyncio.create_task(self.apply(number, hands_in)))
        await asyncio.gather(*running)
        took = time.monotonic() - begin
        visits = await visits
        say("submissions", f"{len(self.done)} in {took:.0f} s, {len(self.done) / took:.1f}/s on average, twice that at the end")
        say("requests of applicants", f"{self.requests}, {self.requests / took:.0f}/s")
        say("submit", f"p50 {percentile(self.times['submit'], .5):.0f} ms   p99 {percentile(self.times['submit'], .99):.0f} ms   "
            f"longest {max(self.times['submit'], default=0) * 1e3:.0f} ms   (goal p99 < 500)")
        say("endorse and formal check", f"p50 {percentile(self.times['endorse'], .5):.0f} ms   p99 {percentile(self.times['endorse'], .99):.0f} ms")
        say("visits of public pages", f"{visits['count']} in {half} s, {visits['rate']:.0f}/s   p50 {visits['p50']:.1f} ms   "
            f"p99 {visits['p99']:.0f} ms")
        say("errors", f"{len(self.errors)} of applicants, {visits['errors']} of visits   (goal 0)")
        for error in self.errors[:3]:
            print("        " + error[:400])
        return len(self.errors) + visits["errors"]

    async def read_back(self):
        """Every draft and every submission is asked for again and compared with what was acknowledged."""
        lost, numbers = [], []
        async def look(applicant, step):
            problem, held = await applicant.read_back()
            numbers.append(held["application"]["number"])
            if step and held["application"]["step"] != step:
                problem = f"{applicant.id} is at {held['application']['step']}"
            if problem:
                lost.append(problem)
            applicant.browser.close()
        every = [(one, "formal-check") for one in self.done] + [(one, None) for one in self.drafts]
        for block in range(0, len(every), 50):
            await asyncio.gather(*(look(*one) for one in every[block:block + 50]))
        doubled = len(numbers) - len(set(numbers))
        say("read back", f"{len(self.done)} submissions, {len(self.drafts)} drafts: {len(lost)} lost, {doubled} numbers given twice   (goal 0)")
        for problem in lost[:3]:
            print("        " + problem)
        return len(lost) + doubled

    async def highest_submissions(self, count, workers=32):
        """Complete drafts are handed in as fast as they are taken."""
        people = [self.applicant(number) for number in range(count)]
        async def each(work):
            waiting = iter(people)
            async def worker():
                for one in waiting:
                    await work(one)
            await asyncio.gather(*(worker() for _ in range(workers)))
        times, errors = [], []
        async def draft(one):
            await one.draft_quickly()
        async def submit(one):
            begin = time.monotonic()
            try:
                await one.submit()
                times.append(time.monotonic() - begin)
            except Refused as error:
                errors.append(error)
        await each(draft)
        begin = time.monotonic()
        await each(submit)
        rate = len(times) / (time.monotonic() - begin)
        for one in people:
            one.browser.close()
        return rate, times, errors


async def main(options):
    place = Place(options)
    print(f"  {place.name}", flush=True)
    if options.stage == "people":
        return place.people()
    times = Times(options.server, options.postmaster)
    day = Day(options, place)
    faults = 0
    if not options.rates_only:
        times.begin()
        faults += await day.closing_hour()
        say("processors", times.shares())
        faults += await day.read_back()
    for name, pages in (("bare page (a file of 0.5 KB)", ["/favicon.svg"]), ("mixed public pages", PAGES)):
        times.begin()
        best = await wrk(day.port, options.connections, options.seconds, 0, pages)
        goal = "" if pages != PAGES else "   (goal 1000)"
        say(name, f"{best['rate']:.0f}/s{goal}   p50 {best['p50']:.1f} ms   p99 {best['p99']:.0f} ms   {best['errors']} errors; {times.shares()}")
        if pages == PAGES:
            say("", f"{best['rate'] / bare:.2f} of the bare page")
        bare = best["rate"]
    one, many = place.bare_commits(1), place.bare_commits(32)
    say("bare commits of one row", f"{one:.0f}/s by one" + (f", {many:.0f}/s by 32" if place.address else ""))
    times.begin()
    rate, latencies, errors = await day.highest_submissions(min(options.highest, SUBMISSIONS + DRAFTS))
    faults += len(errors)
    say("durable submissions", f"{rate:.0f}/s by 32   p50 {percentile(latencies, .5):.0f} ms   p99 {percentile(latencies, .99):.0f} ms   "
        f"{len(errors)} errors; {rate / one:.2f} of bare commits by one")
    say("processors, drafts included", times.shares())
    with urllib.request.urlopen(f"http://127.0.0.1:{day.port}/metrics") as answer:
        metrics = answer.read().decode()
    refused = dict(re.findall(r'admission_refused_total\{line="([a-z-]+)"\} (\d+)', metrics))
    say("sent away by the queue", ", ".join(f"{line} {count}" for line, count in refused.items()) or "no figures")
    if faults:
        sys.exit(f"    {faults} faults")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", choices=["people", "day"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--database")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--server", type=int)
    parser.add_argument("--postmaster", type=int)
    parser.add_argument("--compress", type=float, default=6)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--highest", type=int, default=1_500)
    parser.add_argument("--password", default="kechuang-demo")
    parser.add_argument("--rates-only", action="store_true")
    parser.add_argument("--part", type=int, default=1)
    given = parser.parse_args()
    SUBMISSIONS, DRAFTS, VISITS = SUBMISSIONS // given.part, DRAFTS // given.part, VISITS // given.part
    asyncio.run(main(given))
