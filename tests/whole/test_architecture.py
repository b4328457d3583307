"""ARCHITECTURE.md names what is there: every file, folder and function that it mentions is opened."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.whole.test_structure import FACES, ROOMS

TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
FOLDERS = (ROOT / "conformance", ROOT)
NAMED = sorted(
    {name for name in re.findall(r"`([\w./-]+(?:: \w+)?)`", TEXT) if "/" in name or ".py" in name or ".toml" in name}
)
ANY_AREA = {"features.py", "requirements.toml", "schemas/"}
"""Named of areas in general."""


def opened(name: str) -> Path | None:
    """The file or folder of that name, below the package or at the top."""
    places = [
        folder / name.rstrip("/")
        for folder in (*FOLDERS, *(ROOT.glob("conformance/areas/*") if name in ANY_AREA else ()))
    ]
    return next((place for place in places if place.exists()), None)


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_is_there(name):
    path, _, member = name.partition(": ")
    found = opened(path)
    assert found is not None, f"{path} is neither below conformance/ nor at the top"
    assert path.endswith("/") == found.is_dir()
    if member:
        assert member in _defined(found), f"{path} defines no {member}"


def _defined(path: Path) -> set[str]:
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def test_the_page_names_a_good_part_of_the_house():
    assert len([name for name in NAMED if ": " in name]) > 20
    assert {f"{room}/" for room in ROOMS | dict.fromkeys(FACES & {"cli"})} <= set(NAMED)


def test_the_drawing_of_an_area_is_true():
    drawing = TEXT.partition("areas/tools/\n")[2].partition("\n\n")[0]
    for line in drawing.splitlines():
        words = line.split("  ")[0] if line.startswith("      ") else line
        for name in re.findall(r"[\w/]+\.(?:py|toml)|\bschemas/", line.strip().split("   ")[0]):
            folder = ROOT / "conformance" if name.startswith("areas/") else ROOT / "conformance" / "areas" / "tools"
            assert (folder / name).exists(), (words, name)


def test_what_security_promises_is_tested_where_it_says():
    named = re.findall(r"`(tests/[\w./]+)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []
