"""Plays the list of faults against a real house on both databases and prints what survived."""
import argparse
import os
import pathlib
import random
import signal
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Journeys"))

from faults import ALL, Failed  # noqa: E402
from failover import failover  # noqa: E402
from fleet import rolling  # noqa: E402
from places import Absent, Town  # noqa: E402
from torn import answer_torn  # noqa: E402
from upgrade import upgrade  # noqa: E402

ALL["rolling-restart"] = rolling
ALL["rolling-upgrade"] = upgrade
ALL["failover"] = failover
ALL["answer-torn"] = answer_torn


def main():
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"by default all: {', '.join(ALL)}")
    parser.add_argument("--kills", type=int, default=100, help="of the fault killed, on each database (100)")
    parser.add_argument("--until", type=float, default=0, help="seconds after which killing ends in any case")
    parser.add_argument("--stops", type=int, default=5, help="of the fault graceful-stop (5)")
    parser.add_argument("--rounds", type=int, default=3, help="restarts of each process in rolling-restart (3)")
    parser.add_argument("--from", dest="origin", metavar="REF",
                        help="the version before in rolling-upgrade: a commit of this repository, built once in "
                        ".build/chaos; by default the newest one with fewer steps of the schema. One that is built is "
                        "named by KECHUANG_OLD_BINARY and KECHUANG_OLD_JURISDICTIONS")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="one database only")
    options = parser.parse_args()
    unknown = [name for name in options.faults if name not in ALL]
    if unknown:
        parser.error(f"no such fault: {', '.join(unknown)}")
    engines = [options.engine] if options.engine else ["sqlite", "postgres"]
    # What was started ends with this program, however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = options.faults or list(ALL)
    # An upgrade begins with a city of the version before.
    has_city = set(names) != {"rolling-upgrade"}
    if has_city:
        print("Making a demonstration city on each database …", flush=True)
    town = Town(engines, has_city)
    results = []
    try:
        for name in names:
            for engine in engines:
                results.append((name, engine, *play(town, name, engine, options)))
    finally:
        if os.environ.get("KECHUANG_CHAOS_KEEP"):
            print(f"kept: {town.folder}")
        else:
            town.close()
    print("\n== What survived")
    for name, engine, outcome, took in results:
        print(f"{name:16} {engine:9} {outcome:11} {took:5.0f} s")
    outcomes = {outcome for _, _, outcome, _ in results}
    # What was not played has not been survived.
    sys.exit(1 if "LOST" in outcomes else 2 if "not played" in outcomes else 0)


def play(town, name, engine, options):
    print(f"\n== {name} on {engine}: {' '.join(ALL[name].__doc__.split())}", flush=True)
    begun = time.monotonic()

    def say(words):
        print(f"   {words}", flush=True)

    try:
        ALL[name](town, engine, say, options)
        outcome = "survived"
    except Absent as reason:
        say(f"not played: {reason}")
        outcome = "not played"
    except Failed as reason:
        say(f"LOST: {reason}")
        outcome = "LOST"
    except Exception:
        say(f"LOST: {traceback.format_exc()}")
        outcome = "LOST"
    return outcome, time.monotonic() - begun


main()
