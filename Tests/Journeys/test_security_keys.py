"""Security keys, by Chromium with keys of its own making: added, touched at the second step, copied, lost and removed."""
import sqlite3

import pytest
from conftest import city
from house import PASSWORD, Browser


class Key:
    """A key that is plugged into a browser and touched as soon as it is asked."""

    def __init__(self, driver):
        self.driver = driver
        self.command("enable")
        options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False,
                   "automaticPresenceSimulation": True}
        self.id = self.command("addVirtualAuthenticator", options=options)["authenticatorId"]

    def command(self, name, **values):
        return self.driver.execute_cdp_cmd(f"WebAuthn.{name}", values)

    def become_a_copy(self):
        """Is from here on a copy of itself that was made when it was new."""
        for one in self.command("getCredentials", authenticatorId=self.id)["credentials"]:
            self.command("removeCredential", authenticatorId=self.id, credentialId=one["credentialId"])
            self.command("addCredential", authenticatorId=self.id, credential={
                "credentialId": one["credentialId"], "privateKey": one["privateKey"], "rpId": "localhost",
                "isResidentCredential": False, "signCount": 0})

    def unplug(self):
        self.command("removeVirtualAuthenticator", authenticatorId=self.id)
        self.command("disable")


@pytest.fixture
def house(folder):
    # Keys know a house by its name, and a name without HTTPS only on this machine.
    server = city(folder, "sqlite", environment={
        "KECHUANG_PUBLIC_ADDRESS": "http://localhost:{port}", "KECHUANG_SECOND_FACTOR": "treasurer"})
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def people(house, drivers):
    """Opens a browser at the name of the house, with JavaScript or without."""
    return lambda javascript=True: Browser(drivers(javascript), f"http://localhost:{house.port}", javascript)


@pytest.fixture
def key(drivers):
    key = Key(drivers())
    yield key
    key.unplug()


def give_password(browser, login="treasurer"):
    browser.driver.delete_all_cookies()
    browser.visit("/sign-in?return=/account")
    browser.fill(login=login, password=PASSWORD)
    browser.press("登录", within="main")


def touch(browser, words="用安全密钥验证"):
    """Presses the button, which a script shows, and waits for the page after the answer of the key."""
    browser.see(words)
    browser.press(words, within="main")


def refuse(browser, words):
    """Presses it where the key answers nothing, and the page stays."""
    browser.see(words)
    browser.driver.find_element("css selector", "form[data-key] button").click()


def begin(browser, name):
    browser.visit("/account/second-factor")
    browser.fill(name=name, password=PASSWORD)
    browser.press("添加安全密钥", within="main")


def test_a_treasurer_signs_in_with_a_security_key(house, people, key):
    browser = people()
    browser.sign_in("treasurer")
    browser.visit("/account/second-factor")
    browser.see("您的角色要求两步验证", "安全密钥")
    begin(browser, "")
    browser.see("请填写密钥名称")
    begin(browser, "钥匙串上的")
    browser.see("请插入或靠近安全密钥")
    touch(browser, "继续")
    browser.see("恢复码（只显示一次）")
    recovery = [e.text for e in browser.driver.find_elements("css selector", "main li code")]
    assert len(recovery) == 10
    browser.visit("/account/second-factor")
    browser.see("两步验证已启用", "钥匙串上的", "还剩 10 个恢复码")
    assert "您的角色要求两步验证" not in browser.text

    # Another one takes the first as well; the browser knows that it is there already.
    begin(browser, "再来一次")
    browser.see("请先出示现有的两步验证")
    touch(browser)
    browser.see("请插入或靠近安全密钥")
    refuse(browser, "继续")
    browser.see("这个安全密钥已经添加过")

    for _ in range(2):
        give_password(browser)
        browser.see("用安全密钥验证", "设置两步验证时抄下的")
        assert "须启用 JavaScript" not in browser.text
        touch(browser)
        assert browser.path == "/account", browser.text
    browser.see("登录的设备")

    # Without JavaScript a recovery code opens, and the page says why there is no button.
    plain = people(False)
    give_password(plain)
    plain.see("使用安全密钥，须启用 JavaScript")
    assert "用安全密钥验证" not in plain.text
    plain.fill(code=recovery[0])
    plain.press("登录", within="main")
    plain.see("我的账号", "登录的设备")

    # Somebody has copied the key: neither it nor the copy opens anything more.
    key.become_a_copy()
    give_password(browser)
    touch(browser)
    browser.see("密钥计数器倒退")
    assert not browser.driver.find_elements("css selector", "form[data-key]")
    browser.fill(code=recovery[1])
    browser.press("登录", within="main")
    browser.visit("/account/second-factor")
    browser.see("已停用：计数器倒退")
    browser.press("移除", within="main")
    browser.see("移除安全密钥", "移除后登录只需密码")
    browser.fill(code=recovery[0])
    browser.press("移除", within="main")
    browser.see("验证码不正确或已用过")
    browser.fill(code=recovery[2])
    browser.press("移除", within="main")
    assert browser.path == "/account/second-factor"
    browser.see("您的角色要求两步验证", "开始设置")
    give_password(browser)
    assert browser.path == "/account"
    with sqlite3.connect(house.folder / "kechuang.sqlite") as db:
        kinds = [kind for kind, in db.execute("SELECT kind FROM event WHERE kind LIKE 'access.key-%' ORDER BY id")]
    assert kinds == ["access.key-added", "access.key-refused", "access.key-removed"]


def test_a_key_removes_itself_and_a_browser_without_a_key_goes_on_with_codes(people, key):
    browser = people()
    browser.sign_in("officer")
    begin(browser, "本机")
    touch(browser, "继续")
    recovery = [e.text for e in browser.driver.find_elements("css selector", "main li code")]

    # It lies at home: the page says that it was not used, and takes a code.
    key.command("removeCredential", authenticatorId=key.id, credentialId=key.command(
        "getCredentials", authenticatorId=key.id)["credentials"][0]["credentialId"])
    give_password(browser, "officer")
    refuse(browser, "用安全密钥验证")
    browser.see("没有用上安全密钥")
    browser.fill(code=recovery[0])
    browser.press("登录", within="main")
    assert browser.path == "/account"

    # Nor does it agree to another one: a code does.
    begin(browser, "另一个")
    browser.see("请先出示现有的两步验证")
    browser.fill(code=recovery[1])
    browser.press("继续", within="main")
    browser.see("请插入或靠近安全密钥")
    touch(browser, "继续")
    assert browser.path == "/account/second-factor"
    browser.see("本机", "另一个", "还剩 8 个恢复码")
    browser.press("移除", within="main")
    touch(browser)
    assert browser.path == "/account/second-factor"
    browser.see("另一个")
    assert "本机" not in browser.text.replace("本机的指纹", "")
