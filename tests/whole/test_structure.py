"""The house keeps its plan: imports run one way, between rooms and between files; areas know nothing of each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

PACKAGE = ROOT / "conformance"
FILES = sorted(PACKAGE.rglob("*.py"))

ROOMS = {
    "wire": set(),
    "exchange": {"wire"},
    "judge": {"exchange", "wire"},
    "reference": set(),
    "clients": {"judge", "exchange", "wire"},
    "areas": {"judge", "exchange", "wire", "clients", "reference"},
    "send": {"areas", "clients", "judge", "exchange", "wire", "reference"},
    "record": {"exchange", "wire"},
    "run": {"record", "send", "areas", "clients", "judge", "exchange", "wire", "reference"},
    "explore": {"run", "record", "send", "areas", "judge", "exchange", "wire"},
    "load": {"run", "record", "send", "areas", "judge", "exchange", "wire"},
    "gateway": {"run", "record", "send", "areas", "judge", "exchange", "wire", "reference"},
    "watch": {"run", "record", "send", "areas", "judge", "exchange", "wire", "reference"},
    "specification": {"send", "areas", "judge", "exchange", "wire"},
    "parity": {"run", "record", "send", "judge", "exchange", "wire", "reference"},
    "report": {"parity", "run", "record", "exchange", "wire"},
    "matrix": {"report", "run", "record", "send", "wire"},
}
"""What each room may import of ours, itself apart. The faces (cli, plugin, __main__) may import anything, and nothing imports them."""
FACES = {"cli", "plugin", "__main__"}
SHARED_NAMES = {"__init__", "probes", "features", "conditions", "objects", "honest", "requirements"}
"""What files of several rooms are called, for it is the same in each: what an area declares, and what the judge makes of it."""


def module(path: Path) -> str:
    """The dotted name of a file below the package: "judge.registry"; that of a package is the folder's."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module(path): path for path in FILES}


@cache
def imports(path: Path) -> frozenset[str]:
    """The files of ours that a file imports, anywhere in it; those for type checking alone left out."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in typing_only and _ours(node.module):
            whole = node.module.removeprefix("conformance").lstrip(".")
            found |= {name if (name := f"{whole}.{alias.name}".lstrip(".")) in NAMES else whole for alias in node.names}
        elif isinstance(node, ast.Import):
            assert not any(_ours(alias.name) for alias in node.names), (
                f"{path}: import of ours that is no `from ... import`"
            )
    return frozenset(found)


def _ours(name: str | None) -> bool:
    return (name or "").partition(".")[0] == "conformance"


def room(name: str) -> str:
    return name.partition(".")[0]


def area(name: str) -> str | None:
    """The area that a file belongs to; None for what several of them share, and for other rooms."""
    parts = name.split(".")
    return parts[1] if parts[0] == "areas" and len(parts) > 1 and (PACKAGE / "areas" / parts[1]).is_dir() else None


def test_the_house_has_few_rooms_and_each_is_in_the_table():
    entries = {path.name for path in PACKAGE.iterdir() if path.name not in ("__pycache__", "_data", "py.typed")}
    assert len(entries) <= 21
    assert {name for name in entries if (PACKAGE / name).is_dir()} - FACES == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_run_one_way_between_rooms(path):
    mine = room(module(path))
    allowed = {""} | ROOMS.get(mine, {room(name) for name in NAMES}) | {mine}
    assert {name for name in imports(path) if room(name) not in allowed} == set()


def test_imports_run_one_way_between_files():
    assert circle({name: imports(path) for name, path in NAMES.items()}) == []


def test_a_circle_is_found():
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}})) == {"b", "c"}


def circle(ways: dict[str, set[str] | frozenset[str]]) -> list[str]:
    """Files that import each other, in whatever number of steps; none where all go one way."""
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as found:
        return found.args[1]
    return []


def test_no_area_knows_another_and_nothing_knows_an_area():
    strangers = {
        name: sorted(foreign)
        for name, path in NAMES.items()
        if (foreign := {each for each in imports(path) if area(each) not in (None, area(name))})
    }
    assert strangers == {}


def test_no_list_names_the_areas():
    areas = {path.parent.name for path in (PACKAGE / "areas").glob("*/__init__.py")}
    lists = {}
    for name, path in NAMES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
                named = {each.value for each in node.elts if isinstance(each, ast.Constant)} & areas
                if len(named) > 4:
                    lists[name] = sorted(named)
    assert lists == {}


def test_lies_know_the_reference_alone():
    told = [path for path in FILES if path.stem.endswith("_lies")]
    assert told
    for path in told:
        assert {n for n in imports(path) if room(n) != "reference" and not n.endswith("_lies")} == set(), module(path)


def test_every_file_of_lies_stands_beside_its_laws():
    assert [module(p) for p in FILES if p.stem.endswith("_lies") and not p.with_stem(p.stem[:-5]).exists()] == []


def test_no_file_name_has_two_meanings():
    named = defaultdict(list)
    for name, path in NAMES.items():
        if path.stem not in SHARED_NAMES:
            named[path.stem].append(name)
    assert {stem: names for stem, names in named.items() if len(names) > 1} == {}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_file_opens_with_its_contract_and_stays_small(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring opens the file"
    assert text.count("\n") <= 300


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=module)
def test_the_file_of_a_package_is_its_contract_and_no_code(path):
    kinds = (ast.Expr, ast.ImportFrom, ast.Assign)
    assert [node for node in ast.parse(path.read_text("utf-8")).body if not isinstance(node, kinds)] == []


def test_a_check_is_fifteen_lines_at_most():
    long = {}
    for path in PACKAGE.glob("areas/*/*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                code = node.end_lineno - node.body[0].end_lineno
                if code > 15 and path.stem not in SHARED_NAMES and not path.stem.endswith("_lies"):
                    long[f"{module(path)}:{node.name}"] = code
    assert long == {}


def test_no_vendor_is_named_in_a_condition():
    pattern = re.compile(r"""if .*(vendor|provider|["'](groq|azure|vllm|mistral|openrouter)["']).*:""", re.IGNORECASE)
    rooms = ("areas", "judge", "wire", "exchange", "send", "record")
    found = [f"{name}: {line.strip()}" for name, path in NAMES.items() if room(name) in rooms
             for line in path.read_text("utf-8").splitlines() if pattern.search(line)]  # fmt: skip
    assert found == []


def test_the_core_starts_without_heavy_imports():
    heavy = ("pytest", "openai", "uvicorn", "jinja2", "vllm")
    code = f"import sys, conformance.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------------- the public package

PUBLIC = ROOT / "openai_conformance"


@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.py")), ids=lambda path: path.stem)
def test_a_file_of_the_public_package_opens_with_its_contract_and_stays_small(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring opens the file"
    assert text.count("\n") <= 300


def test_the_public_package_is_a_face_and_nothing_imports_it():
    found = [
        name
        for name, path in NAMES.items()
        if "openai_conformance" in re.findall(r"(?:from|import) (\w+)", path.read_text("utf-8"))
    ]
    assert found == []


# ---------------------------------------------------------------------- the tests of it


TESTS = ROOT / "tests"
APART = {"support", "whole", "browser", "benchmarks"}
"""What mirrors no room: what tests share, the suite as a whole, the pages in a browser, and what measures."""


def test_tests_mirror_the_rooms():
    """Tests are called as their module, or as their module and what of it they are about."""
    lost = []
    for path in TESTS.rglob("test_*.py"):
        place = path.relative_to(TESTS)
        words = place.stem.split("_")[1:]
        mirrored = [place.with_name(f"{'_'.join(words[:n])}.py") for n in range(1, len(words) + 1)]
        if place.parts[0] not in APART and not any(
            (house / each).is_file() for house in (PACKAGE, ROOT) for each in mirrored
        ):
            lost.append(str(place))
    assert lost == []


def test_text_on_the_terminal_is_never_markup():
    """What an endpoint said may hold `[/x]` and `[link=...]`: rich reads neither in a console that is told so."""
    calls = [
        (str(path.relative_to(PACKAGE)), node.keywords)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Console", "Quiet")
    ]
    assert len(calls) > 2
    assert [
        where for where, given in calls if not any(k.arg == "markup" and k.value.value is False for k in given)
    ] == []
