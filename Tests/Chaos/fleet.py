"""Several processes of the house behind nginx."""
import os
import shutil
import signal
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from conftest import Server, free_port
from faults import need
from places import Absent, House
from work import Unanswered, Work, ask, audit, base, told


class Proxy:
    """nginx before some processes, of which each can be taken out."""

    def __init__(self, folder, ports):
        self.program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not self.program:
            raise Absent("needs nginx")
        self.folder, self.ports = folder, ports
        self.out = self.bare = set()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.write()
        self.process = subprocess.Popen([self.program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                ask(self.address, "GET", "/health")
                return
            except Unanswered:
                time.sleep(0.05)

    def write(self):
        def servers(out):
            return " ".join(
                f"server 127.0.0.1:{port} fail_timeout=1s{' down' if port in out else ''};" for port in self.ports)

        (self.folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {self.folder}/nginx.pid;
error_log {self.folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    log_format answers "$upstream_addr|$status|$request_time";
    access_log {self.folder}/answers.log answers;
    client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
    client_max_body_size 110m;
    upstream kechuang {{ {servers(self.out)} }}
    upstream kechuang-styles {{ {servers(self.bare)} }}
    server {{
        listen 127.0.0.1:{self.port};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_connect_timeout 2s;
        proxy_next_upstream error timeout;
        location / {{ proxy_pass http://kechuang; }}
        location /assets/ {{
            proxy_pass http://kechuang-styles;
            proxy_next_upstream error timeout http_404;
            proxy_intercept_errors on;
            error_page 404 = @any;
        }}
        location @any {{
            rewrite ^ $uri?any-version? break;
            proxy_pass http://kechuang-styles;
            proxy_next_upstream error timeout http_404;
        }}
    }}
}}
""")

    def take_out(self, port):
        self.out = self.bare = {port}
        self.reload()

    def put_back(self):
        """For its styles first: while nginx changes its list, a worker with the old one may be asked for the style of a
        page that came by the new one."""
        self.bare = set()
        self.reload()
        self.out = set()
        self.reload()

    def reload(self):
        """Takes the new list, and waits until the workers with the old one have answered everything."""
        old = self.workers()
        self.write()
        os.kill(self.process.pid, signal.SIGHUP)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (set(old) & set(self.workers()) or not self.workers()):
            time.sleep(0.02)

    def workers(self):
        return subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()

    def answers(self, since=0):
        """Port, status and seconds of each answer from a place in their list on; and where that ends."""
        with open(self.folder / "answers.log", "rb") as file:
            file.seek(since)
            text = file.read()
        text = text[:text.rfind(b"\n") + 1]
        lines = [line.split("|") for line in text.decode().splitlines()]
        # Of several that were asked, the last one answered.
        found = [(address.rpartition(":")[2], int(status), float(seconds)) for address, status, seconds in lines]
        return found, since + len(text)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Post:
    """A mail server that counts what it gets."""

    def __init__(self):
        self.mails, self.lock = [], threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.address = f"smtp://127.0.0.1:{self.controller.port}?from=bureau@example.cn"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        with self.lock:
            self.mails.append(next(line for line in text.splitlines() if line.lower().startswith("message-id")))
        return "250 taken"


def rolling_restart(town, engine, say, options):
    """Three processes on one PostgreSQL behind nginx: each is taken out, stopped, started and put back, under load;
    then one is killed."""
    place = town.fresh()
    post = Post()
    folder, name = town.copy(engine)
    shared = {"KECHUANG_TRUST_PROXY": "1", "KECHUANG_SMTP": post.address}
    house = House(folder, engine, town.postgres, name, shared)
    others = [Server(folder, *house.place[2:], environment=shared) for _ in range(2)]
    servers = [house.server, *others]
    proxy = Proxy(place, [server.port for server in servers])
    work = None
    try:
        staff = town.staff[engine]
        before = base(house)
        mails(house, 60)
        work = Work(proxy.address, staff, people=5)
        book = work.book
        time.sleep(2)
        for round in range(options.rounds):
            for server in servers:
                proxy.take_out(server.port)
                server.process.terminate()
                need(server.process.wait(timeout=60) == 0, "a process did not end well")
                server.start()
                proxy.put_back()
        cut, told_otherwise = book.cut, dict(book.refusals)
        say(f"{options.rounds} rounds over {len(servers)} processes: {book.acknowledged} changes acknowledged, "
            f"{cut} cut off, {book.refused_connections} not connected, told otherwise: {told_otherwise or 'nothing'}")
        # Who loses against others in the database too often is told to try again, with one process or with three.
        noticed = cut or book.refused_connections or set(told_otherwise) - {"503 store.unavailable"}
        need(not noticed, "a rolling restart was noticed")
        servers[1].kill()
        time.sleep(3)
        servers[1].start()
        time.sleep(2)
        say(f"one process killed: told {dict(book.refusals) or 'nothing'}, each asked again with its key")
        book = work.end()
        say(told(book))
        faults = audit(house, book, before)
        need(not faults, "; ".join(faults))
        delivered(house, post, len(servers), say)
        say("nothing acknowledged is missing, nothing is there twice, record and ledger hold")
    finally:
        if work:
            work.stopping.set()
        proxy.stop()
        house.close()
        for server in others:
            if server.process.poll() is None:
                server.stop()
        post.controller.stop()


def mails(house, count):
    """Puts mail into the outbox, for all processes to send."""
    house.rows(
        "INSERT INTO mail_outbox (id, recipient, subject, body, state, tries, next_at) "
        f"SELECT 'chaos-' || n, 'someone@example.cn', 'x', 'x', 'waiting', 0, 0 FROM generate_series(1, {count}) n")


def delivered(house, post, count, say):
    """Waits until all mail is out, and looks whether each was sent once."""
    deadline = time.monotonic() + 60
    while house.rows("SELECT COUNT(*) FROM mail_outbox WHERE state = 'waiting'")[0][0] != "0" \
            and time.monotonic() < deadline:
        time.sleep(1)
    doubled = len(post.mails) - len(set(post.mails))
    sent = int(house.rows("SELECT COUNT(*) FROM mail_outbox WHERE state = 'sent'")[0][0])
    say(f"{sent} mails were sent by {count} processes, {doubled} of them twice")
    need(sent > 0 and len(set(post.mails)) == sent and not doubled, "mails were doubled or lost")
