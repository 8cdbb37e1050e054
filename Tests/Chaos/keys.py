"""A security key of somebody's account, added at one process and looked for at others."""
import base64
import hashlib
import html
import json
import os
import re
import urllib.parse

from client import Client
from faults import need
from house import PASSWORD

# Keys know a house by its name; without HTTPS browsers ask them on this machine alone.
SITE = "http://localhost"
# The public key of the private key 1: the base point of P-256 (SEC 2, 2.4.2). It signs nothing here.
POINT = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def made(options):
    """What the script of a page writes down when a key is made (Web Authentication Level 2, 6.5), which says nothing of
    itself."""
    client = json.dumps({"type": "webauthn.create", "challenge": options["challenge"], "origin": SITE,
                         "crossOrigin": False}).encode()
    name = os.urandom(16)
    # EC2, ES256, P-256 (RFC 9053).
    cose = bytes.fromhex("a5010203262001215820") + POINT[:32] + bytes.fromhex("225820") + POINT[32:]
    # Somebody was present, and a key follows; it has never signed, and its maker names no model.
    data = hashlib.sha256(options["rp"]["id"].encode()).digest() + b"\x41" + bytes(4) + bytes(16) \
        + len(name).to_bytes(2, "big") + name + cose
    whole = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
    return json.dumps({"client": text(client), "attestation": text(whole)})


def add_key(login, server):
    """Adds a key to an account that has no second factor, at one process.
    - Returns: the recovery codes."""
    client = Client(server.address).sign_in(login)
    status, page = client.form("/account/second-factor/keys", {"name": "chaos", "password": PASSWORD},
                               page="/account/second-factor")
    form = re.search(r'<form [^>]*data-key="create" data-options="([^"]*)"[^>]*>(.*?)</form>', page, re.S)
    need(status == 200 and form, f"no key is asked for: {status}")
    fields = {name: html.unescape(value) for name, value in
              re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form.group(2))}
    fields["answer"] = made(json.loads(html.unescape(form.group(1))))
    status, page = client.open("/account/second-factor/keys/finish", urllib.parse.urlencode(fields).encode())
    codes = re.findall(r"<li><code>([A-Z2-7]{5}-[A-Z2-7]{5})</code>", page)
    need(status == 200 and len(codes) == 10, f"the key is not taken: {status}, {len(codes)} recovery codes")
    return codes


def asks(login, server, code, which):
    """The password alone opens nothing at a process; a recovery code does."""
    client = Client(server.address)
    status, page = client.form("/sign-in", {"login": login, "password": PASSWORD})
    ticket, token = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("ticket", "_token"))
    need(ticket and token and client.open("/account")[1].find("/sign-out") < 0,
         f"with a key the password alone opens an account at {which}: {status}")
    values = {"ticket": ticket.group(1), "return": "/work", "code": code, "_token": token.group(1)}
    status, page = client.open("/sign-in/code", urllib.parse.urlencode(values).encode())
    need(status == 200 and "/sign-out" in page, f"a recovery code opens nothing at {which}: {status}")
