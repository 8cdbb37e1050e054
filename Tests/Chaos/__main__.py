"""Plays the list of faults against a real house on both databases and prints what survived."""
import importlib
import os
import pathlib
import signal
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Journeys"))

from asked import FAULTS, OF_SERVERS, asked  # noqa: E402

# Help and mistakes are told before anything is loaded that has to be installed.
OPTIONS = asked(__doc__)

from faults import Failed  # noqa: E402
from places import Absent, Town  # noqa: E402

ALL = {name: getattr(importlib.import_module(module), name.replace("-", "_")) for name, module in FAULTS.items()}


def main():
    options = OPTIONS
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
                if engine == "postgres" or name not in OF_SERVERS:
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
