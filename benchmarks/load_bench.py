"""Whether `load` finds answers that are swapped now and then, and blames nobody else: `python -m benchmarks.load_bench [RUNS]`. Prints a
line a run, and fails where a swap was not found or a clean server was blamed.

The reference, in a process of its own, hands one of 200 answers to somebody else, where at least so many are under way; alone it never
does.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.swapping import swapping

RUNS = 20
OF, CROWD = 200, 8
"""One of so many answers is swapped, beside at least so many others."""
SECONDS = 20
SWAPPED = ("--levels", "32", "--seconds", f"{SECONDS}")
CLEAN = ("--levels", "64", "--seconds", "5")
KEY = "sk-reference"


def _serve(to, lies: bool) -> None:
    with Reference(lie=swapping(OF, CROWD) if lies else None, delay=0.05, key=KEY) as server:
        to.send(server.base_url)
        to.recv()


@contextmanager
def serving(*, lies: bool) -> Iterator[str]:
    """The base URL of a reference in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, lies), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join(10)


def once(base_url: str, words: tuple[str, ...]) -> tuple[bool, int, float, float, float]:
    """Whether a stranger's answer was seen, the exit code, requests a second of the level, seconds of the whole command, and its
    milliseconds of processor a request, judge, start and reports included."""
    with tempfile.TemporaryDirectory() as folder:
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "conformance", "load", "--sdk", "off", "--no-connections", "--base-url", base_url,
             "--report", folder, *words],
            capture_output=True, text=True, env=os.environ | {"OPENAI_API_KEY": KEY},
        )  # fmt: skip
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode not in (0, 1):
            sys.exit(done.stderr)
        run = read(Path(folder) / "run.jsonl")
        seen = any(v["check"] == "connection.no-stranger" and v["outcome"] == "fail" for v in run.verdicts)
        if done.returncode and not seen:
            print(json.dumps([[v["check"], v["problems"][:1]] for v in run.verdicts if v["outcome"] == "fail"])[:500])
        [level] = run.footer["load"]
        return (
            seen,
            done.returncode,
            level["requests"] / max(level["seconds"], 0.001),
            took,
            1000 * worked / max(1, level["requests"]),
        )


def main(runs: int) -> int:
    found = blamed = 0
    for lies, words in ((True, SWAPPED), (False, CLEAN)):
        with serving(lies=lies) as base_url:
            for n in range(runs):
                seen, code, rate, took, worked = once(base_url, words)
                found, blamed = found + (lies and seen), blamed + (not lies and bool(code))
                what = ("found" if seen else "NOT FOUND") if lies else ("BLAMED" if code else "clean")
                print(
                    f"{'swaps' if lies else 'clean'} {n + 1:2}: {what}, {rate:.0f} requests/s, {took:.1f} s in all, "
                    f"{worked:.2f} ms of processor a request",
                    flush=True,
                )
    print(f"swapped answers, 1 of {OF} at 32 in flight: found in {found} of {runs} runs of {SECONDS} s")
    print(f"a clean server at 64 in flight: blamed in {blamed} of {runs} runs")
    return 0 if found == runs and not blamed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
