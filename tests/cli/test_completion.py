"""Shell completion: commands, options, choices, checks, areas, features, endpoints; in a real bash, and by what zsh and fish are told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli.completion import SHELLS, VARIABLE
from conformance.cli.main import cli

TRY = """
eval "$(openai-conformance completion bash)"
function=$(complete -p openai-conformance | sed 's/.*-F \\([^ ]*\\).*/\\1/')
while IFS= read -r line; do
  read -ra COMP_WORDS <<< "openai-conformance $line"
  if [[ $line == *" " || -z $line ]]; then COMP_WORDS+=(""); fi
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  "$function" openai-conformance
  echo "${COMPREPLY[*]}"
done
"""
TYPED = {
    "": {"run", "judge", "checks", "completion", "matrix"},
    "ex": {"explain", "explore"},
    "--base": {"--base-url", "--baseline", "--baseline-model", "--baseline-key-env"},
    "--depth ": {"quick", "normal", "deep"},
    "run --only tool.delta-i": {"tool.delta-index", "tool.delta-in-turn"},
    "--only chat --exclude erro": {"error"},
    "explain stream.done-is": {"stream.done-is-last"},
    "curl stream.done-is": {"stream.done-is-last"},
    "checks stream.done-is": {"stream.done-is-last"},
    "--require tools,json_s": {"tools,json_schema"},
    "--endpoints chat,emb": {"chat,embeddings"},
    "--base-url http://x --prof": {"--profile"},
    "matrix --fail": {"--fail-on"},
    "completion f": {"fish"},
    "reference --lie chat-created-milli": {"chat-created-milliseconds"},
}


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    place = tmp_path / "bin" / "openai-conformance"
    place.parent.mkdir()
    place.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    place.chmod(0o755)
    root = Path(__file__).parents[2]
    return os.environ | {"PATH": f"{place.parent}:{os.environ['PATH']}", "PYTHONPATH": str(root)}


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash is here")
def test_a_real_bash_completes_what_is_typed(environment):
    done = subprocess.run(
        ["bash", "-c", TRY], input="\n".join(TYPED) + "\n", env=environment, capture_output=True, text=True
    )
    assert done.stderr == ""
    found = dict(zip(TYPED, map(str.split, done.stdout.splitlines()), strict=True))
    for typed, wanted in TYPED.items():
        assert wanted <= {*found[typed]}, typed
        assert {*found[typed]} <= wanted or typed in ("", "--only chat --exclude erro"), typed
        assert len(found[typed]) == len({*found[typed]}), typed


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_told_the_same(environment, shell):
    words = {
        "COMP_WORDS": "openai-conformance explain stream.don",
        "COMP_CWORD": "2" if shell != "fish" else "stream.don",
    }
    call = ["openai-conformance"]
    asked = subprocess.run(
        call, env=environment | words | {VARIABLE: f"{shell}_complete"}, capture_output=True, text=True
    )
    assert (asked.returncode, "stream.done" in asked.stdout, asked.stderr) == (0, True, "")
    script = subprocess.run([*call, "completion", shell], env=environment, capture_output=True, text=True)
    assert (script.returncode, VARIABLE in script.stdout, script.stderr) == (0, True, "")


def test_files_are_the_shells_matter(environment):
    words = {"COMP_WORDS": "openai-conformance --known fix", "COMP_CWORD": "2", VARIABLE: "bash_complete"}
    done = subprocess.run(["openai-conformance"], env=environment | words, capture_output=True, text=True)
    assert done.stdout == "file,fix\n"


def test_every_choice_and_name_of_an_option_is_completed():
    """No option with words of its own is left to the shell."""
    closed = {"|", "AREA", "FEATURE", "ENDPOINT", "FILE", "DIR", "RUN", "PATH"}
    for command in cli.commands.values():
        for param in command.params:
            if any(word in (param.metavar or "") for word in closed) and param.metavar.isprintable():
                ctx = command.make_context(command.name, [], resilient_parsing=True)
                found = [each for typed in ("", "a", "c", "q") for each in param.shell_complete(ctx, typed)]
                assert found or param.param_type_name == "argument", f"{command.name} {param.name}"
