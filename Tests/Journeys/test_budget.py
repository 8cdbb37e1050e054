"""Public money from the council's paper to the board: granted, given to a programme, changed, refused, shown to all."""
import pytest
from player import Player, procedures
from selenium.webdriver.common.by import By
from test_site import look

DEFINITION = procedures()["funding.budget"]
BECAUSE = "本年基础研究规模由下年度预算补足。"


def paper(name, kind, lines, reason="按批复文件办理。"):
    return {
        "id": name, "procedure": "funding.budget", "by": "officer", "files": ["papers"],
        "answers": {"name": name, "year": 2026, "kind": kind, "document": "深财科〔2026〕99号", "lines": lines, "reason": reason}}


def line(programme, direction, yuan, source="national"):
    found = {"source": source, "direction": direction, "amount": yuan * 100}
    return {**found, "programme": programme} if programme else found


def cell(browser, address, row, column):
    """A cell of a table by the words of its row and the title of its column."""
    browser.visit(address)
    for found in browser.driver.find_elements(By.CSS_SELECTOR, "main tbody tr"):
        if found.text.split("\n")[0].startswith(row) or row in found.text:
            return found.find_element(By.CSS_SELECTOR, f"td[data-title='{column}']").text.strip()
    raise AssertionError(f"no row {row} on {address}:\n{browser.text[:2000]}")


def yuan(text):
    return int(text.replace(",", "").split(".")[0])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_budget_from_the_grant_to_the_board(plain_browser, language):
    browser = plain_browser
    player = Player(browser, language)
    zh = language == "zh"
    programme = "重大专项" if zh else "Major Special Projects"
    budget, left = ("预算（元）", "余额（元）") if zh else ("Budget (yuan)", "Left (yuan)")

    def file(story):
        player.be("officer")
        return player.file_in(story, DEFINITION)

    def do(case, login, action, **answers):
        player.do(case, DEFINITION, {"by": login, "do": action, "with": answers})

    player.be("leader")
    before = yuan(cell(browser, f"/ledger?year=2026&lang={language}", programme, budget))

    # Appropriated by the nation, given to a programme; posted only when the leader approves.
    case = file(paper("国家专项资金下达", "annual", [line(None, "up", 9_000_000), line("key-technology", "up", 7_000_000)]))
    do(case, "officer", "propose", **{"share-reason": BECAUSE})
    player.be("leader")
    assert yuan(cell(browser, "/ledger?year=2026", programme, budget)) == before
    browser.visit(f"/cases/{case}")
    browser.see("批准后的变化" if zh else "What approval would change", "+7,000,000.00")
    do(case, "leader", "approve")
    browser.see(*(("已记账", "重大专项 · 2026 年") if zh else ("Posted", "Major Special Projects · 2026")))
    assert yuan(cell(browser, "/ledger?year=2026", programme, budget)) == before + 7_000_000

    # A change in mid-year needs a reason where basic research is below the law, and the article is named.
    change = file(paper("年中调剂", "shift", [
        line("key-technology", "down", 2_000_000), line("technology-general", "up", 2_000_000)]))
    story = {"by": "officer", "do": "propose", "with": {}}
    cut = file(paper("追减", "addition", [line("key-technology", "down", 900_000_000), line(None, "down", 900_000_000)]))
    player.refuse(cut, DEFINITION, {**story, "with": {"share-reason": BECAUSE}})
    do(change, "officer", "propose", **{"share-reason": BECAUSE})
    do(change, "leader", "approve")
    assert yuan(cell(browser, "/ledger?year=2026", programme, budget)) == before + 5_000_000

    # The board in all its cuts, for the bureau and for everybody.
    for by in ["programme", "month", "district", "field"]:
        browser.visit(f"/ledger?year=2026&by={by}")
        assert browser.driver.find_elements(By.CSS_SELECTOR, "main svg") or "empty" in browser.driver.page_source, by
    shown = yuan(cell(browser, "/ledger?year=2026", programme, left))
    browser.driver.delete_all_cookies()
    assert yuan(cell(browser, f"/budget?year=2026&lang={language}", programme, budget)) == before + 5_000_000
    assert yuan(cell(browser, "/budget?year=2026", programme, left)) >= shown
    assert "/ledger/" not in browser.driver.find_element(By.TAG_NAME, "main").get_attribute("innerHTML")
    browser.visit(f"/performance?lang={language}")
    browser.see(*(["2025", "自然科学基金", "优", "依据待核"] if zh else ["Municipal Natural Science Fund", "Excellent", "source to be checked"]))


def test_months_are_closed_by_two_people(plain_browser):
    browser = plain_browser
    browser.sign_in("treasurer")
    browser.visit("/ledger/periods")
    browser.see("已结账", "待批准结账", "2025-11", "2025-12")
    browser.fill({"month": "2025-10", "reason": "核对无误"})
    browser.press("提出", within="main form")
    browser.see("2025-10")
    browser.fill({"month": "2030-01", "reason": "早了"})
    browser.press("提出", within="main form")
    browser.see("2030-01 还没有结束，不能结账。")
    assert browser.field("reason").get_attribute("value") == "早了"
    browser.sign_in("leader")
    browser.visit("/ledger/periods")
    browser.press("批准", within="main table")
    assert browser.text.count("待批准结账") == 1, browser.text


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_of_money_fit(plain_browser, width):
    browser = plain_browser
    driver = browser.driver
    if width == 390:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    browser.sign_in("leader")
    for page in ["/desk/programmes", "/desk/programmes?year=2027", "/desk/forecast", "/ledger", "/ledger?by=month",
                 "/ledger?by=district", "/ledger?by=field", "/ledger/periods", "/desk/performance", "/desk/performance?year=2025",
                 "/budget", "/budget?by=month", "/performance"]:
        for language in ["zh", "en"]:
            address = page + ("&" if "?" in page else "?") + f"lang={language}"
            assert not look(browser, address, (width == 1280) == (language == "zh"))
            assert driver.find_elements(By.CSS_SELECTOR, "main h1"), f"{page}: {browser.text[:500]}"
