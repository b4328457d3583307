"""The figures of the page for operators that are about one model each: how answers ended, tool calls, statuses, tokens, times.

Each is a picture of small lanes with its numbers in a table beside it. Of fewer than 20 values no percentile is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conformance.report.lanes import Drawing, Values, drawing
from conformance.report.production import TOOL_ERRORS, Production, day_named, percent
from conformance.report.timeline import milliseconds
from conformance.run.endings import seconds_of
from conformance.run.traffic import Model
from conformance.run.traffic_count import Count
from conformance.wire.jsontext import printable

LEAST = 20
"""Values that a percentile needs."""
LANES = 5
"""Finish reasons and statuses that have a lane each; the others share one."""
CUT = 22
"""Characters of a name in a picture."""

Row = tuple[str, tuple[str, ...], bool]


@dataclass(frozen=True)
class Figure:
    """A picture with its numbers: what it is of, a remark, the columns of the table, and its rows (day, cells, whether it is worse)."""

    title: str
    note: str
    picture: Drawing
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


Read = Callable[[Count], int]


def reasons(found: Production, model: Model) -> Figure | None:
    """The finish reasons of a model, and its refusals."""
    total: dict[str, int] = {}
    for day in found.days:
        for name, count in found.count(model, day).reasons.items():
            total[name] = total.get(name, 0) + count
    named = sorted(total, key=lambda name: (-total[name], name))[:LANES]
    columns: dict[str, Read] = {name: lambda count, name=name: count.reasons.get(name, 0) for name in named}  # type: ignore[misc]
    columns["others"] = lambda count: (
        sum(n for name, n in count.reasons.items() if name not in named) + count.reasons.rest
    )
    columns["refused"] = lambda count: count.refused
    return _shares(found, model, columns, lambda count: count.choices, "choices")


def statuses(found: Production, model: Model) -> Figure | None:
    """What came instead of answers."""
    seen = sorted({name for day in found.days for name in found.count(model, day).statuses} - {"2xx", "not kept"})
    columns: dict[str, Read] = {name: lambda count, name=name: count.statuses[name] for name in seen}  # type: ignore[misc]
    return _shares(found, model, columns, lambda count: count.exchanges - count.statuses["not kept"], "requests")


def tools(found: Production, model: Model) -> Figure | None:
    """Tool-call errors by kind, of the answers that could show them."""
    days = found.days
    rates = {kind: [found.errors(kind, model, day) for day in days] for kind in TOOL_ERRORS}
    if not any(rate.judged for each in rates.values() for rate in each):
        return None
    top = max(rate.value or 0 for each in rates.values() for rate in each)
    lanes = [Values(kind, [rate.value for rate in each], top, f"top {percent(top)}") for kind, each in rates.items()]
    rows: list[Row] = []
    for n, day in enumerate(days):
        cells = [each[n] for each in rates.values()]
        if any(rate.judged for rate in cells):
            said = tuple(f"{rate.failed:,} of {rate.judged:,}" if rate.judged else "–" for rate in cells)
            rows.append((short(day), said, False))
    failed = sum(rate.failed for each in rates.values() for rate in each)
    return _figure(found, model, f"{failed:,} in all", lanes, tuple(rates), rows)


def tokens(found: Production, model: Model) -> Figure | None:
    """Tokens of prompts and of completions, in all and an answer."""
    counts = [(day, found.count(model, day).tokens) for day in found.days]
    if not any(answers for _, (answers, _, _) in counts):
        return None
    lanes, totals = [], [sum(used[n] for _, used in counts) for n in (1, 2)]
    for n, name in ((1, "prompt"), (2, "completion")):
        means = [used[n] / used[0] if used[0] else None for _, used in counts]
        top = max(mean or 0 for mean in means)
        lanes.append(Values(f"{name}, an answer", means, top, f"top {top:,.0f}"))
    rows: list[Row] = []
    for day, (answers, prompt, completion) in counts:
        if answers:
            mean = f"{prompt / answers:,.0f} + {completion / answers:,.0f}"
            rows.append((short(day), (f"{answers:,}", f"{prompt:,}", f"{completion:,}", mean), False))
    columns = ("answers", "prompt", "completion", "an answer")
    return _figure(found, model, f"{totals[0]:,} + {totals[1]:,}", lanes, columns, rows)


def times(found: Production, model: Model) -> Figure | None:
    """How long answers took: to the first token and in all."""
    columns = [(which, share) for which in ("first", "total") for share in (0.5, 0.95)]
    table = [(day, found.count(model, day).times) for day in found.days]
    told = {(which, share): [percentile(times.get(which, {}), share) for _, times in table] for which, share in columns}
    if not any(times for _, times in table):
        return None
    words = {"first": "first token", "total": "whole answer"}
    lanes = []
    for which, share in columns:
        numbers = told[which, share]
        if any(number is not None for number in numbers):
            top = max(number or 0 for number in numbers)
            lanes.append(Values(f"{words[which]}, p{share * 100:.0f}", numbers, top, f"top {milliseconds(top)}"))
    rows: list[Row] = []
    for n, (day, times) in enumerate(table):
        if times:
            said = [milliseconds(number) if (number := told[each][n]) is not None else "–" for each in columns]
            values = " + ".join(f"{sum(times.get(which, {}).values()):,}" for which in words)
            rows.append((short(day), (*said, values), False))
    columns_named = ("first p50", "p95", "whole p50", "p95", "values")
    return _figure(found, model, "" if lanes else f"fewer than {LEAST} values a day", lanes, columns_named, rows)


def short(day: int | None) -> str:
    """A day without its year, which the page says at its head."""
    name = day_named(day)
    return name[5:] if name[:4].isdigit() else name


def percentile(classes: dict[int, int], share: float) -> float | None:
    """The seconds that at least this share of all do not exceed, to the class; None of too few."""
    whole = sum(classes.values())
    if whole < LEAST:
        return None
    seen = 0
    for number, count in sorted(classes.items()):
        seen += count
        if seen >= share * whole:
            return seconds_of(number)
    return None


def _shares(found: Production, model: Model, columns: dict[str, Read], of: Read, what: str) -> Figure | None:
    """A lane for each column, as its share by day; columns that are empty are left out."""
    counts = [(day, found.count(model, day)) for day in found.days]
    there = {name: read for name, read in columns.items() if any(read(count) for _, count in counts)}
    whole = sum(of(count) for _, count in counts)
    if not whole or not there:
        return None
    lanes = []
    for name, read in there.items():
        shares = [read(count) / of(count) if of(count) else None for _, count in counts]
        top = max(share or 0 for share in shares)
        lanes.append(Values(_cut(name), shares, top, f"top {percent(top)}"))
    rows: list[Row] = []
    for day, count in counts:
        if whole_day := of(count):
            cells = [percent(read(count) / whole_day).removesuffix(" %") for read in there.values()]
            rows.append((short(day), (f"{whole_day:,}", *cells), False))
    return _figure(found, model, f"{whole:,} {what}", lanes, (what, *there), rows)


def _figure(
    found: Production, model: Model, note: str, lanes: Sequence[Values], columns: tuple[str, ...], rows: list[Row]
) -> Figure:
    days = list(map(short, found.days))
    words = "; ".join(f"{lane.name}: {lane.said}" for lane in lanes)
    return Figure(found.named(model), note, drawing(lanes, days, words), columns, rows)


def _cut(name: str) -> str:
    safe = printable(name)
    return safe if len(safe) <= CUT else f"{safe[: CUT - 1]}…"
