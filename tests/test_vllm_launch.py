"""The vLLM launcher against a stand-in for vLLM: a package of that name with a real, tiny HTTP server. No vLLM is needed."""

from __future__ import annotations

import importlib.util
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from conformance.reference import vllm
from conformance.reference.vllm import NotServing, serve

STAND_IN = """
import http.server, json, os, signal, subprocess, sys

behaviour = os.environ["STAND_IN"]
print("loading weights", flush=True)
if behaviour == "dies":
    sys.exit("ValueError: the model is upside down")
if behaviour == "out of memory":
    sys.exit("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: Cannot allocate memory")
if behaviour == "stubborn":  # and with a child of its own
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"argv": sys.argv[1:], "key": os.environ["VLLM_API_KEY"]}).encode()
        self.send_response(503 if behaviour == "never healthy" else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

port = next(int(word.partition("=")[2]) for word in sys.argv if word.startswith("--port="))
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    return tmp_path / "model"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A healthy stand-in; set STAND_IN for another behaviour."""
    folder = tmp_path / "site/vllm/entrypoints/openai"
    folder.mkdir(parents=True)
    (folder / "api_server.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("STAND_IN", "healthy")
    return monkeypatch


def test_serves_until_the_block_ends(model, stand_in):
    with serve(model, flags=["--max-model-len=512"]) as server:
        seen = httpx.get(server.base_url + "/anything").json()
        assert seen["key"] == server.key
        assert len(server.key) >= 32
        assert not any(server.key in word for word in seen["argv"])
        assert f"--model={model}" in seen["argv"]
        assert seen["argv"][-1] == "--max-model-len=512"
    assert server.process.poll() is not None
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.base_url)


def test_listens_on_the_port_asked_for(model, stand_in):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serve(model, port=port) as server:
        assert server.base_url == f"http://127.0.0.1:{port}/v1"


def test_leaves_no_child_behind_a_server_that_will_not_stop(model, stand_in):
    stand_in.setenv("STAND_IN", "stubborn")
    stand_in.setattr(vllm, "STOP_SECONDS", 0.2)
    with serve(model) as server:
        pass
    assert server.process.returncode == -signal.SIGKILL
    assert not server._reader.is_alive()  # the pipe closes when the last process that holds it is gone


def test_an_error_in_the_block_stops_the_server(model, stand_in):
    with pytest.raises(ZeroDivisionError), serve(model) as server:
        raise ZeroDivisionError
    assert server.process.poll() is not None


@pytest.mark.parametrize(
    ("behaviour", "message", "last"),
    [
        ("dies", "vLLM did not start: exit code 1", "ValueError: the model is upside down"),
        ("out of memory", "vLLM did not start: there is not enough memory", "Cannot allocate memory"),
        ("never healthy", "vLLM is not healthy after 1 s", "loading weights"),
    ],
)
def test_says_in_one_line_why_it_did_not_start(model, stand_in, behaviour, message, last):
    stand_in.setenv("STAND_IN", behaviour)
    with pytest.raises(NotServing) as raised, serve(model, seconds=1):
        pytest.fail("it is not serving")
    assert str(raised.value) == message
    assert raised.value.last_lines.endswith(last)


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed here")
def test_vllm_is_not_installed(model):
    with pytest.raises(NotServing, match=r"^vLLM did not start: vLLM is not installed for .*$"), serve(model):
        pytest.fail("it is not serving")


def test_port_is_taken(model, stand_in):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotServing, match=f"^port {port} is taken or not allowed$"), serve(model, port=port):
            pytest.fail("it is not serving")


def test_no_model_and_no_python(tmp_path, model):
    with pytest.raises(NotServing, match=r"^no model in .*: it has no config\.json$"), serve(tmp_path / "nowhere"):
        pytest.fail("it is not serving")
    with pytest.raises(NotServing, match=r"^cannot run /no/python: No such file.*"), serve(model, python="/no/python"):
        pytest.fail("it is not serving")


def _launch(model: Path, *words: str, **more) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "conformance.reference.vllm", "--model", str(model), *words]
    root = Path(__file__).parents[1]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root, **more)


def test_command_line_runs_a_command_and_gives_its_exit_code(model, stand_in):
    check = (
        "import os, sys; print(sys.argv[1], *map(os.environ.get, ('OPENAI_BASE_URL', 'OPENAI_API_KEY'))); sys.exit(7)"
    )
    launched = _launch(model, "--", sys.executable, "-c", check, "{url}")
    output, _ = launched.communicate(timeout=30)
    placed, url, key = output.split()
    assert (launched.returncode, placed) == (7, url)
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/v1")
    assert len(key) >= 32


def test_command_line_stops_its_server_on_sigterm(model, stand_in):
    with _launch(model) as launched:
        url = launched.stdout.readline().strip()
        assert json.loads(httpx.get(url).text)["key"]
        launched.terminate()
        assert launched.wait(timeout=30) == 128 + signal.SIGTERM
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_command_line_says_what_is_wrong(tmp_path):
    launched = _launch(tmp_path / "nowhere")
    _, errors = launched.communicate(timeout=30)
    assert launched.returncode == 3
    assert errors.strip().splitlines()[-1].startswith("Error: no model in ")
    assert "Traceback" not in errors
