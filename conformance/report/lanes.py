"""Numbers by day as small bars, a lane for each of several that are looked at together: the geometry of a small drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

WIDTH, LEFT, RIGHT = 320, 4, 4
"""Units of a drawing, and the room at both ends."""
TALL, LANE, HEAD, FOOT = 58, 20, 15, 15
"""Units of a lane that stands alone, of one among several, above a lane for its name, and below the last for the days."""
WIDEST = 26
"""Units of a bar."""


@dataclass(frozen=True)
class Values:
    """The numbers of a lane, a place for each day, None where there is none; `top` is as high as the lane, `said` its words."""

    name: str
    numbers: Sequence[float | None]
    top: float
    said: str = ""
    intervals: Sequence[tuple[float, float] | None] = ()
    worse: frozenset[int] = field(default_factory=frozenset)
    """The places of bars that are marked."""


@dataclass(frozen=True)
class Lane:
    """A lane as drawn: where its name and its base line are, and the paths of its bars, of those that are marked, of marks above them, of
    intervals, and of days without a number."""

    name: str
    said: str
    label: float
    base: float
    bars: Markup
    marked: Markup
    marks: Markup
    whiskers: Markup
    none: Markup


@dataclass(frozen=True)
class Drawing:
    """All lanes; `ticks` are (place, anchor, label)."""

    lanes: tuple[Lane, ...]
    height: float
    foot: float
    ticks: tuple[tuple[float, str, str], ...]
    words: str


def drawing(lanes: Sequence[Values], days: Sequence[str], words: str) -> Drawing:
    """The drawing of these lanes over these days; `words` say what it shows to who does not see it."""
    high = TALL if len(lanes) == 1 else LANE
    step = (WIDTH - LEFT - RIGHT) / max(1, len(days))
    drawn = [_lane(each, n * (HEAD + high), high, step) for n, each in enumerate(lanes)]
    foot = len(lanes) * (HEAD + high)
    return Drawing(tuple(drawn), foot + FOOT, foot + FOOT - 4, _ticks(days, step), words)


def _lane(values: Values, top: float, high: float, step: float) -> Lane:
    base, wide = top + HEAD + high, min(WIDEST, step * 0.62)
    bars: list[str] = []
    marked: list[str] = []
    marks, whiskers, none = [], [], []

    def height(number: float) -> float:
        return min(1.0, number / values.top) * (high - 4) if values.top > 0 else 0.0

    for n, number in enumerate(values.numbers):
        middle = LEFT + step * (n + 0.5)
        if number is None:
            none.append(f"M{middle - 2:.1f} {base - 1.5:.1f}h4")
            continue
        tall = max(0.8, height(number))
        (marked if n in values.worse else bars).append(
            f"M{middle - wide / 2:.1f} {base:.1f}v{-tall:.1f}h{wide:.1f}v{tall:.1f}z"
        )
        if n in values.worse:
            marks.append(f"M{middle - 4:.1f} {top + HEAD - 9:.1f}h8l-4 7z")
        if n < len(values.intervals) and (ends := values.intervals[n]) is not None:
            low, up = (base - height(end) for end in ends)
            whiskers.append(f"M{middle:.1f} {low:.1f}V{up:.1f}")
    paths = (Markup("".join(each)) for each in (bars, marked, marks, whiskers, none))
    return Lane(values.name, values.said, top + HEAD - 3, base, *paths)


def _ticks(days: Sequence[str], step: float) -> tuple[tuple[float, str, str], ...]:
    """The first and the last day, and all of few."""
    last = len(days) - 1
    if len(days) <= 5:
        return tuple((round(LEFT + step * (n + 0.5), 1), "middle", day) for n, day in enumerate(days))
    return (LEFT, "start", days[0]), (WIDTH - RIGHT, "end", days[last])
