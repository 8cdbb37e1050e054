"""People who work while things break, what they were told, and whether that is what the house holds afterwards."""
import collections
import csv
import hashlib
import http.client
import io
import json
import random
import re
import subprocess
import threading
import time
import uuid

from client import Client, answers, organisation_of
from conftest import BINARY

CALL = "NATURAL-SCIENCE-2026-001"


class Unanswered(Exception):
    """No answer came. `sent` is false where not even a connection was made."""

    def __init__(self, error, sent):
        super().__init__(f"{type(error).__name__}: {error}")
        self.sent = sent


def ask(address, method, path, body=None, token=None, key=None, version=None, media="application/json", timeout=45,
        headers=None):
    """Status and answer of one request on a connection of its own."""
    host = address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=timeout)
    headers = {"Accept": "application/json", **(headers or {})}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    data = None
    if body is not None:
        headers["Content-Type"] = media
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        try:
            connection.connect()
        except OSError as error:
            raise Unanswered(error, sent=False) from error
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(error, sent=True) from error
    finally:
        connection.close()
    if (answer.headers.get("Content-Type") or "").split(";")[0].endswith(("/json", "+json")):
        return answer.status, json.loads(text or b"null")
    return answer.status, text.decode("utf-8", "replace")


class Book:
    """What people were told."""

    def __init__(self):
        self.lock = threading.Lock()
        self.created, self.submitted, self.attached = {}, set(), {}
        self.orders, self.paid = {}, set()
        self.pending = []
        self.refusals = collections.Counter()
        self.unexpected = []
        self.cut = 0
        self.refused_connections = 0
        self.acknowledged = 0
        # Known to have taken effect although the answer never came.
        self.unseen = 0


class Staff:
    """Accounts of the demonstration city with tokens for the API, and people who apply, each with a draft of their own
    at a time."""

    def __init__(self, address, people=10):
        officer = Client(address).sign_in("officer")
        self.organisation = organisation_of(Client(address).sign_in("applicant"))
        self.officer = officer.make_token().token
        self.treasurer = Client(address).sign_in("treasurer").make_token().token
        self.keeper = Client(address).sign_in("organisation")
        page = self.keeper.open("/organisation")[1]
        self.code = re.search(r"<dd>([0-9A-Z]{18})</dd>", page).group(1)
        self.members = re.search(r'action="(/organisation/[^"]+/members)"', page).group(1)
        self.account = self.bank_account(address)
        self.people = [self.newcomer(address, number) for number in range(people)]
        self.spare = self.people.pop()

    def newcomer(self, address, number):
        """Registers somebody and makes them a member; returns their token."""
        digits = f"11010519800101{number + 100:03}"
        check = "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11]
        client, login = Client(address), f"chaos{number}"
        status, text = client.form("/register", {
            "name": f"申请人{number}", "number": digits + check, "mail": f"{login}@example.cn", "login": login,
            "password": "a long enough one"})
        assert status == 200 and "我的工作台" in text, text
        self.keeper.form(self.members, {"login": login, "roles": ["handler"]}, page="/organisation")
        return client.sign_in(login, "a long enough one").make_token().token

    def order(self, reference):
        return {"reference": reference, "uscc": self.code, "amount": "100.00", "purpose": "付款",
                "programme": "natural-science", "year": "2026"}

    def bank_account(self, address):
        """The account of the payee, as the file for the bank shows it."""
        order = self.order(f"CHAOS-{uuid.uuid4().hex[:12]}")
        status, made = ask(address, "POST", "/api/v1/treasury/orders", order, self.officer)
        assert status == 201, made
        for path in (f"/api/v1/treasury/orders/{made['id']}/check", "/api/v1/treasury/runs"):
            status, answer = ask(address, "POST", path, {}, self.treasurer)
            assert status in (200, 201), answer
        till = Client(address).sign_in("treasurer")
        for run in ask(address, "GET", "/api/v1/treasury/runs?limit=200", token=self.treasurer)[1]["items"]:
            text = till.raw(f"/desk/treasury/runs/{run['id']}/csv").decode().removeprefix("\ufeff")
            for line in csv.DictReader(io.StringIO(text)):
                if line["number"] == made["number"]:
                    return line["account"]
        raise AssertionError("the order is in no run")


def pdf(number):
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n" \
        + f"% {number}\n".encode() * 20


def attachment(content):
    line = uuid.uuid4().hex
    return (f'--{line}\r\nContent-Disposition: form-data; name="attachments"; filename="plan.pdf"\r\n'
            f"Content-Type: application/pdf\r\n\r\n").encode() + content + f"\r\n--{line}--\r\n".encode(), \
        f"multipart/form-data; boundary={line}"


class Work:
    """Several people who file applications and one till, until told to stop. Each request that changes something
    carries a key; without an answer it is sent again with the same key, so that it cannot be done twice."""

    def __init__(self, address, staff, people=4, till=True, patience=120):
        self.address, self.staff, self.book = address, staff, Book()
        self.patience = patience
        self.stopping = threading.Event()
        self.counter = random.SystemRandom().randrange(10_000, 1_000_000_000)
        self.threads = [
            threading.Thread(target=self.guarded, args=(self.file, token)) for token in staff.people[:people]]
        if till:
            self.threads.append(threading.Thread(target=self.guarded, args=(self.pay, staff.treasurer)))
        for thread in self.threads:
            thread.start()

    def guarded(self, one, token):
        while not self.stopping.is_set():
            try:
                one(token)
            except GivenUp:
                return
            except Refused:
                time.sleep(0.2)
            except Exception as error:
                self.book.unexpected.append(f"{type(error).__name__}: {error}")
                time.sleep(0.2)

    def once(self, method, path, body, token, key, **more):
        """One try.
        - Returns: status and answer; or neither, and whether it may have had an effect."""
        try:
            status, answer = ask(self.address, method, path, body, token, key, **more)
        except Unanswered as error:
            with self.book.lock:
                if error.sent:
                    self.book.cut += 1
                else:
                    self.book.refused_connections += 1
            return None, error.sent
        code = answer.get("code", "") if isinstance(answer, dict) else ""
        if status >= 500:
            with self.book.lock:
                self.book.refusals[f"{status} {code}"] += 1
            # What the house itself says is taken at its word.
            return None, code in ("", "store.outcome-unknown", "incident")
        if code == "idempotency.running":
            return None, True
        return status, answer

    def certain(self, kind, method, path, body, token, key=False, done=None, **more):
        """Asks until it is known what became of it: by a key, or by `done`, the code that says that this happened
        already."""
        asked = Asked(self, kind, method, path, body, token, f"{kind[:30]}-{uuid.uuid4()}" if key else None, done, more)
        deadline = time.monotonic() + self.patience
        while not asked.settle():
            if time.monotonic() > deadline or self.stopping.is_set():
                with self.book.lock:
                    self.book.pending.append(asked)
                raise GivenUp
            time.sleep(0.1)
        return asked.result

    def file(self, token):
        with self.book.lock:
            self.counter += 1
            number = self.counter
        # Who has a draft gets that one again.
        case = self.certain("create", "POST", "/api/v1/applications",
                            {"call": CALL, "organisation": self.staff.organisation}, token)["id"]
        path = f"/api/v1/applications/{case}"
        self.certain("fill", "PUT", f"{path}/answers", answers(number), token, done="case.stale", version=0)
        if number % 3 == 0:
            content = pdf(number)
            body, media = attachment(content)
            kind = f"attach:{hashlib.sha256(content).hexdigest()}"
            self.certain(kind, "POST", f"{path}/files/attachments", body, token, key=True, media=media)
        self.certain("submit", "POST", f"/api/v1/cases/{case}/actions/submit", {}, token, key=number % 2 == 0,
                     done="case.action-not-open")

    def pay(self, token):
        """An order of its own reference is made, checked and paid in a run whose answer comes back."""
        reference = f"CHAOS-{uuid.uuid4().hex[:12]}"
        order = self.certain(f"order:{reference}", "POST", "/api/v1/treasury/orders", self.staff.order(reference),
                             self.staff.officer, key=True)
        if order:
            path = f"/api/v1/treasury/orders/{order['id']}/check"
            self.certain("check", "POST", path, {}, token, done="treasury.order-state")
            self.certain("run", "POST", "/api/v1/treasury/runs", {}, token, done="treasury.nothing-ready")
            content = f"number,outcome,amount,account\n{order['number']},paid,100.00,{self.staff.account}\n"
            self.certain(f"pay:{reference}", "POST", "/api/v1/treasury/answers",
                         {"name": f"{reference}.csv", "content": content}, token, done="treasury.duplicate")
        time.sleep(0.1)

    def end(self):
        """Lets everybody finish, and asks for everything that is still open until it is known."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        deadline = time.monotonic() + self.patience
        while self.book.pending and time.monotonic() < deadline:
            self.book.pending = [asked for asked in self.book.pending if not asked.settle()]
            if self.book.pending:
                time.sleep(1)
        return self.book


class Asked:
    """One request whose outcome is not known yet."""

    def __init__(self, work, kind, method, path, body, token, key, done, more):
        self.work, self.kind, self.method, self.path, self.body = work, kind, method, path, body
        self.token, self.key, self.done, self.more = token, key, done, more
        self.doubt, self.result = False, None

    def settle(self):
        """Asks once; enters into the book what the house says.
        - Returns: whether it is known now."""
        status, answer = self.work.once(self.method, self.path, self.body, self.token, self.key, **self.more)
        if status is None:
            self.doubt = self.doubt or answer
            return False
        book, (word, _, what) = self.work.book, self.kind.partition(":")
        code = answer.get("code") if isinstance(answer, dict) else None
        unseen = code == "idempotency.answer-lost" or (self.doubt and code is not None and code == self.done)
        with book.lock:
            if status not in (200, 201) and not unseen:
                book.unexpected.append(f"{self.kind} {self.path}: {status} {code} {str(answer)[:200]}")
                raise Refused(code)
            book.acknowledged += 1
            book.unseen += unseen
            case = self.path.split("/")[4] if self.path.count("/") > 4 else None
            if word == "create":
                book.created[answer["id"]] = answer["number"]
            elif word == "submit":
                book.submitted.add(case)
            elif word == "attach":
                book.attached[what] = case
            elif word == "order":
                book.orders[what] = None if unseen else answer
            elif word == "pay":
                book.paid.add(what)
        self.result = None if unseen else answer
        return True


class GivenUp(Exception):
    """Asked again at the end."""


class Refused(Exception):
    """An answer that nothing explains; it stands in the book."""


def base(house):
    """What was there before the work began."""
    return {
        "applications": int(house.rows("SELECT COUNT(*) FROM application")[0][0]),
        "submits": int(house.rows("SELECT COUNT(*) FROM event WHERE kind = 'case.submit'")[0][0]),
    }


def audit(house, book, before):
    """Compares what people were told with what is there.
    - Returns: what does not hold; empty where all does."""
    faults = [f"unexpected: {text}" for text in book.unexpected[:5]]
    faults += [f"never answered: {asked.kind} {asked.path}" for asked in book.pending[:5]]
    applications = dict(house.rows("SELECT case_id, number FROM application"))
    lost = [number for case, number in book.created.items() if applications.get(case) != number]
    if lost:
        faults.append(f"{len(lost)} drafts lost, such as {lost[:3]}")
    extra = len(applications) - before["applications"] - len(book.created)
    if extra:
        faults.append(f"{extra} drafts too many" if extra > 0 else f"{-extra} drafts too few")
    if len(set(applications.values())) != len(applications):
        faults.append("a number was given twice")
    submits = collections.Counter(
        row[0] for row in house.rows("SELECT case_id FROM event WHERE kind = 'case.submit'"))
    lost = [case for case in book.submitted if submits[case] == 0]
    doubled = [case for case, count in submits.items() if count > 1 and case in book.created]
    if lost:
        faults.append(f"{len(lost)} submissions lost, such as {lost[:3]}")
    if doubled:
        faults.append(f"{len(doubled)} submissions doubled, such as {doubled[:3]}")
    extra = sum(submits.values()) - before["submits"] - len(book.submitted)
    if extra:
        faults.append(f"{extra} submissions that nobody knows of")
    faults += files(house, book) + money(house, book) + events(house)
    return faults


def files(house, book):
    kept = collections.Counter(row[0] for row in house.rows("SELECT hash FROM document WHERE removed_at IS NULL"))
    faults = [f"attachment {hash[:12]} lost" for hash in book.attached if kept[hash] == 0]
    faults += [f"attachment {hash[:12]} doubled" for hash in book.attached if kept[hash] > 1]
    for hash in book.attached:
        path = house.folder / "files" / hash[:2] / hash
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != hash:
            faults.append(f"attachment {hash[:12]} is torn or missing on the disk")
    return faults[:5]


def money(house, book):
    """The books against the orders: each reference was paid what its order says, once."""
    faults = []
    orders = collections.defaultdict(list)
    for reference, state, amount in house.rows(
            "SELECT subject, state, amount_fen FROM payment_order WHERE subject LIKE 'CHAOS-%'"):
        orders[reference].append((state, int(amount)))
    faults += [f"order {one} lost" for one in book.orders if one not in orders]
    faults += [f"order {one} doubled" for one, several in orders.items() if len(several) > 1]
    paid = {row[0].upper(): int(row[1]) for row in house.rows(
        "SELECT project, in_fen - out_fen FROM ledger_account WHERE kind = 'paid' AND LOWER(project) LIKE 'chaos-%'")}
    for reference, several in orders.items():
        wanted = sum(amount for state, amount in several if state == "paid")
        if paid.get(reference.upper(), 0) != wanted:
            faults.append(f"{reference}: {paid.get(reference.upper(), 0)} fen in the books, {wanted} by orders")
    faults += [f"payment {one} lost" for one in book.paid if all(state != "paid" for state, _ in orders[one])]
    return faults[:5]


def events(house):
    """The record and the books from inside, and the record as an outsider sees it."""
    faults = []
    unplaced = house.rows(
        "SELECT COUNT(*) FROM event e WHERE NOT EXISTS (SELECT 1 FROM record_leaf l WHERE l.event = e.id) "
        "AND NOT EXISTS (SELECT 1 FROM record_waiting w WHERE w.event = e.id)")[0][0]
    if unplaced != "0":
        faults.append(f"{unplaced} events have no place in the record")
    for arguments in (["record", "sign"], ["record", "check"], ["ledger", "check"]):
        result = house.command(*arguments)
        if result.returncode != 0:
            faults.append(f"{' '.join(arguments)}: {(result.stdout + result.stderr).strip()[:300]}")
    log, keys = house.folder / "record.jsonl", house.folder / "record-keys.json"
    log.unlink(missing_ok=True)
    house.command("record", "export", log)
    keys.write_text(house.command("record", "keys").stdout)
    result = subprocess.run([BINARY, "verify", "log", log, "--keys", keys], capture_output=True, text=True)
    if result.returncode != 0:
        faults.append(f"verify log: {(result.stdout + result.stderr).strip()[:300]}")
    if house.rows("SELECT COUNT(*) FROM record_conflict")[0][0] != "0":
        faults.append("the record found a conflict")
    return faults


def told(book):
    """What people got, in one line."""
    refusals = ", ".join(f"{count} × {words}" for words, count in book.refusals.most_common())
    return (f"{len(book.created)} drafts, {len(book.submitted)} submissions, "
            f"{len(book.attached)} files, {len(book.orders)} orders, {len(book.paid)} payments; "
            f"told otherwise: {refusals or 'nothing'}; {book.cut} cut off, "
            f"{book.refused_connections} not connected, {book.unseen} lost answers made up for")
