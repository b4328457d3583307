"""Hostile endpoints, one whole command each: what it costs in CPU and memory, and how it ends. `nox -s hostile -- [WORD] [COMMAND]`.

The corpus is tests/support/heavy.py (answers that are small to send and much to read) and tests/support/hostile.py (servers that
misbehave in time). The server is a process of its own, so that its work is not counted. Fails where a run takes more than the
figures, ends otherwise than by judging or saying why it cannot, or shows a traceback. WORD: only those with it in their name.
COMMAND: run, or another that asks an endpoint.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

from tests.support import heavy, hostile
from tests.support.hostile import Behaviour, serve, whole

CPU, MEMORY, WALL = 20.0, 300, 150
"""Seconds of CPU, MiB, and seconds of a clock that a run may take at most, with --timeout 10."""
ENDS = (0, 1, 3)
"""Judged, whatever came of it, or not judged and why."""

ASKING = """
import json, os, signal, urllib.request
signal.alarm(60)
for stream in (False, True, True):
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    sent = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        urllib.request.urlopen(sent, timeout=10).read(1 << 24)
    except Exception:
        pass
"""
"""A program that asks three times, whatever comes."""
COMMANDS: dict[str, str] = {
    "run": "--base-url {url} --timeout 10",
    "load": "--base-url {url} --timeout 10 --levels 1,8 --seconds 3",
    "cold": "--base-url {url} --idle 0.1 --max-cold 20 --longest 20",
    "gateway": "--base-url {url} --timeout 10 --upstream-listen 127.0.0.1:0 --lies",
    "watch": "--base-url {url} -- {python} -c {asking}",
    "parity": "--base-url {url} --timeout 10",
    "migrate": "--from {url} --to {url} --timeout 10",
    "explore": "--base-url {url} --timeout 10",
}
"""By command, its options, and what follows them."""


def corpus() -> dict[str, Behaviour]:
    """Every behaviour by its name: of every answer, and of all but the list of models, so that whoever looks first goes on."""
    takes = ["writer", "request"]
    timed = {
        name: each
        for name, each in vars(hostile).items()
        if inspect.iscoroutinefunction(each) and [*inspect.signature(each).parameters] == takes
    }
    of_all = {name.replace("_", " "): each for name, each in timed.items()} | {
        name: partial(_says, make) for name, make in heavy.answers()
    }
    return of_all | {f"{name}{LISTED}": partial(_listed, each) for name, each in of_all.items()}


LISTED = ", but for its models"


async def _listed(behaviour: Behaviour, writer: asyncio.StreamWriter, request: bytes) -> None:
    if request.startswith(b"GET /v1/models "):
        writer.write(whole(heavy.MODELS.body, b"Content-Type: application/json"))
    else:
        await behaviour(writer, request)


@cache
def _made(make: Callable[[], bytes]) -> bytes:
    return make()


async def _says(make: Callable[[], bytes], writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(_made(make))


def _serving(behaviour: Behaviour, told: Connection) -> None:
    async def serving() -> None:
        async with serve(behaviour) as url:
            told.send(url)
            await asyncio.sleep(3600)

    asyncio.run(serving())


def measured(behaviour: Behaviour, what: str = "run") -> tuple[float, float, float, int, str]:
    """Seconds of CPU, MiB, seconds of a clock, exit code and output of a command against it."""
    ours, theirs = Pipe()
    server = get_context("fork").Process(target=_serving, args=(behaviour, theirs), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder, (Path(folder) / "said").open("w+b") as said:
            url = ours.recv()
            words = {"url": url, "python": sys.executable, "asking": ASKING}
            options = [word.format(**words) for word in COMMANDS[what].split()]
            at = options.index("--") if "--" in options else len(options)
            options[at:at] = ["--report", f"{folder}/out"]
            command = [sys.executable, "-m", "conformance", what, *options]
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
            began = time.monotonic()
            ending = threading.Timer(2 * WALL, process.terminate)
            ending.start()
            _, status, used = os.wait4(process.pid, 0)
            ending.cancel()
            took = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
    finally:
        server.kill()
        server.join()
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, took, process.returncode, text


def main(word: str = "", what: str = "run") -> int:
    missed, rows = 0, []
    for name, behaviour in corpus().items():
        if word not in name:
            continue
        cpu, memory, took, code, text = measured(behaviour, what)
        good = cpu <= CPU and memory <= MEMORY and took <= WALL and code in ENDS and "Traceback" not in text
        missed += not good
        rows.append((cpu, memory, took))
        print(
            f"{'ok    ' if good else 'MISSED'} {name}: {cpu:.1f} s CPU, {memory:.0f} MiB, {took:.0f} s, exit code {code}",
            flush=True,
        )
        if code not in ENDS:
            print(text[-1500:])
    worst = [max(column) for column in zip(*rows, strict=True)]
    print(
        f"{len(rows)} behaviours, at worst {worst[0]:.1f} s CPU ({CPU:g}), {worst[1]:.0f} MiB ({MEMORY}), {worst[2]:.0f} s ({WALL})"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
