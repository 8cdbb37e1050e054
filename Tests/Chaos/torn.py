"""The wire to PostgreSQL breaks in the moment of a COMMIT, so that nobody knows what became of it."""
import hashlib
import select
import socket
import threading
import time
import uuid

from faults import at_work, need
from places import House
from work import ask, attachment, pdf


class Wire:
    """Carries what the house and a PostgreSQL say to each other, and can be cut in the middle of it."""

    def __init__(self, postgres):
        self.postgres, self.lock = postgres, threading.Lock()
        self.how = self.mark = None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.welcome, daemon=True).start()

    def __getattr__(self, name):
        return getattr(self.postgres, name)

    def address(self, name):
        return f"postgres://kechuang@127.0.0.1:{self.port}/{name}"

    def cut(self, how, mark):
        """The next transaction in which this text is sent loses its COMMIT (`lost`), or the rest of the answer to it
        (`torn`)."""
        with self.lock:
            self.how, self.mark = how, mark.encode()

    def taken(self):
        """How to cut, for the one connection that does."""
        with self.lock:
            how, self.how, self.mark = self.how, None, None
            return how

    def welcome(self):
        while True:
            try:
                house, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(house,), daemon=True).start()

    def carry(self, house):
        with house, socket.create_connection(("127.0.0.1", self.postgres.port)) as server:
            last, marked = b"", False
            try:
                while True:
                    for one in select.select([house, server], [], [])[0]:
                        data = one.recv(65536)
                        if not data:
                            return
                        if one is server:
                            house.sendall(data)
                            continue
                        mark = self.mark
                        marked = b"ROLLBACK" not in data and (marked or bool(mark) and mark in last + data)
                        last = data[-200:]
                        if marked and b"COMMIT" in data and (how := self.taken()):
                            if how == "torn":
                                server.sendall(data)
                                # A few bytes of the answer: it has begun, so the transaction is kept.
                                house.sendall(server.recv(65536)[:6])
                            return
                        server.sendall(data)
            except OSError:
                return

    def close(self):
        self.door.close()


def answer_torn(town, engine, say, options):
    """The connection to PostgreSQL breaks in the middle of its answer to a COMMIT, or before the COMMIT is there, while
    others work."""
    folder, name = town.copy(engine)
    wire = Wire(town.postgres)
    try:
        with at_work(town, House(folder, engine, wire, name), say) as scene:
            for how in ("torn", "lost"):
                for change in (Order, Upload):
                    play(scene, wire, how, change(scene))
            scene.finish()
    finally:
        wire.close()


class Order:
    """An order of payment."""

    def __init__(self, scene):
        self.scene, self.mark = scene, f"CHAOS-{uuid.uuid4().hex[:12]}"

    def ask(self, key):
        staff = self.scene.staff
        return ask(
            self.scene.house.address, "POST", "/api/v1/treasury/orders", staff.order(self.mark), staff.officer, key)

    @property
    def count(self):
        return int(self.scene.house.rows(f"SELECT COUNT(*) FROM payment_order WHERE subject = '{self.mark}'")[0][0])

    def enter(self, answer):
        self.scene.work.book.orders[self.mark] = answer


class Upload:
    """A file for a draft."""

    def __init__(self, scene):
        content = pdf(uuid.uuid4())
        self.scene, self.mark = scene, hashlib.sha256(content).hexdigest()
        self.body, self.media = attachment(content)

    def ask(self, key):
        return ask(
            self.scene.house.address, "POST", f"/api/v1/applications/{self.scene.spare}/files/attachments", self.body,
            self.scene.staff.spare, key, media=self.media)

    @property
    def count(self):
        return int(self.scene.house.rows(
            f"SELECT COUNT(*) FROM document WHERE hash = '{self.mark}' AND removed_at IS NULL")[0][0])

    def enter(self, answer):
        self.scene.work.book.attached[self.mark] = self.scene.spare


def play(scene, wire, how, change):
    """Whoever asks is told that nobody knows, and to look first; asked again with the key it is done once."""
    place = f"{change.__doc__.rstrip('.')}, {how}"
    key = f"torn-{uuid.uuid4()}"
    wire.cut(how, change.mark)
    status, answer = change.ask(key)
    need(wire.mark is None, f"{place}: no COMMIT came by")
    need((status, answer.get("code")) == (503, "store.outcome-unknown"), f"{place}: told {status} {answer}")
    words = {language: one["detail"] for language, one in answer["translations"].items()}
    need("无法确定" in words["zh"] and "not known" in words["en"], f"{place}: told {words}")
    need(change.count == (how == "torn"), f"{place}: {change.count} are there")
    begun = time.monotonic()
    while True:
        again, answer = change.ask(key)
        if answer.get("code") != "idempotency.running":
            break
        need(time.monotonic() - begun < 30, f"{place}: it runs for ever")
        time.sleep(0.3)
    wanted = (409, "idempotency.answer-lost") if how == "torn" else (201, None)
    need((again, answer.get("code")) == wanted, f"{place}: asked again, told {again} {answer}")
    need(change.ask(key)[0] == again, f"{place}: asked a third time, told something else")
    need(change.count == 1, f"{place}: {change.count} are there after asking again")
    change.enter(answer if again == 201 else None)
    scene.say(f"{place}: told {status} store.outcome-unknown; with its key {again} {wanted[1] or ''} "
              f"after {time.monotonic() - begun:.1f} s, and there once")
