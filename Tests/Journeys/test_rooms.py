"""Every room of the bureau: its stories played through the pages, its desk, its lists as files, its registers."""
import csv
import datetime
import io
import os
from urllib.parse import quote

import openpyxl
import pytest
import yaml
from client import Client
from conftest import city
from house import Browser
from player import COMMON, STORIES, Player, stories
from selenium.webdriver.common.by import By

FILES = sorted(path.name for path in STORIES.glob("*.yaml"))


# The main stories of each room; the unit tests play all of them, on both databases.
MAIN = {
    "assignments.yaml": ["assignments.task", "assignments.restricted"],
    "awards.yaml": ["awards.nomination", "awards.upper"],
    "basic-research.yaml": ["laboratory", "report", "instrument"],
    "cooperation.yaml": ["agreement", "visit-out", "event"],
    "funding.yaml": ["funding.allocation"],
    "innovation.yaml": ["innovation.recognition", "innovation.opinion"],
    "integrity.yaml": ["tip", "case", "defence", "inspection", "objection"],
    "key-projects.yaml": ["key.demand", "key.bid-call", "key.bid", "key.cofund"],
    "strategy.yaml": ["strategy.plan", "strategy.progress", "strategy.document"],
    "transfer.yaml": ["contract", "result", "match", "service-body"],
}


def played_in(name, language):
    """The stories of a room that the browser plays: its main ones in Chinese, the first again in English, or all where
    `KECHUANG_STORIES=all`."""
    told = [story for story in stories(name).get("stories") or [] if story.get("journey", True)]
    if os.environ.get("KECHUANG_STORIES") == "all":
        return told
    main = MAIN[name] if language == "zh" else MAIN[name][:1]
    return [story for story in told if story["id"] in main]


@pytest.mark.parametrize("language,database", [("zh", "sqlite"), ("en", "postgres")])
@pytest.mark.parametrize("name", FILES)
def test_room(folder, name, language, database, drivers):
    if database == "postgres" and "KECHUANG_TEST_PG" not in os.environ:
        pytest.skip("no PostgreSQL")
    server = city(folder, database)
    try:
        player = Player(Browser(drivers(), server.address), language)
        told = played_in(name, language)
        for story in told:
            player.play(story)
        look_at_desk(player, told)
        look_at_registers(player, stories(name).get("registers") or [])
    finally:
        server.stop()


def look_at_desk(player, told):
    """The desk lists the cases, and the same list comes as CSV and XLSX; the summary has its chart."""
    definitions = {story["procedure"]: player.definitions[story["procedure"]] for story in told}
    client = Client(player.browser.address).sign_in("officer")
    player.be("officer")
    for room in sorted({definition["duty"] for definition in definitions.values()}):
        player.browser.visit(f"/rooms/{room}")
        player.browser.visit(f"/desk/rooms/{room}")
        assert player.element("main table"), player.browser.text
        player.browser.visit(f"/desk/rooms/{room}/summary")
        assert player.element("main figure svg"), player.browser.text
    # A case with which another story went on stands elsewhere by now.
    moved = {story.get(key) for story in told for key in ("parent", "continues")}
    for story in told:
        if story["id"] in moved or story.get("continues") or story.get("opened"):
            continue
        number = player.number_of(player.cases[story["id"]])
        step = f"?step={story['ends']}"
        player.browser.visit(f"/desk/procedures/{story['procedure']}{step}")
        assert number in player.browser.text, player.browser.text
    for name in definitions:
        shown = [r.text.split("\n")[0] for r in player.browser.driver.find_elements(By.CSS_SELECTOR, "tbody tr td:first-child")]
        text = client.raw(f"/desk/procedures/{name}?format=csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))[1:]
        book = openpyxl.load_workbook(io.BytesIO(client.raw(f"/desk/procedures/{name}?format=xlsx")))
        # The same list is the same file, whenever it is made.
        assert book.properties.created == datetime.datetime(2000, 1, 1)
        assert [row[0] for row in rows] == [row[0].value for row in list(book.active.rows)[1:]]
        assert rows or not shown


def look_at_registers(player, groups):
    """A register shows what it was given, to everybody if it is public, and as files exactly as filtered."""
    client = Client(player.browser.address)
    for group in groups:
        definition = yaml.safe_load(next(
            p for p in (COMMON / "registers").glob("*.yaml")
            if f"id: {group['register']}\n" in p.read_text(encoding="utf-8")).read_text(encoding="utf-8"))
        address = f"/registers/{group['register']}"
        status, text = client.open(f"{address}?lang={player.language}")
        assert status == (200 if definition["public"] else 404), text
        if not definition["public"]:
            continue
        # Stories may have renamed an entry since.
        whole = listed(client, f"{address}?format=csv")
        entry = next(e for e in group["entries"] if any(str(e[definition["name"]]) in row for row in whole))
        name = str(entry[definition["name"]])
        rows = listed(client, f"{address}?name={quote(name)}&format=csv")
        assert rows and all(any(name in cell for cell in row) for row in rows), rows
        for field in definition.get("internal") or []:
            value = str(entry.get(field) or "")
            assert len(value) < 4 or value not in text


def listed(client, path):
    """The rows of a list as a CSV file, without its header."""
    return list(csv.reader(io.StringIO(client.raw(path).decode("utf-8-sig"))))[1:]
