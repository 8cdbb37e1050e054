"""What every page must be: accessible, right on a phone, in both languages; and forms that are told what to mend."""
import re

import pytest
from axe_selenium_python import Axe
from client import Client, answers, organisation_of

PUBLIC = ["/", "/calls", "/calls/NATURAL-SCIENCE-2026-001", "/notices", "/projects", "/guides",
          "/guides/funding.application", "/search?q=%E5%9F%BA%E9%87%91", "/verify", "/verify/permit", "/sign-in", "/register",
          "/guides/talent.complaint", "/guides/privacy.erasure", "/talent/check", "/accessibility", "/incidents", "/demo", "/nothing-here"]
SIGNED_IN = {
    "applicant": ["/work", "/account", "/messages", "/organisation", "/applications/new?call=NATURAL-SCIENCE-2026-001",
                  "{draft}", "{draft}/sections/basics", "{draft}/sections/team", "{draft}/sections/budget-section",
                  "{draft}/sections/content", "{draft}/check", "{case}"],
    "officer": ["/desk", "/desk/calls", "/desk/calls/new", "/desk/programmes", "/desk/decisions", "/desk/projects",
                "/desk/tranches", "/desk/treasury", "/desk/treasury/new", "/desk/experts", "/desk/organisations", "{organisation}", "/desk/talent",
                "/desk/talent/experts", "/desk/talent/experts/new", "/desk/talent/permits", "/desk/talent/cases",
                "/desk/talent/statistics", "/desk/talent/exports", "/rules", "/rules/parameters/talent.points.salary",
                "/rules/of/talent.points",
                "/rules/laboratory?rule=talent.points&parameter=talent.points.class-a&value=80&cases=500&group=education",
                "{call}", "{call}/applications", "{call}/review", "{call}/ranking",
                "{call}/line"],
    "organisation": ["/permits", "{filing}", "{filing}/sections/person", "{filing}/sections/merit",
                     "{filing}/sections/papers", "{filing}/check", "{permit}", "/talent/employers",
                     "{employer}/notices/new", "/bank-accounts"],
    "leader": ["/desk/permits", "/desk/talent/summary"],
    "expert1": ["/reviews"],
    "foreign-expert": ["/talent/me", "/talent/requests/new?kind=service", "/talent/requests/new?kind=complaint",
                       "/privacy"],
    "treasurer": ["/desk/treasury", "/desk/treasury/orders", "/desk/treasury/runs", "/desk/treasury/answers",
                  "/desk/treasury/queue", "/desk/treasury/accounts", "{payment}", "{run}", "{answer}"],
    "auditor": ["/audit", "/audit/cases", "/audit/events", "/audit/looks", "/audit/privacy"],
    "admin": ["/admin", "/admin/incidents", "{incident}"],
}


def places(browser):
    """The paths of a draft, its case and its call."""
    client = Client(browser.address).sign_in("applicant").make_token()
    _, made = client.api(
        "POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": organisation_of(client)})
    client.api("PUT", f"/applications/{made['id']}/answers", {**answers(1), "requested": "很多"}, version=0)
    employer = Client(browser.address).sign_in("organisation").make_token()
    _, page = employer.open("/permits")
    organisation = re.search(r'name="organisation" value="([0-9a-f-]{36})"', page).group(1)
    _, filing = employer.api("POST", "/permits/filings", {"kind": "talent.new-abroad", "organisation": organisation})
    employer.api(
        "PUT", f"/permits/filings/{filing['caseID']}/answers", {"name": "DUPONT MARIE", "category": "B", "route": "b1"},
        version=0)
    return {"organisation": f"/desk/organisations/{made['organisation']}", "draft": f"/applications/{made['id']}", "case": f"/cases/{made['id']}", "call": f"/desk/calls/{made['call']}",
            "employer": f"/talent/employers/{organisation_of(client)}", "filing": f"/permits/filings/{filing['caseID']}", "permit": re.search(r"/permits/[0-9a-f-]{36}", page).group(0),
            "incident": re.search(
                r"/admin/incidents/[0-9a-f-]{36}",
                Client(browser.address).sign_in("admin").open("/admin/incidents")[1]).group(0),
            **payments(browser.address)}


def payments(address):
    """The paths of an order, a run and an answer of the demonstration."""
    treasurer = Client(address).sign_in("treasurer")
    kinds = {"payment": "orders", "run": "runs", "answer": "answers"}
    return {name: re.search(rf"/desk/treasury/{kind}/[0-9a-f-]{{36}}", treasurer.open(f"/desk/treasury/{kind}")[1]).group(0)
            for name, kind in kinds.items()}


# What axe finds, and no more: what is in order is told in thousands of nodes.
AXE = """
    const [done] = arguments;
    axe.run(document, {resultTypes: ["violations"]}).then(
        found => done(found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)),
        problem => done([String(problem)]))"""


def look(browser, path, accessible=True):
    """Everything wrong with a page: it is too wide, or axe finds faults, where that is asked for."""
    browser.visit(path)
    faults = []
    if accessible:
        Axe(browser.driver).inject()
        faults = [f"{path}: {fault}" for fault in browser.driver.execute_async_script(AXE)]
    wide = browser.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    return faults + ([f"{path} is {wide} pixels too wide"] if wide > 0 else [])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_and_fits(plain_browser, language, width):
    browser = plain_browser
    known = places(browser)
    if width == 390:
        # Windows have a least width; the device is what matters on a phone.
        browser.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    browser.visit(f"/?lang={language}")
    faults = []
    # Each width and each language once: what axe finds does not hang on the two together, and it takes longer than
    # the page.
    accessible = (width == 1280) == (language == "zh")
    for path in PUBLIC:
        faults += look(browser, path, accessible)
    for login, paths in SIGNED_IN.items():
        browser.driver.delete_all_cookies()
        browser.visit(f"/sign-in?lang={language}")
        browser.fill(login=login, password="kechuang-demo")
        browser.press("登录" if language == "zh" else "Sign in", within="main")
        for path in paths:
            faults += look(browser, path.format(**known) if "{" in path else path, accessible)
    assert not faults, "\n".join(faults)


def test_forms_say_what_to_mend_and_keep_what_was_typed(server):
    client = Client(server.address)
    status, text = client.form("/register", {"name": "", "number": "123", "login": "x", "password": "short", "orcid": "1"})
    assert status == 422
    for field in ("name", "number", "login", "password", "orcid"):
        assert f'href="#f-{field}"' in text, field
    assert 'value="123"' in text, "what was typed is lost"
    status, text = client.form("/sign-in", {"login": "applicant", "password": "wrong"})
    assert status == 401 and 'value="applicant"' in text
    client.sign_in("applicant")
    status, text = client.form("/organisation/new", {"name-zh": "甲", "uscc": "91440300708461136X"})
    assert status == 422 and "校验位" in text and 'href="#f-address"' in text
    status, text = client.form("/verify", {}, page="/verify")
    assert status in (404, 405)
    status, text = client.open("/verify?code=AAAA-BBBB-CCCC-DDDD")
    assert status == 404 and "没有这个验证码" in text


def test_a_form_without_its_token_is_refused(server):
    client = Client(server.address).sign_in("applicant")
    status, text = client.open("/account/password", b"old=a&new=b")
    assert status == 403, text


def test_guessing_passwords_is_slowed_down(server):
    client = Client(server.address)
    codes = [client.form("/sign-in", {"login": "leader", "password": f"guess {number}"})[0] for number in range(8)]
    assert codes[0] == 401 and codes[-1] == 429, codes


@pytest.mark.parametrize("body, kind, code", [
    (b"login=%FF%FE&password=x", "application/x-www-form-urlencoded", 400),
    (b"login=%zz", "application/x-www-form-urlencoded", 400),
    (b"login=" + b"x" * (2 << 20), "application/x-www-form-urlencoded", 413),
    (b"--a\r\nContent-Disposition: form-data", "multipart/form-data; boundary=a", 400),
    (b"{}", "application/json", 415),
], ids=["encoding", "percent", "too-large", "cut", "type"])
@pytest.mark.parametrize("language, words", [("zh", ["编码", "请求", "过大", "类型", "无法"]), ("en", ["encoding", "request", "large", "type", "cannot"])])
def test_forms_that_cannot_be_read_are_told_so(server, body, kind, code, language, words):
    client = Client(server.address)
    client.open(f"/sign-in?lang={language}")
    status, text = client.open("/sign-in", body, {"Content-Type": kind})
    assert status == code, text
    assert any(word in text for word in words), text


def test_the_demonstration_signs_anybody_in(plain_browser):
    browser = plain_browser
    for login, words in [("applicant", "我的工作台"), ("officer", "业务"), ("leader", "业务"), ("auditor", "审计")]:
        browser.visit("/demo")
        for row in browser.driver.find_elements("css selector", "tbody tr"):
            if any(code.text == login for code in row.find_elements("tag name", "code")):
                browser.follow(row.find_element("tag name", "button"))
                break
        assert browser.path == "/work", (login, browser.text)
        browser.see(words)


def test_strangers_see_nothing_of_a_case(server):
    client = Client(server.address).sign_in("applicant").make_token()
    _, made = client.api(
        "POST", "/applications", {"call": "NATURAL-SCIENCE-2026-001", "organisation": organisation_of(client)})
    stranger = Client(server.address)
    status, text = stranger.open(f"/cases/{made['id']}")
    assert "登录" in text and made["number"] not in text
    stranger.sign_in("expert1")
    for path in (f"/cases/{made['id']}", f"/applications/{made['id']}", f"/cases/{made['id']}/package"):
        status, text = stranger.open(path)
        assert status in (403, 404) and made["number"] not in text, path


@pytest.mark.parametrize("body, code", [
    (b"", 400), (b"{", 400), (b"[1.5]", 400), (b'{"call": 1, "organisation": "x"}', 422), (b'{"call": "X"}', 422),
    (b"\xff\xfe", 400), (b'{"call": "X", "call": "Y"}', 400), (b"x" * (2 << 20), 413),
], ids=["empty", "cut", "fraction", "wrong-type", "missing", "encoding", "double", "too-large"])
def test_malformed_json_is_told_so(server, body, code):
    client = Client(server.address).sign_in("applicant").make_token()
    status, text = client.open(
        "/api/v1/applications", body,
        {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"})
    assert status == code, text
    assert '"code"' in text and '"translations"' in text
