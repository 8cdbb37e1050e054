"""Public money on its way: bank accounts, orders, runs, the bank's answers; and a server that dies in between."""
import csv
import io
import os
import re
import subprocess
import threading

import pytest
from client import Client
from conftest import BINARY, city
from selenium.webdriver.common.by import By

ACCOUNT = "6222024000000012345"


def run_file(browser):
    """The CSV file of the run that the page shows, as its browser would save it."""
    session = next(c for c in browser.driver.get_cookies() if "session" in c["name"])
    client = Client(browser.address)
    _, text = client.open(browser.path + "/csv", headers={"Cookie": f"{session['name']}={session['value']}"})
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def answer_file(folder, name, lines):
    path = folder / name
    path.write_text("number,outcome,amount,account,reference,reason\n" + "\n".join(",".join(line) for line in lines))
    return str(path)


def code_of(address):
    """The credit code of the organisation whose administrator signs in."""
    _, text = Client(address).sign_in("organisation").open("/organisation")
    return re.search(r"<dd>([0-9A-Z]{18})</dd>", text).group(1)


def enter_account(browser):
    browser.sign_in("treasurer")
    browser.visit("/desk/treasury/accounts")
    # The account that the demonstration's administrator entered is sent back; the next one is right.
    browser.open("退回")
    browser.fill({"reason": "开户许可证看不清"})
    browser.press("退回登记人")
    browser.sign_in("organisation")
    browser.visit("/bank-accounts")
    browser.see("已退回", "开户许可证看不清")
    browser.open("登记新账户")
    browser.fill({"holder": "大学", "bank": "示例银行", "branch": "南山支行", "cnaps": "1025", "number": "62a"})
    browser.press("提交财务确认")
    browser.see("请改正以下 2 处", "行号为 12 位数字", "账号为 6 至 32 位数字")
    browser.fill({"cnaps": "102584000019", "number": ACCOUNT})
    browser.press("提交财务确认")
    browser.see("待财务确认")
    browser.sign_in("treasurer")
    browser.visit("/desk/treasury/accounts")
    browser.open("确认")
    browser.fill({"number": ACCOUNT[:-1] + "6"})
    browser.press("账号一致，确认")
    browser.see("账号与登记的不一致")
    browser.open("确认")
    browser.fill({"number": ACCOUNT})
    browser.press("账号一致，确认")
    browser.visit("/desk/treasury/accounts?state=confirmed")
    browser.see("起生效", "••••2345")
    browser.move_clock(7)


def order(browser, code, reference, amount):
    browser.sign_in("officer")
    browser.visit("/desk/treasury/new")
    browser.press("提交财务复核")
    browser.see("请改正以下 5 处")
    browser.fill({
        "reference": reference, "uscc": code, "amount": amount, "purpose": f"{reference} 奖金", "programme": "natural-science"})
    browser.press("提交财务复核")
    browser.see("待复核")
    return browser.path


def test_an_order_is_checked_approved_paid_and_comes_back(browser, folder):
    code = code_of(browser.address)
    enter_account(browser)
    path = order(browser, code, "PRIZE-1", "120万元")
    browser.sign_in("treasurer")
    browser.visit(path)
    browser.press("复核通过")
    browser.see("待领导审批", "••••2345")
    browser.sign_in("leader")
    browser.visit(path)
    browser.press("批准支付")
    browser.see("待支付")
    number = browser.driver.find_element(By.TAG_NAME, "h1").text
    browser.sign_in("treasurer")
    browser.visit("/desk/treasury/runs")
    browser.press("生成支付批次")
    lines = run_file(browser)
    own = next(line for line in lines if line["number"] == number)
    assert (own["account"], own["amount"], own["cnaps"]) == (ACCOUNT, "1200000.00", "102584000019")
    browser.visit("/desk/treasury/answers")
    bad = answer_file(folder, "bad.csv", [(number, "gone", "1", ACCOUNT, "", "")])
    browser.fill({"answer": bad})
    browser.press("录入")
    browser.see("第 2 行 outcome")
    good = answer_file(folder, "good.csv", [
        (number, "paid", "1200000.00", ACCOUNT, "YH1", ""), (number, "paid", "1.00", "999999", "YH2", "")])
    browser.fill({"answer": good})
    browser.press("录入")
    browser.see("已匹配", "待认领", "收款账号与付款单不一致")
    browser.visit("/desk/treasury/answers")
    browser.fill({"answer": good})
    browser.press("录入")
    browser.see("没有再次记账")
    browser.visit(path)
    browser.see("已支付")
    browser.visit("/desk/treasury/queue")
    row = next(r for r in browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr") if number in r.text)
    row.find_elements(By.TAG_NAME, "summary")[1].click()
    row.find_elements(By.NAME, "note")[1].send_keys("银行已说明为测试数据")
    browser.follow(row.find_element(By.CSS_SELECTOR, "button.danger"))
    back = answer_file(folder, "back.csv", [(number, "returned", "1200000.00", ACCOUNT, "YH3", "AC04 销户")])
    browser.visit("/desk/treasury/answers")
    browser.fill({"answer": back})
    browser.press("录入")
    browser.visit(path)
    browser.see("款项退回", "AC04 销户")
    browser.sign_in("auditor")
    browser.visit(path)
    browser.see("款项退回", "经手人")
    for words in ("复核通过", "批准支付", "退回开单人"):
        assert words not in browser.text


class Till:
    """The bureau's people as programs; after each restart they sign in again."""

    def __init__(self, server):
        self.server = server
        self.renew()

    def renew(self):
        self.officer = Client(self.server.address).sign_in("officer").make_token()
        self.treasurer = Client(self.server.address).sign_in("treasurer").make_token()

    def orders(self, state=""):
        found, after = [], ""
        while True:
            query = f"?limit=200&state={state}" + (f"&after={after}" if after else "")
            status, page = self.treasurer.api("GET", "/treasury/orders" + query)
            assert status == 200, page
            found += page["items"]
            after = page.get("next")
            if not after:
                return found

    def runs(self):
        status, page = self.treasurer.api("GET", "/treasury/runs?limit=200")
        assert status == 200, page
        return page["items"]

    def file(self, run):
        return Client(self.server.address).sign_in("treasurer").raw(f"/desk/treasury/runs/{run['id']}/csv")


def killed(server, till, delay, call):
    """Kills the server while it is doing something, and starts it again."""

    def send():
        try:
            call()
        except (OSError, ValueError):
            pass

    sender = threading.Thread(target=send)
    sender.start()
    threading.Event().wait(delay)
    server.kill()
    sender.join()
    server.start()
    till.renew()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_fifty_kills_neither_double_nor_lose_a_payment(folder, database):
    if database == "postgres" and not os.environ.get("KECHUANG_TEST_PG"):
        pytest.skip("no PostgreSQL")
    server = city(folder, database)
    till = Till(server)
    code = code_of(server.address)
    before = {order["number"] for order in till.orders()}
    kills, cut = 0, {"run": 0, "answer": 0}
    rounds = int(os.environ.get("KECHUANG_TEST_KILLS", "50")) // 2
    for round in range(rounds):
        for item in range(3):
            status, made = till.officer.api("POST", "/treasury/orders", {
                "reference": f"KILL-{round}-{item}", "uscc": code, "amount": "100.00", "purpose": "付款",
                "programme": "natural-science", "year": "2026"})
            assert status == 201, made
            status, checked = till.treasurer.api("POST", f"/treasury/orders/{made['id']}/check", {})
            assert status == 200, checked
        known = {run["id"] for run in till.runs()}
        killed(server, till, round * 0.0012, lambda: till.treasurer.api("POST", "/treasury/runs", {}))
        kills += 1
        # The client does not know what happened and asks again.
        status, answer = till.treasurer.api("POST", "/treasury/runs", {})
        if status == 409:
            assert answer["code"] == "treasury.nothing-ready", answer
            cut["run"] += 1
        # The demonstration's own identities are of another day, so that the newest is not the first.
        new = [run for run in till.runs() if run["id"] not in known]
        assert len(new) == 1 and not till.orders("ready")
        lines = list(csv.DictReader(io.StringIO(till.file(new[0]).decode().removeprefix("\ufeff"))))
        content = "number,outcome,amount,account\n" + "".join(
            f"{line['number']},paid,{line['amount']},{line['account']}\n" for line in lines)
        body = {"name": f"{round}.csv", "content": content}
        killed(server, till, round * 0.0012, lambda: till.treasurer.api("POST", "/treasury/answers", body))
        kills += 1
        status, answer = till.treasurer.api("POST", "/treasury/answers", body)
        assert status in (201, 409), answer
        if status == 409:
            assert answer["code"] == "treasury.duplicate", answer
            cut["answer"] += 1
    assert kills == rounds * 2
    print(f"{database}: of {rounds} each, the first call was kept before the kill: {cut}")
    own = [order for order in till.orders() if order["number"] not in before and order["subject"].startswith("KILL-")]
    assert len(own) == rounds * 3 and {order["state"] for order in own} == {"paid"}
    assert sum(order["paid"] for order in own) == rounds * 3 * 10_000
    told = [line["number"] for run in till.runs()
            for line in csv.DictReader(io.StringIO(till.file(run).decode().removeprefix("\ufeff")))]
    assert len(told) == len(set(told)), "an order is in two files"
    assert {order["number"] for order in own} <= set(told), "an order is in no file"
    server.stop()
    place = next((["--database", part] for part in server.command if part.startswith("postgres:")), [])
    for command, wanted in ((["check"], None), (["balance", "paid:natural-science:2026:kill-0-2"], "100.00")):
        result = subprocess.run(
            [BINARY, "ledger", *command, "--data", str(folder), *place], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        if wanted:
            assert result.stdout.strip() == wanted
