"""One application from the call to the closed file, through the pages, playing each user."""
import datetime
import io
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

import openpyxl
from conftest import BINARY, ROOT
from selenium.webdriver.common.by import By
from test_payments import answer_file, run_file


def today(browser):
    browser.visit("/health")
    return datetime.date.fromisoformat(json.loads(browser.text)["day"])


def write_call(browser):
    browser.sign_in("officer")
    browser.visit("/desk/calls/new")
    browser.press("开始编制", within="main")
    browser.see("请改正以下 3 处")
    browser.fill(programme="natural-science", title_zh="城市感知基础研究", title_en="Basic research on urban sensing")
    browser.press("开始编制", within="main")
    day = today(browser)
    browser.visit("/desk/calls")
    browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, "NATURAL-SCIENCE-2026-002"))
    browser.fill({
        "summary-zh": "支持城市感知方向的基础研究。", "summary-en": "Supports basic research on urban sensing.",
        "field": "520", "budget": "200万元", "minimum": "100000", "maximum": "1,000,000.00", "term-months": "24",
        "closes-on": str(day + datetime.timedelta(days=15)),
        "conditions.0.zh": "在深圳市依法登记", "conditions.0.en": "Registered in Shenzhen",
        "fields.0.name": "plan", "fields.0.zh": "研究方案", "fields.0.en": "Plan", "fields.0.kind": "longText",
        "fields.0.most": "2000", "fields.1.name": "report", "fields.1.zh": "可行性报告", "fields.1.en": "Feasibility report",
        "fields.1.kind": "files", "fields.1.most": "3",
        "headings.0.name": "equipment", "headings.0.zh": "设备费", "headings.0.en": "Equipment",
        "headings.1.name": "operations", "headings.1.zh": "业务费", "headings.1.en": "Operations",
        "headings.2.name": "indirect", "headings.2.zh": "间接费用", "headings.2.en": "Indirect", "headings.2.cap": "30",
    })
    browser.press("保存并提请发布")
    browser.see("待批准")
    browser.sign_in("leader")
    browser.visit("/desk/calls")
    browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, "NATURAL-SCIENCE-2026-002"))
    browser.press("批准发布")
    browser.see("已发布")
    return browser.path.split("/")[3]


def apply(browser, folder):
    browser.sign_in("applicant")
    browser.visit("/calls")
    browser.press("城市感知基础研究", within="main")
    browser.press("开始申报")
    browser.press("开始填写")
    browser.see("申请截止" if "申请截止" in browser.text else "申报截止")
    browser.press("基本信息")
    browser.fill({"title-zh": "基于联邦学习的城市交通感知", "abstract": "太短", "requested": "很多钱", "term-months": "24"})
    browser.press("保存并继续")
    browser.see("不是有效金额")
    assert browser.field("requested").get_attribute("value") == "很多钱", "what was typed is lost"
    browser.fill({
        "title-en": "Urban traffic sensing by federated learning",
        "abstract": "研究多源异构感知数据在隐私保护下的协同建模方法，形成可复现的原型系统。", "requested": "60万元",
    })
    browser.press("保存并继续")
    browser.fill({"telephone": "0755-12345678"})
    browser.press("保存并继续")
    browser.see("不宜评审的专家")
    browser.press("保存并继续")
    if browser.javascript:
        browser.type("plan", "第一年")
        browser.see("自动保存")
        browser.visit(browser.path)
        assert browser.field("plan").get_attribute("value") == "第一年", "what was saved by itself is lost"
    browser.fill({"plan": "第一年完成方法，第二年完成验证。"})
    browser.press("保存并继续")
    browser.fill({
        "budget.equipment.amount": "100000", "budget.operations.amount": "300000", "budget.indirect.amount": "200000",
    })
    browser.press("保存并继续")
    browser.press("核对并提交")
    browser.see("不得超过总额的 30%", "可行性报告")
    browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, "不得超过总额的 30%"))
    browser.fill({"budget.operations.amount": "400000", "budget.indirect.amount": "100000"})
    browser.press("保存并继续")
    browser.press("申报内容")
    text = folder / "report.pdf"
    text.write_text("this is no PDF")
    browser.fill({"report": str(text)})
    browser.press("上传")
    browser.see("这里只接受")
    text.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    browser.fill({"report": str(text)})
    browser.press("上传")
    browser.see("report.pdf")
    browser.visit(browser.path.split("/sections")[0])
    browser.press("核对并提交")
    browser.press("确认并提交单位推荐")
    browser.see("单位推荐")
    case = browser.path
    browser.sign_in("organisation")
    browser.first_case("城市交通感知")
    browser.press("推荐", within="main")
    browser.see("形式审查", "申报受理回执")
    return case


def fill_offline(browser, folder, answers):
    """The sheet goes away as a file, comes back with a mistake, and then as it should be."""
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in browser.driver.get_cookies())
    sheet = "/".join(browser.path.split("/")[:3])
    request = urllib.request.Request(f"{browser.address}{sheet}/file", headers={"Cookie": cookies})
    book = openpyxl.load_workbook(io.BytesIO(urllib.request.urlopen(request).read()))
    rows = {row[0].value: row for row in book.active.iter_rows(min_row=2)}
    path = folder / "sheet.xlsx"
    for wrong in ("一百", None):
        for code, value in answers.items():
            rows[code][2].value = value
        if wrong:
            rows["score-novelty"][2].value = wrong
        book.save(path)
        browser.fill({"sheet": str(path)})
        browser.press("导入评审表")
        if wrong:
            browser.see("请改正以下", f"{rows['score-novelty'][2].coordinate}：")
    assert browser.field("score-novelty").get_attribute("value") == str(answers["score-novelty"])


def check_and_review(browser, call, case, folder):
    browser.sign_in("officer")
    browser.visit(case)
    browser.see("自动审查未发现问题")
    browser.press("审查通过")
    browser.see("专家评审")
    browser.move_clock(16)
    browser.sign_in("officer")
    browser.visit(f"/desk/calls/{call}/review")
    day = today(browser)
    browser.visit(f"/desk/calls/{call}/review")
    browser.fill({"load": "5", "due": str(day + datetime.timedelta(days=14))})
    browser.press("固定方案并公布摘要")
    browser.fill({"seed": "20261210-08-15-22"})
    browser.press("抽取并邀请专家")
    browser.see("已邀请")
    sealed = None
    try:
        urllib.request.urlopen(f"{browser.address}/desk/calls/{call}/review/protocol")
    except urllib.error.HTTPError as problem:
        sealed = problem.code
    assert sealed == 403, "who judges what is told before the review is over"
    reviewed = 0
    first = True
    for number in range(1, 13):
        if reviewed == 3:
            break
        browser.sign_in(f"expert{number}")
        browser.visit("/reviews")
        if "城市交通感知" not in browser.text:
            continue
        browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, "城市交通感知"))
        if first:
            first = False
            browser.fill({"reason": "与申请人有师生关系"})
            browser.press("存在利害关系，回避")
            browser.see("您不再承担这项评审")
            continue
        browser.press("没有利害关系，接受评审")
        browser.press("提交评审意见")
        browser.see("请改正以下")
        if reviewed == 0:
            fill_offline(browser, folder, {"score-novelty": 88, "score-feasibility": 80, "verdict": "fund"})
        browser.fill({
            "score-novelty": "85", "score-feasibility": "80", "score-benefit": "90", "verdict": "fund",
            "comment": "选题有新意，技术路线可行，建议资助。",
        })
        browser.press("提交评审意见")
        browser.see("您已提交评审意见")
        reviewed += 1
    # The reserve of the recused expert may come before in the list of accounts.
    for number in range(1, 13):
        if reviewed == 3:
            break
        browser.sign_in(f"expert{number}")
        browser.visit("/reviews")
        if "已邀请" not in browser.text:
            continue
        browser.follow(browser.driver.find_element(By.PARTIAL_LINK_TEXT, "城市交通感知"))
        browser.press("没有利害关系，接受评审")
        browser.fill({
            "score-novelty": "75", "score-feasibility": "80", "score-benefit": "70", "verdict": "maybe",
            "comment": "有一定意义，指标需要细化。",
        })
        browser.press("提交评审意见")
        reviewed += 1
    assert reviewed == 3


def replay(address, protocol, folder):
    """Outsiders find the same draw, by the house's program and by another, and find out a changed one."""
    checker = ROOT / "script/draw-check"
    changed = json.loads(protocol)
    changed["results"][0]["drawn"].reverse()
    path = folder / "draw.json"
    for content, code in ((json.dumps(changed).encode(), 1), (protocol, 0)):
        path.write_bytes(content)
        for command in ([sys.executable, checker, path], [BINARY, "verify", "draw", path]):
            assert subprocess.run(command, capture_output=True).returncode == code
    # The draw is public at once, so the job signs it within its next round.
    limit, commitment = time.monotonic() + 300, json.loads(protocol)["commitment"].encode()
    log, keys = folder / "record.jsonl", folder / "keys.json"
    lines = []
    while not any(b"review.drawn" in line and commitment in line for line in lines) and time.monotonic() < limit:
        time.sleep(0.1)
        log.write_bytes(urllib.request.urlopen(f"{address}/record/log").read())
        lines = log.read_bytes().splitlines()
    keys.write_bytes(urllib.request.urlopen(f"{address}/record/keys").read())
    for command in (["log", log], ["draw", path, "--log", log]):
        result = subprocess.run([BINARY, "verify", *command, "--keys", keys], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout


def decide(browser, call, folder):
    browser.sign_in("officer")
    browser.visit(f"/desk/calls/{call}/review")
    browser.press("结束评审，进入排序")
    protocol = urllib.request.urlopen(f"{browser.address}/desk/calls/{call}/review/protocol").read()
    replay(browser.address, protocol, folder)
    browser.visit(f"/desk/calls/{call}/ranking")
    browser.see("城市交通感知")
    browser.visit(f"/desk/calls/{call}/line")
    browser.fill({"reasons": "按评审排序和预算立项"})
    browser.press("提交 1 项立项建议")
    decision = browser.path
    browser.sign_in("leader")
    browser.visit(decision)
    browser.press("批准并公示")
    browser.see("公示中")
    browser.visit(decision)
    browser.press("立项生效")
    browser.see("期满前不能生效")
    return decision


def object_and_answer(browser, folder):
    browser.driver.delete_all_cookies()
    browser.visit("/notices")
    browser.press("城市感知基础研究拟立项项目公示")
    browser.press("提出异议")
    browser.press("提交异议")
    browser.see("请改正以下")
    page = folder / "signed.pdf"
    page.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    browser.fill({
        "name": "张三", "contact": "13800000000", "address": "深圳市南山区", "row": "1",
        "statement": "该项目与已立项项目内容重复。", "signed-page": str(page),
    })
    browser.press("提交异议")
    browser.see("异议已提交")
    browser.sign_in("officer")
    browser.first_case("异议")
    browser.press("受理", within="main")
    browser.open("答复")
    browser.fill({
        "answer-upheld": "no", "answer-reason-zh": "经查内容不重复。", "answer-reason-en": "The contents differ.",
    })
    browser.press("答复", within="details form")
    browser.see("已答复")


def sign_project(browser, decision):
    browser.move_clock(13)
    browser.sign_in("officer")
    browser.visit(decision)
    browser.press("立项生效")
    browser.see("已生效")
    browser.sign_in("applicant")
    browser.first_case("填写合同书")
    project = browser.path
    browser.press("填写合同书", within="main")
    day = today(browser)
    browser.driver.back()
    browser.fill({
        "starts-on": str(day), "indicators.0.name": "论文", "indicators.0.target": "5 篇", "indicators.0.evidence": "检索证明",
    })
    browser.press("保存", within="main")
    browser.press("提交合同书")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("审核通过")
    browser.sign_in("leader")
    browser.visit(project)
    browser.press("签署")
    browser.see("实施", "项目合同")
    return project


def order_tranche(browser):
    browser.sign_in("officer")
    browser.visit("/desk/tranches")
    browser.press("开具拨款单")
    browser.sign_in("treasurer")
    browser.visit("/desk/tranches")
    browser.press("复核通过")


def answer_of_bank(browser, folder, name, outcome, reason=""):
    """What is ready goes to the bank in a run, and the bank says the same of all of it."""
    browser.visit("/desk/treasury/runs")
    browser.press("生成支付批次")
    lines = [(line["number"], outcome, line["amount"], line["account"], "", reason) for line in run_file(browser)]
    browser.visit("/desk/treasury/answers")
    browser.fill({"answer": answer_file(folder, name, lines)})
    browser.press("录入")
    browser.see("已匹配")


def run_project(browser, decision, folder):
    project = sign_project(browser, decision)
    order_tranche(browser)
    answer_of_bank(browser, folder, "answer.csv", "paid")
    browser.visit(project)
    browser.see("已拨付")
    return project


def change_and_midterm(browser, project):
    browser.sign_in("applicant")
    browser.visit(project)
    browser.press("申请变更")
    browser.fill({"other": "调整第二年的试验地点。", "reason": "原试验地点施工，无法使用。"})
    browser.press("保存", within="main")
    change = browser.path
    browser.press("提交单位审核")
    for login, button in (("organisation", "同意"), ("officer", "提请审定"), ("leader", "批准变更")):
        browser.sign_in(login)
        browser.visit(change)
        browser.press(button)
    browser.see("已批准")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("发起中期检查")
    check = browser.path
    browser.sign_in("applicant")
    browser.visit(check)
    browser.fill({"submit-progress": "按计划进行。", "submit-spent": "10万元", "submit-indicators": "已完成 2 篇论文。"})
    browser.press("提交报告", within="details form")
    browser.sign_in("officer")
    browser.visit(check)
    browser.fill({"conclude-conclusion": "continue", "conclude-opinion": "进展正常。"})
    browser.press("作出结论", within="details form")
    browser.see("已完成")


def accept(browser, project):
    browser.sign_in("applicant")
    browser.visit(project)
    browser.press("填写验收申请")
    browser.fill({
        "summary-report": "项目完成了全部研究内容，形成了原型系统并完成验证。", "results.0.name": "论文", "results.0.reached": "6 篇",
        "results.0.evidence": "检索证明", "spent": "280000",
    })
    browser.press("保存", within="main")
    browser.press("申请验收")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("材料齐全")
    browser.fill({"propose-outcome-outcome": "closed", "propose-outcome-opinion": "指标基本完成。", "propose-outcome-surplus": "90000000"})
    browser.press("提出验收结论", within="details form")
    browser.see("结余不能超过已拨资金")
    browser.fill({"propose-outcome-surplus": "20000"})
    browser.press("提出验收结论", within="details form")
    browser.sign_in("leader")
    browser.visit(project)
    browser.press("审定")
    browser.see("结题", "应退")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("归档办结")
    browser.see("未退回")
    browser.sign_in("treasurer")
    browser.visit("/desk/tranches")
    browser.press("已到账")
    browser.sign_in("officer")
    browser.visit(project)
    browser.press("归档办结")
    browser.see("已办结")


def audit(browser, project, case, folder):
    browser.sign_in("auditor")
    for path in (project, case):
        browser.visit("/audit" + path)
        browser.see("记录链完整")
    session = browser.driver.get_cookie(next(c["name"] for c in browser.driver.get_cookies() if "session" in c["name"]))
    request = urllib.request.Request(
        f"{browser.address}{project}/package", headers={"Cookie": f"{session['name']}={session['value']}"})
    package = zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(request).read()))
    names = package.namelist()
    receipts = [name for name in names if "/receipts/" in name]
    assert len(receipts) > 5, names
    package.extractall(folder / "package")
    for name in receipts:
        result = subprocess.run(
            [BINARY, "verify", "receipt", folder / "package" / name, "--keys", folder / "package/record-keys.json"],
            capture_output=True, text=True)
        assert result.returncode == 0, result.stdout
    assert any(name.endswith("events.json") for name in names) and any(".html" in name for name in names), names
    browser.visit(project)
    browser.press("项目验收结论通知" if "项目验收结论通知" in browser.text else letter_title(browser))
    code = browser.driver.find_element(By.CSS_SELECTOR, ".stamp strong").text
    browser.driver.delete_all_cookies()
    browser.visit("/verify")
    browser.fill({"code": code.lower().replace("-", " ")})
    browser.press("核验")
    browser.see("本函确由我局发出")


def letter_title(browser):
    return next(link.text for link in browser.driver.find_elements(By.CSS_SELECTOR, "a[href^='/letters/']"))


def test_one_application_from_call_to_acceptance(browser, folder):
    call = write_call(browser)
    case = apply(browser, folder)
    check_and_review(browser, call, case, folder)
    decision = decide(browser, call, folder)
    object_and_answer(browser, folder)
    project = run_project(browser, decision, folder)
    change_and_midterm(browser, project)
    accept(browser, project)
    audit(browser, project, case, folder)
    browser.visit("/search?q=%E8%81%94%E9%82%A6%E5%AD%A6%E4%B9%A0")
    browser.see("城市交通感知")
