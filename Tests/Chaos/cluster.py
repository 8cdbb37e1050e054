"""PostgreSQL on two machines with Patroni, which a third one with etcd decides between. As root each machine is a
network namespace of its own behind a bridge, so that its cable can be pulled; otherwise an address of loopback."""
import contextlib
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

from conftest import free_port
from places import IS_ROOT, POSTGRES, Absent

# Two runs on one machine do not meet.
NET = f"10.213.{os.getpid() % 250 + 1}"
LOOPBACK = f"127.0.{os.getpid() % 250 + 1}"


class Machine:
    """What runs on one of the three, under the account of PostgreSQL."""

    def __init__(self, number, folder, bridge):
        self.name, self.folder, self.bridge = "abc"[number], folder / "abc"[number], bridge
        self.folder.mkdir()
        self.ip = f"{NET}.{11 + number}" if bridge else f"{LOOPBACK}.{11 + number}"
        self.processes = {}
        self.inside = []
        if bridge:
            shutil.chown(self.folder, "postgres")
            holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
            self.processes["machine"] = holder
            wait(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"), 5, "a namespace")
            self.cable = f"{bridge}{self.name}"
            net = ["nsenter", "-t", str(holder.pid), "-n"]
            ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
            ip("link", "set", self.cable, "master", bridge, "up")
            for words in ("addr add {}/24 dev eth0", "link set eth0 up", "link set lo up"):
                ip(*words.format(self.ip).split(), inside=net)
            self.inside = [*net, "setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]

    def run(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self.inside, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)})

    def pull(self):
        ip("link", "set", self.cable, "down")

    def plug(self):
        ip("link", "set", self.cable, "up")

    def kill(self):
        """Kills Patroni and PostgreSQL with all its sessions."""
        doomed = [self.processes.pop("patroni").pid]
        with contextlib.suppress(OSError):
            main = int((self.folder / "data/postmaster.pid").read_text().split()[0])
            doomed += [main, *map(int, subprocess.run(
                ["pgrep", "-P", str(main)], capture_output=True, text=True).stdout.split())]
        for process in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def close(self):
        if "patroni" in self.processes:
            self.kill()
        for process in self.processes.values():
            process.kill()
            process.wait()
        if self.bridge:
            subprocess.run(["ip", "link", "delete", self.cable], stderr=subprocess.DEVNULL)


class Cluster:
    """Made empty; takes part in a house like a single PostgreSQL."""

    def __init__(self, place):
        self.etcd, self.patroni = shutil.which("etcd"), shutil.which("patroni")
        if not self.etcd or not self.patroni:
            raise Absent("needs etcd-server and patroni")
        self.folder = place / "cluster"
        self.folder.mkdir(mode=0o755)
        self.bridge = f"kc{os.getpid() % 100_000}" if IS_ROOT else None
        if self.bridge:
            ip("link", "add", self.bridge, "type", "bridge")
            ip("addr", "add", f"{NET}.1/24", "dev", self.bridge)
            ip("link", "set", self.bridge, "up")
        self.port, self.rest, self.client, self.peer = (5432, 8008, 2379, 2380) if IS_ROOT else (
            free_port(), free_port(), free_port(), free_port())
        self.machines = []
        try:
            for number in range(3):
                self.machines.append(Machine(number, self.folder, self.bridge))
            self.servers = self.machines[:2]
            for machine in self.machines:
                self.start_etcd(machine)
            for machine in self.servers:
                self.start_patroni(machine)
            wait(self.in_step, 120, "a primary with a standby in step")
        except BaseException:
            self.stop()
            raise

    def start_etcd(self, machine):
        peer, client = f"http://{machine.ip}:{self.peer}", f"http://{machine.ip}:{self.client}"
        machine.run(
            "etcd", self.etcd, "--enable-v2", "--pre-vote", "--name", machine.name, "--data-dir",
            machine.folder / "etcd",
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--listen-client-urls", client,
            "--advertise-client-urls", client, "--initial-cluster-token", "kechuang", "--initial-cluster",
            ",".join(f"{one.name}=http://{one.ip}:{self.peer}" for one in self.machines))

    def start_patroni(self, machine):
        net = NET if self.bridge else LOOPBACK
        rules = [f"host {name} all {place} trust" for name in ("all", "replication")
                 for place in (f"{net}.0/24", "127.0.0.1/32")]
        settings = {
            "scope": "kechuang", "name": machine.name,
            "restapi": {"listen": f"{machine.ip}:{self.rest}", "connect_address": f"{machine.ip}:{self.rest}"},
            # Not etcd3: before Patroni 3.0.3 a primary that comes back there takes the lock from its successor
            # (patroni pull request 2689), and what was acknowledged meanwhile is lost. Seen here with 3.0.2.
            "etcd": {"hosts": [f"{one.ip}:{self.client}" for one in self.machines]},
            "bootstrap": {
                "dcs": {
                    "ttl": 20, "loop_wait": 5, "retry_timeout": 5, "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 200, "wal_log_hints": "on"}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{machine.ip}:{self.port}", "connect_address": f"{machine.ip}:{self.port}",
                "data_dir": str(machine.folder / "data"), "bin_dir": str(POSTGRES),
                "pgpass": str(machine.folder / "pgpass"), "pg_hba": rules,
                "authentication": {"superuser": {"username": "kechuang", "password": "x"},
                                   "replication": {"username": "standby", "password": "x"}},
                "parameters": {"unix_socket_directories": str(machine.folder)},
            },
        }
        # JSON is YAML.
        path = machine.folder / "patroni.yaml"
        path.write_text(json.dumps(settings, indent=1))
        machine.run("patroni", self.patroni, path)

    def members(self):
        """What Patroni says of each server: its role by its name."""
        for machine in self.machines[:2]:
            with contextlib.suppress(OSError, ValueError):
                with urllib.request.urlopen(f"http://{machine.ip}:{self.rest}/cluster", timeout=2) as answer:
                    return {one["name"]: (one["role"], one["state"]) for one in json.load(answer)["members"]}
        return {}

    def in_step(self):
        """Whether a primary has a standby without which it keeps nothing."""
        roles = [role for role, state in self.members().values() if state in ("running", "streaming")]
        return "leader" in roles and "sync_standby" in roles

    def leader(self):
        name = next(name for name, (role, _) in self.members().items() if role == "leader")
        return next(machine for machine in self.servers if machine.name == name)

    def hand_over(self, primary):
        """Makes the standby the primary, without a wait for its end."""
        other = next(machine for machine in self.servers if machine is not primary)
        primary.run("patronictl", "patronictl", "-c", primary.folder / "patroni.yaml", "switchover", "kechuang",
                    "--candidate", other.name, "--force")

    def wait_in_step(self, other, seconds=120):
        """Waits until there is a standby in step with a primary that is another machine than this one."""
        wait(lambda: self.members().get(other.name, ("",))[0] == "sync_standby" and self.in_step(), seconds,
             f"standby in step on {other.name}")

    def address(self, name):
        hosts = ",".join(f"{machine.ip}:{self.port}" for machine in self.servers)
        return f"postgres://kechuang@{hosts}/{name}?target_session_attrs=read-write&connect_timeout=3"

    def sql(self, text, name="postgres"):
        result = subprocess.run(
            ["psql", "-qAt", "--csv", self.address(name), "-c", text], capture_output=True, text=True, check=True)
        return list(csv.reader(io.StringIO(result.stdout)))

    def stop(self):
        for machine in self.machines:
            machine.close()
        if self.bridge:
            subprocess.run(["ip", "link", "delete", self.bridge], stderr=subprocess.DEVNULL)


def ip(*words, inside=()):
    subprocess.run([*inside, "ip", *words], check=True)


def wait(condition, seconds, words):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {words} after {seconds} s")
        time.sleep(0.1)
