"""The times of both sides of a parity run in pictures, with their numbers: a chart for each kind of time.

A chart is two histograms back to back over one logarithmic axis, the target upwards, the baseline downwards. Computed from
the arrivals in the run file; the percentiles are those that the run file says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from conformance.parity.answers import Answer
from conformance.parity.timing import counted
from conformance.report.timeline import milliseconds
from conformance.run.run_file import Run

WIDTH, HALF, PAD = 320, 46, 14
"""Units of a chart: its width, the height of each histogram, the room at both ends."""
BINS = 40
ANSWERS = 5000
"""Answers of a side that are read."""


def _rate(value: float) -> str:
    return f"{value:,.0f}/s" if value >= 10 else f"{value:.1f}/s"


CHARTS = (
    ("Time to first token", "from the request", "first", milliseconds),
    ("Time between tokens", "within one answer", "between", milliseconds),
    ("Tokens per second", "of single answers", "tokens_per_second", _rate),
)
"""Title, what it says, the time as a latency line names it, how a value is shown."""


@dataclass(frozen=True)
class SideTimes:
    """One side of a chart: how many values, their percentiles as shown, its histogram as a path, where its median is."""

    name: str
    count: int
    numbers: tuple[str, ...]
    path: Markup
    median: float | None


@dataclass(frozen=True)
class Chart:
    """Two histograms over one axis; `ticks` are (place, label)."""

    title: str
    about: str
    ticks: tuple[tuple[float, str], ...]
    sides: tuple[SideTimes, ...]


@dataclass(frozen=True)
class LatencyView:
    """All charts, the throughput of each side, and the answers that took long."""

    charts: list[Chart]
    throughput: list[tuple[str, str]]
    slow: list[tuple[str, str, str, str, str]]
    warm_up: int


def latency_view(run: Run) -> LatencyView | None:
    """The times of a parity run, None where it has none."""
    names = [side for side in ("target", "baseline") if side in run.latency]
    if not names:
        return None
    answers = {side: _answers(run, side) for side in names}
    charts = []
    for title, about, key, unit in CHARTS:
        found = {side: [v for a in answers[side] for v in _values(a, key) if v and v > 0] for side in names}
        if any(found.values()):
            charts.append(_chart(title, about, found, {side: run.latency[side][key] for side in names}, unit))
    throughput = [
        (side, f"{run.latency[side]['throughput']:,} tokens/s in all")
        for side in names
        if run.latency[side]["throughput"]
    ]
    slow = [
        (side, each["exchange"], each["what"], milliseconds(each["seconds"]), milliseconds(each["usual"]))
        for side in names
        for each in run.latency[side]["slow"]
    ]
    return LatencyView(charts, throughput, slow, sum(run.latency[side].get("warm_up", 0) for side in names))


def _answers(run: Run, side: str) -> list[Answer]:
    """Those that the run file's times are of."""
    alone = (run.header.get("baseline") or {}).get("kind") == "none"
    ids = {id for line in run.golden for id in (line[side] or {}).get("exchanges", ()) if alone or "~" not in id}
    return counted([Answer(None, x) for x in run.exchanges if x.id in ids][:ANSWERS])


def _values(answer: Answer, key: str) -> Sequence[float | None]:
    return answer.gaps if key == "between" else [answer.latency[key]]


def _chart(
    title: str, about: str, values: dict[str, list[float]], percentiles: dict[str, Any], unit: Callable[[float], str]
) -> Chart:
    every = sorted(value for side in values.values() for value in side)
    low, high = math.log10(every[0]), math.log10(every[-1])
    middle, spread = (low + high) / 2, max((high - low) / 2, 0.15)
    low, high = middle - spread, middle + spread

    def place(value: float) -> float:
        return round(PAD + (math.log10(value) - low) / (high - low) * (WIDTH - 2 * PAD), 1)

    tallest = 0
    counted = {}
    for side, numbers in values.items():
        bins = [0] * BINS
        for value in numbers:
            bins[min(BINS - 1, int((math.log10(value) - low) / (high - low) * BINS))] += 1
        counted[side] = [count / max(1, len(numbers)) for count in bins]
        tallest = max(tallest, *counted[side])
    sides = tuple(
        SideTimes(
            side,
            len(values[side]),
            tuple(unit(p) if (p := percentiles[side][name]) is not None else "–" for name in ("p50", "p95", "p99")),
            _path(counted[side], tallest, up=side == "target"),
            place(percentiles[side]["p50"]) if percentiles[side]["p50"] and values[side] else None,
        )
        for side in values
    )
    return Chart(title, about, tuple((place(t), unit(t)) for t in _ticks(low, high)), sides)


def _path(shares: Iterable[float], tallest: float, *, up: bool) -> Markup:
    """One bar for each share, all in one path."""
    step = (WIDTH - 2 * PAD) / BINS
    bars = []
    for n, share in enumerate(shares):
        if share:
            height = max(1.0, round(share / tallest * (HALF - 4), 1))
            bars.append(
                f"M{PAD + n * step:.1f} {HALF}v{-height if up else height:g}h{step - 1:.1f}v{height if up else -height:g}z"
            )
    return Markup("".join(bars))


def _ticks(low: float, high: float) -> Sequence[float]:
    """Round numbers within the axis, as many as can be read."""
    steps = (1, 2, 5) if high - low < 1.6 else (1,)
    found = [step * 10**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    inside = [value for value in found if low <= math.log10(value) <= high]
    return inside or [10 ** ((low + high) / 2)]
