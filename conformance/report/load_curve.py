"""What a load did, level by level, for the terminal and for the page: a table, a picture of each of its numbers, and the first exchange
of each kind of failure. It reads the run file and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from conformance.report.timeline import milliseconds
from conformance.run.run_file import Run

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = ("in flight", "asked", "failed", "left", "first", "p95", "tok/s", "req/s", "wrong", "own lag")
"""Times are to the first token; `wrong` counts what checks found, `own lag` is how late this process was (p95)."""
WIDTH, HEIGHT, PAD = 320, 100, 24
"""Units of a picture: its width, the height that values have, the room at both ends."""
Level = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One number by level: its name, the points as SVG has them, and (place, height) of each value."""

    name: str
    points: Markup
    dots: tuple[tuple[float, float], ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """Lines over one axis; `ticks` are (place, requests in flight)."""

    title: str
    about: str
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class CurveView:
    """The table, the pictures, and (in flight, check, exchange, what is wrong) of each check where it first failed."""

    rows: list[tuple[str, ...]]
    pictures: list[Picture]
    firsts: list[tuple[str, str, str, str]]


def curve_view(run: Run) -> CurveView | None:
    """The curve of a load, None where there was none."""
    levels = _levels(run)
    if not levels:
        return None
    firsts = [
        (f"{level['at_once']:,}", id, exchange, problem)
        for level in levels
        for id, (exchange, problem) in level.get("firsts", {}).items()
    ]
    return CurveView(curve_rows(run), _pictures(levels), firsts)


def curve_rows(run: Run) -> list[tuple[str, ...]]:
    """A row a level, in the order of COLUMNS; - where nothing was measured, and for a p95 of fewer than 20 values."""
    return [_row(level) for level in _levels(run)]


def show_curve(run: Run, console: Console) -> None:
    """Print the table."""
    from rich.table import Table

    rows = curve_rows(run)
    if not rows:
        return
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print(table)


def _levels(run: Run) -> list[Level]:
    return [level for level in (run.footer or {}).get("load", ()) if level.get("seconds")]


def _row(level: Level) -> tuple[str, ...]:
    errors = ", ".join(f"{number} x {kind}" for kind, number in level["errors"].items()) or "0"
    return (
        f"{level['at_once']:,}",
        f"{level['requests']:,}",
        errors,
        f"{level['left']:,}",
        *(f"{1000 * level['first'][share]:,.0f} ms" if share in level["first"] else "-" for share in ("p50", "p95")),
        f"{level['tokens'] / level['seconds']:,.0f}",
        f"{level['requests'] / level['seconds']:,.1f}",
        f"{sum(level['violations'].values()):,}",
        f"{1000 * level['lag']:,.1f} ms",
    )


def _pictures(levels: list[Level]) -> list[Picture]:
    step = (WIDTH - 2 * PAD) / max(1, len(levels) - 1)
    places = [round(PAD + n * step, 1) for n in range(len(levels))]

    def picture(title: str, about: str, shown: Callable[[float], str], **values: Iterable[float | None]) -> Picture:
        found = {name.replace("_", " "): list(numbers) for name, numbers in values.items()}
        top = max((value for numbers in found.values() for value in numbers if value), default=1.0)
        ticks = tuple((place, f"{level['at_once']:,}") for place, level in zip(places, levels, strict=True))
        return Picture(title, about, ticks, tuple(line(name, numbers, top, shown) for name, numbers in found.items()))

    def line(name: str, numbers: list[float | None], top: float, shown: Callable[[float], str]) -> Line:
        dots = tuple(
            (place, round(HEIGHT - value / top * (HEIGHT - 10), 1))
            for place, value in zip(places, numbers, strict=True)
            if value is not None
        )
        texts = tuple("-" if value is None else shown(value) for value in numbers)
        return Line(name, Markup(" ".join(f"{x:g},{y:g}" for x, y in dots)), dots, texts)

    def count(value: float) -> str:
        return f"{value:,.0f}"

    return [
        picture(
            "Wrong and failed", "by requests in flight", count,
            wrong=[sum(level["violations"].values()) for level in levels], failed=[sum(level["errors"].values()) for level in levels],
        ),
        picture(
            "Time to first token", "of streams", milliseconds,
            p50=[level["first"].get("p50") for level in levels], p95=[level["first"].get("p95") for level in levels],
        ),
        picture("Tokens per second", "of all answers together", count, tokens=[level["tokens"] / level["seconds"] for level in levels]),
        picture("Requests per second", "of all together", count, requests=[level["requests"] / level["seconds"] for level in levels]),
    ]  # fmt: skip
