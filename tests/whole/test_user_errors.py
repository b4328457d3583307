"""Every mistake of a user is one line and the right exit code, and nothing that is said or written holds a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.run.options import Options
from conformance.run.user_error import UserError
from tests.support.checkout import ROOT

pytestmark = pytest.mark.usefixtures("elsewhere")


MISTAKES = {
    "unknown id": (["--only", "stream.dome"], "no area or check 'stream.dome' - did you mean stream.done?"),
    "unknown option": (["--concurency", "x"], "No such option '--concurency'. Did you mean '--concurrency'?"),
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
    "budget": (["--budget-requests", "-3"], "expected a whole number from 1"),
    "tiny budget": (["--budget-tokens", "5"], "expected a whole number from 100"),
    "dry replay": (["--replay", "x", "--dry-run"], "so --dry-run has no meaning with it"),
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
    "same file": (["--record", "reports/latest/run.jsonl"], "--record and --report would be the same file"),
    "same page": (["--record", "reports/latest/index.html"], "--record and --report would be the same file"),
    "same known": (
        ["--record", "x.toml", "--write-known", "x.toml"],
        "--record and --write-known would be the same file",
    ),
    "model": (["--model", "\udcff"], "expected a name in UTF-8"),
    "explain none": (["explain"], "Missing argument 'ID-or-WORDS...'"),
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


def test_what_cannot_be_judged_is_one_line_and_exit_code_3(call, server, monkeypatch):
    code, out, err = call("--model", "no-such-model", server=server)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "no-such-model" in err
    monkeypatch.setenv("OPENAI_API_KEY", "sk-conformance-wrong")
    code, out, err = call("--base-url", server.base_url)
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "$OPENAI_API_KEY" in err


def test_no_output_and_no_file_holds_the_key_or_a_secret_header(call, server):
    said = []
    for options in (["--record", "recording.jsonl"], ["--quiet", "--only", "chat"]):
        said += call("--header", "X-Api-Key=sk-another-secret-0123456789", *options, server=server)[1:]
    written = b"".join(path.read_bytes() for path in Path().rglob("*") if path.is_file())
    for secret in (server.key, "sk-another-secret-0123456789"):
        assert secret.encode() not in written
    assert server.key not in "".join(said)
    assert "sk-another-secret" not in "".join(said)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--only", "nothing"], 2, b"did you mean"),
        (["--base-url", "http://127.0.0.1:1/v1", "--wait", "0"], 3, b"127.0.0.1:1"),
    ],
    ids=["mistake", "unreachable"],
)
def test_the_real_process_says_one_line(tmp_path, arguments, code, said):
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
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
    with pytest.raises(UserError, match=r"--base-url is 'http://\.\.\.@x:y/v1'"):
        Options.make({"base_url": "http://user:secret@x:y/v1?api-key=secret"})
