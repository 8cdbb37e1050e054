"""An auditor follows public money from the public page to its papers, draws a sample and looks at a red flag."""
import csv
import io
import json
import subprocess
import time
import urllib.request

from conftest import BINARY
from selenium.webdriver.common.by import By


def wait_for_hits(browser):
    """The house asks its flags by itself within its rounds; asking at once is a button."""
    browser.sign_in("auditor")
    browser.visit("/audit")
    browser.press("红旗", within="main")
    browser.press("立即全部核查")
    browser.see("红旗", "应始终为零", "依据待核", "各类红旗的条数")


def follow(browser):
    browser.driver.delete_all_cookies()
    browser.visit("/projects")
    browser.press("资金去向", within="main")
    browser.see("已拨付（万元）", "立项（元）")
    for cut in ("year", "district", "field", "host"):
        browser.visit(f"/public-money?by={cut}")
        browser.see("立项金额")
    browser.visit("/projects")
    for number in [link.text for link in browser.driver.find_elements(By.CSS_SELECTOR, "tbody a[href^='/projects/']")]:
        browser.visit(f"/projects/{number}")
        if "拨付" in browser.text:
            break
    browser.see("合同签订", "拨付")
    assert "资金轨迹" not in browser.text, "the trail is the auditor's"
    browser.sign_in("auditor")
    browser.visit(f"/projects/{number}")
    browser.press("资金轨迹")
    browser.see("立项决定", "公示", "依据的规则", "支出凭证", "全部记账", number)
    posting = next(
        link for link in browser.driver.find_elements(By.CSS_SELECTOR, "a[href^='/ledger/postings/']")
        if "付" in link.text)
    browser.visit(posting.get_attribute("href").removeprefix(browser.address))
    browser.see("分录", "办件")
    browser.visit(f"/audit/trail?for={browser.path.split('/')[-1]}")
    browser.see(number)
    return number


def sample(browser, folder):
    browser.visit("/audit/samples")
    browser.press("抽取")
    browser.see("请改正以下")
    browser.fill({"title": "年度拨款抽查", "method": "monetary", "kind": "paid", "size": "5", "seed": "公开随机数 42",
                  "from": "2024-01-01"})
    browser.press("抽取")
    browser.see("重新抽取，结果一致", "公开随机数 42")
    shown = [(row.find_elements(By.TAG_NAME, "td")[3].text, row.find_elements(By.TAG_NAME, "td")[4].text)
             for row in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr")]
    cookie = next(c for c in browser.driver.get_cookies() if "session" in c["name"])
    request = urllib.request.Request(
        f"{browser.address}{browser.path}/population", headers={"Cookie": f"{cookie['name']}={cookie['value']}"})
    file = folder / "population.csv"
    file.write_bytes(urllib.request.urlopen(request).read())
    again = subprocess.run(
        [BINARY, "audit", "sample", file, "--method", "monetary", "--size", "5", "--seed", "公开随机数 42"],
        capture_output=True, text=True, check=True).stdout
    drawn = [(f"{int(fen) / 100:,.2f}", hits) for _, fen, hits in csv.reader(io.StringIO(again))]
    assert drawn == shown, (drawn, shown)


def look(browser):
    browser.visit("/audit/flags")
    flags = [link.get_attribute("href") for link in browser.driver.find_elements(By.CSS_SELECTOR, "tbody a[href^='/audit/flags/']")]
    for address in flags:
        browser.visit(address.removeprefix(browser.address) + "?state=open")
        hits = browser.driver.find_elements(By.CSS_SELECTOR, "tbody a[href^='/audit/flags/']")
        if hits:
            break
    assert hits, "no flag found anything"
    browser.visit(hits[0].get_attribute("href").removeprefix(browser.address))
    hit = browser.path
    browser.see("为何命中", "未核查")
    browser.fill({"disposition": "explained"})
    browser.press("记录结论")
    browser.see("必填")
    browser.fill({"disposition": "explained", "reason": "立项金额按整数核定，合同有约定。"})
    browser.press("记录结论")
    browser.see("有合理解释", "合同有约定")
    browser.sign_in("leader")
    browser.visit(hit)
    browser.see("合同有约定")
    assert "记录核查结论" not in browser.text, "only auditors write down what they make of a hit"


def publish(browser):
    browser.move_clock(1)
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        index = json.loads(urllib.request.urlopen(browser.address + "/open-data/index.json").read())
        if index["packages"]:
            break
        time.sleep(1)
    names = {package["kind"] for package in index["packages"]}
    assert names == {"360giving", "ocds-releases", "ocds-records"}, names
    browser.driver.delete_all_cookies()
    browser.visit("/open-data")
    browser.see("开放数据", "CC BY 4.0", "360giving-")
    package = next(package for package in index["packages"] if package["kind"] == "360giving")
    grants = json.loads(urllib.request.urlopen(package["url"].replace(package["url"].split("/open-data")[0], browser.address)).read())
    assert len(grants["grants"]) == package["items"]


def test_an_auditor_follows_public_money(plain_browser, folder):
    browser = plain_browser
    wait_for_hits(browser)
    follow(browser)
    sample(browser, folder)
    look(browser)
    publish(browser)
    copy = folder / "audit-file"
    subprocess.run([BINARY, "audit", "export", copy, "--data", folder], capture_output=True, check=True)
    done = subprocess.run([BINARY, "audit", "check", copy], capture_output=True, text=True)
    assert done.returncode == 0 and "The audit file holds." in done.stdout, done.stdout
