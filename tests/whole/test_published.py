"""What is needed to publish is there and says the same everywhere: whose it is, which Pythons, what a package index shows, and forms."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from tests.support.checkout import ROOT
from tests.support.locks import PROJECT

URLS = PROJECT["project"]["urls"]
OWNER = URLS["Repository"].split("/")[-2]
NAMED = re.compile(
    r"(?:github\.com/|githubusercontent\.com/|uses: |--repo )([A-Za-z0-9<>-]+)/openai-conformance(?![A-Za-z0-9_-])"
)
SUBSTITUTIONS = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]
PYTHONS = {each.rpartition(" ")[2] for each in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", each)}
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


def tracked(*endings: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name.endswith(endings) and (ROOT / name).is_file()]


def test_whose_it_is_is_said_alike_everywhere():
    named = {name: set(NAMED.findall((ROOT / name).read_text("utf-8"))) for name in tracked(".md", ".toml", ".yml")}
    assert {name: owners for name, owners in named.items() if owners - {OWNER}} == {}
    assert {"README.md", "SECURITY.md", "docs/ci.md", "pyproject.toml"} <= {
        name for name, owners in named.items() if owners
    }


def test_on_a_package_index_the_readme_stands_alone():
    text = (ROOT / "README.md").read_text("utf-8")
    for each in SUBSTITUTIONS:
        text = re.sub(each["pattern"], each["replacement"], text)
    aims = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(aims) > 10
    assert [aim for aim in aims if not aim.startswith("https://")] == []
    own = [aim.partition("/HEAD/")[2].partition("#")[0] for aim in aims if "/HEAD/" in aim]
    assert [path for path in own if not (ROOT / path).exists()] == []
    assert any(aim.startswith("https://raw.githubusercontent.com/") and aim.endswith(".png") for aim in aims)


def test_every_address_of_the_project_is_of_its_repository_and_leads_to_a_file():
    assert {url.split("/")[3] for url in URLS.values()} == {OWNER}
    assert [url for url in URLS.values() if "/HEAD/" in url and not (ROOT / url.partition("/HEAD/")[2]).exists()] == []


def test_every_python_that_is_named_is_tested():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))["jobs"]
    usual = [
        step["with"]["python-version"] for step in jobs["all"]["steps"] if "python-version" in step.get("with", {})
    ]
    assert {*usual, *jobs["python"]["strategy"]["matrix"]["python"]} == PYTHONS
    systems = {each["os"].partition("-")[0] for each in jobs["python"]["strategy"]["matrix"]["include"]}
    assert systems == {"macos", "windows"}


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_a_run_file(form):
    asked = yaml.safe_load(form.read_text("utf-8"))
    assert asked["name"]
    assert asked["description"]
    ids = [each["id"] for each in asked["body"]]
    assert len(ids) == len(set(ids))
    [run] = [each for each in asked["body"] if each["id"] == "run"]
    assert "run.jsonl" in run["attributes"]["description"]
    assert run["validations"]["required"] is True


def test_there_are_forms_for_both_mistakes_of_ours():
    assert {path.stem for path in FORMS} == {"false-verdict", "missed-bug"}


def test_the_container_is_made_of_what_is_there():
    text = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    copied = [word for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", text) for word in line.split()[:-1]]
    assert [word for word in copied if not (ROOT / word).exists()] == []
    assert set(re.findall(r"--extra (\w+)", text)) <= set(PROJECT["project"]["optional-dependencies"])
    assert {*re.findall(r"/python:(3\.\d+)", text)} <= PYTHONS
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages <= set(copied)
