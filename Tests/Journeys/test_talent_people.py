"""Foreign staff: an employer sees what ends, an expert asks and complains, the officer answers, the auditor sees who looked."""
import csv
import io

import openpyxl
from client import Client
from selenium.webdriver.common.by import By

COMPLAINT = "My employer keeps my passport in a safe and does not give it back to me."


def show_with_reason(browser, link, reason):
    """Follows a link to masked content, is refused without a reason, and sees it with one."""
    browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, link))
    browser.press("记录并查看", within="main")
    browser.see("请写明查看理由")
    browser.fill(reason=reason)
    browser.press("记录并查看", within="main")
    return browser.text


def test_foreign_staff_from_reminder_to_audit(browser):
    # The employer: one permit ends in 48 days, the house has reminded of it.
    browser.sign_in("organisation")
    browser.visit("/talent/employers")
    browser.see("本单位外国人", "MUELLER ANNA", "最迟申请延期", "按月到期的许可")
    browser.move_clock(3)
    browser.sign_in("organisation")
    browser.visit("/messages")
    browser.see("即将到期", "MUELLER ANNA")

    # The expert asks for a service and complains.
    browser.sign_in("foreign-expert")
    browser.visit("/talent/me")
    browser.see("MUELLER ANNA", "德国", "有效")
    browser.press("请求服务", within="main")
    browser.press("提交请求", within="main")
    browser.see("请改正以下 2 处")
    browser.fill(topic="housing", text="Where can a family of four rent a flat near Nanshan?")
    browser.press("提交请求", within="main")
    browser.see("服务请求：住房", "办理")
    browser.visit("/talent/me")
    browser.press("投诉", within="main")
    browser.fill(topic="papers", text=COMPLAINT)
    browser.press("提交请求", within="main")
    browser.see("投诉：护照等证件被扣留")
    assert COMPLAINT not in browser.text

    # The officer answers both; reading the complaint needs a reason.
    browser.sign_in("officer")
    browser.first_case("服务请求：住房")
    browser.open("答复")
    browser.fill({"answer-reason-zh": "请查阅人才安居网。", "answer-reason-en": "See the housing site for talent."})
    browser.press("答复", within="form[action$='/answer']")
    browser.see("已答复")
    browser.first_case("投诉：护照")
    assert COMPLAINT not in browser.text
    case = browser.path
    assert COMPLAINT in show_with_reason(browser, "查看投诉内容", "办理投诉，核对事实")
    browser.visit(case)
    browser.press("受理", within="main")
    browser.open("答复")
    browser.fill({"answer-reason-zh": "已责令归还护照。", "answer-reason-en": "The employer was told to return it."})
    browser.press("答复", within="form[action$='/answer']")
    browser.see("已答复")
    browser.visit("/desk/talent/experts?q=MUELLER")
    browser.press("MUELLER ANNA", within="main")
    assert "••••" in browser.text
    browser.follow(browser.driver.find_element(By.XPATH, "//tr[contains(., '护照号码')]//a"))
    browser.fill(reason="核对延期申请的护照")
    browser.press("记录并查看", within="main")
    browser.see("护照号码", "登记摘要")
    assert "••••" not in browser.text

    # The auditor sees who looked at the passport number, and why; the expert sees it too.
    browser.sign_in("auditor")
    browser.visit("/audit/looks")
    browser.see("核对延期申请的护照", "办理投诉，核对事实", "MUELLER ANNA", "护照号码")
    assert "请写明" not in browser.text
    browser.sign_in("foreign-expert")
    browser.visit("/privacy")
    browser.see("核对延期申请的护照", "••••")
    browser.visit("/messages")
    browser.see("已办理")


def test_erasure_is_asked_decided_and_done(browser):
    browser.sign_in("foreign-expert")
    browser.visit("/privacy")
    browser.fill(kinds="contact")
    browser.press("提出删除请求", within="main")
    browser.see("个人信息删除请求", "联系方式")
    browser.sign_in("officer")
    browser.first_case("个人信息删除请求")
    browser.press("提请删除", within="main")
    browser.sign_in("leader")
    browser.first_case("个人信息删除请求")
    browser.press("决定删除", within="main")
    browser.see("已删除")
    browser.sign_in("foreign-expert")
    browser.visit("/privacy")
    browser.see("已删除 SC-")


def test_lists_are_exported_as_filtered(server):
    client = Client(server.address).sign_in("officer")
    address = "/desk/talent/experts?country=DEU&format="
    lines = list(csv.reader(io.StringIO(client.raw(address + "csv").decode("utf-8-sig"))))
    assert lines[0][:2] == ["姓名", "国家或地区"] and len(lines) > 1
    assert {line[1] for line in lines[1:]} == {"德国"}
    sheet = openpyxl.load_workbook(io.BytesIO(client.raw(address + "xlsx"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == lines[0] and len(rows) == len(lines)
    for row, line in zip(rows[1:], lines[1:]):
        assert row[0] == line[0] and (row[5].date().isoformat() if row[5] else "") == line[5]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    everything = list(csv.reader(io.StringIO(client.raw("/desk/talent/experts?format=csv").decode("utf-8-sig"))))
    assert len(everything) > len(lines)
