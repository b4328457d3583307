"""Workers, in Node as in Python: what they say, and what a program is run with."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from conformance.watch.trials.environments import variables
from conformance.watch.trials.roster import HERE
from conformance.watch.trials.workers import CannotStart, Worker

FAKE = Path(__file__).with_name("fake_client.mjs")
NODE = shutil.which("node")
ASKED = {
    "base_url": "http://h/v1",
    "model": "m",
    "key_env": "OWN_KEY",
    "headers": {"x": "y"},
    "say": {"prompt": "Say hello."},
}
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not here")


def command(tmp_path, file=FAKE):
    return [str(NODE), shutil.copy(HERE / "node" / "worker.mjs", tmp_path), str(file), str(tmp_path)]


@needs_node
def test_a_worker_in_node_says_what_its_client_s_user_gets(tmp_path):
    package = tmp_path / "node_modules" / "nothing" / "package.json"
    package.parent.mkdir(parents=True)
    package.write_text('{"version": "1.0.0"}')
    with Worker(command(tmp_path), variables({"OWN_KEY": "secret"})) as worker:
        said = {
            name: worker.ask({"scenario": name, **ASKED}, 60)
            for name in ("plain", "tool", "wrong-key", "stream", "image")
        }
    assert worker.ready == {"nothing": "1.0.0"}
    assert [each.pop("id") for each in said.values()] == [1, 2, 3, 4, 5]
    assert said == {
        "plain": {"promised": 2, "text": "http://h/v1 m secret y Say hello."},
        "tool": {
            "promised": 2, "text": "09:30", "finish": "city", "calls": [["get_weather", {"city": "Paris"}], ["current_time", {}]],
        },
        "wrong-key": {"promised": 2, "error": {"class": "RefusedError", "message": "refused, wholly", "status": 401}},
        "stream": {"promised": 2, "error": {"class": "String", "message": "a text", "status": None}},
        "image": {"not_offered": "the client has no such thing"},
    }  # fmt: skip


@needs_node
def test_a_client_that_cannot_be_loaded_says_so(tmp_path):
    broken = tmp_path / "broken.mjs"
    broken.write_text('import "nowhere-to-be-found";\n')
    with pytest.raises(CannotStart, match="Cannot find package 'nowhere-to-be-found'"):
        Worker(command(tmp_path, broken), variables({})).__enter__()


def test_a_program_works_in_an_empty_folder_with_a_home_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "ours")
    spec = importlib.util.spec_from_file_location("worker_on_trial", HERE / "python" / "worker.py")
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    ask = worker.Ask(ASKED | {"say": {"name": "made.txt"}}, str(tmp_path))
    program = """
import json, os, pathlib
home = pathlib.Path.home()
pathlib.Path("made.txt").write_text((home / "a/b.json").read_text())
print("noise")
print(json.dumps({"env": dict(os.environ), "empty": os.listdir(".") == ["made.txt"]}))
raise SystemExit(3)
"""
    ran = ask.program([sys.executable, "-c", program], {"a/b.json": "held"}, {"OWN": "1"})
    (event,) = ran.events
    assert (ran.code, event["empty"], ask.made(ran)) == (3, True, {"value": {"content": "held"}})
    assert event["env"]["OWN"] == "1"
    assert event["env"]["https_proxy"] == "http://127.0.0.1:9"
    assert "OPENAI_API_KEY" not in event["env"]
    assert not list(tmp_path.iterdir()), "its folders are taken away"
