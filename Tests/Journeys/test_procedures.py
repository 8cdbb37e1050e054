"""A procedure that a city adds by data alone, from its filing to its letter."""
import os
import shutil

import pytest
import yaml
from client import Client
from conftest import ROOT, Server
from house import Browser
from player import Player

PROCEDURE = """
id: example.loan
version: 1
duty: transfer
public: true
title: {zh: 仪器借用, en: Loan of an instrument}
summary: {zh: 向科技局借用一台仪器。, en: Borrows an instrument of the bureau.}
who: {zh: 本市单位, en: Organisations of the city}
fee: {zh: 不收费, en: Free}
basis:
  - {document: {zh: 示例市仪器管理办法, en: Example City Instrument Measures}, article: 第五条, confidence: M-med}
documents: [{zh: 使用计划, en: Plan of use}]
filing: {by: member, number: 'JY-{year}-{n:3}', division: science, subject: instrument}
shown: [instrument, purpose]
form:
  sections:
    - name: loan
      title: {zh: 借用信息, en: The loan}
      fields:
        - {name: instrument, label: {zh: 仪器, en: Instrument}, kind: text, atMost: 60}
        - name: purpose
          label: {zh: 用途, en: Purpose}
          kind: choice
          options:
            - {value: research, label: {zh: 科研, en: Research}}
            - {value: teaching, label: {zh: 教学, en: Teaching}}
        - {name: deposit, label: {zh: 押金（元）, en: Deposit (yuan)}, kind: money, minimum: 100000}
        - {name: plan, label: {zh: 使用计划, en: Plan of use}, kind: files, atMost: 1, accepts: [application/pdf]}
steps:
  - id: draft
    title: {zh: 填写, en: Draft}
    holder: applicant
    actions: [{id: submit, title: {zh: 提交, en: Submit}, to: check, kind: primary}]
  - id: check
    title: {zh: 审核, en: Check}
    holder: officer
    clock: {title: {zh: 审核, en: Check}, period: 5 working days}
    actions:
      - id: lend
        title: {zh: 同意借用, en: Lend}
        to: lent
        kind: primary
        asks: [{name: until, label: {zh: 归还日期, en: Back by}, kind: day}]
        letter: example-loan
      - id: refuse
        title: {zh: 不予借用, en: Refuse}
        to: refused
        kind: danger
        asks: [{name: reason, label: {zh: 理由, en: Reason}, kind: text, atMost: 200}]
  - {id: lent, title: {zh: 已借出, en: Lent}, final: true}
  - {id: refused, title: {zh: 未同意, en: Refused}, final: true}
"""
LETTER = """
id: example-loan
title: {zh: 仪器借用通知, en: Notice of a loan}
body:
  zh: 同意借用。请按期归还。
  en: The instrument is lent. Please bring it back in time.
"""
STORY = {
    "id": "loan", "procedure": "example.loan", "by": "organisation", "files": ["plan"],
    "answers": {"instrument": "Spectrometer 3", "purpose": "research", "deposit": 150000},
    "then": [{"by": "organisation", "do": "submit"}, {"by": "officer", "do": "lend", "with": {"until": "2026-06-30"}}],
    "refused": [{"at": 1, "by": "officer", "do": "refuse", "with": {}, "says": "Reason"}],
    "ends": "lent",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_procedure_made_of_data_alone(folder, language, drivers):
    jurisdictions = folder / "Jurisdictions"
    shutil.copytree(os.environ.get("KECHUANG_JURISDICTIONS", ROOT / "Jurisdictions"), jurisdictions)
    for kind, name, text in (("procedures", "loan", PROCEDURE), ("letters", "loan", LETTER)):
        (jurisdictions / "Example" / kind).mkdir(exist_ok=True)
        (jurisdictions / "Example" / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
    server = Server(folder, "--city", "Example", environment={"KECHUANG_JURISDICTIONS": str(jurisdictions)})
    try:
        browser = Browser(drivers(), server.address)
        player = Player(browser, language, {"example.loan": yaml.safe_load(PROCEDURE)})
        # What is missing is told all at once, with the way to the fields.
        player.be("organisation")
        browser.visit("/guides/example.loan")
        browser.see({"zh": "依据待核", "en": "source to be checked"}[language], {"zh": "5 个工作日", "en": "5 working days"}[language])
        browser.press({"zh": "开始办理", "en": "Start"}[language], within="main")
        browser.press({"zh": "开始填写", "en": "Start"}[language], within="main")
        browser.visit(browser.path.split("?")[0] + "/check")
        browser.see({"zh": "提交前须改正 4 处", "en": "Mend 4 things before you submit"}[language])
        case = player.play(STORY)
        browser.see({"zh": "仪器借用通知", "en": "Notice of a loan"}[language], "Spectrometer 3")
        player.be("organisation")
        browser.visit(f"/cases/{case}")
        browser.follow(browser.driver.find_element("css selector", "a[href^='/letters/']"))
        browser.see({"zh": "同意借用", "en": "The instrument is lent"}[language])
        rows = Client(server.address).sign_in("officer").raw("/desk/procedures/example.loan?purpose=research&format=csv")
        assert "Spectrometer 3" in rows.decode("utf-8-sig")
    finally:
        server.stop()
