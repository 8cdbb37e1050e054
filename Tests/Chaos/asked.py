"""What may be asked of script/chaos. It needs nothing but Python, so that --help is answered before anything else."""
import argparse
import random

# Each fault, and the module with the function that plays it.
FAULTS = {
    "disk-full": "faults", "disk-broken": "faults", "database-gone": "faults", "database-slow": "faults",
    "clock-back": "faults", "torn-file": "faults", "graceful-stop": "faults", "killed": "faults",
    "rolling-restart": "fleet", "rolling-upgrade": "upgrade", "failover": "failover", "answer-torn": "torn",
}
# SQLite lives in the process of the house, which is one: it has no server that is lost, and nobody beside it.
OF_SERVERS = {"database-gone", "rolling-restart", "rolling-upgrade", "failover", "answer-torn"}


def asked(description):
    parser = argparse.ArgumentParser(prog="script/chaos", description=description)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"by default all: {', '.join(FAULTS)}")
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
    unknown = [name for name in options.faults if name not in FAULTS]
    if unknown:
        parser.error(f"no such fault: {', '.join(unknown)}")
    if options.engine == "sqlite" and OF_SERVERS.intersection(options.faults):
        parser.error(f"not on SQLite: {', '.join(sorted(OF_SERVERS.intersection(options.faults)))}")
    return options
