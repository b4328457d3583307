"""An area is one folder: put in as CONTRIBUTING.md says, it is judged; taken out, it is gone, and nothing else breaks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

ALL = """
import json
from conformance.areas.catalogue import area_of, catalogue, features, judge, lies, probes, routes
from conformance.areas.requirements import faults, requirements
from conformance.send.inprocess import burst, exchanges

def failing(lie=None):
    return sorted(v.check.id for v in judge([*exchanges(lie), *burst(lie)]) if v.outcome not in ("pass", "not-exercised"))

lying = sys.argv[1:]
print(json.dumps({
    "checks": [*catalogue()], "probes": [probe.name for probe in probes()], "features": [*features()], "lies": [*lies()],
    "routes": [*routes()], "requirements": [*requirements()], "faults": faults(catalogue().values()),
    "areas": sorted({area_of(check) for check in catalogue().values()}),
    "failing": failing(), "lied": {name: failing(lies()[name]) for name in lying},
}))
"""


@pytest.fixture
def house(tmp_path):
    """A copy of the package, whose areas can be changed."""
    shutil.copytree(ROOT / "conformance", tmp_path / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("fixtures", "golden"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def said(house: Path, *lies: str) -> dict:
    """What the package says that it holds, and which checks the honest reference and these lies make fail."""
    done = subprocess.run([sys.executable, "-c", "import sys" + ALL, *lies], cwd=house, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def written(house: Path) -> Path:
    """The area of CONTRIBUTING.md, made of its blocks."""
    folder = house / "conformance" / "areas" / "engines"
    folder.mkdir()
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name, block in re.findall(r"^ {3}```\w+ file=(\S+)\n(.*?)^ {3}```$", text, re.M | re.S):
        (folder / name).write_text(re.sub(r"(?m)^ {3}", "", block), "utf-8")
    return folder


def test_an_area_is_added_by_its_folder_and_gone_without_it(house):
    before = said(house)
    folder = written(house)
    with_it = said(house, "engines-bare")
    assert {key: [x for x in with_it[key] if x not in before[key]] for key in before if key not in ("failing", "faults", "lied")} == {
        "checks": ["engine.list"], "probes": ["engines.list"], "features": [], "lies": ["engines-bare"],
        "routes": ["/engines"], "requirements": ["ENGINE-001"], "areas": ["engines"],
    }  # fmt: skip
    assert with_it["faults"] == with_it["failing"] == []
    assert with_it["lied"] == {"engines-bare": ["engine.list"]}
    shutil.rmtree(folder)
    assert said(house) == before


def test_an_area_that_is_taken_out_leaves_nothing_and_breaks_nothing(house):
    before = said(house)
    shutil.rmtree(house / "conformance" / "areas" / "finish")
    without = said(house)
    gone = {
        key: [x for x in before[key] if x not in without[key]] for key in ("areas", "checks", "requirements", "probes")
    }
    assert gone["areas"] == ["finish"]
    assert gone["checks"]
    assert all(id.startswith("finish.") for id in gone["checks"])
    assert all(id.startswith("FIN-") for id in gone["requirements"])
    assert gone["probes"] == ["staged.filtered"]
    assert without["faults"] == without["failing"] == []
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "--sdk", "off"], cwd=house, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "CONFORMS" in done.stdout
