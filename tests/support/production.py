"""Traffic of five days and three models, made: a law begins to fail on the third day, and one gets worse on the fourth."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

from conformance.areas.catalogue import catalogue
from conformance.judge.verdicts import Verdict
from conformance.run.run_file import RunWriter
from conformance.run.traffic import DAY, Model, Traffic
from conformance.run.traffic_count import Count, Failures, Reasons

FIRST = 20_758
"""The first day, in days since 1970: 2026-11-01."""
NAMES = ("llama-4-70b", "qwen-3-32b", "mistral-small")
HOST = "gateway.example:8443"
BEGAN, WORSE = "usage.total", "tool.arguments-fit"
"""The law that begins for the second model on the third day, and the one that gets worse for the first model on the fourth."""
RATES = {"tool.arguments-json": 0.004, "tool.offered": 0.002, "finish.known": 0.01, "stream.done": 0.03}
"""Laws that fail all the time, and how often."""
OF_CALLS = ("tool.arguments-json", "tool.arguments-fit", "tool.offered")


def records(names=NAMES, days: int = 5, seed: int = 1) -> list[dict[str, object]]:
    """The lines of the traffic. Names may be anything."""
    chance, found = random.Random(seed), Traffic()
    for n, name in enumerate(names):
        for day in range(days):
            found._at((FIRST + day, Model(name, HOST))).add(_count(chance, n, day, name))
    return list(found.records())


def _count(chance: random.Random, model: int, day: int, name: str) -> Count:
    size = chance.randint(700, 1300) // (model + 1)
    calls = size // 3
    rates = RATES | {BEGAN: 0.08 if model == 1 and day >= 2 else 0, WORSE: 0.15 if model == 0 and day == 3 else 0.015}
    judged = Counter({law: calls if law in OF_CALLS else size for law in (*rates, "chat.object")})
    failed = {}
    for law, rate in rates.items():
        count = sum(chance.random() < rate for _ in range(judged[law]))
        if count:
            at = (FIRST + day) * DAY + chance.randint(0, 40_000)
            failed[law] = Failures(count, (float(at), (), f"traffic.jsonl#{at % 9973} of {name}"))
    ended = Counter(
        chance.choices(("stop", "tool_calls", "length", "content_filter", "eos"), (60, 30, 8, 1, 1), k=size)
    )
    streams = 15 if model == 2 else size // 2
    times = {
        "total": Counter(_class(chance.lognormvariate(0.5 + 0.3 * model, 0.5)) for _ in range(size)),
        "first": Counter(_class(chance.lognormvariate(-1.6 + 0.2 * (day % 5), 0.4)) for _ in range(streams)),
    }
    return Count(
        exchanges=size + 12,
        statuses=Counter({"2xx": size, "429": 7 + day, "5xx": day % 5}),
        reasons=Reasons(ended),
        choices=size,
        refused=chance.randint(0, 6),
        tokens=(size, size * chance.randint(800, 900), size * chance.randint(150, 240)),
        times=times,
        judged=judged,
        failed=failed,
    )


def _class(seconds: float) -> int:
    return round(math.log(seconds) * 20)


def run_file(path: Path, names=NAMES, days: int = 5) -> Path:
    """A run file that holds it, with the verdicts of its laws."""
    lines = records(names, days)
    with RunWriter(path) as writer:
        writer.header({"options": {}, "target": {"recordings": ["gateway-logs"]}})
        red = []
        for id, check in catalogue().items():
            failed = sum(line["failed"][id]["count"] for line in lines if id in line["failed"])
            judged = sum(line["judged"].get(id, 0) for line in lines)
            if judged:
                first = [line["failed"][id]["first"] for line in lines if id in line["failed"]][:1]
                problems = (((first[0],), "x is 1, expected 2"),) if first else ()
                outcome = "fail" if failed else "pass"
                red += [id] if failed and check.level == "must" else []
                writer.verdict(Verdict(check, outcome, ("traffic.jsonl#1",), problems, judged=judged, failed=failed))
        for line in lines:
            writer.line(line)
        exchanges = sum(line["exchanges"] for line in lines)
        writer.footer({"counts": {}, "exit_code": 1, "red": red, "skipped": [], "exchanges": exchanges})
    return path
