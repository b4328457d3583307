"""Where the clients' packages are: an environment for each set of them below the user's cache, made once, by uv and by npm.

It must not be where we are installed: a client meets none of our packages, and we none of its.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from conformance.watch.trials.roster import HERE, Client

VARIABLE = "OPENAI_CONFORMANCE_CACHE"
"""Names another folder for the environments."""
LIMIT = 900.0
"""Seconds in which packages must be there."""
MADE = "made.json"
_MAKING: dict[Path, threading.Lock] = {}
"""What is being made: clients that need the same wait for it."""
_WORKERS = {"python": "worker.py", "node": "worker.mjs", "programs": "worker.py"}


class CannotPrepare(Exception):
    """The packages cannot be had; the message says why in one line."""


def cache() -> Path:
    """The folder below which all of it is."""
    own = os.environ.get(VARIABLE)
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "openai-conformance"


def folder(client: Client) -> Path:
    """The environment of a client: the same for all that need the same packages."""
    kind = "python" if client.runtime == "python" else "node"
    locked = [_lock(client).read_text("utf-8")] if _lock(client).is_file() else []
    key = " ".join((kind, f"{sys.version_info[0]}.{sys.version_info[1]}", *sorted(client.packages), *locked))
    return cache() / "clients" / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def ready(client: Client) -> bool:
    return (folder(client) / MADE).is_file()


def prepare(client: Client) -> None:
    """Make the environment of a client where it is not there, beside its place, so that no half of one is ever in it, whoever else makes
    the same. Raises CannotPrepare."""
    where = folder(client)
    with _MAKING.setdefault(where, threading.Lock()):
        if ready(client):
            return
        part = where.with_name(f"{where.name}.part-{os.getpid()}")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            _install_python(client, part) if client.runtime == "python" else _install_node(client, part)
            (part / MADE).write_text(json.dumps(client.packages), "utf-8")
            with suppress(OSError):  # another process was faster
                part.rename(where)
        except OSError as error:
            raise CannotPrepare(f"{error.filename or where}: {error.strerror or error}") from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if not ready(client):
            raise CannotPrepare(f"{where} is in the way: remove it")


def _install_python(client: Client, where: Path) -> None:
    uv = _uv()
    if uv is None:
        _run([sys.executable, "-m", "venv", str(where / "venv")])
        _run([str(python(where)), "-m", "pip", "install", "--quiet", *client.packages])
        return
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(where / "venv")])
    _run([*uv, "pip", "install", "--quiet", "--python", str(python(where)), *client.packages])


def _uv() -> list[str] | None:
    """The command uv, as a program or as a module; None where it is not there."""
    if found := shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent)):
        return [found]
    return [sys.executable, "-m", "uv"] if find_spec("uv") else None


def _install_node(client: Client, where: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotPrepare("npm is not here")
    wanted = dict(each.rsplit("@", 1) for each in client.packages)
    (where / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}), "utf-8")
    if _lock(client).is_file():
        shutil.copy(_lock(client), where / "package-lock.json")
    how = "ci" if _lock(client).is_file() else "install"
    _run([npm, how, "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(where)])


def _lock(client: Client) -> Path:
    """What npm has locked of a client's packages and all that they need."""
    return HERE / "locks" / f"{client.name}.json"


def _run(command: list[str]) -> None:
    """Raises CannotPrepare with the last line that the command said; npm says the cause first, after a code, and much after it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise CannotPrepare(f"{Path(command[0]).name} was not done within {LIMIT:g} s") from None
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        causes = [found[1] for line in lines if (found := re.match(r"npm error (?!code )(.+)", line))]
        why = [*causes[:1], *lines[-1:], f"{Path(command[0]).name} ended with {done.returncode}"]
        raise CannotPrepare(why[0])


def python(where: Path) -> Path:
    return where / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def command(client: Client) -> list[str]:
    """What starts the worker of a client. Node finds packages from where a file lies, so its files are laid beside them."""
    where, worker = folder(client), HERE / ("node" if client.runtime == "node" else "python") / _WORKERS[client.runtime]
    if client.runtime == "node":
        for file in (worker, client.file):
            shutil.copy(file, where)
        return [shutil.which("node") or "node", str(where / worker.name), str(where / client.file.name), str(where)]
    interpreter = str(python(where)) if client.runtime == "python" else sys.executable
    return [interpreter, "-I", str(worker), str(client.file), str(where)]


def variables(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: ours, without what would tell a client of another endpoint, and with nothing that calls home."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(
            ("OPENAI_", "ANTHROPIC_", "AZURE_OPENAI", "LANGCHAIN_", "LANGSMITH_", "LITELLM_")
        )
    }
    local = {name: ",".join(filter(None, (own.get(name), "127.0.0.1,localhost"))) for name in ("NO_PROXY", "no_proxy")}
    return own | local | QUIET | dict(extra)


QUIET = {
    "DO_NOT_TRACK": "1", "LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false", "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False",
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", "NO_COLOR": "1",
}  # fmt: skip
"""No tracing, no telemetry, nothing fetched at import."""
