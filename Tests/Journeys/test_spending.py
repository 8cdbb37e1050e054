"""An awardee accounts for its money: refused vouchers, an import, the officer's look, the end with its surplus."""
import re
import urllib.request
from datetime import date, timedelta

import openpyxl
from selenium.webdriver.common.by import By

TITLE = "跨海通道结构健康监测方法"


def project_of(browser):
    browser.visit("/projects")
    for row in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr"):
        if TITLE in row.text:
            return row.find_element(By.TAG_NAME, "a").text.strip()
    raise AssertionError(browser.text)


def draft_report(browser, project):
    """Opens the report that is still being written, and says its last day."""
    browser.visit(f"/projects/{project}/money")
    browser.see("经费科目", "各科目支出", "支出报告", "账目", "已拨付未支出")
    for row in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr"):
        if "登记支出" in row.text:
            browser.follow(row.find_element(By.TAG_NAME, "a"))
            return
    raise AssertionError(browser.text)


def period(browser):
    lead = browser.driver.find_element(By.CSS_SELECTOR, "p.lead").text
    days = [date(*map(int, found)) for found in re.findall(r"(\d{4})年(\d{1,2})月(\d{1,2})日", lead)]
    return days[0], days[1]


def enter(browser, **values):
    browser.fill({name.replace("_", "-"): value for name, value in values.items()})
    browser.press("登记凭证", within="#entry")


def refused_and_entered(browser, day, folder):
    enter(browser, number="JN-1", day=str(day), heading="operations", payee="深圳市某船务有限公司", amount="9000000", purpose="租船")
    browser.see("已拨付而未支出的资金只有", "「业务费」预算", "本笔超出", "项目合同书 经费预算", "是 10,000.00 元的整数倍")
    browser.fill({"amount": "20000"})
    browser.press("登记凭证", within="#entry")
    browser.see("是 10,000.00 元的整数倍", "如属实请说明理由")
    browser.fill({"reason": "合同约定的整数租金"})
    page = folder / "invoice.pdf"
    page.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    browser.fill({"file": str(page)})
    browser.press("登记凭证", within="#entry")
    browser.see("JN-1", "整数金额", "合同约定的整数租金", "票据")
    enter(browser, number="ＪＮ-1", day=str(day), heading="operations", payee="深圳市某船务有限公司", amount="20000", purpose="租船", reason="再报一次")
    browser.see("同一收款方、号码和金额的凭证已在本项目")
    browser.open("专家费")
    browser.fill({
        "number": "JN-2", "payee": "王专家", "amount": "2400.01", "purpose": "专家咨询费", "expert-rank": "senior",
        "expert-form": "meeting", "expert-count": "1", "reason": "",
    })
    browser.press("登记凭证", within="#entry")
    browser.see("专家费标准上限为 2,400.00 元", "财科教〔2017〕128号")
    browser.fill({"day": str(day - timedelta(days=3000))})
    browser.press("登记凭证", within="#entry")
    browser.see("不在合同期")


def imported(browser, day, folder):
    browser.visit(browser.path.removesuffix("/vouchers"))
    report = browser.path
    session = "; ".join(f"{c['name']}={c['value']}" for c in browser.driver.get_cookies())
    request = urllib.request.Request(
        f"{browser.address}/spending/template?format=xlsx&lang=zh", headers={"Cookie": session})
    path = folder / "template.xlsx"
    path.write_bytes(urllib.request.urlopen(request).read())
    book = openpyxl.load_workbook(path)
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    assert titles[:3] == ["凭证号", "日期", "费用科目"]
    sheet.delete_rows(2, 10)
    rows = [("JN-10", "业务费", 1234.56), ("JN-11", "差旅", 50), ("JN-12", "Labour", 800)]
    for number, heading, amount in rows:
        line = dict.fromkeys(titles)
        line.update({"凭证号": number, "日期": day, "费用科目": heading, "收款方": "深圳市测试中心", "金额（元）": amount, "用途": "测试"})
        sheet.append([line[title] for title in titles])
    book.save(path)
    browser.fill({"vouchers": str(path)})
    browser.press("导入", within="#import")
    browser.see("1 行不能导入，整个文件都没有写入", "费用科目应为")
    sheet.cell(3, 3).value = "劳务费"
    book.save(path)
    browser.visit(report)
    browser.fill({"vouchers": str(path)})
    browser.press("试导入，不写入", within="#import")
    browser.see("3 行都可导入，合计 2,084.56 元；尚未写入")
    for words in ("已导入 3 张凭证，合计 2,084.56 元", "这个文件此前已导入，没有改变"):
        browser.visit(report)
        browser.fill({"vouchers": str(path)})
        browser.press("导入", within="#import")
        browser.see(words)
    browser.visit(report)
    browser.see("JN-10", "JN-12")
    return report


def handed_in(browser, report, project):
    case = report.replace("/spending/", "/cases/")
    for again in (True, False):
        browser.sign_in("applicant")
        if not again:
            browser.visit(report)
            browser.see("请补充租船合同", "请改正后重报")
        browser.visit(case)
        browser.press("提交单位审核")
        browser.sign_in("organisation")
        browser.visit(case)
        browser.press("单位确认并报送")
        browser.sign_in("officer")
        if again:
            browser.visit(report)
            browser.open("填写意见")
            browser.fill({"remark": "请补充租船合同"})
            browser.press("填写意见", within="details form")
            browser.see("请补充租船合同")
            browser.visit(case)
            browser.open("退回修改")
            browser.fill({"return-reason": "请改正后重报"})
            browser.press("退回修改", within="details form")
        else:
            browser.visit(case)
            browser.press("审核入账")
            browser.see("已入账")
    browser.visit(report)
    browser.see("已入账", "过账")
    browser.press("过账", within="tbody")
    browser.see("支出 FP2025-")
    browser.visit(f"/projects/{project}/money")
    browser.see("已支出 · 设备费", "已拨付 · 市自然科学基金")


def withdrawn(browser, report):
    browser.sign_in("applicant")
    browser.visit(report)
    browser.open("申请撤回")
    browser.fill({"reason": "重复付款，已退"})
    browser.press("申请撤回", within="details form")
    browser.sign_in("officer")
    browser.visit("/desk/spending")
    browser.see("待决定的凭证撤回", "支出率", "依据待核")
    browser.visit(report)
    browser.press("同意撤回")
    browser.see("已撤回")


def ended(browser, project):
    """What is left is kept, and must be what the books have."""
    browser.sign_in("officer")
    case = None
    browser.visit("/desk/projects")
    for row in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr"):
        if project in row.text:
            case = row.find_element(By.TAG_NAME, "a").get_attribute("href").removeprefix(browser.address)
    browser.sign_in("applicant")
    browser.visit(case)
    browser.press("填写验收申请")
    browser.fill({
        "summary-report": "项目完成了全部研究内容，方法已在现场验证并推广应用。", "results.0.name": "论文", "results.0.reached": "5 篇",
        "results.0.evidence": "检索证明", "spent": "200000",
    })
    browser.press("保存", within="main")
    browser.press("申请验收")
    browser.sign_in("officer")
    browser.visit(case)
    browser.press("材料齐全")
    browser.open("提出验收结论")
    browser.fill({"propose-outcome-outcome": "passed", "propose-outcome-opinion": "指标全部完成。", "propose-outcome-surplus": "1"})
    browser.press("提出验收结论", within="details form")
    browser.see("结余应与此相等")
    left = re.search(r"账上未支出 ([\d,.]+) 元", browser.text).group(1)
    browser.fill({"propose-outcome-surplus": left})
    browser.press("提出验收结论", within="details form")
    browser.sign_in("leader")
    browser.visit(case)
    browser.press("审定")
    browser.visit(f"/projects/{project}/money")
    browser.see("结余留用", left)


def comes_back(browser):
    browser.sign_in("treasurer")
    browser.visit("/desk/recoveries?late=yes")
    browser.see("逾期", "结题")
    browser.follow(browser.driver.find_element(By.CSS_SELECTOR, "tbody a"))
    browser.see("分期退款", "滞纳金", "每百元每日 5 分", "依据待核", "382.50")
    browser.press("本期已到账")
    browser.see("到账")
    browser.visit("/desk/recoveries?late=yes")
    browser.see("没有应退资金")


def test_from_the_voucher_to_the_surplus(browser, folder):
    browser.sign_in("applicant")
    project = project_of(browser)
    draft_report(browser, project)
    first, last = period(browser)
    day = first + timedelta(days=5)
    refused_and_entered(browser, day, folder)
    report = imported(browser, day, folder)
    handed_in(browser, report, project)
    withdrawn(browser, report)
    # The officer still has the second report; what is not accepted is not in the books.
    ended(browser, project)
    comes_back(browser)


def test_pages_of_money_in_both_languages_and_widths(plain_browser):
    browser = plain_browser
    browser.sign_in("officer")
    project = project_of(browser)
    for width in (1280, 390):
        browser.driver.set_window_size(width, 900)
        for language, words in (("zh", "经费科目"), ("en", "Cost headings")):
            browser.visit(f"/projects/{project}/money?lang={language}")
            browser.see(words)
            for path in (f"/projects/{project}/vouchers", "/desk/spending", "/desk/spending/programmes", "/desk/recoveries"):
                browser.visit(f"{path}?lang={language}")
                wide = browser.driver.execute_script(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 1, f"{path} is {wide} pixels too wide at {width}"
                assert browser.driver.find_elements(By.TAG_NAME, "h1"), path
