"""Checks the bill of materials of a release: `python -m tests.whole.sbom_check FILE`, as `nox -s sbom` does with what it made.

A script and no test module: it judges what another session wrote. Exits 1 where anything is amiss.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import conformance
from tests.support.locks import LOCK, PROJECT, asked_of_users, pinned


def amiss(text: str) -> Iterator[str]:
    """What is wrong with this bill: of another release, incomplete, or with other versions than those that are locked."""
    bill = json.loads(text)
    if (bill.get("bomFormat"), bill.get("specVersion", "") >= "1.6") != ("CycloneDX", True):
        yield f"it is {bill.get('bomFormat')} {bill.get('specVersion')}, expected CycloneDX 1.6 or later"
    root = bill["metadata"]["component"]
    if (root["name"], root.get("version")) != (PROJECT["project"]["name"], conformance.__version__):
        yield f"it is of {root['name']} {root.get('version')}, expected {conformance.__version__}"
    there = {canonicalize_name(each["name"]): each for each in bill["components"]}
    for asked in asked_of_users():
        if canonicalize_name(Requirement(asked).name) not in there:
            yield f"{asked} is not in it"
    lock = pinned(LOCK.read_text("utf-8"))
    for name, each in there.items():
        if not any(pin.specifier.contains(each["version"]) for pin, _ in lock.get(name, ())):
            yield f"{name} {each['version']} is not what is locked"
        if not each.get("purl", "").startswith(f"pkg:pypi/{name}@{each['version']}"):
            yield f"{name} has no purl of its own"
    refs = {each["bom-ref"] for each in (root, *bill["components"])}
    graph = {each["ref"]: set(each.get("dependsOn", ())) for each in bill["dependencies"]}
    if graph.keys() != refs or (dangling := set().union(*graph.values()) - refs):
        yield f"its graph names other components than it lists: {graph.keys() ^ refs or dangling}"
    if lost := refs - {root["bom-ref"]} - set().union(*graph.values()):
        yield f"nothing needs {', '.join(sorted(lost))}"
    if paths := re.findall(r'"[^"]*(?:file:|/home/|/tmp/|/root/|\.nox)[^"]*"', text):
        yield f"it names places of this machine: {paths[:3]}"


def main(file: str) -> int:
    found = [*amiss(Path(file).read_text("utf-8"))]
    for each in found:
        print(f"FAILED: {file}: {each}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
