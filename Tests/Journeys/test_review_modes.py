"""Experts shared out by affinity instead of by draw, with quotas and a chosen pair; a relation learned later; a contest
that two officers settle."""
import datetime

from selenium.webdriver.common.by import By
from test_round import apply, today, write_call


def invited(browser, words):
    """The first expert on whose list an application stands."""
    for number in range(1, 13):
        browser.sign_in(f"expert{number}")
        browser.visit("/reviews")
        if words in browser.text and "已邀请" in browser.text:
            return f"expert{number}"
    raise AssertionError("nobody is invited")


def test_assignment_by_affinity_with_its_proof_and_a_contest(browser, folder):
    call = write_call(browser)
    case = apply(browser, folder)
    browser.sign_in("officer")
    browser.visit(case)
    browser.press("审查通过")
    number = next(
        word for word in browser.text.replace("\n", " ").split() if word.startswith("NATURAL-SCIENCE-2026-002-"))
    browser.move_clock(16)
    browser.sign_in("officer")
    day = today(browser)
    browser.visit(f"/desk/calls/{call}/review")
    browser.press("不抽签，按匹配度分配")
    browser.see("默认方式仍是公开抽签")
    # More than the pool can give: what is short is said, and nothing can be fixed.
    browser.fill({"mode": "best", "seats": "3", "load": "5", "least-affinity": "1000"})
    browser.press("试算")
    browser.see("3 个评审席位无法安排", "以下申请共缺 3 位专家")
    assert not browser.driver.find_elements(By.NAME, "due"), "a plan with empty seats can be fixed"
    browser.fill({"seats": "30"})
    browser.press("试算")
    browser.see("每项专家数应为 1 至 20")
    browser.fill({"mode": "random", "seats": "3", "least-affinity": "0", "cap": "50"})
    browser.press("试算")
    browser.see("平均总匹配度", "证明：取值等于任何分配都不能超过的上界")
    browser.fill({"mode": "fair"})
    browser.press("试算")
    browser.see("最弱一项至多能达到", "不顾公平时的总匹配度")
    browser.fill({"mode": "perturbed", "strength": "40"})
    browser.press("试算")
    browser.see("概率设上限并分散的随机", "证明：取值等于")
    # A quota that has no exact answer, an expert whom nobody knows, and a quota that leaves a seat empty.
    browser.driver.find_element(By.CSS_SELECTOR, "form.filters summary").click()
    browser.fill({"mode": "best", "quotas.0.group": "field:own", "quotas.0.least": "1", "pairs.0.rule": "forbid",
                  "pairs.0.item": number, "pairs.0.expert": "nobody"})
    browser.press("试算")
    browser.see("请取消“同一单位的专家不评同一项”", "专家库中没有这个登录名")
    browser.fill({"quotas.0.group": "region:*", "quotas.0.least": "", "quotas.0.most": "2", "pairs.0.expert": "expert1"})
    browser.press("试算")
    browser.see("1 个评审席位无法安排", "受限于名额：同一城市（每个城市）")
    assert not browser.driver.find_elements(By.NAME, "due"), "a plan with empty seats can be fixed"
    browser.fill({"quotas.0.most": "3"})
    browser.press("试算")
    browser.see("总匹配度", "证明：取值等于", "城市交通感知")
    assert browser.driver.find_elements(By.CSS_SELECTOR, "tbody li .hint"), "no pair says why it fits"
    browser.fill({"due": str(day + datetime.timedelta(days=14))})
    browser.press("固定方案并公布摘要")
    browser.see("「指定第 1 对的理由」必填")
    browser.fill({"pairs.0.reason": "本人提出不宜评审"})
    browser.press("固定方案并公布摘要")
    browser.see("方案摘要", "总匹配度最高", "名额：同一城市（每个城市）", "至多 3 位", "指定：不得评审", "本人提出不宜评审")
    browser.press("分配并邀请专家")
    browser.see("已邀请", "总匹配度最高")
    login = invited(browser, "城市交通感知")
    assert login != "expert1", "who was not to judge was invited"
    # The bureau learns that one of them was the applicant's adviser: the database forbids the pair from now on.
    browser.sign_in("officer")
    browser.visit(f"/desk/calls/{call}/conflicts")
    browser.press("登记")
    browser.see("没有这位专家", "本批次没有这项申请", "请选择关系")
    browser.fill({"login": login, "tie": "adviser", "number": number, "source": "学位论文致谢"})
    browser.press("登记")
    browser.see("与申请人或参与人有师生关系", "学位论文致谢", "长期")
    browser.visit(f"/desk/calls/{call}/review")
    browser.see("已回避")
    browser.sign_in(login)
    browser.visit("/reviews")
    assert "已邀请" not in browser.text
    # The officer who recorded it may contest it and may not rule; another officer does.
    browser.sign_in("officer2")
    browser.visit(f"/desk/calls/{call}/conflicts?kind=adviser")
    browser.fill({"statement": "经核实为同名的另一人"})
    browser.press("提出异议")
    browser.see("待裁定")
    browser.fill({"ruling": "材料不足"})
    browser.press("解除回避")
    browser.see("不能裁定")
    browser.sign_in("officer")
    browser.visit(f"/desk/calls/{call}/conflicts?kind=adviser")
    browser.fill({"ruling": "材料不足"})
    browser.press("解除回避")
    browser.see("不能裁定")
    browser.driver.set_window_size(390, 900)
    for page in ("assignment", "conflicts"):
        browser.visit(f"/desk/calls/{call}/{page}")
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 390, f"{page} is {wide} px wide"
    browser.driver.set_window_size(1280, 900)
