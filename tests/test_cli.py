"""The command line against the real reference: verdicts, exit codes, and every mistake of a user in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import jsonschema
import pytest

from conformance import runner
from conformance.catalogue import MUST, Check, catalogue
from conformance.cli import main
from conformance.conditions import whole
from conformance.options import Mistake, Options
from conformance.reference.defects import Defect
from conformance.reference.server import Reference
from conformance.run import read

SCHEMA = Path(__file__).parent.parent / "conformance" / "schemas" / "run.json"
COMMAND = [sys.executable, "-m", "conformance"]
ROOT = str(Path(__file__).parent.parent)


def without_done(call, pieces):
    return tuple(piece for piece in pieces if b"[DONE]" not in piece)


def without_request_id(call, reply):
    return reply.with_headers(x_request_id=None)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def server():
    with Reference() as server:
        yield server


@pytest.fixture(scope="module")
def liar():
    """A reference that sends no [DONE] (a MUST) and no request id (a SHOULD)."""
    with Reference(defect=Defect("test", "Two lies.", reply=without_request_id, wire=without_done)) as server:
        yield server


@pytest.fixture
def call(capsys, monkeypatch):
    """Runs the command in this process; gives exit code, standard output, standard error."""

    def run(*arguments: str, server: Reference | None = None) -> tuple[int, str, str]:
        if server is not None:
            monkeypatch.setenv("OPENAI_API_KEY", server.key)
            arguments = (*arguments, "--base-url", server.base_url)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return ended.value.code, *capsys.readouterr()

    return run


# ---------------------------------------------------------------------- verdicts


def test_the_main_job_conforms_and_leaves_three_reports(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    assert "\nCONFORMS  http://127.0.0.1:" in out
    folder = Path("reports/latest")
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "junit.xml", "run.jsonl"]
    lines = [json.loads(line) for line in (folder / "run.jsonl").read_text().splitlines()]
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for line in lines:
        validator.validate(line)
    assert [line["check"] for line in lines if line["type"] == "verdict"] == list(catalogue())
    assert (lines[0]["type"], lines[-1]["type"]) == ("header", "footer")
    assert lines[-1]["exit_code"] == 0


def test_a_failure_says_what_was_seen_and_expected_and_how_to_see_it(call, liar):
    code, out, _ = call("--only", "stream", server=liar)
    assert code == 1
    assert "stream.done  MUST" in out
    assert catalogue()["stream.done"].requirement in out
    assert "  seen   the last event is" in out
    assert "  breaks " in out
    assert f"  source {catalogue()['stream.done'].source[0]}\n" in out
    assert f"  curl -sS -N {liar.base_url}/chat/completions " in out
    assert "DOES NOT CONFORM" in out


def test_quiet_is_the_ids_and_the_verdict(call, liar):
    code, out, err = call("--only", "stream.done", "--quiet", server=liar)
    first, last = out.splitlines()
    assert (code, err, first) == (1, "", "stream.done")
    assert last.startswith("DOES NOT CONFORM")


def test_a_should_is_red_under_strict_alone(call, liar):
    code, out, _ = call("--only", "http.request-id", server=liar)
    assert code == 0
    assert "Failed, not red" in out
    assert "1 warn" in out
    assert call("--only", "http.request-id", "--strict", server=liar)[0] == 1


def test_only_sends_what_it_needs(call, server):
    assert call("--only", "models.list", server=server)[0] == 2
    some = next(check.id for check in catalogue().values() if check.area == "model" and not check.together)
    assert call("--only", some, server=server)[0] == 0
    run = read("reports/latest/run.jsonl")
    assert [verdict["check"] for verdict in run.verdicts] == [some]
    assert 1 <= len(run.exchanges) <= 6


def test_max_requests_bounds_what_is_sent(call, server):
    _, out, _ = call("--max-requests", "5", server=server)
    run = read("reports/latest/run.jsonl")
    assert len(run.exchanges) == 5
    assert "requests not sent: --max-requests 5 was reached" in " ".join(out.split())


def test_a_broken_check_is_the_suites_fault(capsys, server, monkeypatch):
    def law(x):
        """Never holds."""
        yield str(1 / 0)

    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    check = Check("made.up", MUST, law, whole, None, ("https://example.org",), ("none",), ())
    outcome = runner.conduct(Options(base_url=server.base_url, max_requests=1), [check])
    assert outcome.exit_code == 4
    from rich.console import Console

    from conformance.report.summary import show_summary

    show_summary(read(outcome.files[0]), "page", Console())
    out = capsys.readouterr().out
    assert "ZeroDivisionError" in out
    assert "SUITE BROKEN" in out


def test_nothing_judged_is_no_conformance(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    never = replace(next(iter(catalogue().values())), when=whole & ~whole)
    assert runner.conduct(Options(base_url=server.base_url, max_requests=1), [never]).exit_code == 3


# ---------------------------------------------------------------------- replay and record


def test_a_replay_judges_the_same_without_sending(call, liar):
    call("--only", "stream", "--record", "kept/recording.jsonl", server=liar)
    live = read("reports/latest/run.jsonl")
    for file in ("kept/recording.jsonl", "reports/latest/run.jsonl"):  # the second is what the report replaces
        code, out, _ = call("--replay", file, "--only", "stream")
        assert code == 1
        assert f"DOES NOT CONFORM  {file}" in out
        assert read("reports/latest/run.jsonl").verdicts == live.verdicts
    assert sorted(path.name for path in Path("reports/latest").iterdir()) == ["index.html", "junit.xml", "run.jsonl"]


def test_a_recording_that_was_cut_off_never_conforms(call, server):
    call("--only", "model", "--record", "recording.jsonl", server=server)
    lines = Path("recording.jsonl").read_bytes().splitlines(keepends=True)
    Path("cut.jsonl").write_bytes(b"".join(lines[:-1]))
    code, out, _ = call("--replay", "cut.jsonl", "--only", "model")
    assert code == 3
    assert "NOT JUDGED" in out
    assert "the recording was cut off" in out
    Path("half.jsonl").write_bytes(b"".join(lines[:-2]) + lines[-2][:40])
    assert call("--replay", "half.jsonl", "--only", "model")[0] == 3
    assert call("--replay", "recording.jsonl", "--only", "model")[0] == 0


# ---------------------------------------------------------------------- known deviations


def entry(id: str, more: str = "") -> str:
    return f'[[deviation]]\ncheck = "{id}"\nreason = "because"\n{more}\n'


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (entry("stream.done"), 0, "1 fail as known"),
        (entry("stream.done", "expires = 2020-01-01"), 1, "expired on 2020-01-01: because"),
        (entry("stream.unnamed") + entry("stream.done"), 1, "delete lines 1-3"),
    ],
    ids=["expected", "expired", "stale"],
)
def test_known_deviations(call, liar, text, code, said):
    Path("known.toml").write_text(text)
    arguments = ("--only", "stream.done", "--only", "stream.unnamed", "--known", "known.toml")
    found, out, _ = call(*arguments, server=liar)
    assert found == code
    assert said in " ".join(out.split())


# ---------------------------------------------------------------------- endpoints that go away


def test_an_endpoint_that_dies_half_way_is_reported(monkeypatch):
    with Reference() as server:
        monkeypatch.setenv("OPENAI_API_KEY", server.key)
        options = Options(base_url=server.base_url, timeout=2.0, concurrency=2)
        outcome = runner.conduct(options, watch=lambda done, total: done == 20 and server.__exit__(None, None, None))
    assert outcome.exit_code == 1
    run = read(outcome.files[0])
    from conformance.report import remarks

    assert sum(x.status is None for x in run.exchanges) > 20
    assert "requests got no answer; the first, " in remarks(run)[0]


def test_ctrl_c_keeps_what_was_complete(call, monkeypatch, server):
    def interrupt(options, watch):
        def stop(done, total):
            if done == 5:
                raise KeyboardInterrupt

        return conduct(options, watch=stop)

    conduct = runner.conduct
    monkeypatch.setattr(runner, "conduct", interrupt)
    code, out, err = call(server=server)
    assert (code, out) == (130, "")
    assert err.splitlines() == [
        "openai-conformance: interrupted; every exchange that was complete is in reports/latest/run.jsonl"
    ]
    assert len(read("reports/latest/run.jsonl").exchanges) == 5


def test_a_real_interrupt_is_one_line(tmp_path):
    with Reference(delay=0.3) as server:
        env = os.environ | {"OPENAI_API_KEY": server.key, "PYTHONPATH": ROOT}
        command = [*COMMAND, "--base-url", server.base_url, "--concurrency", "1"]
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True)
        file = tmp_path / "reports" / "latest" / "run.jsonl"
        while process.poll() is None and not (file.exists() and file.read_bytes().count(b"\n") >= 3):
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.count("\n")) == (130, "", 1), err
    assert len(read(file).exchanges) >= 2


def test_reports_of_an_earlier_run_do_not_outlive_a_run_that_comes_to_nothing(call, server):
    call("--only", "model", server=server)
    code, _, err = call("--base-url", f"http://127.0.0.1:{free_port()}/v1")
    assert (code, err.count("\n")) == (3, 1)
    assert list(Path("reports/latest").iterdir()) == []


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


# ---------------------------------------------------------------------- mistakes


MISTAKES = {
    "unknown id": (["--only", "stream.dome"], "no area or check 'stream.dome' - did you mean stream.done?"),
    "unknown option": (["--bse-url", "x"], "No such option '--bse-url'. Did you mean '--base-url'?"),
    "unknown command": (["explian"], "no sub-command 'explian' - did you mean explain?"),
    "bare URL": (["http://localhost:8000/v1"], "an endpoint goes with --base-url"),
    "extra word": (["run", "now"], "Got unexpected extra argument (now)"),
    "no scheme": (["--base-url", "localhost:8000"], "expected http:// or https:// and a host"),
    "no host": (["--base-url", "http://"], "expected http:// or https:// and a host"),
    "bad port": (["--base-url", "http://x:99999/v1"], "expected http:// or https:// and a host"),
    "space in URL": (["--base-url", "http://x/ v1"], "expected http:// or https:// and a host"),
    "empty URL": (["--base-url", ""], "--base-url is empty"),
    "empty model": (["--model", " "], "--model is empty"),
    "timeout": (["--timeout", "soon"], "--timeout is 'soon', expected seconds above 0"),
    "zero timeout": (["--timeout", "0"], "expected seconds above 0"),
    "nan timeout": (["--timeout", "nan"], "expected seconds above 0"),
    "concurrency": (["--concurrency", "0"], "expected a whole number from 1"),
    "max requests": (["--max-requests", "-3"], "expected a whole number from 1"),
    "header": (["--header", "Authorization: Bearer sk-secret-0001"], "--header is not of the form NAME=VALUE"),
    "header name": (["--header", "a b=c"], "--header is not of the form NAME=VALUE"),
    "key as name": (["--api-key-env", "sk-secret-0001"], "takes the name of an environment variable"),
    "no replay": (["--replay", "none.jsonl"], "--replay none.jsonl cannot be read: No such file"),
    "replay folder": (["--replay", "."], "--replay . cannot be read: Is a directory"),
    "foreign replay": (["--replay", "foreign.txt"], "--replay foreign.txt: line 1 is not the header of a run file"),
    "empty replay": (["--replay", "empty.txt"], "--replay empty.txt is empty"),
    "replay and URL": (["--replay", "x", "--base-url", "http://x/v1"], "so --base-url has no meaning with it"),
    "no known": (["--known", "none.toml"], "--known none.toml: No such file"),
    "bad known": (["--known", "foreign.txt"], "--known foreign.txt: not TOML"),
    "report a file": (["--report", "foreign.txt"], "foreign.txt cannot be written: File exists"),
    "report below a file": (["--report", "foreign.txt/x"], "foreign.txt/x cannot be written: Not a directory"),
    "record a folder": (["--record", "folder"], "folder cannot be written: Is a directory"),
    "same file": (["--record", "reports/latest/run.jsonl"], "--record and --report would write the same file"),
    "explain none": (["explain"], "Missing argument 'ID'"),
    "explain unknown": (["explain", "chat.idd"], "no check 'chat.idd' - did you mean chat.id?"),
    "checks unknown": (["checks", "cat"], "no area or check 'cat' - did you mean chat?"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(call, name):
    Path("foreign.txt").write_text("hello: there\n")
    Path("empty.txt").touch()
    Path("folder").mkdir()
    arguments, said = MISTAKES[name]
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("openai-conformance: ")
    assert said in err
    assert "sk-secret" not in err


def test_a_port_that_is_taken_is_a_mistake(call):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = call("reference", "--port", str(taken.getsockname()[1]))
    assert (code, err.count("\n")) == (2, 1)


def test_what_cannot_be_judged_is_one_line_and_exit_code_3(call, server):
    code, out, err = call("--model", "no-such-model", server=server)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "no-such-model" in err
    os.environ["OPENAI_API_KEY"] = "sk-conformance-wrong"
    code, out, err = call("--base-url", server.base_url)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "$OPENAI_API_KEY" in err


def test_no_output_and_no_file_holds_the_key_or_a_secret_header(call, liar):
    call("--header", "X-Api-Key=sk-another-secret-0123456789", "--record", "recording.jsonl", server=liar)
    written = b"".join(path.read_bytes() for path in Path().rglob("*") if path.is_file())
    for secret in (liar.key, "sk-another-secret-0123456789"):
        assert secret.encode() not in written
    for options in ([], ["--quiet"]):
        _, out, err = call("--header", "X-Api-Key=sk-another-secret-0123456789", *options, server=liar)
        assert liar.key not in out + err
        assert "sk-another-secret" not in out + err


# ---------------------------------------------------------------------- the other sub-commands


def test_the_catalogue_as_table_and_as_json(call):
    code, out, _ = call("checks")
    assert code == 0
    assert all(id in out for id in catalogue())
    listed = json.loads(call("checks", "--json")[1])
    assert [check["id"] for check in listed] == list(catalogue())
    assert all(check["requirement"] and check["source"] and check["breaks"] for check in listed)
    assert {check["area"] for check in json.loads(call("checks", "--json", "stream")[1])} == {"stream"}


def test_the_requirements_as_table_and_as_json(call):
    from conformance.requirements import requirements

    rows = json.loads(call("checks", "--requirements", "--json")[1])
    assert [row["id"] for row in rows] == list(requirements())
    code, out, _ = call("checks", "--requirements")
    assert code == 0
    assert f"{len(rows)} requirements: " in out


def test_every_check_can_be_explained(call):
    for check in catalogue().values():
        code, out, _ = call("explain", check.id)
        assert code == 0
        assert all(word in out for word in (check.id, check.level.upper(), check.source[0], check.breaks[0]))


def test_help_comes_without_anything_heavy():
    code = (
        "import sys; from conformance.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('httpx', 'rich', 'jinja2', 'uvicorn', 'starlette', 'pytest', 'jsonschema_rs', 'asyncio')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Exit codes:" in done.stdout


def test_the_reference_serves_until_it_is_told_to_stop(tmp_path):
    env = os.environ | {"PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen([*COMMAND, "reference"], cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True)
    first, second = process.stdout.readline().split(), process.stdout.readline().split()
    settings = dict(word.split("=", 1) for word in second[1:])
    headers = {"Authorization": f"Bearer {settings['OPENAI_API_KEY']}"}
    answer = httpx.get(f"{settings['OPENAI_BASE_URL']}/models", headers=headers, trust_env=False)
    assert (first, answer.status_code) == (["serving", settings["OPENAI_BASE_URL"]], 200)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["--only", "nothing"], 2, b"did you mean"), (["--base-url", "http://127.0.0.1:1/v1"], 3, b"127.0.0.1:1")],
    ids=["mistake", "unreachable"],
)
def test_the_real_process_says_one_line(tmp_path, arguments, code, said):
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, env=os.environ | {"PYTHONPATH": ROOT}, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (code, b"", 1)
    assert b"openai-conformance: " in done.stderr


def test_options_come_to_be_from_texts_alone():
    made = Options.make(
        {"base_url": "http://x/v1/", "timeout": "1.5", "only": ("a", "b"), "strict": True, "model": None}
    )
    assert (made.base_url, made.timeout, made.only, made.strict, made.model) == (
        "http://x/v1",
        1.5,
        ("a", "b"),
        True,
        None,
    )
    with pytest.raises(Mistake, match=r"--base-url is 'http://\.\.\.@x:y/v1'"):
        Options.make({"base_url": "http://user:secret@x:y/v1?api-key=secret"})
