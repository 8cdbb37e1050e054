"""Plays stories, the data of the demonstration, through the pages as their people would."""
import functools
import json
import os
import pathlib
import subprocess
import tempfile
import time
from datetime import date, timedelta

import yaml
from client import Client
from conftest import BINARY, ROOT
from selenium.webdriver.common.by import By

JURISDICTIONS = pathlib.Path(os.environ.get("KECHUANG_JURISDICTIONS", ROOT / "Jurisdictions"))
COMMON = JURISDICTIONS / "Common"
STORIES = JURISDICTIONS / "Shenzhen/stories"
WORDS = {
    "zh": {"save": "保存", "next": "保存并继续", "upload": "上传", "start": "开始填写"},
    "en": {"save": "Save", "next": "Save and go on", "upload": "Upload", "start": "Start"},
}
PAGE = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


@functools.cache
def procedures(folder=COMMON / "procedures"):
    """The newest definition of each procedure."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        definition = read(path)
        if definition["version"] > found.get(definition["id"], {"version": 0})["version"]:
            found[definition["id"]] = definition
    return found


def stories(name):
    return read(STORIES / name)


def typed(kind, value):
    """What goes into a field of a kind; what is not on a list cannot be chosen in a browser, so it is left."""
    if kind == "choice":
        return [value]
    if kind == "yesNo":
        return ["yes"]
    if kind == "money" and isinstance(value, int):
        return f"{value / 100:.2f}"
    return value if value is None or isinstance(value, list) else str(value)


class Player:
    def __init__(self, browser, language, definitions=None):
        self.browser = browser
        self.language = language
        self.words = WORDS[language]
        self.definitions = definitions or procedures()
        self.cases = {}
        self.page = pathlib.Path(tempfile.mkdtemp(prefix="kechuang-page.")) / "page.pdf"
        self.page.write_bytes(PAGE)

    # Who acts

    def be(self, login):
        """Changes to somebody's session; signs in where there is none."""
        if not self.browser.resume(login):
            self.browser.sign_in(login, self.language)

    def element(self, selector):
        found = self.browser.driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0] if found else None

    def click(self, element):
        """Clicks and waits for the next page."""
        self.browser.follow(element, 30)

    # What is filled in

    def fill(self, fields, answers, prefix=""):
        """The fields of a form, each as its kind wants it."""
        values = {}
        for field in fields:
            name, kind, value = prefix + field["name"], field["kind"], answers.get(field["name"])
            if value is None or kind == "files" or kind == "yesNo" and not value:
                continue
            if kind == "table":
                for index, row in enumerate(value):
                    values |= {f"{name}.{index}.{column['name']}": typed(column["kind"], row.get(column["name"]))
                               for column in field["columns"]}
            elif kind == "budget":
                for heading, cell in value.items():
                    values[f"{name}.{heading}.amount"] = typed("money", cell.get("amount"))
                    values[f"{name}.{heading}.note"] = cell.get("note")
            else:
                values[name] = typed(kind, value)
        self.browser.fill({name: value for name, value in values.items() if value is not None})

    def opened(self, story, definition):
        """The case that the house opened by itself under another, as the page of that one names it."""
        self.browser.visit(f"/cases/{self.cases[story['parent']]}")
        title = definition["title"][self.language]
        over = [step["title"][self.language] for step in definition["steps"] if step.get("final")]
        for item in self.browser.driver.find_elements(By.CSS_SELECTOR, "main li:has(a[href^='/cases/'])"):
            badge = item.find_elements(By.CSS_SELECTOR, ".badge")
            if title in item.text and not (badge and badge[0].text.strip() in over):
                link = item.find_element(By.CSS_SELECTOR, "a[href^='/cases/']")
                return link.get_attribute("href").rsplit("/", 1)[1]
        raise AssertionError(f"{definition['id']} was not opened on:\n{self.browser.text[:3000]}")

    def file_in(self, story, definition):
        """Starts the case and fills in its form, section by section."""
        browser = self.browser
        if story.get("continues"):
            return self.cases[story["continues"]]
        if story.get("opened"):
            self.be("officer")
            case = self.opened(story, definition)
            self.be(story["by"])
            return self.fill_in(case, story, definition)
        query = []
        if story.get("entry"):
            # Not every register is open to those who file about its entries.
            self.be("officer")
            query.append(f"entry={self.entry_number(definition['filing']['about'], story['entry'])}")
            self.be(story["by"])
        if story.get("parent"):
            query.append(f"parent={self.number_of(self.cases[story['parent']])}")
        browser.visit(f"/procedures/{definition['id']}/start?" + "&".join(query))
        browser.press(self.words["start"], within="main")
        assert browser.path.startswith("/drafts/"), browser.text
        case = browser.path.removeprefix("/drafts/").split("/")[0].split("?")[0]
        return self.fill_in(case, story, definition)

    def fill_in(self, case, story, definition):
        browser = self.browser
        for section in definition.get("form", {}).get("sections", []):
            browser.visit(f"/drafts/{case}/sections/{section['name']}")
            most = max([3] + [len(story["answers"].get(f["name"]) or []) for f in section["fields"] if f["kind"] == "table"])
            for count in range(3, most + 3, 3):
                tables = {f["name"]: (story["answers"].get(f["name"]) or [])[:count]
                          for f in section["fields"] if f["kind"] == "table"}
                self.fill(section["fields"], {**story["answers"], **tables})
                if count < most:
                    browser.press(self.words["save"], within="main")
            for field in section["fields"]:
                if field["kind"] == "files" and field["name"] in (story.get("files") or []):
                    if any(f["kind"] != "files" for f in section["fields"]):
                        browser.press(self.words["save"], within="main")
                    browser.field(field["name"]).send_keys(str(self.page))
                    self.click(self.element(f"form[action$='/files/{field['name']}'] button"))
                    assert "page.pdf" in browser.text, browser.text
            if any(f["kind"] != "files" for f in section["fields"]):
                browser.press(self.words["next"], within="main")
        return case

    def entry_number(self, register, name):
        self.browser.visit(f"/registers/{register}?name={name}")
        return self.browser.driver.find_element(By.CSS_SELECTOR, "tbody tr a").text.strip()

    def name_of(self, login):
        """Whose account a login is, as the own desk says."""
        self.be(login)
        self.browser.visit("/work")
        return self.element("main .lead").text.strip()

    def number_of(self, case):
        """The number of a case, as its page shows it."""
        self.browser.visit(f"/cases/{case}")
        line = self.browser.driver.find_element(By.CSS_SELECTOR, "main .title-row + p").text
        return line.split(" · ")[1].strip()

    # What is done

    def action(self, definition, name):
        return next(a for s in definition["steps"] for a in s.get("actions", []) if a["id"] == name)

    def form_of(self, case, action):
        """The form of an action, opened and in sight; nothing where it is not offered."""
        form = self.element(f"main form[action='/cases/{case}/actions/{action}']")
        if form is None:
            return None
        details = form.find_elements(By.XPATH, "ancestor::details")
        if details and details[0].get_attribute("open") is None:
            details[0].find_element(By.TAG_NAME, "summary").click()
        return form

    def act(self, case, definition, step):
        """Does an action of the story on the page of the case."""
        self.be(step["by"])
        action = self.action(definition, step["do"])
        self.browser.visit(f"/cases/{case}")
        form = self.form_of(case, step["do"])
        if form is None:
            # A draft is handed in on the page that checks its answers.
            self.browser.visit(f"/drafts/{case}/check")
            form = self.form_of(case, step["do"])
        assert form is not None, f"{step} is not offered on:\n{self.browser.text[:3000]}"
        self.fill(action.get("asks") or [], step.get("with") or {}, f"{step['do']}-")
        self.click(form.find_element(By.TAG_NAME, "button"))

    def name_panel(self, case, step):
        """The officer names the experts who judge the case."""
        names = [self.name_of(login) for login in step["panel"]]
        self.be(step["by"])
        self.browser.visit(f"/cases/{case}")
        self.click(self.element(f"main a[href='/desk/panels/{case}']"))
        # Accounts have Chinese names, experts are called in the reader's language.
        self.browser.visit(f"/desk/panels/{case}?lang=zh")
        chosen = [label.find_element(By.NAME, "experts").get_attribute("value")
                  for label in self.browser.driver.find_elements(By.CSS_SELECTOR, "label:has(input[name='experts'])")
                  if label.text.strip().split(" · ")[0] in names]
        assert len(chosen) == len(names), names
        self.browser.visit(f"/desk/panels/{case}?lang={self.language}")
        for value in chosen:
            self.element(f"main input[name='experts'][value='{value}']").click()
        self.click(self.element(f"main form[action='/desk/panels/{case}'] button"))
        assert not self.wrong("main .notice.bad, main .errors"), self.browser.text[:3000]

    def hand_in(self, case, step):
        """An expert finds the sheet at the desk, fills it in and hands it in."""
        self.be(step["by"])
        self.browser.visit("/work")
        self.click(self.element(f"main a[href='/panels/{case}']"))
        self.browser.fill(step["sheet"])
        self.click(self.element(f"main form[action='/panels/{case}'] button"))
        assert not self.wrong("main .notice.bad, main .errors"), self.browser.text[:3000]

    def do(self, case, definition, step):
        guards = self.action(definition, step["do"]).get("guards") or []
        if any(guard.startswith("integrity.committed") for guard in guards):
            self.signed(case, step["by"])
        self.act(case, definition, step)
        wrong = self.wrong("main .notice.bad, main .errors")
        assert not wrong, f"{step}: {self.browser.text[:3000]}"

    def signed(self, case, login):
        """Waits until what was committed to stands under a signed checkpoint: before that nobody draws."""
        self.be(login)
        deadline = time.monotonic() + 300
        self.browser.visit(f"/cases/{case}")
        while "正在写入" in self.browser.text or "being entered" in self.browser.text:
            assert time.monotonic() < deadline, self.browser.text[:3000]
            time.sleep(0.2)
            self.browser.visit(f"/cases/{case}")

    def wrong(self, selector):
        """What the page complains of; that a bar is in force is news for the bureau and no complaint."""
        found = self.browser.driver.find_elements(By.CSS_SELECTOR, selector)
        return [one for one in found if not one.text.strip().startswith(("限制措施在期", "A bar is in force"))]

    def refuse(self, case, definition, refusal):
        """Tries what must be refused: it is not offered, or the page says what to mend and keeps the case where it is."""
        self.be(refusal["by"])
        self.browser.visit(f"/cases/{case}")
        before = self.badge()
        if self.form_of(case, refusal["do"]) is None:
            return
        self.act(case, definition, refusal)
        wrong = self.wrong("main .notice.bad, main .errors, main .error")
        assert wrong, f"{refusal} was not refused:\n{self.browser.text[:2000]}"
        self.browser.visit(f"/cases/{case}")
        assert self.badge() == before

    def badge(self):
        found = self.element("main .title-row .badge")
        return found.text.strip() if found else ""

    def wait(self, period):
        """Moves the city's clock to the day after a period."""
        count, kind = period.split(" ", 1)
        client = Client(self.browser.address)
        _, health = client.open("/health")
        today = json.loads(health)["day"]
        command = {"working days": ["calendar", "add"], "months": ["calendar", "months"]}.get(kind)
        if command:
            end = subprocess.run(
                [BINARY, *command, today, count, "--city", "shenzhen"], capture_output=True, text=True, check=True,
                cwd=ROOT).stdout.strip()
        else:
            days = int(count) * (365 if kind == "years" else 1)
            end = str(date.fromisoformat(today) + timedelta(days=days))
        days = (date.fromisoformat(end) - date.fromisoformat(today)).days + 1
        self.browser.driver.delete_all_cookies()
        self.browser.visit(f"/demo?lang={self.language}")
        for step in (30, 14, 7, 3, 1):
            while days >= step:
                self.click(self.element(f"main form:has(input[name='days'][value='{step}']) button"))
                days -= step
        self.browser.sessions = {}

    def play(self, story):
        """The whole story; ends with the case at the step that the story names."""
        definition = self.definitions[story["procedure"]]
        self.be(story["by"])
        case = self.file_in(story, definition)
        self.cases[story["id"]] = case
        for index in range(len(story["then"]) + 1):
            for refusal in story.get("refused") or []:
                if refusal["at"] == index:
                    self.refuse(case, definition, refusal)
            if index == len(story["then"]):
                break
            step = story["then"][index]
            if step.get("wait"):
                self.wait(step["wait"])
            elif step.get("panel"):
                self.name_panel(case, step)
            elif step.get("sheet"):
                self.hand_in(case, step)
            else:
                self.do(case, definition, step)
        self.be(story["then"][-1].get("by") or story["by"])
        self.browser.visit(f"/cases/{case}")
        end = next(s for s in definition["steps"] if s["id"] == story["ends"])
        assert self.badge() == end["title"][self.language], self.browser.text[:2000]
        return case
