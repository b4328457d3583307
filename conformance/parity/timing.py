"""The times of one side over all golden prompts: percentiles, throughput, and the answers that were slow. Pure.

Warm-up is not counted: what was asked before a side had ended its first answer met a server that had nothing to do yet, or much at
once for the first time. Of few values no percentile is told.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from itertools import chain

from conformance.parity.answers import Answer
from conformance.record.run_lines import Record

SLOW = 2.0
"""An answer is slow at twice the usual time: on two quiet cores, the times of one and the same answer vary by a third."""
NOTICED = 0.05
"""Seconds over the usual time below which nobody notices."""
NAMED = 5
"""Slow answers named of each kind of time."""
LEAST = {"p50": 20, "p95": 20, "p99": 100}
"""Values that a percentile needs: below, it hangs on one or two of them."""


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def percentiles(values: Iterable[float | None]) -> Record:
    """p50, p95 and p99 of those that are there, None of too few; how many there are, the least and the most."""
    there = sorted(value for value in values if value is not None)
    found = {
        name: _rounded(percentile(there, int(name[1:]) / 100)) if len(there) >= least else None
        for name, least in LEAST.items()
    }
    ends = (there[0], there[-1]) if there else (None, None)
    return found | {"values": len(there), "least": _rounded(ends[0]), "most": _rounded(ends[1])}


def counted(answers: Sequence[Answer]) -> list[Answer]:
    """The usable answers of a side without its warm-up: those that were asked for after its first answer had ended."""
    there = [answer for answer in answers if answer.usable]
    ends = [x.started + x.arrivals[-1][0] for x in (a.exchange for a in there) if x.started and x.arrivals]
    return [a for a in there if not ends or a.exchange.started is None or a.exchange.started >= min(ends)]


def latency_record(side: str, answers: Sequence[Answer]) -> Record:
    """The latency line of one side."""
    usable, there = [answer for answer in answers if answer.usable], counted(answers)
    by_time = {name: [answer.latency[name] for answer in there] for name in ("first", "total", "tokens_per_second")}
    tokens = sum(answer.counted("completion_tokens") or 0 for answer in usable)
    spans = [
        (x.started, x.started + x.arrivals[-1][0]) for x in (a.exchange for a in usable) if x.started and x.arrivals
    ]
    seconds = max(end for _, end in spans) - min(start for start, _ in spans) if spans else 0.0
    return {
        "type": "latency",
        "side": side,
        "answers": len(there),
        "warm_up": len(usable) - len(there),
        "first": percentiles(by_time["first"]),
        "between": percentiles(chain.from_iterable(answer.gaps for answer in there)),
        "total": percentiles(by_time["total"]),
        "tokens_per_second": percentiles(by_time["tokens_per_second"]),
        "tokens": tokens,
        "seconds": round(seconds, 3),
        "throughput": round(tokens / seconds, 1) if seconds and tokens else None,
        "slow": [row for name in ("first", "total") for row in _slow(name, there)],
    }


def _slow(name: str, answers: Sequence[Answer]) -> list[Record]:
    """Those that stand out, the slowest first. How long a whole answer takes depends on its length: it is held against as
    many tokens at the usual speed."""
    timed = [(answer.latency[name], answer) for answer in answers if answer.latency[name] is not None]
    if name == "total":
        timed = [(seconds / max(1, a.counted("completion_tokens") or len(a.times)), a) for seconds, a in timed]
    if not timed:
        return []
    usual = statistics.median(value for value, _ in timed)
    out = [(value, a) for value, a in timed if value > SLOW * usual]
    found = []
    for value, a in sorted(out, key=lambda pair: -pair[0]):
        seconds = a.latency[name]
        expected = usual * seconds / value if value else usual
        if seconds - expected > NOTICED:
            found.append({"exchange": a.id, "what": name, "seconds": seconds, "usual": round(expected, 6)})
    return found[:NAMED]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
