"""A second factor: set up with an authenticator, used, lost and recovered; sessions seen and ended."""
import base64
import hashlib
import hmac
import re
import sqlite3
import struct
import time

from client import Client
from house import PASSWORD


offset = 0


def code(secret, ahead=0):
    """What an authenticator shows (RFC 6238), by code that is not the house's."""
    step = int(time.time() + offset) // 30 + ahead
    mac = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step), hashlib.sha1).digest()
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_treasurer_signs_in_with_a_second_factor(server, plain_browser):
    global offset
    browser = plain_browser
    browser.sign_in("treasurer")
    browser.visit("/account")
    browser.see("登录的设备", "当前")
    browser.press("两步验证", within="main")
    browser.press("开始设置")
    browser.see("密码不正确")
    browser.fill(codes_password=PASSWORD)
    browser.press("开始设置")
    browser.see("用身份验证器扫描")
    secret = next(e.text for e in browser.driver.find_elements("css selector", "main code"))
    assert browser.driver.find_elements("css selector", "main svg[aria-label='QR']")
    # Its time: that of the city, to the second.
    offset = city_offset(server)
    browser.fill(code="000000")
    browser.press("启用")
    browser.see("验证码不正确或已用过")
    used = code(secret)
    browser.fill(code=used)
    browser.press("启用")
    browser.see("恢复码（只显示一次）")
    recovery = [e.text for e in browser.driver.find_elements("css selector", "main li code")]
    assert len(recovery) == 10

    browser.driver.delete_all_cookies()
    browser.visit("/sign-in?return=/payment-runs")
    browser.fill(login="treasurer", password=PASSWORD)
    browser.press("登录", within="main")
    browser.see("两步验证", "身份验证器显示的 6 位数字")
    browser.fill(code=used)
    browser.press("登录", within="main")
    browser.see("验证码不正确或已用过")
    browser.fill(code=code(secret, 1))
    browser.press("登录", within="main")
    browser.visit("/account")
    browser.see("我的账号", "登录的设备")

    # The phone is lost: a recovery code opens, once.
    for words in ["我的账号", "验证码不正确或已用过"]:
        browser.driver.delete_all_cookies()
        browser.visit("/sign-in?return=/account")
        browser.fill(login="treasurer", password=PASSWORD)
        browser.press("登录", within="main")
        browser.fill(code=recovery[0])
        browser.press("登录", within="main")
        browser.see(words)

    # An administrator takes the factor off.
    browser.sign_in("admin")
    browser.visit("/admin?q=treasurer")
    browser.press("重置两步验证")
    browser.sign_in("treasurer")
    browser.visit("/account/second-factor")
    browser.see("开始设置")


def city_offset(server):
    """How far the city's clock is ahead, from the file of the database."""
    with sqlite3.connect(server.folder / "kechuang.sqlite") as db:
        lead = db.execute("SELECT value FROM setting WHERE name = 'demonstration.lead'").fetchone()
    return int(lead[0]) / 1_000_000 if lead else 0


def test_a_session_that_is_ended_elsewhere_is_over(server):
    first, second = Client(server.address).sign_in("officer"), Client(server.address).sign_in("officer")
    _, page = first.open("/account")
    ends = re.findall(r'action="(/account/sessions/[0-9a-f]+/end)"', page)
    assert len(ends) == 2
    own = re.search(r"当前.*?(/account/sessions/[0-9a-f]+/end)", page, re.S).group(1)
    other = next(end for end in ends if end != own)
    status, _ = first.form(other, {}, page="/account")
    assert status == 200
    assert "登录" in second.open("/account")[1] and "登录的设备" not in second.open("/account")[1]
    assert "登录的设备" in first.open("/account")[1]
