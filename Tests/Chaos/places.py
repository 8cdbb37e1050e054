"""What the house stands on, so that it can be taken away: a PostgreSQL and a disk of our own, and the house itself."""
import contextlib
import csv
import io
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from conftest import BINARY, Server, free_port
from work import Staff

POSTGRES = pathlib.Path(os.environ.get("KECHUANG_POSTGRES", "/usr/lib/postgresql/15/bin"))
IS_ROOT = os.geteuid() == 0
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if IS_ROOT else []


class Absent(Exception):
    """This machine lacks what a fault needs."""


class Postgres:
    """A PostgreSQL with checksums in a folder of its own; commits wait for the disk."""

    def __init__(self, folder, settings=""):
        self.folder = folder
        self.port = free_port()
        self.settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        if IS_ROOT:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", folder / "data", "-A", "trust", "-U", "kechuang", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--data-checksums")
        self.start()

    def run(self, program, *arguments, check=True):
        # A server that is left behind keeps pipes open: its output goes nowhere.
        return subprocess.run(
            [*AS_POSTGRES, str(POSTGRES / program), *map(str, arguments)], check=check, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def start(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                 f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200 "
                 + self.settings, "start")

    def stop(self, how="immediate"):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop", check=False)

    def kill(self):
        """Kills it and all its sessions, as a machine that loses power does."""
        main = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True).stdout.split()
        for process in [main, *map(int, children)]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 10
        while pathlib.Path(f"/proc/{main}").exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def address(self, name):
        return f"postgres://kechuang@127.0.0.1:{self.port}/{name}"

    def sql(self, text, name="postgres"):
        result = subprocess.run(
            ["psql", "-qAt", "--csv", self.address(name), "-c", text], capture_output=True, text=True, check=True)
        return list(csv.reader(io.StringIO(result.stdout)))

    def backends(self, name):
        return [int(row[0]) for row in self.sql(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()")]


class Disk:
    """A small ext4 file system in a file. `break_now` makes the kernel take it for broken: read-only from then on,
    for files that are open already as well."""

    def __init__(self, place, megabytes):
        if not IS_ROOT or not pathlib.Path("/dev/loop-control").exists():
            raise Absent("needs root and loop devices")
        self.image = place / "disk.img"
        self.folder = place / "disk"
        self.folder.mkdir()
        subprocess.run(["truncate", "-s", f"{megabytes}M", self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True)

    def unmount(self):
        for _ in range(50):
            done = subprocess.run(["umount", self.folder], capture_output=True, text=True)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        subprocess.run(["umount", "-l", self.folder], check=False)

    def fill(self):
        """Leaves no block free."""
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def empty(self):
        (self.folder / "filler").unlink()

    def break_now(self):
        subprocess.run(["mount", "-o", "remount,abort", self.folder], check=True)

    def mend(self):
        self.unmount()
        subprocess.run(["fsck.ext4", "-y", "-f", self.image], capture_output=True)
        self.mount()


class House:
    """One process of the house with its database."""

    def __init__(self, folder, engine, postgres=None, name=None, environment=None, options=(), binary=BINARY):
        self.folder, self.engine, self.postgres, self.name = folder, engine, postgres, name
        self.place = ["--data", str(folder)]
        if engine == "postgres":
            self.place += ["--database", postgres.address(name)]
        self.server = Server(folder, *self.place[2:], *options, environment=environment, binary=binary)

    @property
    def address(self):
        return self.server.address

    def command(self, *arguments):
        return subprocess.run([BINARY, *map(str, arguments), *self.place], capture_output=True, text=True, timeout=600)

    def rows(self, text):
        if self.engine == "postgres":
            return self.postgres.sql(text, self.name)
        place = f"file:{self.folder}/kechuang.sqlite?mode=ro"
        with contextlib.closing(sqlite3.connect(place, uri=True, timeout=20)) as database:
            return [[str(cell) if cell is not None else "" for cell in row] for row in database.execute(text)]

    def close(self):
        if self.server.process.poll() is None:
            self.server.process.terminate()
            try:
                self.server.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.server.kill()


class Town:
    """A demonstration city on each database, made once and copied for each fault; none where nobody wants a copy."""

    def __init__(self, engines, has_city=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kechuang-chaos."))
        # PostgreSQL runs as somebody else and has to reach its folder.
        self.folder.chmod(0o755)
        self.count = 0
        self.sources, self.staff = {}, {}
        self.postgres = Postgres(self.folder / "postgres") if "postgres" in engines else None
        for engine in engines if has_city else []:
            folder = self.folder / f"source-{engine}"
            folder.mkdir()
            if engine == "postgres":
                self.postgres.sql("CREATE DATABASE source")
            house = House(folder, engine, self.postgres, "source")
            self.staff[engine] = Staff(house.address)
            house.close()
            self.sources[engine] = folder

    def fresh(self):
        self.count += 1
        place = self.folder / f"place-{self.count}"
        place.mkdir()
        return place

    def copy(self, engine, folder=None, postgres=None):
        """Data for a new house: its folder and the name of its database."""
        folder = folder or self.fresh()
        shutil.copytree(self.sources[engine], folder, dirs_exist_ok=True)
        # What is copied counts as old: it is on the disk before anything happens to it.
        os.sync()
        if engine == "sqlite":
            return folder, None
        name = f"house_{self.count}"
        if postgres is None:
            self.postgres.sql(f"CREATE DATABASE {name} TEMPLATE source")
        else:
            postgres.sql(f"CREATE DATABASE {name}")
            dump = subprocess.run(["pg_dump", self.postgres.address("source")], capture_output=True, check=True)
            subprocess.run(["psql", "-q", postgres.address(name)], input=dump.stdout, check=True,
                           stdout=subprocess.DEVNULL)
        return folder, name

    def house(self, engine, environment=None, options=()):
        folder, name = self.copy(engine)
        return House(folder, engine, self.postgres, name, environment, options)

    def close(self):
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
