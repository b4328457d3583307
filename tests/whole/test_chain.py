"""What CI installs is pinned by the hashes of its files, and by no address of a registry: `.ci/`, the doors of the noxfile, the release."""

import ast
import importlib.metadata as installed
import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.checkout import ROOT

CI = ROOT / ".ci"
LOCK, NOX, VLLM, NODE = (CI / name for name in ("constraints.txt", "nox.txt", "vllm.txt", "node/package-lock.json"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOORS = {"locked", "install", "install_on_cpu"}
"""The functions of the noxfile that may install; what else may, and why, says its docstring."""


def pinned(text: str) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Of a file of requirements: by name, each pin and its hashes."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            words = re.split(r"\s+--hash=", line.strip())
            requirement = Requirement(words[0])
            found.setdefault(canonicalize_name(requirement.name), []).append((requirement, words[1:]))
    return found


def asked_of_ci() -> list[str]:
    """All that the project names: for itself, its extras, its groups and its building."""
    groups = PROJECT["dependency-groups"].values()
    extras = PROJECT["project"]["optional-dependencies"].values()
    listed = [PROJECT["project"]["dependencies"], PROJECT["build-system"]["requires"], *groups, *extras]
    return sorted({each for requirements in listed for each in requirements if isinstance(each, str)})


@pytest.mark.parametrize("asked", asked_of_ci())
def test_all_that_the_project_names_is_locked_to_a_version_that_it_allows(asked):
    wanted, lock = Requirement(asked), pinned(LOCK.read_text("utf-8"))
    assert canonicalize_name(wanted.name) in lock
    for pin, hashes in lock[canonicalize_name(wanted.name)]:
        [only] = pin.specifier
        assert only.operator == "=="
        assert wanted.specifier.contains(only.version, prereleases=True)
        assert hashes


@pytest.mark.parametrize("file", [LOCK, NOX], ids=lambda file: file.name)
def test_what_is_locked_has_hashes_and_brings_what_it_needs(file):
    lock = pinned(file.read_text("utf-8"))
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for pins in lock.values() for _, of in pins for each in of)
    assert all(of and next(iter(pin.specifier)).operator == "==" for pins in lock.values() for pin, of in pins)
    for name, pins in lock.items():
        for pin, _ in pins:
            try:
                here = installed.distribution(name)
            except installed.PackageNotFoundError:
                continue
            if pin.specifier.contains(here.version) and (pin.marker is None or pin.marker.evaluate()):
                needed = [Requirement(each) for each in here.requires or ()]
                needed = [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
                assert not [each for each in needed if canonicalize_name(each.name) not in lock], name


def test_nox_and_uv_themselves_come_by_hash():
    assert {"nox", "uv"} <= pinned(NOX.read_text("utf-8")).keys()
    for file in (CI / "run", ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        assert "pip install -q -r .ci/nox.txt" in file.read_text("utf-8"), file
        assert not re.search(r"pip install[^\n&]* (nox|uv)\b", file.read_text("utf-8"), re.M), file


@pytest.mark.parametrize("file", [LOCK, NOX, VLLM], ids=lambda file: file.name)
def test_no_address_is_in_what_is_locked(file):
    text = file.read_text("utf-8")
    assert not re.search(r"://|^\s*-(?!-hash=)|@\s|/", re.sub(r"^#.*$", "", text, flags=re.M), re.M)
    assert "/" not in "".join(re.findall(r"^#.*$", text, re.M))


def test_node_packages_are_locked_by_their_bytes_and_no_address():
    packages = json.loads(NODE.read_text("utf-8"))["packages"]
    wanted = json.loads((CI / "node" / "package.json").read_text("utf-8"))["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package


def test_every_session_installs_through_a_door():
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    for function in (each for each in tree.body if isinstance(each, ast.FunctionDef)):
        calls = {
            call.func.attr
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        }
        said = "not by hash" in (ast.get_docstring(function) or "")
        assert function.name in DOORS or said or not calls & {"install", "run_install"}, function.name
