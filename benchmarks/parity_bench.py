"""How fast parity is, measured: `nox -s parity-bench`. Prints the figures and fails where one is missed.

`python -m benchmarks.parity_bench` measures the client against the scripted reference, which answers after a known delay in a
process of its own. With the Python that has vLLM as its argument it measures the golden prompts against two vLLM servers, too.
What a bare client needs for the same requests - it opens a socket, writes the bytes and reads to the end - is what the
servers need.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from conformance.exchange.shipped import place
from conformance.parity import prompts as golden
from conformance.parity.answers import Answer
from conformance.parity.asking import BASELINE, TARGET, Side, prompt_of, questions
from conformance.parity.prompt import Prompt
from conformance.parity.timing import percentile
from conformance.run.run_file import read
from conformance.send.allowance import Allowance
from conformance.send.limits import Limits
from conformance.send.sender import client
from conformance.send.target import Target

CONCURRENCY = 8
DELAY = 0.1
"""Seconds before the reference answers."""
TURNS = 8
OVERHEAD = 3
RUNS = 11
"""Of the command and of a bare client in turns: on servers that share two cores with them, each takes a tenth more or less."""
SECONDS = 60.0
RATIO = 1.15
SERVE = """
import gc, sys
from conformance.send.embedded import Reference
gc.disable()
with Reference(delay=float(sys.argv[1])) as server:
    print(server.base_url, server.key, flush=True)
    sys.stdin.read()
"""
Row = tuple[str, str, str, bool]


@contextmanager
def reference() -> Iterator[Target]:
    """The scripted reference in a process of its own, which does not stop to collect garbage: for 20 ms, it would meet
    whoever asks just then."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(DELAY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        base_url, key = process.stdout.readline().split()
        yield Target(base_url, "reference/scripted", key)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


async def bare(target: Target, bodies: Sequence[bytes]) -> list[float]:
    """Seconds to the first byte of each answer's body, of a client that does nothing but that."""
    slots = asyncio.Semaphore(CONCURRENCY)
    at = urlsplit(target.base_url)

    async def one(body: bytes) -> float:
        async with slots:
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
            head = f"POST {at.path}/chat/completions HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {target.key}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            began = time.perf_counter()
            writer.write(head.encode() + body)
            await reader.readuntil(b"\r\n\r\n")
            await reader.read(1)
            first = time.perf_counter() - began
            await reader.read()
            writer.close()
            return first

    return list(await asyncio.gather(*(one(body) for body in bodies)))


def bodies(target: Target, prompts: Sequence[Prompt], numbers: range) -> list[bytes]:
    import json

    return [
        json.dumps({"model": target.model, **asked}, ensure_ascii=False).encode()
        for _, asked in questions(TARGET, prompts, numbers)
    ]


async def ours(target: Target, prompts: Sequence[Prompt], numbers: range) -> list[float]:
    """The seconds to the first token that parity tells."""
    by_id = {prompt.id: prompt for prompt in prompts}
    async with client(target.base_url) as http:
        side = Side(TARGET, target, Allowance(Limits()), http, concurrency=CONCURRENCY, take=lambda x: None)
        told = [Answer(by_id[prompt_of(x)[1]], x) for x in await side.ask(questions(TARGET, prompts, numbers))]
        return [answer.latency["first"] for answer in told]


def overhead() -> list[Row]:
    """How much later than a bare client ours sees the first token; they take turns, so that what else the machine does
    meets both."""
    prompts = [prompt for prompt in golden.load() if not prompt.uncertain and prompt.request.get("stream", True)]
    numbers, plain, told = range(1, 4), [], []
    with reference() as target:
        sent = bodies(target, prompts, numbers)
        asyncio.run(bare(target, sent))  # the first answers are slower for everybody
        for _ in range(TURNS):
            plain += asyncio.run(bare(target, sent))
            told += asyncio.run(ours(target, prompts, numbers))
    mine, theirs = (1000 * percentile(seconds, 0.95) for seconds in (told, plain))
    text = f"{mine - theirs:.1f} ms of {len(told)} answers (ours {mine:.1f}, a bare client {theirs:.1f}, the delay {1000 * DELAY:.0f})"
    what = f"client overhead on time to first token, p95, concurrency {CONCURRENCY}"
    return [(what, text, f"<= {OVERHEAD} ms", mine - theirs <= OVERHEAD)]


def two_servers(python: str) -> list[Row]:
    """The golden prompts that have one answer, to two vLLM servers: the whole command, and how near it comes to a bare client."""
    from conformance.reference.vllm import serve

    prompts = [prompt for prompt in golden.load() if not prompt.uncertain]
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        servers = [stack.enter_context(serve(place("fixtures/models/tiny"), python=python)) for _ in range(2)]
        mine, theirs = (Target(server.base_url, server.model, server.key) for server in servers)
        chosen = Path(folder) / "golden"
        chosen.mkdir()
        for file in golden.place("golden/prompts").glob("*.yaml"):
            if file.stem != "uncertain":
                (chosen / file.name).write_bytes(file.read_bytes())

        async def both() -> float:
            began = time.perf_counter()
            asked = ((mine, range(1, 2)), (theirs, range(1, 3)))
            await asyncio.gather(*(bare(target, bodies(target, prompts, numbers)) for target, numbers in asked))
            return time.perf_counter() - began

        def command() -> tuple[float, float]:
            arguments = [sys.executable, "-m", "conformance", "parity", "--base-url", mine.base_url, "--baseline", theirs.base_url,
                         "--golden", str(chosen), "--report", f"{folder}/report", "--quiet"]  # fmt: skip
            keys = {"OPENAI_API_KEY": mine.key or "", "BASELINE_API_KEY": theirs.key or ""}
            began = time.perf_counter()
            subprocess.run(arguments, env=os.environ | keys, check=False, stdout=subprocess.DEVNULL)
            took = time.perf_counter() - began
            asked = [x for x in read(f"{folder}/report/run.jsonl").exchanges if x.id.startswith((TARGET, BASELINE))]
            return took, max(x.started + x.arrivals[-1][0] for x in asked) - min(x.started for x in asked)

        asyncio.run(both())  # what is cached is cached for all that follow
        runs = [(asyncio.run(both()), *command()) for _ in range(RUNS)]
    plain, took, asking = (statistics.median(values) for values in zip(*runs, strict=True))
    ratio = asking / plain
    return [
        (
            f"{len(prompts)} golden prompts to two vLLM servers, the baseline twice",
            f"{took:.1f} s",
            f"<= {SECONDS:.0f} s",
            took <= SECONDS,
        ),
        (
            "asking, beside what the servers need",
            f"{ratio:.2f} ({asking:.1f} s, {plain:.1f} s)",
            f"<= {RATIO}",
            ratio <= RATIO,
        ),
    ]


def main(python: str | None = None) -> int:
    missed = 0
    for row in (*overhead(), *(two_servers(python) if python else ())):
        what, seen, wanted, good = row
        missed += not good
        print(f"{'ok    ' if good else 'MISSED'} {what}: {seen} (to reach: {wanted})", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
