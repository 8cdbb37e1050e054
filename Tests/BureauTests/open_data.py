"""What the makers of the standards say of our packages: python open_data.py FOLDER STANDARDS; ends with 1 on any error."""
import glob
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import jsonschema
import ocdsmerge
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

folder, standards = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
faults = []


def giving():
    grant = json.loads((standards / "360-giving-schema.json").read_text())
    package = json.loads((standards / "360-giving-package-schema.json").read_text())
    # The package names its schema by an address; what lies there is the file beside it.
    address = package["properties"]["grants"]["items"]["$ref"]
    resource = Resource.from_contents(grant, default_specification=DRAFT202012)
    registry = Registry().with_resources([(address, resource), (grant["$id"], resource)])
    checker = jsonschema.Draft202012Validator(
        package, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    data = json.loads((folder / "360giving.json").read_text())
    for error in checker.iter_errors(data):
        faults.append(f"360Giving: {error.json_path}: {error.message}")
    print(f"360Giving: {len(data['grants'])} grants checked with jsonschema")
    table = folder / "360giving.csv"
    done = subprocess.run(
        [pathlib.Path(sys.executable).parent / "flatten-tool", "flatten", folder / "360giving.json",
         "--root-list-path", "grants", "--main-sheet-name", "grants", "--schema", standards / "360-giving-schema.json",
         "--output-format", "csv", "--output-name", folder / "flat"], capture_output=True, text=True)
    lost = [line for line in done.stderr.splitlines() if "Warning" in line]
    if done.returncode or not (folder / "flat/grants.csv").exists() or lost:
        faults.append(f"flattentool: {done.stderr}")
    print(f"flattentool: {sum(1 for _ in open(folder / 'flat/grants.csv')) - 1} rows")


# The record schema names others by their addresses; without a network they are read from the same archive.
OFFLINE = """
import json, sys, zipfile, requests
archive = zipfile.ZipFile(sys.argv[sys.argv.index("--standard-zip") + 1])
class Found:
    def __init__(self, name): self.text = archive.read("standard-1__1__5/schema/" + name).decode()
    def raise_for_status(self): pass
    def json(self, **options): return json.loads(self.text, **options)
requests.get = lambda address, **options: Found(address.split("/")[-1].split("#")[0])
from libcoveocds.__main__ import main
main()
"""


def ocds():
    archive = zipfile.ZipFile(standards / "ocds-1.1.5-schema.zip")
    release = json.loads(archive.read("standard-1__1__5/schema/release-schema.json"))
    for kind in ("ocds-releases", "ocds-records"):
        done = subprocess.run(
            [sys.executable, "-c", OFFLINE, "--standard-zip", standards / "ocds-1.1.5-schema.zip",
             "--skip-aggregates", folder / f"{kind}.json"],
            capture_output=True, text=True)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            faults.append(f"libcoveocds {kind}: {done.stderr[-2000:]}")
            continue
        for error in report.get("validation_errors", []):
            faults.append(f"libcoveocds {kind}: {error}")
        for name in ("conformance_errors", "additional_fields_count", "extension_errors"):
            if report.get(name):
                faults.append(f"libcoveocds {kind}: {name}: {report[name]} {report.get('all_additional_fields')}")
        for name in ("additional_open_codelist_values", "additional_closed_codelist_values"):
            if report.get(name):
                faults.append(f"libcoveocds {kind}: {name}: {report[name]}")
        print(f"libcoveocds: {kind}: {report.get('validation_errors')} validation errors")
    releases = [one for path in sorted(glob.glob(str(folder / "releases-*.json")))
                for one in json.loads(pathlib.Path(path).read_text())["releases"]]
    merger = ocdsmerge.Merger(release)
    records = json.loads((folder / "ocds-records.json").read_text())["records"]
    for record in records:
        own = [one for one in releases if one["ocid"] == record["ocid"]]
        theirs = merger.create_compiled_release(own)
        if json.dumps(theirs, sort_keys=True) != json.dumps(record["compiledRelease"], sort_keys=True):
            faults.append(f"ocdsmerge: {record['ocid']}: {json.dumps(theirs)} is not {json.dumps(record['compiledRelease'])}")
    print(f"ocdsmerge: {len(records)} records of {len(releases)} releases compiled to the same")


giving()
ocds()
print("\n".join(faults))
sys.exit(1 if faults else 0)
