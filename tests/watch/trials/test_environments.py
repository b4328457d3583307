"""Environments of clients: one for each set of packages, made once, and nothing in them that names another endpoint or calls home."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.watch.trials import environments
from conformance.watch.trials.environments import MADE, CannotPrepare, command, folder, prepare, ready, variables
from conformance.watch.trials.roster import HERE, clients


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_CONFORMANCE_CACHE", str(tmp_path))
    return tmp_path


def test_who_needs_the_same_shares_an_environment(cache):
    table = clients()
    assert folder(table["openai-sync"]) == folder(table["openai-async"])
    assert folder(table["openai-sync"]) != folder(table["langchain"])
    assert folder(table["langchain"]).parent == cache / "clients"


def test_an_environment_is_made_once_and_beside_its_place(monkeypatch):
    ran, one = [], clients()["langchain"]
    monkeypatch.setattr(environments, "_run", ran.append)
    prepare(one)
    assert ready(one)
    assert [path.name for path in folder(one).parent.iterdir()] == [folder(one).name]
    assert json.loads((folder(one) / MADE).read_text()) == list(one.packages)
    assert ran[-1][-1] == "langchain-openai==1.7.4"
    count = len(ran)
    prepare(one)
    assert len(ran) == count


def test_who_needs_the_same_at_the_same_time_waits_for_it(monkeypatch):
    ran, both = [], [clients()["openai-sync"], clients()["openai-async"]]
    monkeypatch.setattr(environments, "_run", ran.append)
    monkeypatch.setattr(environments, "_uv", lambda: ["uv"])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(prepare, both))
    assert len(ran) == 2
    assert all(map(ready, both))


def test_what_is_in_the_way_is_said(monkeypatch):
    one = clients()["langchain"]
    monkeypatch.setattr(environments, "_run", lambda command: None)
    (folder(one) / "something").mkdir(parents=True)
    with pytest.raises(CannotPrepare, match="is in the way: remove it"):
        prepare(one)


def test_without_uv_it_is_made_by_pip(monkeypatch):
    ran = []
    monkeypatch.setattr(environments, "_run", ran.append)
    monkeypatch.setattr(environments, "_uv", lambda: None)
    prepare(clients()["langchain"])
    assert [each[1:3] for each in ran] == [["-m", "venv"], ["-m", "pip"]]


def test_what_cannot_be_had_is_said_in_one_line(monkeypatch):
    one = clients()["langchain"]
    failing = [sys.executable, "-c", "import sys; sys.exit('Looking\\nerror: no version of it is there\\n')"]
    monkeypatch.setattr(environments, "_uv", lambda: failing)
    with pytest.raises(CannotPrepare, match=r"^error: no version of it is there$"):
        prepare(one)
    assert not ready(one)


def test_a_worker_of_python_runs_apart_from_ours():
    words = command(clients()["langchain"])
    assert words[1] == "-I"
    assert words[0].startswith(str(folder(clients()["langchain"])))
    assert words[2].endswith("worker.py")


def test_a_worker_knows_no_other_endpoint_and_no_key_but_its_own(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LANGSMITH_API_KEY", "AZURE_OPENAI_API_KEY"):
        monkeypatch.setenv(name, "another")
    found = variables({"MINE": "1"})
    assert "another" not in found.values()
    assert found["MINE"] == "1"
    assert "127.0.0.1" in found["NO_PROXY"]
    assert found["OPENAI_AGENTS_DISABLE_TRACING"] == "1"


def test_of_what_npm_says_the_cause_is_told():
    said = "npm warn old\nnpm error code ETARGET\nnpm error notarget No matching version found for a@9.\nnpm error A complete log is in x"
    with pytest.raises(CannotPrepare, match=r"^notarget No matching version found for a@9\.$"):
        environments._run([sys.executable, "-c", f"raise SystemExit({said!r})"])


LOCKED = [each for each in clients().values() if (HERE / "locks" / f"{each.name}.json").is_file()]


@pytest.mark.parametrize("one", LOCKED, ids=[each.name for each in LOCKED])
def test_what_npm_installs_is_locked_and_runs_no_script(monkeypatch, one):
    ran = []
    monkeypatch.setattr(environments, "_run", ran.append)
    monkeypatch.setattr(environments.shutil, "which", lambda name: name)
    prepare(one)
    [[*how, where]] = ran
    assert how == ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]
    assert where.startswith(str(folder(one)))
    lock = json.loads((folder(one) / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((folder(one) / "package.json").read_text("utf-8"))["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted
    assert {f"{name}@{version}" for name, version in wanted.items()} == set(one.packages)
    parts = [part for place, part in lock["packages"].items() if place]
    assert all("integrity" in part and "resolved" not in part for part in parts)


def test_what_has_no_lock_is_installed_at_its_version(monkeypatch):
    ran, one = [], clients()["opencode"]
    monkeypatch.setattr(environments, "_run", ran.append)
    monkeypatch.setattr(environments.shutil, "which", lambda name: name)
    prepare(one)
    assert ran[0][:3] == ["npm", "install", "--ignore-scripts"]
    assert json.loads((folder(one) / "package.json").read_text("utf-8"))["dependencies"] == {"opencode-ai": "1.18.33"}


def test_every_library_for_node_is_locked():
    assert {each.name for each in clients().values() if each.runtime == "node"} <= {each.name for each in LOCKED}
