"""Work permits as an employer and the bureau live them, in both languages."""
import datetime
import json
import re

import pytest
from selenium.webdriver.common.by import By


PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def jpeg(width, height):
    head = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0001108")
    return head + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes.fromhex("03012200021101031101") + bytes(200)


def check_digit(text):
    value = lambda c: int(c) if c.isdigit() else ord(c) - 55 if c.isalpha() else 0
    return str(sum(value(c) * (7, 3, 1)[i % 3] for i, c in enumerate(text)) % 10)


def passport(number, ends):
    """The two lines of a passport that nobody holds."""
    first = number.ljust(9, "<")
    first += check_digit(first)
    born = "900517" + check_digit("900517")
    expiry = ends.strftime("%y%m%d")
    expiry += check_digit(expiry)
    personal = "<" * 14 + "0"
    upper = "P<FRADUPONT<<MARIE".ljust(44, "<")
    return f"{upper}\n{first}FRA{born}F{expiry}{personal}{check_digit(first + born + expiry + personal)}"


class City:
    """The browser with the language that it speaks."""

    def __init__(self, browser, folder, language):
        self.browser, self.folder, self.language = browser, folder, language
        (folder / "paper.pdf").write_bytes(PDF)
        (folder / "photo.jpg").write_bytes(jpeg(400, 500))
        (folder / "small.jpg").write_bytes(jpeg(300, 400))

    def say(self, zh, en):
        return zh if self.language == "zh" else en

    @property
    def today(self):
        self.browser.visit("/health")
        return datetime.date.fromisoformat(json.loads(self.browser.text)["day"])

    def enter(self, login):
        self.browser.sign_in(login, self.language)

    def press(self, zh, en, **more):
        self.browser.press(self.say(zh, en), **more)

    def see(self, zh, en):
        self.browser.see(self.say(zh, en))

    def section(self, values, stay=False):
        self.browser.fill(values)
        self.press("保存" if stay else "保存并继续", "Save" if stay else "Save and go on", within="main")

    def upload(self, field, name):
        browser = self.browser
        element = browser.field(field)
        element.send_keys(str(self.folder / name))
        button = element.find_element(By.XPATH, "ancestor::form").find_element(By.TAG_NAME, "button")
        browser.follow(button)

    def act(self, action, values, zh, en):
        """Opens an action that asks something, answers and sends it."""
        self.browser.open(self.say(zh, en))
        self.browser.fill({f"{action}-{name}": value for name, value in values.items()})
        self.press(zh, en, within=f"form[action$='/actions/{action}']")

    def submit(self):
        self.press("核对并提交", "Check and submit", within="main")
        self.press("确认并提交", "Confirm and submit", within="main")
        self.browser.see(self.say("收件回执", "Receipt"))


REASONS = {"reason-zh": "不符合积分要求", "reason-en": "The points are too few"}
REMEDY = {"remedy-zh": "改依其他条件申请", "remedy-en": "Rely on another condition"}


def fill_application(city, points=False, criminal_age=20):
    """A new class B application, by degree and work or by points."""
    day = city.today
    date = lambda days: str(day + datetime.timedelta(days=days))
    city.browser.visit("/permits")
    city.press("外国人来华工作许可（90 日以上，境外申请）", "Work permit over 90 days, from abroad", within="main")
    city.press("外国人", "The foreigner", within="main")
    city.section({"name": "DUPONT MARIE", "mrz": "P<FRA", "nationality": "FRA"}, stay=True)
    mrz = passport("FR1234567", day + datetime.timedelta(days=2000))
    city.section({"mrz": mrz})
    city.section({
        "post": "Sensor engineer", "duties": "Builds sensors for the city", "need": "No local candidate was found",
        "trade": "M", "district": "440305", "category": "B", "route": "b6" if points else "b1",
        "post-kind": "none" if points else "enterprise", "approval": "not-needed"})
    city.section({
        "annual-salary": "10万元" if points else "42万元", "months-per-year": "12",
        "education": "bachelor" if points else "master", "years-of-work": "1" if points else "6", "hsk": "0"})
    city.section({
        "cv.0.from": "2010-09", "cv.0.to": "2015-06", "cv.0.place": "Sorbonne", "cv.0.what": "Student",
        "cv.0.country": "France", "cv.1.from": "2015-07", "cv.1.to": f"{day:%Y-%m}", "cv.1.place": "CNRS",
        "cv.1.what": "Engineer", "cv.1.country": "France"})
    city.section({
        "contract-kind": "contract", "contract-from": date(20), "contract-to": date(20 + 364),
        "criminal-country": "FRA", "degree-country": "FRA", "degree-proof": "apostille"})
    city.see("无犯罪记录证明（六个月内）", "No-criminal-record certificate, at most six months old")
    city.section({"issued-medical": date(-20), "issued-criminal": date(-criminal_age)}, stay=True)
    for paper in ("form", "work", "degree", "medical", "criminal", "contract", "passport"):
        city.upload(f"paper-{paper}", "paper.pdf")
    if points:
        for paper in ("evidence", "salary"):
            city.upload(f"paper-{paper}", "paper.pdf")
    city.upload("paper-photo", "small.jpg")
    city.see("照片至少 354×472 像素，现为 300×400。", "The photo needs at least 354×472 pixels; it has 300×400.")
    city.upload("paper-photo", "photo.jpg")
    city.browser.visit(re.sub(r"/sections/.*|/files/.*", "", city.browser.path))


@pytest.fixture(params=["zh", "en"])
def city(request, plain_browser, folder):
    return City(plain_browser, folder, request.param)


def test_a_wrong_paper_is_mended_and_the_permit_verifies(city):
    browser = city.browser
    city.enter("organisation")
    fill_application(city, criminal_age=220)
    city.press("核对并提交", "Check and submit", within="main")
    city.see("预审时将提出（可先改正）", "The pre-review will raise this; you can mend it now")
    city.press("确认并提交", "Confirm and submit", within="main")
    city.see("收件回执", "Receipt")

    city.enter("officer")
    browser.first_case("DUPONT MARIE")
    browser.see("paper.old", "DUPONT MARIE")
    assert "FR1234567" not in browser.driver.page_source, "passport data are shown on request only"
    city.press("一次性告知补正", "Send the one list of defects")
    city.see("补正材料一次性告知书", "One List of Defects")

    city.enter("organisation")
    browser.first_case("DUPONT MARIE")
    city.press("继续填写", "Go on filling in")
    city.see("请按以下意见补正", "Please correct these points")
    city.see("重新出具后上传。", "Have it issued anew and upload it.")
    address = browser.path
    fresh = str(city.today - datetime.timedelta(days=2))
    browser.visit(f"{address}/sections/papers")
    city.section({"issued-criminal": fresh}, stay=True)
    browser.visit(f"{address}/check")
    city.press("提交补正", "Send the corrections", within="main")

    city.enter("officer")
    browser.first_case("DUPONT MARIE")
    city.see("已补正", "Mended")
    city.press("受理", "Accept")
    city.see("7 个工作日", "7 working days")
    city.see("20 个工作日", "20 working days")

    city.enter("leader")
    browser.first_case("DUPONT MARIE")
    city.see("规则判定", "Rulings")
    city.press("准予许可", "Approve")
    city.see("已准予", "Granted")
    city.see("准予外国人来华工作许可决定书", "Decision to Grant a Work Permit")

    city.enter("organisation")
    browser.visit("/permits")
    browser.press("DUPONT MARIE", within="main")
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", browser.text).group(0)
    browser.driver.delete_all_cookies()
    browser.visit(f"/verify/permit?lang={city.language}")
    browser.fill(code=code.lower())
    city.press("核验", "Verify", within="main")
    browser.see("DUPONT MARIE", "Sensor engineer")
    assert "FR1234567" not in browser.driver.page_source and "1990" not in browser.text
    browser.visit("/verify/permit?code=AAAA-AAAA-AAAA-AAAA")
    city.see("没有这个验证码", "There is no such code")


def extend(city, name):
    """Files an extension of a member of staff with what is not known yet."""
    browser = city.browser
    browser.visit("/permits")
    browser.press(name, within="main")
    city.see("延期申请期", "An extension may be asked for")
    city.press("外国人工作许可延期", "Extension of a work permit", within="main")
    city.press("延期", "Extension", within="main")
    start = datetime.date.fromisoformat(browser.field("contract-from").get_attribute("value"))
    city.section({"contract-to": str(start + datetime.timedelta(days=364)), "route": "b1", "post-kind": "enterprise"})
    city.section({"months-per-year": "12", "education": "master", "years-of-work": "8", "hsk": "0"})
    for paper in ("form", "contract", "passport", "visa"):
        city.upload(f"paper-{paper}", "paper.pdf")
    browser.visit(re.sub(r"/sections/.*|/files/.*", "", browser.path))
    city.submit()
    return start + datetime.timedelta(days=364)


def shown(city, day):
    return city.say(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}")


def test_an_extension_in_time(city):
    browser = city.browser
    city.enter("organisation")
    end = extend(city, "LINDQVIST ASTRID")
    city.enter("officer")
    browser.first_case("LINDQVIST ASTRID")
    city.see("自动审查未发现问题。", "The automatic check found nothing.")
    city.press("受理", "Accept")
    city.enter("leader")
    browser.first_case("LINDQVIST ASTRID")
    city.press("准予延期", "Extend")
    city.see("准予延期决定书", "Decision to Extend a Work Permit")
    city.enter("organisation")
    browser.visit("/permits")
    browser.press("LINDQVIST ASTRID", within="main")
    browser.see(shown(city, end))
    city.see("准予延期", "Extended")


def test_an_extension_that_nobody_decides_is_deemed(city):
    browser = city.browser
    city.enter("organisation")
    end = extend(city, "OKAFOR CHINEDU")
    browser.visit("/demo?lang=zh")
    browser.move_clock(36)
    city.enter("organisation")
    browser.first_case("OKAFOR CHINEDU")
    city.see("视为准予延续通知书", "Notice of Deemed Extension")
    browser.visit("/permits")
    browser.press("OKAFOR CHINEDU", within="main")
    browser.see(shown(city, end))
    city.see("行政许可法第五十条", "Administrative Licensing Law, article 50")


def test_a_refusal_by_points_is_appealed(city):
    browser = city.browser
    city.enter("organisation")
    fill_application(city, points=True)
    city.submit()

    city.enter("officer")
    browser.first_case("DUPONT MARIE")
    browser.see("category.route")
    city.press("受理", "Accept")
    city.enter("leader")
    browser.first_case("DUPONT MARIE")
    city.press("准予许可", "Approve")
    city.see("还有未解决的审查意见", "Some findings are still open")
    city.act("refuse", {**REASONS, **REMEDY}, "不予许可", "Refuse")
    city.see("不予许可决定书", "Decision of Refusal")

    city.enter("organisation")
    browser.first_case("DUPONT MARIE")
    city.see("不服决定？", "Do you disagree with the decision?")
    browser.press(city.say("不予许可决定书", "Decision of Refusal"))
    city.see("改依其他条件申请", "Rely on another condition")
    city.see("申请行政复议", "reconsideration within sixty days")
    browser.driver.back()
    browser.settle()
    city.press("申请行政复议", "Ask for reconsideration", within="main")
    city.press("复议申请", "The appeal", within="main")
    day = browser.path
    today = str(city.today)
    browser.visit(day)
    city.section({"notified-on": today, "grounds": "工作年限应按满年计算", "wish": "撤销决定并重新审查"})
    city.submit()

    city.enter("leader2")
    browser.first_case("WPA-")
    city.press("受理", "Accept")
    city.act("revoke", {"reason-zh": "原决定认定事实不清", "reason-en": "The facts are not clear"},
             "撤销，责令重新审查", "Revoke and order a new examination")
    city.see("行政复议结果通知书", "Outcome of the Reconsideration")
    browser.first_case("DUPONT MARIE")
    city.see("复议撤销，重新审查", "Refusal revoked, examined anew")
    browser.fill(reason="依照复议决定重新认定")
    city.press("核销", "Override")
    city.press("准予许可", "Approve")
    city.see("已准予", "Granted")
