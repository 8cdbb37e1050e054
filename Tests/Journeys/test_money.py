"""Public money from the council's grant to the surplus that comes back, and from the public page to the voucher."""
import re
import urllib.request
from datetime import timedelta

from player import Player
from selenium.webdriver.common.by import By
from test_budget import BECAUSE, DEFINITION, cell, line, paper, yuan
from test_round import answer_of_bank, apply, check_and_review, decide, order_tranche, sign_project, today, write_call

PAGE = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PROGRAMME = "自然科学基金"


def grant(browser):
    """The council grants money, and it is given to the programme, by two people."""
    player = Player(browser, "zh")
    player.be("officer")
    before = yuan(cell(browser, "/ledger?year=2026", PROGRAMME, "预算（元）"))
    case = player.file_in(
        paper("市级财政追加", "addition", [
            line(None, "up", 3_000_000, "municipal"), line("natural-science", "up", 3_000_000, "municipal")]), DEFINITION)
    for login, action, answers in (("officer", "propose", {"share-reason": BECAUSE}), ("leader", "approve", {})):
        player.do(case, DEFINITION, {"by": login, "do": action, "with": answers})
    assert yuan(cell(browser, "/ledger?year=2026", PROGRAMME, "预算（元）")) == before + 3_000_000


def bounced_then_paid(browser, project, folder):
    """The bank refuses the first order; the money is back in the contract and is ordered anew."""
    order_tranche(browser)
    answer_of_bank(browser, folder, "bounced.csv", "rejected", "AC04 账户已销户")
    browser.visit("/desk/treasury?state=rejected")
    browser.visit(project)
    assert "已拨付" not in browser.driver.find_element(By.CSS_SELECTOR, "main table").text
    order_tranche(browser)
    answer_of_bank(browser, folder, "paid.csv", "paid")
    browser.visit(project)
    browser.see("已拨付")


def spend(browser, number, folder):
    """More than was paid is refused; a real voucher goes through the organisation and the bureau into the books."""
    browser.move_clock(20)
    browser.sign_in("applicant")
    browser.visit(f"/projects/{number}/money")
    day = today(browser)
    browser.visit(f"/projects/{number}/money")
    browser.fill({"from": str(day - timedelta(days=15)), "to": str(day - timedelta(days=1))})
    browser.press("新建支出报告", within="main")
    report = browser.path
    invoice = folder / "invoice.pdf"
    invoice.write_bytes(PAGE)
    voucher = {
        "number": "FP-1", "day": str(day - timedelta(days=3)), "heading": "operations", "payee": "深圳市感知材料有限公司",
        "amount": "9000000", "purpose": "实验材料", "file": str(invoice)}
    browser.fill(voucher)
    browser.press("登记凭证", within="#entry")
    browser.see("已拨付而未支出的资金只有")
    browser.fill({"amount": "34567.89", "file": str(invoice)})
    browser.press("登记凭证", within="#entry")
    browser.see("FP-1", "票据")
    case = report.replace("/spending/", "/cases/").removesuffix("/vouchers")
    for login, button in (("applicant", "提交单位审核"), ("organisation", "单位确认并报送"), ("officer", "审核入账")):
        browser.sign_in(login)
        browser.visit(case)
        browser.press(button)
    browser.see("已入账")


def close(browser, project):
    """The project is closed, and what it did not spend comes back."""
    browser.sign_in("applicant")
    browser.visit(project)
    browser.press("填写验收申请")
    browser.fill({
        "summary-report": "项目完成了主要研究内容，形成了原型系统并完成验证。", "results.0.name": "论文", "results.0.reached": "5 篇",
        "results.0.evidence": "检索证明", "spent": "34567.89",
    })
    browser.press("保存", within="main")
    browser.press("申请验收")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("材料齐全")
    browser.open("提出验收结论")
    browser.fill({"propose-outcome-outcome": "closed", "propose-outcome-opinion": "指标基本完成。", "propose-outcome-surplus": "1"})
    browser.press("提出验收结论", within="details form")
    left = re.search(r"账上未支出 ([\d,.]+) 元", browser.text).group(1)
    browser.fill({"propose-outcome-surplus": left})
    browser.press("提出验收结论", within="details form")
    browser.sign_in("leader")
    browser.visit(project)
    browser.press("审定")
    browser.see("结题", "应退")
    browser.sign_in("treasurer")
    browser.visit("/desk/tranches")
    row = next(r for r in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr") if left in r.text)
    browser.follow(row.find_element(By.XPATH, ".//button[contains(., '已到账')]"))
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("归档办结")
    browser.see("已办结")
    return left


def follow(browser, number, left):
    """From the page that everybody sees to the decision, the payments, the voucher and its file."""
    browser.driver.delete_all_cookies()
    browser.visit(f"/projects/{number}")
    assert "资金轨迹" not in browser.text
    browser.sign_in("auditor")
    browser.visit(f"/projects/{number}")
    browser.press("资金轨迹")
    browser.see("立项决定", "依据的规则", "支出凭证", "FP-1", "34,567.89", left, "AC04 账户已销户", "未能支付")
    trail = browser.path + "?for=" + number
    paper = browser.driver.find_element(By.CSS_SELECTOR, "a[href^='/documents/']").get_attribute("href")
    session = "; ".join(f"{c['name']}={c['value']}" for c in browser.driver.get_cookies())
    assert urllib.request.urlopen(urllib.request.Request(paper, headers={"Cookie": session})).read() == PAGE
    postings = [link.get_attribute("href") for link in browser.driver.find_elements(By.CSS_SELECTOR, "a[href^='/ledger/postings/']")]
    assert len(postings) >= 6, trail
    browser.visit(postings[-1].removeprefix(browser.address))
    browser.see("分录", "办件")


def test_a_fen_from_the_grant_to_the_surplus(plain_browser, folder):
    browser = plain_browser
    grant(browser)
    call = write_call(browser)
    case = apply(browser, folder)
    check_and_review(browser, call, case, folder)
    project = sign_project(browser, decide(browser, call, folder))
    browser.sign_in("officer")
    browser.visit(project)
    number = browser.driver.find_element(By.CSS_SELECTOR, "main .title-row + p").text.split(" · ")[1].strip()
    bounced_then_paid(browser, project, folder)
    spend(browser, number, folder)
    follow(browser, number, close(browser, project))
