"""What `load` itself adds to the time to the first token at 64 in flight: `python -m benchmarks.load_overhead [ROUNDS]`.

Each round asks the reference, in a process of its own, the same streams twice, in turn first: by a bare client, which writes to a socket
and looks for the first token in what comes, and as `load` does, judge and all. Prints p50 and p95 of each, and the median of the
differences of p95. Fails where that is more than 3 ms. On a machine that does something else meanwhile these tell nothing, so the
processor time of each in this process is counted, too, by request.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from itertools import count
from urllib.parse import urlsplit

from benchmarks.load_bench import KEY, serving
from conformance.areas.catalogue import catalogue
from conformance.exchange.probe import Probe
from conformance.judge.marks import mark
from conformance.load.alongside import Beside
from conformance.load.asked_under_load import KINDS, STAND_IN
from conformance.load.bench import Process
from conformance.reference.script import MODEL
from conformance.run.options import Options
from conformance.send.allowance import Allowance
from conformance.send.kept_lines import KeptLines
from conformance.send.letters import Letter, letter
from conformance.send.limits import Limits
from conformance.send.requests import requests
from conformance.send.target import Target, url_of

ROUNDS, IN_FLIGHT, REQUESTS = 9, 64, 640
MOST = 0.003
"""Seconds that it may add at p95."""
TOKEN, END = b'"delta":{"content":"', b"\r\n0\r\n\r\n"


async def bare(target: Target, sent: Letter, marks: count) -> list[float]:
    """Seconds to the first token, by a client that does nothing else."""
    found: list[float] = []
    turns, parts = iter(range(REQUESTS)), urlsplit(target.base_url)

    async def work() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in turns:
            began, seen, came = time.perf_counter(), False, b""
            writer.write(sent.message(sent.body(mark(next(marks)).encode())))
            while not came.endswith(END):
                came += await reader.read(65536)
                if not seen and came.partition(TOKEN)[2][:1] not in (b"", b'"'):
                    seen = True
                    found.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return found


async def loaded(target: Target, sent: Letter, marks: count, process: Process) -> list[float]:
    """The same, as `load` does."""
    found: list[float] = []
    turns = iter(range(REQUESTS))
    async with Beside(process, target) as judge, KeptLines(target, Allowance(Limits())) as lines:

        async def work() -> None:
            for n in turns:
                await judge.ready()
                own = mark(next(marks))
                got = await lines.ask(f"load.{n}", sent, own.encode())
                said = judge.take(got, own)
                found.extend([said.first] if said.first is not None else [])

        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        await judge.level()
    return found


def main(rounds: int) -> int:
    worked: dict[str, list[float]] = {"bare": [], "load": []}
    checks, marks, added = [id for id, check in catalogue().items() if check.area != "sdk"], count(), []
    with serving(lies=False) as base_url:
        target = Target(base_url, MODEL, KEY)
        [request] = requests(Probe("load.stream", KINDS["stream"](STAND_IN)), MODEL)
        sent = letter(request, target, url_of(base_url, request), STAND_IN)
        for n in range(rounds + 1):
            p95: dict[str, float] = {}
            for name in ("bare", "load") if n % 2 else ("load", "bare"):
                before = time.process_time()
                if name == "bare":
                    found = asyncio.run(bare(target, sent, marks))
                else:
                    with Process(Options.make({"asked_by": "load", "sdk": "off"}), checks, ()) as process:
                        found = asyncio.run(loaded(target, sent, marks, process))
                worked[name] += [1000 * (time.process_time() - before) / REQUESTS] if n else []
                p95[name] = statistics.quantiles(found, n=20)[-1]
                print(
                    f"{n:2} {name}: first token p50 {1000 * statistics.median(found):.1f} ms, p95 {1000 * p95[name]:.1f} ms"
                )
            added += [p95["load"] - p95["bare"]] if n else []  # the first round warms up
    middle = statistics.median(added)
    bare_work, load_work = (statistics.median(each) for each in worked.values())
    print(f"processor time of this process for one request: bare client {bare_work:.2f} ms, load {load_work:.2f} ms")
    print(
        f"load adds {1000 * middle:.1f} ms at p95 with {IN_FLIGHT} in flight (median of {rounds} pairs; at most {1000 * MOST:g} ms)"
    )
    return 0 if middle <= MOST else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
