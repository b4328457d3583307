"""The pytest face, each time in a pytest of its own: items, markers, outcomes, exit codes, and that nothing is sent twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from conformance.areas.catalogue import catalogue
from conformance.reference.lies import Lie
from conformance.run.run_file import read
from conformance.send.embedded import Reference

ROOT = Path(__file__).parent.parent
FACE = [sys.executable, "-c", "from conformance.cli.main import main; main()", "pytest"]
ALONE = {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Plugins that happen to be installed take longer to load than all of this; tests/whole/wheel_check.py runs with some."""
MODELS = [check.id for check in catalogue().values() if check.area == "model"]


def lies(call, reply):
    """The list of models is not called a list (MUST) and claims to have more pages (SHOULD)."""
    if not isinstance(reply.body, dict) or "data" not in reply.body or not call.path.endswith("/models"):
        return reply
    return replace(reply, body={**reply.body, "object": "models", "has_more": True})


@pytest.fixture(scope="module")
def server():
    with Reference(lie=Lie("test", "Two lies.", reply=lies)) as server:
        yield server


@pytest.fixture
def face(tmp_path, server):
    """Runs a pytest in an empty folder; gives exit code and output."""

    def run(*arguments: str, command=FACE, cwd=tmp_path, base_url=server.base_url, **env) -> tuple[int, str]:
        where = [f"--base-url={base_url}"] if base_url else []
        done = subprocess.run(
            [*command, *where, f"--report={tmp_path / 'report'}", *arguments],
            cwd=cwd,
            env=os.environ | ALONE | {"OPENAI_API_KEY": server.key, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert "Traceback" not in done.stdout
        assert "INTERNALERROR" not in done.stdout
        return done.returncode, done.stdout

    return run


def sent(tmp_path) -> Counter:
    return Counter(x.id for x in read(tmp_path / "report" / "run.jsonl").exchanges)


def counted(out: str) -> dict[str, int]:
    """The numbers of pytest's last line."""
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", out.splitlines()[-1])}


# ---------------------------------------------------------------------- items


def test_one_item_a_check_and_collecting_sends_nothing(face, tmp_path):
    code, out = face("--collect-only", "-q")
    assert code == 0
    assert [line.partition("::")[2] for line in out.splitlines() if "::" in line] == list(catalogue())
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["-m", "must and model"], [id for id in MODELS if catalogue()[id].level == "must"]),
        (["-k", "list-object"], [id for id in catalogue() if "list-object" in id]),
        (["--only=model"], MODELS),
        (["--only=model.list-object", "--only=chat.id"], ["chat.id", "model.list-object"]),
    ],
    ids=["marker", "keyword", "area", "ids"],
)
def test_a_part_of_the_items(face, arguments, wanted):
    _, out = face("--collect-only", "-q", "--strict-markers", *arguments)
    assert sorted(line.partition("::")[2] for line in out.splitlines() if "::" in line) == sorted(wanted)


def test_each_request_is_sent_once_and_only_those_that_are_needed(face, tmp_path):
    _, out = face("-k", "list-object or model.list")
    assert set(sent(tmp_path).values()) == {1}
    everything = len(sent(tmp_path))
    face("-k", "model.unknown")
    assert 0 < len(sent(tmp_path)) < everything
    assert "Report: " in out


# ---------------------------------------------------------------------- outcomes


def test_a_failure_is_readable(face):
    code, out = face("--only=model.list-object")
    assert code == 1
    assert catalogue()["model.list-object"].requirement in out
    assert '  seen   object is "models"' in out
    assert "  source https://" in out
    assert re.search(r"^  curl -sS http", out, re.M)
    assert re.search(r"^FAILED conformance::model\.list-object - ", out, re.M)
    assert "DOES NOT CONFORM" in out


def test_a_should_warns_and_fails_under_strict(face):
    code, out = face("--only=model.one-page", "-W", "error")
    assert (code, counted(out)) == (0, {"passed": 1, "warning": 1})
    assert "NotConforming: model.one-page (SHOULD): " in out
    code, out = face("--only=model.one-page", "--strict")
    assert (code, counted(out)["failed"]) == (1, 1)


def test_what_no_exchange_exercised_is_skipped(face):
    _, out = face("--only=stream.done", "--budget-requests=1", "-rs")
    assert counted(out) == {"skipped": 1}
    assert "no exchange " in out


def test_known_deviations(face, tmp_path):
    entry = '[[deviation]]\ncheck = "{}"\nreason = "on purpose"\n'
    (tmp_path / "known.toml").write_text(entry.format("model.list-object") + entry.format("model.list-data"))
    code, out = face("--only=model.list-object", "--only=model.list-data", "--known=known.toml", "-rx")
    assert (code, counted(out)) == (1, {"failed": 1, "xfailed": 1})
    assert "XFAIL conformance::model.list-object - on purpose" in out
    assert "known.toml lists it as a known deviation: delete lines 4-6" in " ".join(out.split())


def test_the_configuration_file_is_that_of_the_command(face, tmp_path):
    file = tmp_path / "openai-conformance.toml"
    file.write_text('only = "model.list-object"\nverbose = true\nwatch = true\n')
    code, out = face("--collect-only", "-q")
    assert (code, [line.partition("::")[2] for line in out.splitlines() if "::" in line]) == (0, ["model.list-object"])
    assert "chat.id" in face("--collect-only", "-q", "--config=none")[1]
    file.write_text('onyl = "model"\n')
    code, out = face("--collect-only", "-q")
    assert (code, "openai-conformance.toml, line 1: there is no option 'onyl' - did you mean only?" in out) == (4, True)


def test_junit_of_pytest_names_items_by_id(face, tmp_path):
    face("--only=model", f"--junitxml={tmp_path / 'theirs.xml'}")
    cases = xml.parse(tmp_path / "theirs.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases] == MODELS


def test_x_stops_at_the_first_failure(face):
    code, out = face("--only=model", "-x")
    assert code == 1
    assert counted(out)["failed"] == 1
    assert "stopping after 1 failures" in out


# ---------------------------------------------------------------------- mistakes and what cannot be judged


def test_an_endpoint_that_cannot_be_judged_is_exit_code_3(face):
    code, out = face("--model=no-such-model")
    assert code == 3
    assert re.search(r"Exit: the endpoint does not know the model \"no-such-model\"", out)
    assert "failed" not in out.splitlines()[-1]


def test_nor_is_one_green_that_answers_nothing_usable(face):
    refuses = Lie("test", "Refuses all.", reply=lambda call, reply: replace(reply, status=404, body={}, chunks=None))
    with Reference(lie=refuses) as server:
        code, out = face("--only=auth", f"--model={server.model}", base_url=server.base_url)
    assert code == 3
    assert "passed" not in out.splitlines()[-1]


def test_skips_alone_are_not_green(face):
    assert face("--only=stream.done", "--budget-requests=1")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only=stream.dome"], "no area or check 'stream.dome' - did you mean stream.done?"),
        (["--timeout=soon"], "--timeout is 'soon', expected seconds above 0"),
        (["--known=none.toml"], "--known none.toml: No such file"),
        (["--replay=none.jsonl"], "--replay sends nothing, so --base-url has no meaning with it"),
    ],
    ids=["only", "timeout", "known", "replay"],
)
def test_a_mistake_is_one_line(face, arguments, said):
    code, out = face(*arguments)
    assert code == 4
    [line] = out.strip().splitlines()
    assert line.startswith("ERROR: ")
    assert said in line


def test_a_replay_that_cannot_be_read(face):
    code, out = face("--replay=none.jsonl", base_url=None)
    assert code == 4
    assert "Exit: --replay none.jsonl cannot be read: No such file" in out


def test_a_replay_sends_nothing(face, tmp_path):
    face("--only=model.list-object", f"--record={tmp_path / 'recording.jsonl'}")
    code, out = face("--only=model.list-object", f"--replay={tmp_path / 'recording.jsonl'}", base_url=None)
    assert (code, counted(out)) == (1, {"failed": 1})


# ---------------------------------------------------------------------- a checkout


PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]


def test_in_a_checkout_a_base_url_runs_the_conformance_items_alone(face):
    code, out = face("--only=model.list-object", command=PYTEST, cwd=ROOT)
    assert (code, counted(out)) == (1, {"failed": 1})


def test_in_a_checkout_what_the_readme_installs_is_enough(face):
    """pytest-asyncio, whose settings stand in pyproject.toml, is among what the tests need alone."""
    code, out = face("--only=model.list-object", command=[*PYTEST[:-2], "-p", "no:asyncio"], cwd=ROOT)
    assert (code, counted(out)) == (1, {"failed": 1})
    assert "Unknown config option" not in out


def test_in_a_checkout_plain_pytest_runs_the_own_tests_alone(face):
    _, out = face("--collect-only", "-q", "tests/run/test_known.py", command=PYTEST, cwd=ROOT, base_url=None)
    assert "tests/run/test_known.py::" in out
    assert "conformance::" not in out
    done = subprocess.run([*PYTEST, "--co", "-q"], cwd=ROOT, capture_output=True, text=True)
    assert "conformance::" not in done.stdout


def test_in_a_checkout_the_suite_named_by_its_path_is_judged_by_the_reference(face, tmp_path):
    code, out = face("conformance/cli/suite", "--only=model", command=PYTEST, cwd=ROOT, base_url=None)
    assert (code, counted(out).get("failed")) == (0, None), out
    assert read(tmp_path / "report" / "run.jsonl").header["target"]["model"] == "reference/scripted"
