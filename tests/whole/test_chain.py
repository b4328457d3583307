"""What CI installs is pinned by the hashes of its files, and by no address of a registry: `.ci/`, the doors of sessions, the release."""

import ast
import importlib.metadata as installed
import json
import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import conformance
from tests.support.checkout import ROOT
from tests.support.locks import CI, LOCK, PROJECT, asked_of_users, pinned
from tests.whole.sbom_check import amiss

NOX, VLLM, NODE = (CI / name for name in ("nox.txt", "vllm.txt", "node/package-lock.json"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DOORS = {"locked", "install", "install_on_cpu"}
"""The functions of the sessions that may install; what else may, and why, says its docstring."""
FUNCTIONS = [
    each
    for file in sorted((CI / "sessions").glob("*.py"))
    for each in ast.parse(file.read_text("utf-8")).body
    if isinstance(each, ast.FunctionDef)
]


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
    assert {function.name for function in FUNCTIONS} >= DOORS
    for function in FUNCTIONS:
        calls = {
            call.func.attr
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        }
        said = "not by hash" in (ast.get_docstring(function) or "")
        assert function.name in DOORS or said or not calls & {"install", "run_install"}, function.name


# ---------------------------------------------------------------------- the release


@pytest.mark.parametrize("file", [ROOT / "action.yml", *WORKFLOWS], ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_whose_version_is_said(file):
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", file.read_text("utf-8"), re.M)
    assert used
    for each in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}  # v[0-9]+(\.[0-9]+)*", each), each


def test_a_release_gives_each_job_no_more_rights_than_it_needs():
    """Nothing that runs the project's own code, or what it installs, may write or ask for a token."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "build": {"contents": "read"},
        "reproduce": {"contents": "read"},
        "attest": {"id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "tag": {"contents": "write"},
    }
    for name in ("attest", "publish"):
        assert not [step for step in jobs[name]["steps"] if "run" in step]
    assert (jobs["attest"]["needs"], jobs["publish"]["needs"], jobs["tag"]["needs"]) == (
        "reproduce",
        "attest",
        "publish",
    )


def test_a_release_runs_what_is_tested_here():
    """The sessions that make it are there, and nothing in its scripts is from an expression."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    scripts = [step["run"] for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"] if "run" in step]
    assert not [each for each in scripts if "${{" in each]
    sessions = {word for script in scripts for line in re.findall(r"nox -s ([\w ]+)", script) for word in line.split()}
    assert {"tests", "wheel", "dist", "sbom"} <= sessions <= {function.name for function in FUNCTIONS}


BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"name": "openai-conformance", "version": conformance.__version__, "bom-ref": "root"}},
}


def bill(**changes):
    names = [canonicalize_name(Requirement(each).name) for each in asked_of_users()]
    pins = {name: next(iter(pinned(LOCK.read_text("utf-8"))[name][0][0].specifier)).version for name in names}
    parts = [
        {"name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}", "bom-ref": name}
        for name, version in pins.items()
    ]
    graph = [{"ref": "root", "dependsOn": [*pins]}, *({"ref": name} for name in pins)]
    return BILL | {"components": parts, "dependencies": graph} | changes


def test_a_bill_of_materials_that_is_right_is_right():
    assert [*amiss(json.dumps(bill()))] == []


OTHERWISE = {
    "another format": ({"bomFormat": "SPDX"}, "expected CycloneDX"),
    "another version": ({"metadata": {"component": {"name": "openai-conformance", "bom-ref": "root"}}}, "it is of"),
    "nothing in it": ({"components": [], "dependencies": [{"ref": "root"}]}, "httpx>=0.27,<1 is not in it"),
    "no graph": ({"dependencies": [{"ref": "root"}]}, "its graph names other components"),
    "a place": ({"properties": ["/tmp/venv"]}, "it names places of this machine"),
    "an old one": ({"components": [*bill()["components"][1:], bill()["components"][0] | {"version": "0.1"}]}, "is not what is locked"),
    "one that nothing needs": ({"dependencies": [{"ref": "root"}, *bill()["dependencies"][1:]]}, "nothing needs"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_bill_of_materials_that_is_wrong_is_found(name):
    changes, said = OTHERWISE[name]
    assert any(said in each for each in amiss(json.dumps(bill(**changes))))
