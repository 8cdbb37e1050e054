"""The work of review: a sheet offline, questions about sheets, feedback, fees, near-duplicates, watching the judges."""
import csv
import io
import json
import urllib.request

import openpyxl
from selenium.webdriver.common.by import By

OLD = "NATURAL-SCIENCE-2025-001"


def session(browser):
    return "; ".join(f"{c['name']}={c['value']}" for c in browser.driver.get_cookies())


def fetch(browser, path):
    request = urllib.request.Request(browser.address + path, headers={"Cookie": session(browser)})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def tick(browser):
    """The clock of the demonstration moves, and the house does its daily work."""
    browser.move_clock(1)


def old_call(browser):
    """The address of the call of a year ago, whose round is closed."""
    browser.visit("/desk/calls")
    for _ in range(5):
        links = [e for e in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr a") if "2025-" in e.text]
        if links:
            return links[0].get_attribute("href").removeprefix(browser.address)
        browser.press("下一页")
    raise AssertionError(browser.text)


def scores(browser, call):
    browser.visit(f"{call}/ranking")
    browser.see("平均分", "校准分", "分歧", "不可区分组", "并不比平均分更准")
    rows = list(csv.DictReader(io.StringIO(fetch(browser, f"{call}/ranking?format=csv").decode("utf-8-sig"))))
    assert len(rows) == 2 and all(row["校准分"] and row["校准名次"] for row in rows), rows
    book = openpyxl.load_workbook(io.BytesIO(fetch(browser, f"{call}/ranking?format=xlsx")))
    assert book.active.max_row == 3
    browser.visit(f"{call}/ranking?line=1")
    browser.see("前 1 名概率")
    data = json.loads(fetch(browser, f"/api/v1{call.replace('/desk', '')}/scores?line=1"))
    assert data["line"] == 1 and abs(sum(item["chance"] for item in data["items"]) - 1000) <= 2, data
    browser.visit(f"{call}/ranking?lang=en")
    browser.see("Calibrated", "cannot be separated by their scores")
    browser.visit(f"{call}/ranking?lang=zh")


def questions(browser, call):
    browser.visit(f"{call}/sheets")
    browser.press("立即检查")
    browser.see("意见空泛", "意见雷同", "命中不等于有错")
    browser.visit(f"{call}/sheets?kind=sheet.copied")
    browser.follow(browser.driver.find_element(By.CSS_SELECTOR, f"tbody a[href*='{call}/sheets/']"))
    browser.see("结构温度的影响没有剔除")
    browser.press("记录处理结果")
    browser.see("请改正以下")
    browser.fill({"disposition": "explained", "reason": "两份意见由同一专家撰写，已提醒"})
    browser.press("记录处理结果")
    browser.see("有合理解释", "已提醒")


def feedback(browser, call):
    browser.visit(f"{call}/feedback")
    browser.see("含身份信息，未反馈", "专家单位")
    form = browser.driver.find_element(By.CSS_SELECTOR, "form[action*='/feedback/']")
    field = form.find_element(By.NAME, "comment")
    words = field.get_attribute("value")
    browser.press("保存修改后的文字")
    browser.see("仍含专家单位")
    field = browser.driver.find_element(By.CSS_SELECTOR, "form[action*='/feedback/'] [name='comment']")
    field.clear()
    field.send_keys(words.split("我们")[0] + "另有同类数据可用。")
    browser.press("保存修改后的文字")
    browser.see("已修改，可反馈")
    assert "未反馈" not in browser.text


def fees(browser, call):
    browser.visit(f"{call}/fees")
    browser.see("待批准", "高级专业技术职称")
    assert "批准并开具付款单" not in browser.text, "whoever proposed decides"
    browser.sign_in("leader")
    browser.visit(f"{call}/fees")
    browser.press("批准并开具付款单")
    browser.see("已批准，已开付款单", "已开付款单")
    browser.visit("/desk/treasury")
    browser.see("专家咨询费")


def duplicates(browser):
    browser.sign_in("officer")
    browser.visit("/desk/duplicates")
    browser.press("全部重新比对")
    tick(browser)
    browser.sign_in("officer")
    browser.visit("/desk/duplicates")
    browser.follow(browser.driver.find_element(By.CSS_SELECTOR, "tbody a[href^='/desk/duplicates/']"))
    browser.see("左右对照", "最长连续相同")
    assert browser.driver.find_elements(By.CSS_SELECTOR, "mark"), "no passage is marked"
    browser.fill({"disposition": "explained", "reason": "同一单位的模板文字"})
    browser.press("记录处理结果")
    browser.see("有合理解释")
    rows = list(csv.DictReader(io.StringIO(fetch(browser, "/desk/duplicates?format=csv").decode("utf-8-sig"))))
    assert rows and any(row["处理"] == "有合理解释" for row in rows), rows


def watch(browser):
    browser.visit("/desk/watch")
    browser.press("立即核查")
    browser.see("互相抬分", "一贯偏高", "评审内容外泄", "看后退出", "不是结论")
    questions = browser.driver.find_elements(By.CSS_SELECTOR, "tbody a[href^='/desk/watch/0']")
    assert questions, browser.text
    browser.follow(questions[0])
    browser.see("异议与", "连续相同", "评审内容外泄")
    browser.fill({"disposition": "watched", "reason": "请专家所在单位说明"})
    browser.press("记录处理结果")
    browser.see("继续关注", "请专家所在单位说明")
    browser.sign_in("leader")
    browser.visit("/desk/watch")
    assert "互相抬分" not in browser.text, "what is asked of judges is for Integrity"


def narrow(browser, paths):
    """Nothing is wider than a telephone."""
    browser.driver.set_window_size(390, 844)
    for path in paths:
        browser.visit(path)
        width = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390 + 15, f"{path} is {width} wide"
    browser.driver.set_window_size(1280, 900)


def test_work_of_review(browser):
    browser.sign_in("officer")
    call = old_call(browser)
    scores(browser, call)
    questions(browser, call)
    feedback(browser, call)
    narrow(browser, [f"{call}/{part}" for part in ("ranking", "sheets", "feedback", "fees")] + ["/desk/duplicates", "/desk/watch"])
    fees(browser, call)
    duplicates(browser)
    watch(browser)
