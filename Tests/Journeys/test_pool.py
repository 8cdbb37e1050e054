"""What the pool knows: a suggested discipline, files of ties, aliases, an expert's own texts and contests."""
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select


def narrow(browser, *pages):
    browser.driver.set_window_size(390, 900)
    for page in pages:
        browser.visit(page)
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 390, f"{page} is {wide} px wide"
    browser.driver.set_window_size(1280, 900)


def test_a_suggested_discipline_keeps_what_was_typed(browser):
    browser.sign_in("applicant")
    browser.visit("/calls")
    browser.press("深圳市自然科学基金面上项目", within="main")
    browser.press("开始申报")
    browser.press("开始填写")
    browser.press("基本信息")
    browser.fill({
        "title-zh": "量子测控", "title-en": "x", "keywords": "无此词条甲乙丙丁", "requested": "很多钱"})
    browser.press("推荐学科")
    browser.see("没有找到相近的学科")
    browser.fill({"title-zh": "固态电解质的高通量计算", "keywords": "材料科学；二维材料"})
    browser.press("推荐学科")
    browser.see("采用：材料科学", "依据：")
    assert browser.field("requested").get_attribute("value") == "很多钱", "what was typed is lost"
    browser.fill({
        "title-en": "Solid electrolytes by high-throughput computing", "requested": "600000", "term-months": "24",
        "abstract": "研究固态电解质的界面稳定性，形成可复现的计算流程和样品。"})
    browser.press("采用：材料科学")
    assert Select(browser.field("discipline")).first_selected_option.get_attribute("value") == "430"
    assert browser.field("title-zh").get_attribute("value") == "固态电解质的高通量计算"
    narrow(browser, browser.path)


def test_files_of_ties_aliases_and_an_experts_own_contest(plain_browser, folder):
    browser = plain_browser
    browser.sign_in("officer")
    browser.visit("/desk/experts")
    browser.press("专家的利害关系")
    browser.see("论文合作名单", "近亲属")
    file = folder / "ties.csv"
    head = "专家登录名,关系,对方,开始,结束,来源\n"
    file.write_text(head + "expert1,师生,applicant,2015-09-01,2019-06-30,学位论文\nexpert99,朋友,applicant,昨天,,\n")
    for button in ("试导入，不写入", "导入"):
        browser.fill({"ties": str(file)})
        browser.press(button)
        browser.see(
            "1 行不能导入，整个文件都没有写入", "专家库里没有登录名「expert99」", "关系应为", "日期请写成", "请写明来源")
    file.write_text(head + "expert1,师生,applicant,2015-09-01,2019-06-30,学位论文导师\n")
    browser.fill({"ties": str(file)})
    browser.press("试导入，不写入")
    browser.see("1 行可导入", "尚未写入")
    browser.fill({"ties": str(file)})
    browser.press("导入")
    browser.see("已登记 1 条", "学位论文导师")
    browser.fill({"ties": str(file)})
    browser.press("导入")
    browser.see("此前都已登记，没有改变")
    browser.visit("/desk/experts")
    browser.press("导入专家")
    file.write_text("登录名,职称,单位信用代码,学科代码,关键词,每轮最多项数\nofficer,,0,,,0\n")
    browser.fill({"experts": str(file)})
    browser.press("导入")
    browser.see("1 行不能导入", "本局工作人员不能担任评审专家", "请填写职称", "1 至 10 个学科代码", "1 至 200")
    browser.visit("/desk/aliases")
    browser.see("已确认", "待确认")
    browser.press("登记")
    browser.see("没有这位专家", "没有这个 ORCID", "请写明来源")
    browser.sign_in("officer2")
    browser.visit("/desk/aliases")
    browser.press("确认")
    assert "待确认" not in browser.text
    narrow(browser, "/desk/ties", "/desk/aliases", "/desk/experts", "/desk/experts/import")
    browser.sign_in("expert12")
    browser.visit("/reviews")
    browser.press("我的研究方向")
    browser.fill({"keywords": "深度学习；联邦学习"})
    browser.press("保存")
    assert browser.field("keywords").get_attribute("value").split() == ["深度学习", "联邦学习"]
    browser.fill({"title": "城市交通的联邦学习", "abstract": "提出一种方法。"})
    browser.press("增加")
    browser.see("城市交通的联邦学习")
    browser.visit("/reviews/conflicts")
    browser.see("与申请人或参与人有师生关系", "我提出的异议", "维持回避", "培养记录载明为导师")
    narrow(browser, "/reviews/profile", "/reviews/conflicts")


def test_a_person_asks_to_be_an_expert_and_confirms(plain_browser):
    browser = plain_browser
    browser.sign_in("applicant2")
    browser.visit("/account")
    browser.press("评审专家入库与确认")
    browser.fill({"title": "研究员", "employer": "1234"})
    browser.press("申请入库")
    browser.see("「1234」", "1 至 10 个学科代码")
    assert browser.field("title").get_attribute("value") == "研究员", "what was typed is lost"
    browser.sign_in("expert3")
    browser.visit("/reviews")
    browser.press("我的专家信息")
    narrow(browser, "/reviews/registration")
    browser.press("确认或提交修改")
    browser.see("有效至")
    code = browser.field("employer").get_attribute("value")
    browser.fill({"title": "特聘教授"})
    browser.press("确认或提交修改")
    browser.see("申请已提交，待经办人审核")
    browser.sign_in("applicant2")
    browser.visit("/reviews/registration")
    browser.fill({"title": "研究员", "employer": code, "fields": ["430"]})
    browser.press("申请入库")
    browser.see("申请已提交")
    browser.sign_in("officer")
    browser.visit("/desk/experts")
    browser.press("专家库申请")
    browser.see("特聘教授", "修改或返回", "新入库", "430 材料科学")
    narrow(browser, "/desk/experts/requests")
    browser.press("不通过")
    browser.see("不通过的理由」必填")
    for _ in range(2):
        browser.press("通过并登记")
    browser.see("没有待审核的申请")
    browser.sign_in("applicant2")
    browser.visit("/reviews/registration")
    browser.see("有效至", "退出专家库")


def test_an_expert_tells_of_a_time_away_and_the_bureau_sees_it(plain_browser):
    browser = plain_browser
    browser.sign_in("expert5")
    browser.visit("/reviews/registration")
    browser.fill({"from": "2026-12-10", "to": "2026-12-01", "note": "访学"})
    browser.press("登记", within="#absences")
    browser.see("结束日期早于开始日期")
    assert browser.field("note").get_attribute("value") == "访学", "what was typed is lost"
    browser.fill({"to": "2026-12-20"})
    browser.press("登记", within="#absences")
    browser.see("2026年12月10日", "2026年12月20日", "访学")
    narrow(browser, "/reviews/registration")
    browser.sign_in("officer")
    browser.visit("/desk/experts?language=ja")
    browser.follow(browser.driver.find_element(By.CSS_SELECTOR, "main tbody a"))
    browser.see("中文、英文、日文", "2026年12月10日", "访学", "及时性", "依据待核")
    narrow(browser, browser.path)
    browser.press("移除", within="#absences")
    browser.see("没有登记")
