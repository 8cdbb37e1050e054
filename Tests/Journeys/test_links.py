"""Nobody is led to a closed door: every link that a page shows a kind of user leads to a page that opens for them."""
import re
import urllib.error
from html.parser import HTMLParser

import pytest
from client import Client


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        address = dict(attributes).get("href") or ""
        if tag == "a" and re.match(r"/(?!/)", address) and not re.search(r"[?&](format|lang)=", address):
            self.found.append(address.partition("#")[0])


def kind(address):
    """Pages of one kind differ in their numbers only; one of each is looked at."""
    path = re.sub(r"^/(rules/parameters|rules/of|guides|audit/flags)/[^/]+", r"/\1/*", address.partition("?")[0])
    return re.sub(r"/(?=[^/]*\d)[^/]+", "/*", path)


def look(client, address):
    """Status and links of a page, and whether it names a currency twice; files have none."""
    try:
        with client.opener.open(client.address + address, timeout=300) as answer:
            if "text/html" not in answer.headers.get("content-type", ""):
                return answer.status, [], False
            text = answer.read().decode()
            return answer.status, Links(text).found, "元 元" in text or "RMB RMB" in text
    except urllib.error.HTTPError as problem:
        return problem.code, [], False


@pytest.mark.parametrize(
    "login", [None, "applicant", "organisation", "officer", "leader", "treasurer", "expert1", "auditor", "admin"])
def test_every_link_opens(server, login):
    client = Client(server.address)
    if login:
        client.sign_in(login)
    waiting = [("", address) for address in (["/work", "/account", "/desk"] if login else []) + ["/"]]
    seen, closed = set(), []
    while waiting and len(seen) < 2000:
        source, address = waiting.pop(0)
        if kind(address) in seen or address.endswith("/pdf"):
            continue
        seen.add(kind(address))
        status, links, is_doubled = look(client, address)
        assert not is_doubled, f"an amount with two units on {address}"
        if status != 200 and source:
            closed.append(f"{status} {address} on {source}")
        waiting += [(address, link) for link in links]
    assert len(seen) > 60 and not closed, closed
