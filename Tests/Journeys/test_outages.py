"""The house is away on the last day of a call: it measures that itself, moves what was due, and says so."""
import os
import re
import sqlite3
import subprocess
import time

import pytest
from client import Client
from conftest import city


def change(server, statement):
    """Does something in the database beneath a house that is not running."""
    if "--database" in server.command:
        address = server.command[server.command.index("--database") + 1]
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", address, "-c", statement], check=True)
    else:
        with sqlite3.connect(server.folder / "kechuang.sqlite") as db:
            db.execute(statement)
        db.close()


def rows(page, words):
    """The rows of a table that hold some words; a slow machine may be away for a moment more than once."""
    return [row for row in page.split("<tr>")[1:] if words in row]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_an_outage_on_the_last_day_moves_the_deadline_and_is_announced(folder, database):
    if database == "postgres" and "KECHUANG_TEST_PG" not in os.environ:
        pytest.skip("no PostgreSQL")
    server = city(folder, database)
    client = Client(server.address)
    today = re.search(r'"day":"([0-9-]+)"', client.open("/health")[1]).group(1)
    _, before = client.open("/outages?lang=en")
    server.stop()
    # A call that closes today, and a house that was last seen two hours ago.
    change(server, f"UPDATE funding_call SET closes_on = '{today}' WHERE number = 'NATURAL-SCIENCE-2026-001'")
    change(server, "UPDATE house_seen SET seen_at = seen_at - 7200000000")
    server.start()
    try:
        text, limit = "", time.monotonic() + 300
        while "The closing date was moved to" not in text and time.monotonic() < limit:
            time.sleep(0.1)
            _, text = client.open("/calls/NATURAL-SCIENCE-2026-001?lang=en")
        assert "The closing date was moved to" in text and "minutes: moved from" in text, text[:3000]
        minutes = int(re.search(r"was down for (\d+) minutes", text).group(1))
        assert 120 <= minutes <= 125
        assert "Apply" in text, "the call is open"
        notice = re.search(r'/notices/(GS-[0-9-]+)"', text).group(1)
        _, zh = client.open("/calls/NATURAL-SCIENCE-2026-001?lang=zh")
        assert "申报截止已顺延至" in zh and f"系统停机 {minutes} 分钟" in zh
        _, page = client.open(f"/notices/{notice}?lang=zh")
        assert "因系统停机顺延截止日期的公告" in page and "NATURAL-SCIENCE-2026-001" in page
        _, page = client.open(f"/notices/{notice}?lang=en")
        assert "Deadlines moved because the system was down" in page
        _, page = client.open("/outages?lang=en")
        assert len(rows(page, notice)) == 1 and "source to be checked" in page and notice not in before
        _, file = client.open("/outages?lang=zh&format=csv")
        assert notice in file and f",{minutes}," in file
        start = next(line for line in file.splitlines() if notice in line).split(",")[0]
        # It happens once, whatever happens next.
        server.stop()
        server.start()
        _, again = client.open("/outages?lang=en")
        assert len(rows(again, notice)) == 1
        # Nor is the same outage entered again without a notice.
        _, file = client.open("/outages?lang=zh&format=csv")
        assert sum(line.split(",")[0] == start for line in file.splitlines()) == 1, file
    finally:
        server.stop()
