"""`openai-conformance reference` as a process: what it prints, how it ends, what is left behind. vLLM is a stand-in."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.reference.test_vllm import model, stand_in  # noqa: F401  (fixtures)
from tests.support.checkout import ROOT

COMMAND = (sys.executable, "-m", "conformance", "reference")
VLLM = ("--engine", "vllm")
ENGINES = pytest.mark.parametrize("engine", [(), VLLM], ids=["scripted", "vllm"])

pytestmark = pytest.mark.usefixtures("stand_in")


@contextmanager
def launch(*words: str, wait: bool = True) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process and, once it serves, its base URL."""
    with subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process, process.stdout.readline().split()[1] if wait else ""
        finally:
            process.kill()


def call(*words: str) -> tuple[int, str, str]:
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=60, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def running(pid: int) -> bool:
    """Whether there is such a process, and not only its entry that nobody has read yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def ended(pids: list[int], seconds: float = 30) -> bool:
    """Whether all of them end within so long."""
    until = time.monotonic() + seconds
    while any(map(running, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(running, pids))


def _pids(url: str) -> list[int]:
    """Of the stand-in, as soon as it listens."""
    for _ in range(300):
        with suppress(httpx.ConnectError):
            return httpx.get(url).json()["pids"]
        time.sleep(0.1)
    raise AssertionError("the stand-in does not listen")


@ENGINES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serves_until_it_is_told_to_stop(engine, number):
    with launch(*engine) as (process, url):
        assert process.stdout.readline().strip() == f"export OPENAI_BASE_URL={url} OPENAI_API_KEY=sk-reference"
        assert httpx.get(f"{url}/models", headers={"Authorization": "Bearer sk-reference"}).is_success
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_second_ctrl_c_leaves_nothing_behind_a_server_that_will_not_stop(stand_in):  # noqa: F811
    stand_in.setenv("STAND_IN", "stubborn")
    with launch(*VLLM) as (process, url):
        pids = httpx.get(url).json()["pids"]
        assert [running(pid) for pid in pids] == [True, True]
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for the server
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
    assert [running(pid) for pid in pids] == [False, False]


@pytest.mark.parametrize("behaviour", ["healthy", "stubborn"])
def test_killed_it_takes_with_it_the_server_and_all_that_the_server_started(stand_in, behaviour):  # noqa: F811
    """A server that does not end when it is told to is given a moment, and is killed then."""
    stand_in.setenv("STAND_IN", behaviour)
    with launch(*VLLM) as (process, url):
        pids = httpx.get(url).json()["pids"]
        process.kill()
        process.wait(10)
        assert process.stdout.read() + process.stderr.read() != "held open"  # nothing that outlives it has its streams
        assert ended(pids)


def test_killed_while_the_server_starts_it_takes_it_along(stand_in):  # noqa: F811
    stand_in.setenv("STAND_IN", "never healthy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with launch(*VLLM, "--port", str(port), wait=False) as (process, _):
        pids = _pids(f"http://127.0.0.1:{port}")
        process.kill()
        assert ended(pids)


def test_stopped_while_the_server_starts(stand_in):  # noqa: F811
    stand_in.setenv("STAND_IN", "never healthy")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with launch(*VLLM, "--port", str(port), wait=False) as (process, _):
        while not _answers(port):
            assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=30) == 143
        assert process.stderr.read().strip() == "openai-conformance: interrupted by SIGTERM"
    assert not _answers(port)


def _answers(port: int) -> bool:
    try:
        return bool(httpx.get(f"http://127.0.0.1:{port}/"))
    except httpx.HTTPError:
        return False


@ENGINES
def test_runs_a_command_and_gives_its_exit_code(engine):
    check = (
        "import os, sys; print(sys.argv[1], *map(os.environ.get, ('OPENAI_BASE_URL', 'OPENAI_API_KEY'))); sys.exit(7)"
    )
    code, out, _ = call(*engine, "--", sys.executable, "-c", check, "{url}")
    placed, url, key = out.split()
    assert (code, placed, key) == (7, url, "sk-reference")
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/v1")


def test_a_command_that_a_signal_ended():
    assert call("--", sys.executable, "-c", "import os; os.kill(os.getpid(), 15)")[0] == 143


@ENGINES
def test_the_key_is_the_users_and_is_not_shown(engine, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-mine-0123456789")
    with launch(*engine, "--api-key-env", "MY_KEY") as (process, url):
        assert process.stdout.readline().strip() == f'export OPENAI_BASE_URL={url} OPENAI_API_KEY="$MY_KEY"'
        assert httpx.get(f"{url}/models", headers={"Authorization": "Bearer sk-mine-0123456789"}).is_success
        told = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert "sk-mine" not in told
        if not engine:
            assert httpx.get(f"{url}/models", headers={"Authorization": "Bearer sk-reference"}).status_code == 401
        process.terminate()
        assert "sk-mine" not in process.stdout.read() + process.stderr.read()


MISTAKES = {
    "no model": ((*VLLM, "--model", "/no/where"), "no model in /no/where"),
    "no python": ((*VLLM, "--python", "/no/python"), "cannot run /no/python: No such file"),
    "no such engine": (("--engine", "sglang"), "sglang"),
    "model of the script": (("--model", "some/model"), "--model has no meaning with --engine scripted"),
    "limit of vllm": ((*VLLM, "--limit", "3"), "--limit has no meaning with --engine vllm"),
    "flag of the script": (("--vllm-flag=--x",), "--vllm-flag has no meaning with --engine scripted"),
    "key itself": (("--api-key-env", "sk-secret-0123"), "takes the name of an environment variable"),
    "no key": (("--api-key-env", "NO_SUCH_KEY"), "--api-key-env names $NO_SUCH_KEY, which holds no key"),
    "lie of vllm": ((*VLLM, "--lie", "chat-without-choices"), "--lie has no meaning with --engine vllm"),
    "no such lie": (
        ("--lie", "chat-without-choice"),
        "no lie 'chat-without-choice' - did you mean chat-without-choices?",
    ),
    "no command": (("--", "/no/command"), "cannot run /no/command: No such file"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(name):
    words, said = MISTAKES[name]
    code, out, err = call(*words)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert said in err
    assert "sk-secret" not in err


@ENGINES
def test_a_port_that_is_taken(engine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = call(*engine, "--port", str(port))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"port {port} on 127.0.0.1" in err


def test_vllm_is_not_installed(monkeypatch):
    monkeypatch.delenv("PYTHONPATH")
    code, out, err = call(*VLLM)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "vLLM is not installed for" in err
    assert "pip install vllm==" in err


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("dies", "ValueError: the model is upside down\nopenai-conformance: vLLM did not start: exit code 1\n"),
        ("out of memory", "\nopenai-conformance: vLLM did not start: there is not enough memory\n"),
        ("never healthy", "loading weights\nopenai-conformance: vLLM is not healthy after 1 s\n"),
    ],
)
def test_a_server_that_does_not_start_leaves_its_last_words(stand_in, behaviour, said):  # noqa: F811
    stand_in.setenv("STAND_IN", behaviour)
    code, out, err = call(*VLLM, "--start-limit", "1")
    assert (code, out) == (3, "")
    assert err.endswith(said)
    assert "Traceback" not in err


def test_a_server_that_ends_by_itself_is_told():
    with launch(*VLLM) as (process, url):
        with pytest.raises(httpx.HTTPError):
            httpx.get(url.removesuffix("/v1") + "/die")
        assert process.wait(timeout=30) == 3
        assert process.stderr.read().endswith("openai-conformance: vLLM ended by itself with exit code 9\n")


def test_nohup_is_respected():
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    )
    words = [sys.executable, "-c", ignoring, *COMMAND]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        url = process.stdout.readline().split()[1]
        os.kill(process.pid, signal.SIGHUP)
        assert httpx.get(f"{url}/models").status_code == 401
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_it_lies_on_demand():
    with launch("--lie", "chat-created-milliseconds", "--lie", "chat-without-choices") as (_, url):
        asked = {"model": "reference/scripted", "messages": [{"role": "user", "content": "Hello"}]}
        told = httpx.post(
            f"{url}/chat/completions", json=asked, headers={"Authorization": "Bearer sk-reference"}
        ).json()
    assert told["created"] > 10**12
    assert "choices" not in told


def test_lies_are_listed_with_what_they_break():
    code, out, _ = call("--list-lies")
    assert code == 0
    assert re.search(r"chat-created-milliseconds .*chat\.created-seconds", out)


def test_a_reference_that_goes_to_sleep_says_when_to_come_back():
    asking = (
        "import os, sys, urllib.request as r, urllib.error as e\n"
        "try: r.urlopen(r.Request(sys.argv[1] + '/chat/completions', b'{}'))\n"
        "except e.HTTPError as x: print(x.code, x.headers['retry-after'])\n"
    )
    code, out, _ = call("--cold-after", "0.000001", "--", sys.executable, "-c", asking, "{url}")
    assert (code, out) == (0, "503 1\n")
