"""What a house gives out of one round of review: its log, its keys, receipts, a notice and a draw."""
import copy
import json
import re
import subprocess
import time

import forger
from client import Client
from conftest import BINARY, ROOT, city
from outsider import Outsider


class Papers:
    """All that a house gives out of one round, and its secret keys, which nobody outside has."""

    def __init__(self, folder, database):
        server = city(folder, database)
        place = ["--data", folder]
        if "--database" in server.command:
            place += ["--database", server.command[server.command.index("--database") + 1]]
        client = Client(server.address)
        log = self.signed(client)
        # Inspections draw too, and their draws are published elsewhere.
        drawn = [client.open(f"/draws/{event['subject']}/protocol") for event in self.events(log, "review.drawn")]
        self.draw = next(json.loads(text) for status, text in drawn if status == 200)
        notices = [self.public(client, f"/notices/{event['content']['number']}/proof")
                   for event in self.events(log, "notice.published")]
        self.notice = max(notices, key=lambda one: len(one["notice"]["rows"]))
        client.sign_in("officer")
        _, page = client.open(f"/cases/{self.draw['results'][0]['item']}")
        self.receipts = {}
        for event in re.findall(r'href="/receipts/([^"]+)"', page):
            receipt = self.public(client, f"/receipts/{event}/file")
            self.receipts.setdefault(receipt["parts"]["what"]["value"]["kind"], receipt)
        server.stop()
        # A new key: the old one has signed its last.
        self.run("rotate", *place)
        self.log = self.run("export", "-", *place)
        self.keys = json.loads(self.run("keys", *place))
        self.secrets = [(folder / f"keys/record-{number}.key").read_bytes() for number in (1, 2)]

    @staticmethod
    def run(*arguments):
        done = subprocess.run(
            [BINARY, "record", *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=ROOT, check=True)
        return done.stdout

    @staticmethod
    def public(client, path):
        status, text = client.open(path)
        assert status == 200, (path, text)
        return json.loads(text)

    @staticmethod
    def signed(client):
        """The log, once the house has signed what the demonstration did; the draw of a round is among the last."""
        limit = time.monotonic() + 300
        while True:
            text = client.open("/record/log")[1]
            if any('"kind":"review.drawn"' in line and '"subjectKind":"round"' in line for line in text.splitlines()):
                return forger.LogFile(text)
            assert time.monotonic() < limit, "the house does not sign"
            time.sleep(0.1)

    @staticmethod
    def events(log, kind):
        found = [json.loads(leaf).get("event", {}) for leaf in log.leaves]
        return [event for event in found if event.get("kind") == kind]

    def outside(self, folder):
        """Somebody with log and keys and nothing else."""
        someone = Outsider(folder)
        someone.keep("log", self.log)
        someone.keep("keys", self.keys)
        return someone


def changed(file, *path):
    """The file with another value, the last word, at a place."""
    *way, last, value = path
    whole = copy.deepcopy(file)
    place = whole
    for step in way:
        place = place[step]
    place[last] = value
    return whole


def without(file, name):
    return {key: value for key, value in file.items() if key != name}
