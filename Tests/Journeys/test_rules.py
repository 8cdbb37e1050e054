"""The rules of law as the public and the bureau meet them: the self-check, and a legal number on its way to a new value."""
import json
import subprocess

from conftest import BINARY
from selenium.webdriver.common.by import By

FACTS = {
    "annualSalary": "45万元", "education": "doctor", "yearsOfWork": "6", "monthsPerYear": "12", "hsk": "0", "age": "26",
    "formerChineseNational": "no", "chineseTaughtDegree": "no", "bonusLocation": "no", "topUniversity": "yes",
    "fortune500": "no", "patents": "no", "fiveYearsInChina": "no", "localBonus": "0"}
ROUTES = {
    "place": "110000", "talentProgramme": "no", "recognisedAchievement": "no", "encouragedPost": "no",
    "investmentUSD": "0", "investmentYears": "0", "shareholding": "0", "investedRevenue": "0", "postDoctoral": "no"}


def check(browser, facts, routes, open_words, button):
    browser.fill(facts)
    browser.open(open_words)
    browser.fill(routes)
    browser.press(button, within="main")


def test_anybody_checks_their_category(browser):
    browser.visit("/talent/check?lang=zh")
    check(browser, FACTS, ROUTES, "其他途径（人才计划、岗位、工资、语言教学、毕业生等）", "查看结果")
    browser.see("B 类（外国专业人才）", "怎样才能改变结果", "相关工作年限（满年） → 7", "外专发〔2017〕40号", "→ 20 分")
    assert browser.field("annualSalary").get_attribute("value") == "45万元"

    browser.visit("/talent/check?lang=en")
    check(browser, {**FACTS, "yearsOfWork": "7"}, ROUTES, "Other routes: programmes, posts, wages, teaching, graduates and so on",
          "See the answer")
    browser.see("Category A (high-end talent)", "A6 points of category A", "Step by step")

    browser.visit("/talent/check?lang=en")
    browser.fill({"age": "old", "annualSalary": "a lot", "hsk": "77"})
    browser.press("See the answer", within="main")
    browser.see("Mend 3 things", "must be yuan such as 350000", "must be a whole number from 0 to 9")
    assert browser.field("age").get_attribute("value") == "old"
    browser.visit("/talent/check?lang=zh")
    assert browser.field("age").get_attribute("value") == "", "what was typed is kept nowhere"


def test_a_legal_number_changes_by_two_people(plain_browser):
    browser = plain_browser
    browser.sign_in("officer")
    browser.visit("/rules?text=A+类积分线")
    browser.press("A 类积分线", within="main table")
    browser.see("外国人来华工作分类标准", "85", "二手来源")
    browser.fill({"value": "八十", "from": "2020-01-01"})
    browser.press("保存为草案", within="main")
    browser.see("应为数字", "已开始的日期不能改", "「依据文件（中文）」必填", "请选择可靠程度")
    browser.fill({"value": "80", "from": "2026-07-01", "document-zh": "虚构的修订通知", "document-en": "Invented amending notice",
                  "article": "第二条", "confidence": "UNKNOWN"})
    browser.press("保存为草案", within="main")
    case = browser.path
    browser.see("调整内容", "虚构的修订通知", "依据待核")
    browser.press("在政策试算中查看：外国人来华工作积分", within="main")
    assert browser.field("value").get_attribute("value") == "80"
    browser.press("试算", within="main form[action='/rules/laboratory'] .buttons")
    browser.see("前后对照", "B → A", "导出结果改变的案例")
    assert browser.driver.find_elements(By.CSS_SELECTOR, "main svg"), "the laboratory draws its counts"
    browser.visit(case)
    browser.press("试算并报批", within="main")
    browser.sign_in("leader")
    browser.first_case("调整：A 类积分线")
    browser.press("批准", within="main")
    browser.see("已批准")
    browser.visit("/rules/parameters/talent.points.class-a?lang=en")
    browser.see("Invented amending notice", "2026-07-01", "2026-06-30")


def test_the_command_line_judges_as_the_page_does(folder):
    facts = folder / "facts.json"
    facts.write_text(json.dumps({
        "annualSalary": 500000, "education": "doctor", "yearsOfWork": 10, "monthsPerYear": 12, "hsk": 0,
        "formerChineseNational": False, "chineseTaughtDegree": False, "bonusLocation": False, "age": 38,
        "topUniversity": True, "fortune500": False, "patents": False, "fiveYearsInChina": False, "localBonus": 0}))

    def run(*arguments):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=300)

    done = run("rules", "eval", "talent.points", "--date", "2026-03-02", "--facts", str(facts), "--json")
    answer = json.loads(done.stdout)
    assert answer["outcome"]["points"] == 88 and answer["outcome"]["category"] == "A" and answer["missing"] == []
    assert {step["key"] for step in answer["trace"]["steps"]} >= {"annualSalary", "education", "class-a"}

    facts.write_text(json.dumps({"base": 1200000000, "kind": "standard"}))
    done = run("rules", "eval", "funding.indirect-cost", "--date", "2026-03-02", "--facts", str(facts), "--json")
    assert json.loads(done.stdout)["outcome"] == {"cap": 315000000}

    facts.write_text(json.dumps({"y1": 100, "y2": 140, "y3": 175}))
    done = run("rules", "eval", "recognition.growth", "--date", "2026-03-02", "--facts", str(facts), "--json")
    outcome = json.loads(done.stdout)["outcome"]
    assert outcome["rate"] == 0.325 and outcome["band"] == "7-8"

    done = run("rules", "eval", "no.such-rule", "--date", "2026-03-02", "--facts", str(facts))
    assert done.returncode == 1 and "talent.points" in done.stderr
    facts.write_text(json.dumps({"y1": "many", "y9": 1}))
    done = run("rules", "eval", "recognition.growth", "--date", "2026-03-02", "--facts", str(facts))
    assert done.returncode == 1 and "y1" in done.stderr and "y9" in done.stderr and done.stderr.count("\n") == 1

    done = run("rules", "replay", "talent.points", "--date", "2026-03-02", "--set", "talent.points.class-a=80",
               "--synthetic", "5000", "--export", str(folder / "changed.csv"), "--json")
    report = json.loads(done.stdout)
    assert report["cases"] == 5000 and report["changed"] > 0
    assert len((folder / "changed.csv").read_text().splitlines()) == report["changed"] + 1

    # Stored rulings are made again by another process, to the byte, and replayed with another number.
    assert run("demo", "--scale", "1", "--data", str(folder / "city")).returncode == 0
    done = run("rules", "reproduce", "--data", str(folder / "city"), "--json")
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert again["same"] >= 60 and again["different"] == 0
    done = run("rules", "replay", "funding.limits", "--date", "2026-03-02", "--data", str(folder / "city"), "--json",
               "--set", "limits.investigator.basic-per-year=0", "--set", "limits.investigator.applying-and-running=0",
               "--set", "limits.enterprise.not-funded-last-year=0")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cases"] >= 60
