"""A real server on a free port and a real Chromium, with and without JavaScript."""
import fcntl
import functools
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement

from house import Browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("KECHUANG_BINARY", str(ROOT / ".build/debug/kechuang"))


# Each worker has ports of its own, below those that the system gives to whoever asks for any: a server takes its port
# some seconds after it was chosen, leaves it when it is stopped, and comes back to it.
PORTS = itertools.count(20_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))


def free_port():
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def fresh_postgres(template=None):
    """A new database of the tests' PostgreSQL, or a copy of another one; nothing where there is no PostgreSQL."""
    address = os.environ.get("KECHUANG_TEST_PG")
    if not address:
        return None
    name = f"journey_{uuid.uuid4().hex}"
    base, _, query = address.partition("?")
    source = f" TEMPLATE {template.partition('?')[0].rsplit('/', 1)[1]}" if template else ""
    subprocess.run(["psql", "-q", address, "-c", f"CREATE DATABASE {name}{source} STRATEGY file_copy"], check=True)
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def pytest_configure(config):
    # The workers of a run share one folder of templates, which the process that starts them removes.
    if not hasattr(config, "workerinput"):
        os.environ["KECHUANG_TEMPLATES"] = tempfile.mkdtemp(prefix="kechuang-templates.")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["KECHUANG_TEMPLATES"], ignore_errors=True)


@functools.cache
def template(database):
    """A demonstration city that nobody has worked in yet: its folder, and its address where it is not in there. The
    first worker that asks makes it."""
    folder = pathlib.Path(os.environ["KECHUANG_TEMPLATES"], database)
    with open(f"{folder}.address", "a+") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        made.seek(0)
        if not (lines := made.read().splitlines()):
            folder.mkdir()
            lines = [(fresh_postgres() or "") if database == "postgres" else ""]
            Server(folder, *(["--database", lines[0]] if lines[0] else [])).stop()
            made.write(lines[0] + "\n")
    return folder, lines[0] or None


def city(folder, database="sqlite", *options, environment=None):
    """A server of the demonstration city in a folder, which is filled with a copy of the template."""
    source, address = template(database)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    place = ["--database", fresh_postgres(address)] if address else []
    return Server(folder, *place, *options, environment=environment)


class Server:
    def __init__(self, folder, *options, environment=None, binary=BINARY):
        """What the environment says of `{port}` is the port of this server."""
        self.port = free_port()
        self.folder = folder
        self.address = f"http://127.0.0.1:{self.port}"
        self.command = [binary, "serve", "--data", str(folder), "--port", str(self.port), *options]
        own = {name: value.replace("{port}", str(self.port)) for name, value in (environment or {}).items()}
        self.environment = {**os.environ, **own}
        self.log = open(folder / "server.log", "ab")
        self.start()

    def start(self, seconds=180):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, env=self.environment)
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise RuntimeError(self.log_text())
            try:
                urllib.request.urlopen(self.address + "/health", timeout=10)
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def log_text(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=300)


@pytest.fixture
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="kechuang-journey."))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def gathered(tmp_path_factory):
    """What the demonstration city gives out, by database; gathered once a worker."""
    from papers import Papers  # Which needs this file.
    return functools.cache(lambda database: Papers(tmp_path_factory.mktemp("papers") / database, database))


@pytest.fixture
def papers(gathered):
    return gathered("sqlite")


@pytest.fixture
def outside(papers, tmp_path):
    return papers.outside(tmp_path / "outside")


@pytest.fixture
def server(folder, request):
    # What is played twice is played on both databases: with JavaScript or in Chinese on SQLite, without or in English
    # on PostgreSQL. KECHUANG_JOURNEYS=postgres plays every journey there.
    second = request.node.name.endswith(("without-javascript]", "en]")) and "KECHUANG_TEST_PG" in os.environ
    server = city(folder, os.environ.get("KECHUANG_JOURNEYS", "postgres" if second else "sqlite"))
    yield server
    if server.process.poll() is None:
        server.stop()
    # Told where the journey failed.
    sys.stdout.write(server.log_text()[-6000:])


class Element(WebElement):
    @property
    def text(self):
        """What is seen, as the browser itself tells; Selenium's own way takes longer than the page."""
        return self.parent.execute_script(
            "const e = arguments[0]; if (e.tagName === 'OPTION') return e.text;"
            "return e.checkVisibility() ? e.innerText.replaceAll('\\t', ' ').trim() : ''", self)


class Chromium(webdriver.Chrome):
    _web_element_cls = Element


def open_browser(javascript=True):
    """Chromium without its window and without what only eyes need, which takes a third of the work of the whole one."""
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--lang=zh-CN", "--accept-lang=zh-CN,zh",
                     "--window-size=1280,1000", "--disable-dev-shm-usage", "--disable-lcd-text",
                     "--font-render-hinting=none", "--disable-threaded-compositing",
                     # One process draws all pages of a browser: to start one a page takes a twentieth of the work.
                     "--process-per-site", "--renderer-process-limit=1",
                     "--disable-features=BackForwardCache,PaintHolding"]:
        options.add_argument(argument)
    # The program itself: the one on the path is a script, which leaves it running at the end.
    options.binary_location = "/usr/lib/chromium/chromium-headless-shell"
    driver = Chromium(service=Service(shutil.which("chromedriver")), options=options)
    if not javascript:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    return driver


@pytest.fixture(scope="session")
def open_drivers():
    """The browsers of a worker, with JavaScript and without: to start one takes as long as ten pages."""
    opened = {}
    yield opened
    for driver in opened.values():
        driver.quit()


@pytest.fixture
def drivers(open_drivers):
    """Gives the browser with JavaScript, or that without, as nobody has used it."""
    def fresh(javascript=True):
        if javascript not in open_drivers:
            open_drivers[javascript] = open_browser(javascript)
        driver = open_drivers[javascript]
        driver.get("about:blank")
        driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.set_window_size(1280, 1000)
        return driver
    return fresh


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def browser(request, server, drivers):
    return Browser(drivers(request.param), server.address, request.param)


@pytest.fixture
def plain_browser(server, drivers):
    return Browser(drivers(), server.address)
