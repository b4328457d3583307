"""`openai-conformance watch` as a process beside a program: variables, output, exit codes, what fails as it happens, what is kept."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from conformance.areas.catalogue import lies
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.cli.test_reference import ended
from tests.support.checkout import ROOT

COMMAND = [sys.executable, "-c", "from conformance.cli.main import main; main()", "watch"]
KEY = "sk-watched-4f9c1d7e20ab"
ASK = """
import os, sys, httpx
base, key = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
assert os.environ["OPENAI_API_BASE"] == os.environ["OPENAI_BASE"] == base and "127.0.0.1" in os.environ["NO_PROXY"]
with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
    for more in ({}, {"stream": True}):
        asked = {"model": "reference/scripted", "messages": [{"role": "user", "content": "Say hello."}], **more, **EXTRA}
        answer = client.post("/chat/completions", json=asked)
        print(answer.status_code)
    print(client.get(f"/models/{key}").status_code)
sys.exit(CODE)
"""

TALK = """
import openai
with openai.OpenAI().responses.connect() as connection:
    for words in ("Hello.", "Again."):
        connection.response.create(model="reference/scripted", input=words, store=False)
        print(next(event.type for event in connection if event.type == "response.completed"))
"""


def program(tmp_path, code: int = 0, extra: str = "{}") -> list[str]:
    """A program that asks for a completion, plain and streamed, and for a model that is called as its key."""
    path = tmp_path / "program.py"
    path.write_text(ASK.replace("CODE", str(code)).replace("EXTRA", extra))
    return [sys.executable, str(path)]


def watch(tmp_path, *words: str, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*COMMAND, *words], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": KEY} | env,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def reference():
    with Reference(key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def liar():
    with Reference(key=KEY, lie=lies()["chat-object-text"]) as server:
        yield server


def recorded_run(server, folder: Path) -> tuple[Path, int, str, str]:
    """A program that was watched, with all it asked in a recording."""
    return folder, *watch(folder, "--base-url", server.base_url, "--record", "all.jsonl", "--", *program(folder))


@pytest.fixture(scope="module")
def honest(reference, tmp_path_factory):
    return recorded_run(reference, tmp_path_factory.mktemp("honest"))


@pytest.fixture(scope="module")
def lying(liar, tmp_path_factory):
    return recorded_run(liar, tmp_path_factory.mktemp("lying"))


def test_a_program_is_judged_by_what_it_asked(honest, reference):
    folder, code, out, err = honest
    assert code == 0, err
    assert out.startswith("200\n200\n404\n")  # the program's own, and then what came of it
    assert f"CONFORMS IN WHAT THE PROGRAM ASKED {reference.base_url}" in " ".join(out.split())
    assert re.search(r"watching by way of http://127\.0\.0\.1:\d+/v1\n", err)
    footer = read(folder / "reports/latest/run.jsonl").footer
    assert (footer["exchanges"], footer["lost"]) == (3, [])
    recorded = read(folder / "all.jsonl").exchanges
    assert [(x.id, x.status, x.ended) for x in recorded] == [
        ("program#1", 200, "complete"),
        ("program#2", 200, "complete"),
        ("program#3", 404, "complete"),
    ]
    assert recorded[0].url == f"{reference.base_url}/chat/completions"
    assert recorded[0].asked["model"] == "reference/scripted"
    assert recorded[1].arrivals


def test_no_key_is_kept_however_it_comes_back(honest):
    kept = [path for path in honest[0].rglob("*") if path.is_file()]
    assert len(kept) >= 4
    for path in kept:
        assert KEY.encode() not in path.read_bytes(), path


def test_what_fails_is_said_as_it_happens_and_in_the_end(lying):
    _, code, out, err = lying
    assert code == 1
    assert err.count("MUST chat.object fails in program#1: object is ") == 1
    assert "DOES NOT CONFORM" in out
    assert "chat.object" in out
    assert "program#1" in out


def test_what_is_recorded_is_judged_the_same_again(lying):
    again = [*COMMAND[:-1], "judge", "all.jsonl", "--report", "again"]
    own = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(again, cwd=lying[0], capture_output=True, text=True, timeout=120, env=own)
    assert done.returncode == 1
    assert "holds only" not in done.stdout
    first, second = (read(lying[0] / name / "run.jsonl") for name in ("reports/latest", "again"))
    assert {v["check"]: v["outcome"] for v in first.verdicts} == {v["check"]: v["outcome"] for v in second.verdicts}


def test_turns_over_a_websocket_are_judged_as_they_pass(tmp_path):
    (tmp_path / "talk.py").write_text(TALK)
    with Reference(key=KEY, lie=lies()["socket-binary"]) as server:
        words = ("--base-url", server.base_url, "--record", "all.jsonl", "--", sys.executable, "talk.py")
        code, out, err = watch(tmp_path, *words)
    assert (code, out.count("response.completed\n")) == (1, 2), err
    assert err.count("MUST socket.framed fails in program#1: message 0 came in a binary frame") == 1
    recorded = read(tmp_path / "all.jsonl").exchanges
    assert [(x.id, x.socket, x.ended) for x in recorded] == [
        ("program#1", True, "complete"),
        ("program#2", True, "complete"),
    ]
    assert KEY.encode() not in (tmp_path / "all.jsonl").read_bytes()
    assert "unread" not in out


@pytest.mark.parametrize(("own", "server", "expected"), [(0, "liar", 1), (7, "liar", 7), (7, "reference", 7)])
def test_the_exit_code_of_the_program_is_ours_unless_it_is_0(own, server, expected, tmp_path, request):
    base_url = request.getfixturevalue(server).base_url
    assert watch(tmp_path, "--base-url", base_url, "--quiet", "--", *program(tmp_path, own))[0] == expected


def test_a_known_deviation_is_known_here_too(liar, tmp_path):
    (tmp_path / "known.toml").write_text('[[deviation]]\ncheck = "chat.object"\nreason = "an old version"\n')
    code, out, _ = watch(tmp_path, "--base-url", liar.base_url, "--known", "known.toml", "--", *program(tmp_path))
    assert code == 0, out
    assert "KNOWN DEVIATION" in out


def test_the_mistakes_of_a_program_are_its_own(reference, tmp_path):
    asking = program(tmp_path, extra='{"temperature": 9}')
    code, out, _ = watch(tmp_path, "--base-url", reference.base_url, "--", *asking)
    words = "the program's own mistake: 2 requests of a chat request with a number above its maximum (the first is program#1)"
    assert words in " ".join(out.split())
    assert code == 3  # nothing was answered but refusals


def test_a_program_that_asks_nothing_shows_nothing(reference, tmp_path):
    code, out, _ = watch(tmp_path, "--base-url", reference.base_url, "--", sys.executable, "-c", "print('idle')")
    assert code == 3
    assert out.startswith("idle\nNOT JUDGED")


def test_further_variables_and_the_address_in_the_command(reference, tmp_path):
    ask = "import os, sys; assert os.environ['LLM_URL'] == sys.argv[1] != ''; print(sys.argv[1])"
    words = ("--env", "LLM_URL", "--", sys.executable, "-c", ask, "{url}")
    _, out, _ = watch(tmp_path, "--base-url", reference.base_url, *words)
    assert re.match(r"http://127\.0\.0\.1:\d+/v1\n", out)


MISTAKES = {
    "no endpoint": ((), "watch needs --base-url"),
    "a query": (("--base-url", "http://localhost:1/v1?a=b"), "the part before the ?"),
    "a bad address": (("--base-url", "http://localhost:1/v1", "--listen", "here:there"), "--listen is not of the form"),
    "an address of others": (("--base-url", "http://localhost:1/v1", "--listen", "192.0.2.1:1"), "cannot listen at 192.0.2.1"),
    "no such program": (("--base-url", "http://localhost:1/v1", "--", "no-such-program"), "cannot run no-such-program"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_of_the_user_is_one_line(kind, tmp_path):
    words, said = MISTAKES[kind]
    code, _, err = watch(tmp_path, *words)
    assert code == 2
    assert said in err.splitlines()[-1]


# ---------------------------------------------------------------------- until it is ended


@contextmanager
def watching(tmp_path, *words: str):
    """The command as a process and, once it listens, its base URL."""
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process, re.search(r"http://\S+", process.stderr.readline())[0]
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_command_it_watches_until_it_is_told_to_end(reference, tmp_path, number):
    with watching(tmp_path, "--base-url", reference.base_url, "--listen", "127.0.0.1:0") as (process, address):
        answer = httpx.get(f"{address}/models", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
        assert answer.status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert "CONFORMS IN WHAT THE PROGRAM ASKED" in out, err
    assert process.returncode == 0
    assert not (tmp_path / "reports/latest/run.jsonl.part").exists()


@pytest.mark.skipif(not Path("/proc").exists(), reason="children are found in /proc")
def test_the_proxy_does_not_outlive_us(reference, tmp_path):
    with watching(tmp_path, "--base-url", reference.base_url) as (process, _):
        time.sleep(0.2)
        children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        assert children
        process.kill()
    assert ended(children)
