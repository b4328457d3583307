"""The reference makes a file by whichever tool a program offers for it."""

from __future__ import annotations

import json
import subprocess

import pytest

from conformance.reference.script import say
from conformance.watch.trials.scenarios import SCENARIOS

PROMPT = "Make the file note.txt that holds exactly the line 'It\u2019s a note: $HOME'."
LINE = "It\u2019s a note: $HOME"


def function(name, properties, required=()):
    return {"type": "function", "function": {"name": name, "parameters": {
        "type": "object", "properties": properties, "required": [*required]}}}  # fmt: skip


TEXT = {"type": "string"}
SHELL = function(
    "bash", {"command": TEXT, "description": TEXT, "timeout": {"type": "number"}}, ["command", "description"]
)
WRITE = function("write", {"filePath": TEXT, "content": TEXT}, ["filePath", "content"])
PATCH = {"type": "custom", "custom": {"name": "apply_patch"}}
READ = function("read", {"path": TEXT}, ["path"])


def called(*tools, prompt=PROMPT):
    return say({"messages": [{"role": "user", "content": prompt}], "tools": [*tools]}).calls


def test_a_tool_that_writes_files_comes_before_a_shell():
    assert called(READ, SHELL, PATCH, WRITE) == (
        ("function", "write", json.dumps({"filePath": "note.txt", "content": f"{LINE}\n"}, ensure_ascii=False, separators=(",", ":"))),
    )  # fmt: skip


@pytest.mark.parametrize("many", [False, True], ids=["text", "array"])
def test_a_command_for_a_shell_makes_the_file(tmp_path, many):
    """And nothing of the line is the shell's to read."""
    shell = function("shell", {"command": {"type": "array", "items": TEXT}}, ["command"]) if many else SHELL
    ((_, _, arguments),) = called(shell)
    given = json.loads(arguments)
    assert given.keys() == ({"command"} if many else {"command", "description"})
    subprocess.run(given["command"] if many else ["sh", "-c", given["command"]], cwd=tmp_path, check=True)
    assert (tmp_path / "note.txt").read_text("utf-8") == f"{LINE}\n"


def test_a_patch_is_free_text():
    assert called(PATCH, READ) == (
        ("custom", "apply_patch", f"*** Begin Patch\n*** Add File: note.txt\n+{LINE}\n*** End Patch\n"),
    )


def test_without_such_a_tool_or_such_a_wish_nothing_is_made():
    assert called(READ) == ()
    assert called(SHELL, WRITE, PATCH, prompt="Say hello.") == ()


def test_the_scenario_asks_in_these_words():
    scenario = SCENARIOS["file"]
    ((_, _, arguments),) = called(WRITE, prompt=scenario.say["prompt"])
    name, line = scenario.makes
    assert json.loads(arguments) == {"filePath": name, "content": f"{line}\n"}
