"""The version before this one, out of the history of the repository."""
import os
import shutil
import subprocess
import time

from conftest import ROOT
from places import Absent

# Built once and kept, each version in a folder of its own.
KEPT = ROOT / ".build/chaos"
# As a step of the schema is written in the sources.
STEP = 'id: "20[0-9]{2}-[0-9]{2}-[0-9]{2}-[a-z0-9-]+"'
# Commits that are tried before it is taken that none builds here.
TRIES = 8


class Unbuildable(Absent):
    """A version that cannot be built here."""


class Before:
    """Its program, the cities that this reads, and its name."""

    def __init__(self, reference, say):
        given = os.environ.get("KECHUANG_OLD_BINARY")
        if given:
            cities = os.environ.get("KECHUANG_OLD_JURISDICTIONS")
            if not os.access(given, os.X_OK):
                raise Absent(f"no program at {given}")
            if not cities:
                raise Absent("KECHUANG_OLD_BINARY needs KECHUANG_OLD_JURISDICTIONS, the cities of the same version")
            self.binary = self.name = given
        else:
            if reference:
                commit = git("rev-parse", "--verify", f"{reference}^{{commit}}").strip()
                folder = build(commit, say)
            else:
                commit, folder = newest(say)
            self.name = git("log", "-1", "--format=%h (%ad: %s)", "--date=short", commit).strip()
            self.binary, cities = str(program(folder)), str(folder / "Jurisdictions")
        self.environment = {"KECHUANG_JURISDICTIONS": cities}


def git(*words, found=(0,)):
    if not shutil.which("git"):
        raise Absent("needs git")
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
    if done.returncode not in found:
        raise Absent(f"no such history: git {words[0]}: {(done.stderr.strip().splitlines() or ['it fails'])[-1]}")
    return done.stdout


def steps(*commit):
    """The steps of the schema at a commit; of the files as they lie here without one."""
    here = [] if commit else ["--untracked"]
    return set(git("grep", *here, "-hoE", STEP, *commit, "--", "Sources", found=(0, 1)).splitlines())


def newest(say):
    """The newest commit, along the main line, that has fewer steps of the schema than there are here, and its folder:
    what came after it would show nothing of a migration. One in the middle of a change may not build; then the one
    before it is tried."""
    here, left = steps(), TRIES
    for commit in git("rev-list", "--first-parent", "HEAD").split():
        if not steps(commit) < here:
            continue
        try:
            return commit, build(commit, say)
        except Unbuildable as problem:
            left -= 1
            if not left:
                raise
            say(str(problem))
    raise Absent("no commit in this history has fewer steps of the schema; a shallow clone has no history")


def program(folder):
    return folder / ".build/whole/release/kechuang"


def build(commit, say):
    folder = KEPT / commit[:12]
    if program(folder).exists():
        return folder
    if not (folder / "Package.swift").exists():
        git("worktree", "prune")
        git("worktree", "add", "--force", "--detach", str(folder), commit)
    log = KEPT / f"{commit[:12]}.log"
    say(f"building the version before, once; that takes as long as any build from nothing: {log}")
    begun = time.monotonic()
    with open(log, "wb") as out:
        done = subprocess.run(
            ["bash", "-c", '. "$0/script/lib.sh" && whole_build_in "$1" --product kechuang', str(ROOT), str(folder)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    if done.returncode or not program(folder).exists():
        raise Unbuildable(f"{commit[:12]} cannot be built here, see {log}")
    say(f"built in {time.monotonic() - begun:.0f} s")
    return folder
