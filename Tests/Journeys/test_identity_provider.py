"""Signing in at an identity provider: linked first, refused while unlinked, and nothing taken that is not one's own."""
import html
import os
import re
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from client import Client
from conftest import Server, city, free_port
from house import PASSWORD, Browser
from provider import SECRET, Provider
from selenium.webdriver.support.ui import WebDriverWait
from test_server import refused

RETURN = "/sign-in/provider/return"


@pytest.fixture
def provider(folder):
    provider = Provider(folder, free_port())
    yield provider
    provider.stop()


@pytest.fixture
def house(folder, provider):
    server = city(folder, "sqlite", "--log-level", "trace", environment=provider.environment)
    yield server
    if server.process.poll() is None:
        server.stop()


def go(client, address, data=None):
    """Status, last address and text of an answer, wherever it leads."""
    body = None if data is None else urllib.parse.urlencode(data).encode()
    try:
        with client.opener.open(address, body, timeout=300) as answer:
            return answer.status, answer.geturl(), answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.geturl(), problem.read().decode()


def leave(client, way="/sign-in/provider?return=/account"):
    """The address at the provider to which the house sends."""
    status, address, text = go(client, client.address + way)
    assert status == 200 and "/oauth2/authorize?" in address, text
    return address


def agree(client, address, subject="u-1"):
    """What the house shows to whom the provider sends back: the address with the code, and the page."""
    status, back, page = go(client, address, {"sub": subject})
    assert back.startswith(client.address + RETURN) and "code=" in back, page
    return status, back, page


def fields(page, action):
    """The hidden fields of a form."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.S)
    assert form, page
    return {name: html.unescape(value) for name, value in
            re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form.group(0))}


def finish(client, page):
    return go(client, client.address + RETURN, fields(page, RETURN))


def is_signed_in(client):
    return "/sign-in" not in go(client, client.address + "/account")[1]


def link(house, login="officer", subject="u-1"):
    """As its owner does it."""
    owner = Client(house.address).sign_in(login)
    page = finish(owner, agree(owner, leave(owner, "/account/identities/start"), subject)[2])[2]
    sent = {**fields(page, "/account/identities"), "password": PASSWORD}
    status, address, text = go(owner, house.address + "/account/identities", sent)
    assert status == 200 and address == house.address + "/account" and subject in text, text


def copy_of(client):
    """Another browser with the same cookies, as a thief has it."""
    other = Client(client.address)
    for cookie in client.jar:
        other.jar.set_cookie(cookie)
    return other


# People, in a browser

def at_provider(browser, words, subject="u-1"):
    """Follows a link to the provider, signs in there, and is back in the house."""
    link = next(e for e in browser.driver.find_elements("css selector", "main a") if e.text == words)
    link.click()
    button = f"button[value='{subject}']"
    WebDriverWait(browser.driver, 20, 0.05).until(
        lambda driver: "/oauth2/authorize" in driver.current_url and driver.find_elements("css selector", button))
    browser.driver.find_element("css selector", button).click()
    if not browser.javascript:
        browser.see("您已从“市民认证”返回")
        browser.press("继续", within="main")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_an_officer_links_an_identity_and_signs_in_with_it(house, provider, drivers, javascript):
    provider.start()
    browser = Browser(drivers(javascript), house.address, javascript)
    # Before anything is linked.
    browser.visit("/sign-in?return=/account")
    at_provider(browser, "用“市民认证”登录")
    browser.see("这个身份尚未关联任何账号", "u-1", "在「我的账号」中点「关联」")

    browser.sign_in("officer")
    browser.visit("/account")
    browser.see("关联的身份")
    at_provider(browser, "关联")
    browser.see("关联后，此身份可以登录您的账号", "林 <b>小明</b>", "u-1")
    browser.fill(password="not the password")
    browser.press("关联", within="main")
    browser.see("密码不正确")
    browser.fill(password=PASSWORD)
    browser.press("关联", within="main")
    assert browser.path == "/account"
    browser.see("u-1", "解除关联")

    browser.driver.delete_all_cookies()
    browser.visit("/sign-in?return=/account")
    at_provider(browser, "用“市民认证”登录")
    browser.see("我的账号", "登录的设备", "u-1")
    assert browser.path == "/account"

    browser.press("解除关联")
    browser.driver.delete_all_cookies()
    browser.visit("/sign-in")
    at_provider(browser, "用“市民认证”登录")
    browser.see("这个身份尚未关联任何账号")
    with sqlite3.connect(house.folder / "kechuang.sqlite") as db:
        kinds = [kind for kind, in db.execute("SELECT kind FROM event WHERE kind LIKE 'access.identity-%'")]
    assert sorted(kinds) == ["access.identity-confirmed", "access.identity-linked", "access.identity-unlinked"]


# Programs that try what they ought not to

def test_the_name_of_an_account_at_the_provider_opens_nothing(house, provider):
    provider.start()
    link(house)
    for subject in ["officer", "林工", "u-2"]:
        client = Client(house.address)
        status, _, text = finish(client, agree(client, leave(client), subject)[2])
        assert status == 403 and "这个身份尚未关联任何账号" in text and subject in text
        assert not is_signed_in(client)
    client = Client(house.address)
    status, address, _ = finish(client, agree(client, leave(client))[2])
    assert status == 200 and address == house.address + "/account" and is_signed_in(client)
    # The way back leads to no other house.
    client = Client(house.address)
    _, address, _ = finish(client, agree(client, leave(client, "/sign-in/provider?return=//evil.example/"))[2])
    assert address == house.address + "/work"


def test_answers_are_taken_once_and_from_the_browser_that_asked(house, provider):
    provider.start()
    link(house)
    client = Client(house.address)
    _, back, page = agree(client, leave(client))
    thief = copy_of(client)
    assert finish(client, page)[0] == 200 and is_signed_in(client)
    # The same address and the same form again, from here and with stolen cookies.
    assert go(client, back)[0] == 401
    status, _, text = finish(thief, page)
    assert status == 401 and "已用过" in text and not is_signed_in(thief)
    # Another browser, which was never there.
    other = Client(house.address)
    status, _, text = go(other, back)
    assert status == 401 and "不是在此浏览器中开始的" in text

    # A forged state: in the address, and in the form.
    client = Client(house.address)
    _, back, page = agree(client, leave(client))
    forged = re.sub(r"state=[^&]+", "state=forged", back)
    assert forged != back and go(client, forged)[0] == 401
    status, _, _ = go(client, house.address + RETURN, {**fields(page, RETURN), "state": "forged"})
    assert status == 401 and not is_signed_in(client)
    # The seal of the form is asked for as everywhere.
    sent = fields(page, RETURN)
    del sent["_token"]
    assert go(client, house.address + RETURN, sent)[0] == 403

    # Somebody puts the address of their own sign-in into another's browser.
    victim, attacker = Client(house.address), Client(house.address)
    leave(victim)
    _, back, _ = agree(attacker, leave(attacker))
    assert go(victim, back)[0] == 401


def test_a_token_for_another_sign_in_is_refused(house, provider):
    provider.start()
    link(house)
    for part, words in [("nonce", "不属于本次登录"), ("code_challenge", "不再接受这次登录")]:
        client = Client(house.address)
        address = leave(client)
        changed = re.sub(rf"\b{part}=[^&]+", f"{part}=" + "A" * 43, address)
        assert changed != address
        status, _, text = finish(client, agree(client, changed)[2])
        assert status == 401 and words in text, text
        assert not is_signed_in(client)
    # The visitor says no.
    client = Client(house.address)
    status, _, text = go(client, leave(client), {"action": "deny"})
    assert status == 401 and "没有确认您的身份" in text

    # The log says what was asked and how it was answered, and nothing that opens anything.
    client = Client(house.address)
    _, back, page = agree(client, leave(client))
    finish(client, page)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
    log = (house.folder / "server.log").read_text()
    assert "identity.finish" in log
    secrets = [SECRET, urllib.parse.quote(SECRET), query["code"][0], query["state"][0], "id_token", "eyJ"]
    assert not [one for one in secrets if one in log]


def test_a_provider_that_is_away_keeps_nobody_out(house, provider):
    client = Client(house.address)
    status, text = client.open("/sign-in/provider?return=/account")
    assert status == 503 and "认证服务暂时没有应答" in text and "用密码登录" in text
    assert client.open("/sign-in/provider?lang=en")[0] == 503
    assert is_signed_in(client.sign_in("officer"))

    provider.start()
    # It is asked again after a while.
    limit = time.monotonic() + 300
    client = Client(house.address)
    while (answer := go(client, house.address + "/sign-in/provider?return=/account"))[0] == 503:
        assert time.monotonic() < limit, answer
        time.sleep(0.2)
    link(house)
    _, _, page = agree(client, answer[1])
    provider.stop()
    status, _, text = finish(client, page)
    assert status == 503 and "认证服务暂时没有应答" in text and not is_signed_in(client)

    # It comes back with a new key, which its tokens do not name.
    provider.start()
    client = Client(house.address)
    status, _, text = finish(client, agree(client, leave(client))[2])
    assert status == 200 and is_signed_in(client), text


@pytest.mark.skipif("KECHUANG_TEST_PG" not in os.environ, reason="several processes share PostgreSQL")
def test_one_process_sends_and_another_takes_back(folder, provider):
    provider.start()
    first = city(folder, "postgres", environment=provider.environment)
    # Both stand behind one address.
    second = Server(
        folder, *first.command[first.command.index("--database"):],
        environment={**provider.environment, "KECHUANG_PUBLIC_ADDRESS": first.address})
    try:
        link(first)
        client = Client(first.address)
        _, back, _ = agree(client, leave(client))
        client.address = second.address
        _, _, page = go(client, back.replace(first.address, second.address))
        thief = copy_of(client)
        assert finish(client, page)[0] == 200 and is_signed_in(client)
        thief.address = first.address
        assert finish(thief, page)[0] == 401 and not is_signed_in(thief)
    finally:
        second.stop()
        first.stop()


def test_half_a_configuration_is_said_in_one_line(folder):
    whole = {
        "KECHUANG_OIDC_ISSUER": "https://id.example.cn", "KECHUANG_OIDC_CLIENT": "house",
        "KECHUANG_OIDC_SECRET": "topsecret",
    }
    for name, value in [("ISSUER", ""), ("ISSUER", "http://id.example.cn"), ("CLIENT", ""), ("SECRET", ""),
                        ("SECRET_FILE", str(folder / "none")), ("NAME_ZH", "认证")]:
        changed = {**whole, f"KECHUANG_OIDC_{name}": value}
        line = refused(folder, "--data", str(folder / "a"), "--port", "0", environment=changed)
        assert f"KECHUANG_OIDC_{name}" in line and "topsecret" not in line
    # From a file, with the line end that editors leave, it starts.
    (folder / "secret").write_text("topsecret\n")
    del whole["KECHUANG_OIDC_SECRET"]
    server = city(folder / "house", "sqlite", environment={
        **whole, "KECHUANG_OIDC_SECRET_FILE": str(folder / "secret")})
    assert "/sign-in/provider" in Client(server.address).open("/sign-in")[1]
    server.stop()
