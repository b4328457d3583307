"""What the documents show works: command lines are understood, files are read, the action and the template do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from conformance.cli.main import cli
from conformance.matrix import targets
from conformance.run import known
from conformance.run.configuration import configured
from conformance.run.options import declared
from conformance.send.embedded import Reference
from tests.support.documents import PAGES, ROOT, blocks, commands
from tests.support.lying import WITHOUT_DONE

pytestmark = pytest.mark.usefixtures("elsewhere")

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
SCRIPTS = {step["id"]: step for step in ACTION["runs"]["steps"] if "run" in step}
CI = ROOT / "docs" / "ci.md"


def test_there_are_examples():
    assert len(commands(CI)) > 8
    assert len(blocks(CI, "toml")) == 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_is_understood(page):
    for words in commands(page):
        if not words or words[0] == "pytest":
            continue
        name, rest = (words[0], words[1:]) if words[0] in cli.commands else ("run", words)
        command = cli.commands[name]
        if "--help" in rest or isinstance(command, click.Group):
            continue
        command.make_context(name, list(rest))


def test_the_toml_examples_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv("EXAMPLE_KEY", "sk-1")
    for text in blocks(CI, "toml"):
        assert tomllib.loads(text)
        file = tmp_path / "example.toml"
        file.write_text(text)
        if "[[deviation]]" in text:
            assert len(known.load(str(file))) == 4
        else:
            (tmp_path / "known").mkdir()
            (tmp_path / "known" / "vllm.toml").touch()
            assert len(targets.load(str(file), {})) == 3


def test_the_configuration_file_is_read(tmp_path, monkeypatch):
    [text] = blocks(ROOT / "docs" / "using.md", "toml")
    monkeypatch.chdir(tmp_path)
    Path("openai-conformance.toml").write_text(text)
    assert {name.replace("_", "-") for name, value in configured({}).items() if value} == {
        *tomllib.loads(text),
        "config",
    }


# ---------------------------------------------------------------------- the action


def test_the_action_has_the_options_of_the_command():
    flags = {name.replace("_", "-") for name, *_ in declared()} - {"strict", "watch", "watch-file"}
    keys = {"api-key-env": "api-key", "limited-key-env": "limited-key", "baseline-key-env": "baseline-key"}
    assert set(ACTION["inputs"]) == {keys.get(flag, flag) for flag in flags} | {"artifact"}
    env = SCRIPTS["judge"]["env"]
    passed = {name.removeprefix("OPTION_").lower().replace("_", "-") for name in env if name.startswith("OPTION_")}
    assert passed == flags - set(keys)
    for name, value in env.items():
        if name.startswith("OPTION_"):
            assert value == f"${{{{ inputs.{name.removeprefix('OPTION_').lower().replace('_', '-')} }}}}"


def test_no_input_becomes_the_text_of_a_script():
    assert not [step["id"] for step in SCRIPTS.values() if "${{" in step["run"]]
    assert set(ACTION["outputs"]) == {"verdict", "profile", "conforms", "must-failed", "report"}


def script(text: str, folder: Path, env: dict[str, str], shell: tuple[str, ...]) -> subprocess.CompletedProcess:
    home = folder / "temp" / "openai-conformance" / "bin"
    home.mkdir(parents=True, exist_ok=True)
    (home / "openai-conformance").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    (home / "openai-conformance").chmod(0o755)
    env = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RUNNER_TEMP": str(folder / "temp"), "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **env,
    }  # fmt: skip
    return subprocess.run([*shell, text], cwd=folder, env=env, capture_output=True, text=True)


BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
"""How GitHub runs `shell: bash`."""


def judge(folder: Path, server: Reference | None = None, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and what was printed of the action's step, with these inputs, the others at their defaults."""
    values = {name.replace("-", "_"): about.get("default", "") for name, about in ACTION["inputs"].items()}
    values |= inputs | ({"base_url": server.base_url, "api_key": server.key} if server else {})
    env = {}
    for name, expression in SCRIPTS["judge"]["env"].items():
        env[name] = values[expression.removeprefix("${{ inputs.").removesuffix(" }}").replace("-", "_")]
    done = script(SCRIPTS["judge"]["run"], folder, env, BASH)
    lines = (folder / "output").read_text().splitlines()
    return done.returncode, dict(line.split("=", 1) for line in lines), done.stdout + done.stderr


def test_the_action_judges_and_says_so(tmp_path):
    with Reference() as server:
        code, outputs, said = judge(tmp_path, server, only="stream.done\nfinish.length", sdk="off", report="here it is")
    scope = {"verdict": "conforms in streaming and finish", "profile": ""}
    assert (code, outputs) == (0, {**scope, "conforms": "true", "must-failed": "0", "report": "here it is"}), said
    assert (tmp_path / "here it is" / "junit.xml").exists()
    assert "2 of 2 checks pass" in (tmp_path / "summary.md").read_text()


def test_the_action_is_red_where_the_endpoint_is(tmp_path):
    with Reference(lie=WITHOUT_DONE) as server:
        code, outputs, said = judge(tmp_path, server, only="stream.done", sdk="off", quiet="true")
    assert (code, outputs["conforms"], outputs["must-failed"]) == (1, "false", "1")
    assert "\n::error title=stream.done (MUST)::" in said


def test_what_cannot_be_judged_does_not_conform(tmp_path):
    code, outputs, said = judge(tmp_path, base_url="http://127.0.0.1:1/v1", wait="0")
    assert (code, outputs) == (3, {"conforms": "false"})
    assert "\n::error title=could not be judged::no answer from http://127.0.0.1:1/v1/models: " in f"\n{said}"
    assert "COULD NOT BE JUDGED\n\n`no answer from http://127.0.0.1:1" in (tmp_path / "summary.md").read_text()


def test_a_dry_run_of_the_action_sends_nothing(tmp_path):
    code, _, said = judge(tmp_path, base_url="http://127.0.0.1:1/v1", dry_run="true", limited_key="sk-used-up")
    assert (code, "Nothing was sent" in said, "limited-key" in said) == (0, True, True)


HOSTILE = "x\"; touch pwned; $(touch pwned) `touch pwned` ' --base-url=http://127.0.0.1:2/v1"


@pytest.mark.parametrize(
    ("name", "refused"), [("model", 3), ("only", 2), ("report", 3), ("header", 2), ("base_url", 2)]
)
def test_an_input_is_never_a_command(tmp_path, name, refused):
    given = {"base_url": "http://127.0.0.1:1/v1", "wait": "0", name: HOSTILE}
    code, _, said = judge(tmp_path, **given)
    assert code == refused, said
    assert not list(tmp_path.rglob("pwned"))
    assert "no answer from http://127.0.0.1:2" not in said


# ---------------------------------------------------------------------- GitLab


def test_the_gitlab_job_judges(tmp_path):
    job = yaml.safe_load((ROOT / "templates" / "gitlab.yml").read_text("utf-8"))[".openai-conformance"]
    assert "reports/latest/" in job["artifacts"]["paths"]
    refuse, *_, last = job["script"]
    assert script(refuse, tmp_path, {"OPENAI_CONFORMANCE": ""}, ("sh", "-ec")).returncode == 2
    (tmp_path / ".conformance").symlink_to(tmp_path / "temp" / "openai-conformance")
    with Reference() as server:
        env = {"OPENAI_API_KEY": server.key, "CONFORMANCE_BASE_URL": server.base_url, "CONFORMANCE_ONLY": "stream.done",
               "CONFORMANCE_SDK": "off", "GITHUB_ACTIONS": "", "CONFORMANCE_MODEL": HOSTILE}  # fmt: skip
        assert script(last, tmp_path, env, ("sh", "-ec")).returncode == 3
        done = script(last, tmp_path, env | {"CONFORMANCE_MODEL": server.model}, ("sh", "-ec"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "pwned").exists()
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).exists()


def test_options_of_the_gitlab_job_may_be_given_several_times(tmp_path):
    *_, last = yaml.safe_load((ROOT / "templates" / "gitlab.yml").read_text("utf-8"))[".openai-conformance"]["script"]
    place = tmp_path / ".conformance" / "bin" / "openai-conformance"
    place.parent.mkdir(parents=True)
    place.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    place.chmod(0o755)
    env = {
        "CONFORMANCE_ONLY": "chat\n\nstream.done\n",
        "CONFORMANCE_HEADER": "X-A=a b; $(touch pwned)\nX-B=*",
        "CONFORMANCE_SDK": "off",
    }
    done = script(last, tmp_path, env, ("sh", "-ec"))
    assert done.stdout.splitlines() == [
        "run", "--header=X-A=a b; $(touch pwned)", "--header=X-B=*", "--only=chat", "--only=stream.done", "--sdk=off",
    ], done.stderr  # fmt: skip
    assert not (tmp_path / "pwned").exists()


def test_the_gitlab_job_has_the_options_of_the_command():
    text = (ROOT / "templates" / "gitlab.yml").read_text("utf-8")
    named = set(text.partition("for name in ")[2].partition(";")[0].replace("\\\n", " ").split())
    kept = {
        "strict",
        "cheap",
        "websocket",
        "quiet",
        "verbose",
        "dry-run",
        "report",
        "vllm-python",
        "failed",
        "prune",
        "watch",
        "watch-file",
    }
    assert named == {name.replace("_", "-") for name, *_ in declared()} - kept
