"""The figures of the project, measured: `nox -s bench`, or `python -m benchmarks.bench`. Prints a table and fails where one is missed.
Names of figures behind it, `slow_endpoint` for one, measure these alone.

Everything runs on loopback against the embedded reference. Speeds are those of the machine at hand; nothing in the tests
depends on them.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from benchmarks import lag
from benchmarks.hostile import corpus
from conformance.areas.catalogue import catalogue, judge, lies, probes
from conformance.exchange.probe import Probe
from conformance.run.run_file import RunWriter
from conformance.send.embedded import Reference
from conformance.send.inprocess import exchanges
from conformance.send.requests import TWIN, requests
from tests.support import damage, proving
from tests.whole import test_damage

CONCURRENCY = 8
DELAY = 0.5
"""Seconds that every answer takes in the latency figure."""
ROUNDS = 5
DAMAGES = 20_000
"""Damaged answers judged, drawn from all that can be made."""

COPIES = 40
"""How many times over the reference's answers are recorded for the judging of recordings."""

RUNS = 1000
"""Run files that are merged."""

WARM = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of a command: like a user's, whose second call finds everything compiled."""

Row = tuple[str, str, str, bool]


def command(*options: str, what: str = "run", report: bool = True, **environment: str) -> tuple[float, float]:
    """Seconds and peak MiB of one whole run of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        where = ("--report", f"{folder}/report") if report else ()
        arguments = [sys.executable, "-m", "conformance", what, *where, *options]
        began = time.perf_counter()
        process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL, env=WARM | environment)
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the run ended with exit code {process.returncode}: {' '.join(arguments)}")
    return took, used.ru_maxrss / 1024


def whole_command() -> list[Row]:
    alone = [command("--sdk", "off") for _ in range(ROUNDS)]
    replayed = [command("--sdk", "on") for _ in range(ROUNDS)]
    took, with_client = (statistics.median(run[0] for run in runs) for runs in (alone, replayed))
    memory = max(run[1] for run in alone)
    return [
        ("whole command against the embedded reference, median", f"{took:.2f} s", "<= 7 s", took <= 7),
        (
            "the same with every answer replayed through openai-python",
            f"{with_client:.2f} s",
            "<= 9 s",
            with_client <= 9,
        ),
        ("peak memory of a run, server included", f"{memory:.0f} MB", "<= 150 MB", memory <= 150),
    ]


def slow_endpoint() -> list[Row]:
    """Every answer takes half a second: how near the wall time is to what the concurrency allows, and how long it is at the default,
    which finds out by itself that the endpoint serves many at once."""
    took, sent = _against_slow("--concurrency", str(CONCURRENCY))
    by_itself, _ = _against_slow()
    ideal = max(sent / CONCURRENCY, longest_chain()) * DELAY
    allowed = 1.15 * ideal + 1.5
    text = f"{took:.2f} s (ideal {ideal:.2f} s, {sent} requests)"
    return [
        (
            f"whole command, {DELAY:g} s an answer, concurrency {CONCURRENCY}",
            text,
            f"<= {allowed:.2f} s",
            took <= allowed,
        ),
        (
            f"whole command, {DELAY:g} s an answer, as many at once as it likes",
            f"{by_itself:.2f} s",
            "<= 7 s",
            by_itself <= 7,
        ),
    ]


def _against_slow(*options: str) -> tuple[float, int]:
    """Seconds of a whole command against an endpoint that is slow, and how many requests it was sent."""
    with Reference(delay=DELAY) as server:
        key = {"BENCH_KEY": server.key}
        given = ("--base-url", server.base_url, "--model", server.model, "--api-key-env", "BENCH_KEY")
        took, _ = command(*given, *options, **key)
        return took, server.server.served


def usual() -> list[Probe]:
    """The probes of a run at its usual depth."""
    return [probe for probe in probes() if probe.depth != "deep"]


def longest_chain() -> int:
    """How many requests to another server wait for each other, at most: for an answer, for the door, for the connection."""
    before = {p.name: (p.after, p.door, p.manner.over) for p in usual() if not p.stage}

    @cache
    def length(name: str) -> int:
        known = [each.removesuffix(TWIN) for each in before.get(name, ()) if each]
        return 1 + max((length(each) for each in known if each in before), default=0)

    return max(map(length, before))


def requests_per_check() -> list[Row]:
    """What a run of everything at its usual depth sends the reference."""
    sent = sum(len(requests(probe, "m")) for probe in usual())
    live = sum(len(requests(probe, "m")) for probe in usual() if not probe.stage)
    ratio = sent / len(catalogue())
    text = f"{ratio:.3f} ({sent} requests, {live} of them to other servers, {len(catalogue())} checks)"
    return [("requests per check", text, "<= 0.35", ratio <= 0.35)]


def judging() -> list[Row]:
    """All checks on the reference's exchanges, the over-long prompts left out: they are two of a hundred, and 2 MB each."""
    rates = []
    for _ in range(ROUNDS):
        answered = [x for x in exchanges() if "too-long" not in x.intent]
        began = time.perf_counter()
        judge(answered)
        rates.append(len(answered) / (time.perf_counter() - began))
    rate = statistics.median(rates)
    return [("judging alone, all checks", f"{rate:,.0f} exchanges/s", ">= 1,000", rate >= 1000)]


def recordings() -> list[Row]:
    """The command `judge` as a whole, start and reports included, on what the reference answers to a run, many times over."""
    with tempfile.TemporaryDirectory() as folder:
        count = _recorded(Path(folder) / "many.jsonl", COPIES)
        took, memory = min(command(folder, "--sdk", "off", "--jobs", "1", what="judge") for _ in range(3))
    rate = count / took
    return [
        ("judging recordings, the whole command, one core", f"{rate:,.0f} exchanges/s", ">= 2,000", rate >= 2000),
        ("peak memory of judging recordings", f"{memory:.0f} MB", "<= 300 MB", memory <= 300),
    ]


def merging() -> list[Row]:
    """`merge` of so many run files, each of another endpoint."""
    with tempfile.TemporaryDirectory() as folder, Reference() as server:
        options = ("--base-url", server.base_url, "--model", server.model, "--api-key-env", "BENCH_KEY", "--sdk", "off")
        run = subprocess.run(
            [sys.executable, "-m", "conformance", *options, "--report", f"{folder}/one"], check=False,
            stdout=subprocess.DEVNULL, env={**os.environ, "BENCH_KEY": server.key},
        )  # fmt: skip
        lines = (Path(folder) / "one" / "run.jsonl").read_bytes()
        for n in range(RUNS):
            (Path(folder) / "all" / str(n)).mkdir(parents=True)
            text = lines.replace(server.base_url.encode(), f"http://host-{n}:1/v1".encode())
            (Path(folder) / "all" / str(n) / "run.jsonl").write_bytes(text)
        took, memory = command(f"{folder}/all", "--out", f"{folder}/merged", what="merge", report=False)
    return [
        (f"merge of {RUNS:,} run files ({run.returncode})", f"{took:.1f} s", "<= 20 s", took <= 20),
        ("peak memory of that", f"{memory:.0f} MB", "<= 500 MB", memory <= 500),
    ]


def jobs() -> list[Row]:
    """Judging recordings by two processes beside one, start and reports included: on two idle cores alone it says something."""
    with tempfile.TemporaryDirectory() as folder:
        count = _recorded(Path(folder) / "many.jsonl", 2 * COPIES)
        one, two = (command(folder, "--sdk", "off", "--jobs", n, what="judge")[0] for n in ("1", "2"))
    text = f"{one / two:.2f} times ({count:,} exchanges, {one:.1f} s and {two:.1f} s)"
    return [("judge --jobs 2 over --jobs 1", text, ">= 1.8 times", one / two >= 1.8)]


def _recorded(file: Path, copies: int) -> int:
    """Write a run file of the reference's answers, so many times over; gives how many exchanges that is."""
    answered = [x for x in exchanges() if "too-long" not in x.intent and not x.failed]
    with RunWriter(file) as writer:
        writer.header({"options": {}, "target": {"base_url": None, "model": "m"}})
        for n in range(copies):
            for x in answered:
                writer.exchange(replace(x, id=f"{n}.{x.id}", started=1_790_000_000 + 10_000.0 * n, memo={}))
        writer.footer({"counts": {}, "exit_code": 0, "red": [], "complaints": [], "skipped": [], "seconds": 0})
    return copies * len(answered)


def proofs() -> list[Row]:
    proven = 0
    for name, lie in lies().items():
        failed = {verdict.check.id for verdict in proving.verdicts(lie) if verdict.outcome == "fail"}
        if failed == proving.named(name):
            proven += len(failed)
    wanted = sum(len(check.breaks) for check in catalogue().values())
    text = f"{len(catalogue())} checks, {len(lies())} lies, {proven} of {wanted} pairs hold"
    return [("checks proven by a lie", text, "100 %", proven == wanted)]


def damages() -> list[Row]:
    every = [make for x in test_damage.HONEST for make in damage.all_damages(x)]
    chosen = random.Random(1).sample(every, DAMAGES)
    broken = sum(bool(test_damage.broken(make())) for make in chosen)
    text = f"{DAMAGES:,} of {len(every):,}, {broken}"
    return [("damaged answers judged, of them broken", text, ">= 20,000, 0", broken == 0)]


def lags() -> list[Row]:
    """The event loop of a run, while what weighs most of its kind comes in."""
    behaviours = {name: each for name, each in corpus().items() if name in lag.LONG}
    longest = {name: lag.best(each, "m").longest for name, each in behaviours.items()}
    longest["models without --model"] = lag.best(behaviours["models, as JSON"], None).longest
    name = max(longest, key=longest.__getitem__)
    text = f"{longest[name] * 1000:.0f} ms ({len(longest)} behaviours; {name})"
    return [
        ("the event loop is kept at most, by hostile and long answers", text, "<= 50 ms", longest[name] <= lag.MOST)
    ]


FIGURES: tuple[Callable[[], list[Row]], ...] = (
    whole_command,
    slow_endpoint,
    requests_per_check,
    judging,
    recordings,
    jobs,
    merging,
    proofs,
    damages,
    lags,
)


def main() -> int:
    missed, words = 0, sys.argv[1:]
    for figure in (each for each in FIGURES if not words or each.__name__ in words):
        for what, seen, wanted, good in figure():
            missed += not good
            print(f"{'ok    ' if good else 'MISSED'} {what}: {seen} (to reach: {wanted})", flush=True)
    print(f"peak memory of this benchmark: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 1 if missed else 0


if __name__ == "__main__":
    os.chdir(Path(__file__).parent.parent)
    raise SystemExit(main())
