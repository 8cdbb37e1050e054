"""Conflicts of a made-up round with openreview-py, in the folder that kechuang-bench-conflicts left; pairs compared.

What Matching._build_note_conflicts does for a venue, with the package's own functions, but each author's profile is
read once and not for every submission, and nothing is sent to a server.
"""
import datetime
import sys
import time

from openreview import Note, Profile, tools

folder = sys.argv[1]
window = 3
this_year = datetime.date.today().year


def rows(name):
    return [line.rstrip("\n").split("\t") for line in open(f"{folder}/{name}", encoding="utf-8")]


written = {}
for number, (years, people) in enumerate(rows("publications.tsv")):
    work = Note(id=f"n{number}", invitation="x", readers=[], writers=[], signatures=[],
                content={"year": {"value": str(this_year - int(years))}})
    for person in set(people.split()):
        written.setdefault(person, []).append(work)


def profile(person, history, relations=()):
    return Profile(id=person, content={
        "emails": [f"{person}@gmail.com"], "history": history,
        "relations": [{"profile_id": one} for one in relations], "publications": written.get(person, [])})


def place(domain, years=None):
    return {"institution": {"domain": domain}, "end": this_year - years if years else None}


items, experts = rows("items.tsv"), rows("experts.tsv")
# A participant works where the item is carried out; whoever takes part in several items is read for each.
authors = {(person, domain): profile(person, [place(domain)])
           for _, people, domain in items for person in people.split()}
users = []
for name, person, employer, earlier, relations in experts:
    past = [place(one.split(":")[0], int(one.split(":")[1])) for one in earlier.split()]
    users.append((name, profile(person, [place(employer)] + past, relations.split())))

start = time.process_time()
read = tools.info_function_builder(tools.get_profile_info)
known = [(name, read(one, window)) for name, one in users]
infos = {key: read(one, window) for key, one in authors.items()}
middle = time.process_time()
pairs = set()
for item, people, domain in items:
    ids, domains, relations, publications = set(), set(), set(), set()
    for person in people.split():
        info = infos[person, domain]
        ids.add(info["id"])
        domains.update(info["domains"])
        relations.update(info["relations"])
        publications.update(info["publications"])
    for name, info in known:
        conflicts = set()
        conflicts.update(ids.intersection({info["id"]}))
        conflicts.update(domains.intersection(info["domains"]))
        conflicts.update(relations.intersection([info["id"]]))
        conflicts.update(ids.intersection(info["relations"]))
        conflicts.update(publications.intersection(info["publications"]))
        if conflicts:
            pairs.add((item, name))
took = time.process_time() - start
ours = {(item, name) for item, name in rows("conflicts-ours.tsv")}
print(f"  pairs: openreview-py {len(pairs)}, ours {len(ours)}, in one only {len(pairs ^ ours)}")
print(f"  of which profiles {middle - start:.2f} s and pairs {took - (middle - start):.2f} s")
assert pairs == ours, sorted(pairs ^ ours)[:10]
mine = float(open(f"{folder}/conflicts-seconds").read())
print(f"openreview-py: {took:.2f} s, ours {mine:.3f} s: {took / mine:.0f} times"
      f"  {'ok' if took / mine >= 10 else 'MISSED'} (>= 10)")
sys.exit(took / mine < 10)
