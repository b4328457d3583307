"""A real vLLM server for the length of a `with` block, or of one command.

vLLM runs as a process of another Python, which may have it installed where ours has not; nothing here imports it. The key
is random and handed over in the environment, so that no list of processes shows it. Only this machine can reach the server.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx

HOST = "127.0.0.1"
NAME = "tiny"
"""The model's name in the API, whatever its folder is called."""
START_SECONDS = 300.0
"""vLLM starts in 40-75 s on two quiet cores; the first start of an installation and a busy machine take longer."""
STOP_SECONDS = 20.0
POLL_SECONDS = 0.25
LAST_LINES = 30
"""Lines of the server's output that are kept to explain a failure."""

FLAGS = (
    "--max-model-len=4096", "--max-num-seqs=16", "--dtype=float32", "--enforce-eager",
    "--distributed-executor-backend=uni",
    '--structured-outputs-config={"backend": "xgrammar", "disable_any_whitespace": true}',
    "--enable-auto-tool-choice", "--tool-call-parser=hermes", "--exclude-tools-when-tool-choice-none",
    "--reasoning-parser=qwen3", '--default-chat-template-kwargs={"enable_thinking": false}',
    "--enable-prompt-tokens-details", "--enable-request-id-headers",
)  # fmt: skip
"""For the tiny model on a CPU: exact arithmetic, no compilation, the engine in the server's own process to save memory."""
ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
}
CAUSES = {
    r"No module named '?vllm": "vLLM is not installed for {python}; see noxfile.py for how to",
    r"[Aa]ddress already in use": "port {port} is taken",
    r"[Cc]annot allocate memory|MemoryError|[Oo]ut of memory|Available memory .* is less": "there is not enough memory",
}
"""What the server's last words mean."""


class NotServing(Exception):
    """vLLM could not be started; the message is one line. `last_lines` is the end of the server's output, "" if none."""

    def __init__(self, message: str, last_lines: str = "") -> None:
        super().__init__(message)
        self.last_lines = last_lines


@dataclass
class Server:
    """A vLLM process. `base_url` ends in /v1."""

    process: subprocess.Popen[str]
    base_url: str
    key: str
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Keep the pipe empty, or the server would stand still once it is full."""
        with self.process.stdout as output:
            self.lines.extend(line.rstrip() for line in output)

    @property
    def last_lines(self) -> str:
        return "\n".join(tuple(self.lines))

    def healthy(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(self.base_url.removesuffix("/v1") + "/health", trust_env=False).is_success
        return False

    def stop(self) -> None:
        """End the process and whatever it started: asked at first, forced after STOP_SECONDS. May be called twice."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join(1)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):  # its process group, of which it is the leader
            os.killpg(self.process.pid, number)


@contextmanager
def serve(
    model: Path,
    *,
    python: str = sys.executable,
    port: int = 0,
    seconds: float = START_SECONDS,
    flags: Sequence[str] = (),
) -> Iterator[Server]:
    """Serve a model folder as NAME until the block ends. Port 0 is any free one; `flags` come after FLAGS and win.

    Raises NotServing where vLLM is not there, ends at once, or is not healthy within `seconds`.
    """
    if not (model / "config.json").is_file():
        raise NotServing(f"no model in {model}: it has no config.json")
    port = _free(port)
    key = secrets.token_urlsafe(24)
    command = [python, "-m", "vllm.entrypoints.openai.api_server", f"--model={model}", f"--served-model-name={NAME}",
               f"--host={HOST}", f"--port={port}", *FLAGS, *flags]  # fmt: skip
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | ENVIRONMENT | {"VLLM_API_KEY": key},
            start_new_session=True,
        )
    except OSError as reason:
        raise NotServing(f"cannot run {python}: {reason.strerror}") from None
    server = Server(process, f"http://{HOST}:{port}/v1", key)
    try:
        _wait(server, seconds, python=python, port=port)
        yield server
    finally:
        server.stop()


def _free(port: int) -> int:
    """The port, or any free one for 0. Raises NotServing where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            raise NotServing(f"port {port} is taken or not allowed") from None
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
        cause = next((words for pattern, words in CAUSES.items() if re.search(pattern, said)), None)
        if cause is None and code == -signal.SIGKILL:
            cause = "it was killed, most likely for lack of memory"
        reason = cause.format(**about) if cause else f"exit code {code}"
        raise NotServing(f"vLLM did not start: {reason}", said)


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder of the model.")
@click.option("--python", default=sys.executable, help="Interpreter that has vLLM.")
@click.option("--port", default=0, help="Port to listen on; any free one by default.")
@click.option("--seconds", default=START_SECONDS, help="How long the server may take to start.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def main(model: Path, python: str, port: int, seconds: float, command: tuple[str, ...]) -> None:
    """Serve a model with vLLM until Ctrl-C, or while COMMAND runs, whose exit code is then ours.

    COMMAND finds the address and the key in OPENAI_BASE_URL and OPENAI_API_KEY; {url} in it is replaced by the address.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with serve(model, python=python, port=port, seconds=seconds) as server:
            if command:
                own = os.environ | {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": server.key}
                words = [word.replace("{url}", server.base_url) for word in command]
                sys.exit(subprocess.run(words, env=own).returncode)
            click.echo(f"{server.base_url}\nOPENAI_API_KEY={server.key}")
            code = server.process.wait()
            raise NotServing(f"vLLM ended by itself with exit code {code}", server.last_lines)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except NotServing as reason:
        click.echo(reason.last_lines, err=True)
        click.echo(f"Error: {reason}", err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
