"""A panel of five meets: one keeps out and leaves the room, the quorum is missed and then met, a secret vote takes two
rounds, two of five are chosen, and the minutes are signed by two."""
import re

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from conftest import open_browser

MEMBERS = [f"expert{number}" for number in range(1, 6)]


def candidates(browser):
    """Numbers of five cases that the demonstration knows, and the names of the panel."""
    browser.sign_in("officer")
    browser.visit("/desk/meetings")
    browser.press("HY-2026-001")
    numbers = []
    for link in browser.driver.find_elements(By.CSS_SELECTOR, "section.card li a[href^='/cases/']"):
        if link.text not in numbers:
            numbers.append(link.text)
    assert len(numbers) == 5, numbers
    return numbers


def plan(browser):
    browser.visit("/desk/meetings/new")
    browser.press("发出邀请")
    browser.see("请写明会议名称", "请从专家库选择至少 3 位委员")
    chosen = [row for row in browser.driver.find_elements(By.CSS_SELECTOR, "label.choice")]
    names = names_of(browser)
    for row in chosen:
        if any(row.text.startswith(f"{name} · ") for name in names.values()):
            row.find_element(By.TAG_NAME, "input").click()
    browser.fill(title="联合评审会", place="一号会议室", time="15:30")
    browser.type("day", "03052026")
    Select(browser.field("division")).select_by_index(1)
    for option in Select(browser.field("chair")).options:
        if option.text.startswith(f"{names['expert1']} · "):
            option.click()
    browser.press("发出邀请")
    browser.see("筹备中", "到会 0 人，须 4 人")
    return browser.path, names


NAMES = {}


def names_of(browser):
    """The names of the members, as each of them reads it on the own list; signed in as each, once."""
    if browser.address in NAMES:
        return NAMES[browser.address]
    driver = open_browser(javascript=False)
    try:
        other = type(browser)(driver, browser.address)
        found = {}
        for login in MEMBERS:
            other.sign_in(login)
            found[login] = driver.find_element(By.CSS_SELECTOR, ".lead").text.strip()
        NAMES[browser.address] = found
    finally:
        driver.quit()
    return found


def add_items(browser, numbers):
    for title, cases in (("审议首个项目", numbers[:1]), ("推选两项", numbers)):
        browser.fill(title=title, minutes="30", numbers="\n".join(cases))
        browser.press("增加议题")
        browser.see(title)
    browser.fill(title="审议不存在的事项", numbers="没有-1")
    browser.press("增加议题")
    browser.see("没有这些编号：没有-1")


def come(browser, room, names, logins):
    browser.visit(room)
    for login in logins:
        browser.press(f"{names[login]} 到会")


def keep_out(browser, room):
    """The second member declares an interest in the first item: no papers any more."""
    meeting = room.replace("/desk", "")
    browser.sign_in("expert2")
    browser.visit(meeting)
    browser.press("审议首个项目")
    item = browser.path
    browser.see("存在利害关系")
    papers = browser.text
    browser.press("申请回避")
    browser.see("「回避理由」必填")
    browser.fill(reason="与申请人有合作")
    browser.press("申请回避")
    browser.see("您看不到材料，也不参加表决")
    assert len(browser.text) < len(papers)
    return item


def vote(browser, address, choices):
    """Everybody casts a paper, and finds its code after the count."""
    codes = {}
    for login, choice in choices.items():
        browser.sign_in(login)
        browser.visit("/work")
        browser.see("表决")
        browser.visit(address)
        for name, value in choice.items():
            browser.fill({name: value})
        browser.press("投票（投出后不能修改）")
        browser.see("您的选票已投入。")
        codes[login] = browser.driver.find_element(By.CSS_SELECTOR, "strong.code").text
        browser.visit(address)
        browser.see("您已投票")
    return codes


def open_round(browser, room, number, **fields):
    browser.sign_in("officer")
    browser.visit(room)
    browser.open("表决")
    browser.fill(**fields)
    browser.press(f"开始第 {number} 轮表决")
    link = next(e for e in browser.driver.find_elements(By.CSS_SELECTOR, "a[href^='/votes/']")
                if e.text == f"第 {number} 轮表决" and "进行中" in e.find_element(By.XPATH, "../..").text)
    return link.get_attribute("href").removeprefix(browser.address)


def close_round(browser, room):
    browser.sign_in("officer")
    browser.visit(room)
    browser.press("结束表决并计票")


def test_a_panel_of_five_meets(browser):
    numbers = candidates(browser)
    room, names = plan(browser)
    add_items(browser, numbers)
    keep_out(browser, room)
    browser.sign_in("officer")
    # Three of five are no quorum.
    come(browser, room, names, ["expert1", "expert2", "expert3"])
    browser.press("宣布开会")
    browser.see("未达到法定人数", "至少须到 4 人")
    come(browser, room, names, ["expert4"])
    browser.press("宣布开会")
    browser.see("会议中")
    browser.press("开始审议")
    browser.see(f"{names['expert2']} 回避", "离开会场")
    come(browser, room, names, ["expert5"])
    browser.fill(note="委员认为应用前景明确。")
    browser.press("记录")
    # A secret vote by two thirds: two of four in the first round, all in the second.
    ballots = [{"choice": "yes"}, {"choice": "yes"}, {"choice": "no"}, {"choice": "abstain"}]
    voters = ["expert1", "expert3", "expert4", "expert5"]
    address = open_round(browser, room, 1, kind="approve", secret="yes", threshold="two-thirds")
    codes = vote(browser, address, dict(zip(voters, ballots)))
    browser.sign_in("expert2")
    browser.visit(address)
    browser.see("您须回避这项议题")
    close_round(browser, room)
    browser.see("赞成 2，反对 1，弃权 1，须 3 票：未通过", *codes.values())
    # The bureau sees codes and choices, and beside no code a name.
    papers = browser.driver.find_element(By.CSS_SELECTOR, "section.card table").text
    assert not any(name in papers for name in names.values()), papers
    assert re.search("[0-9a-f]{64}", browser.text)
    address = open_round(browser, room, 2, kind="approve", secret="yes", threshold="two-thirds")
    vote(browser, address, {login: {"choice": "yes"} for login in voters})
    close_round(browser, room)
    browser.see("赞成 4，反对 0，弃权 0，须 3 票：通过")
    browser.visit(room)
    browser.press("结束审议")
    browser.see("返回")
    choose(browser, room, numbers)
    sign(browser, room, names, numbers)


def choose(browser, room, numbers):
    browser.press("开始审议")
    address = open_round(browser, room, 1, kind="choose", secret="yes", seats="2")
    out = browser.text
    voters = [login for login in MEMBERS if login != "expert2"]
    browser.sign_in("expert1")
    browser.visit(address)
    browser.fill({"place-1": "1", "place-2": "1"})
    browser.press("投票（投出后不能修改）")
    browser.see("同一次序只给一个候选事项")
    papers = [["1", "3"], ["1", "3"], ["1", "3"], ["3"]]
    ranked = [{f"place-{place}": str(rank + 1) for rank, place in enumerate(paper)} for paper in papers]
    # The first project is among the candidates: whoever keeps out of it keeps out of the choice.
    assert out.count("回避：与申请人有合作") == 2 and "0 / 4 人已投票" in out, out
    vote(browser, address, dict(zip(voters, ranked)))
    close_round(browser, room)
    browser.see("计票过程", "盈余转移", f"推选：{numbers[0]}、{numbers[2]}")
    browser.visit(room)
    browser.press("结束审议")


def sign(browser, room, names, numbers):
    browser.press("结束会议并生成纪要")
    browser.see("待签字")
    browser.press("会议纪要")
    browser.see("会议纪要", "第 2 轮表决（无记名）", f"{names['expert2']} 回避：与申请人有合作", numbers[2])
    browser.press("签署会议纪要")
    browser.see("秘书：", "签署")
    browser.sign_in("expert1")
    browser.first_case("联合评审会")
    browser.press("签署会议纪要")
    assert "未签署" not in browser.text
    browser.visit(browser.path + "?lang=en")
    browser.see("Minutes", "kept out", "signed")
    browser.sign_in("officer")
    browser.visit(room)
    browser.see("已签字")
