"""Lets wapiti loose on the pages of a house, as one person, and prints what it finds. A finding that explained.json
does not explain, or an address of the attacker that the house asks, ends it with 1."""
import argparse
import collections
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

MODULES = ("backup,cookieflags,crlf,csp,csrf,exec,file,http_headers,ldap,methods,permanentxss,redirect,shellshock,sql,"
           "ssrf,timesql,upload,xss,xxe")
# What would end the session or shut the account out for the rest of the scan, or moves the clock of the city.
LEFT_OUT = ["sign-out*", "account/*", "demo*", "assets/*"]
# The seal of a form belongs to the session; with another one nothing behind it would be reached.
SEAL = "_token"


class Listener(http.server.BaseHTTPRequestHandler):
    """Plays the attacker's machine: whatever the house asks of it is a finding; wapiti asks for its results."""

    asked = []

    def answer(self):
        if "/get_" in self.path:
            content = b"{}"
        else:
            content = b""
            self.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_HEAD = do_PUT = answer

    def log_message(self, *_):
        pass


def explained(finding, reasons):
    """The reason why a finding is none, or nothing."""
    for one in reasons:
        if one["category"] == finding["category"] and re.search(one["matches"], finding["text"]):
            return one["reason"]
    return None


def findings(report):
    for part in ("vulnerabilities", "anomalies"):
        for category, several in report[part].items():
            for one in several:
                text = f"{one['method']} {one['path']} {one.get('parameter') or ''} {one['info']}"
                yield {"category": category, "text": " ".join(text.split()), "request": one.get("http_request", "")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wapiti")
    parser.add_argument("address")
    parser.add_argument("--name", required=True, help="of the person, for the files")
    parser.add_argument("--cookie", help="of the session")
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--crawl", type=int, default=45, help="seconds")
    parser.add_argument("--attack", type=int, default=10, help="seconds of each kind of attack")
    parser.add_argument("--depth", type=int, default=5)
    parser.add_argument("--links", type=int, default=60, help="followed on each page")
    parser.add_argument("--modules", default=MODULES)
    options = parser.parse_args()
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    report, log = options.folder / f"wapiti-{options.name}.json", options.folder / f"wapiti-{options.name}.log"
    report.unlink(missing_ok=True)
    # Its notes lie in memory: on a slow disk it gives up waiting for its own database.
    session = tempfile.mkdtemp(prefix="wapiti.", dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None)
    command = [
        options.wapiti, "-u", f"{options.address}/", "--scope", "domain", "-m", options.modules, "--level", "2",
        "-d", str(options.depth), "--max-links-per-page", str(options.links), "--max-scan-time", str(options.crawl),
        "--max-attack-time", str(options.attack), "--tasks", "4", "-t", "20", "--skip", SEAL, "--no-bugreport",
        "--flush-session", "--store-session", session,
        "--endpoint", f"http://127.0.0.1:{listener.server_port}", "-f", "json", "-o", str(report), "-dr", "1", "-v", "2"]
    if options.cookie:
        command += ["-C", options.cookie, "--drop-set-cookie"]
    for path in LEFT_OUT:
        command += ["-x", f"{options.address}/{path}"]
    try:
        with open(log, "w") as output:
            result = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd=options.folder)
    finally:
        shutil.rmtree(session, ignore_errors=True)
    if not report.exists():
        print(log.read_text()[-2000:])
        sys.exit(f"wapiti ended with {result.returncode} and no report")
    content = json.loads(report.read_text())
    reasons = json.loads(pathlib.Path(__file__).with_name("explained.json").read_text())
    open_ones, told = [], collections.Counter()
    for finding in findings(content):
        reason = explained(finding, reasons)
        if reason:
            told[f"{finding['category']}: {reason}"] += 1
        else:
            open_ones.append(finding)
    pages = content["infos"].get("crawled_pages_nbr")
    print(f"{options.name}: {pages} pages and forms, {len(open_ones)} findings")
    for words, count in told.most_common():
        print(f"  explained, {count} × {words}")
    for finding in open_ones:
        print(f"  FINDING {finding['category']}: {finding['text']}")
    for request in Listener.asked:
        print(f"  FINDING the house asked the attacker's machine: {request}")
    sys.exit(bool(open_ones or Listener.asked))


main()
