"""A good and a bad answer beside each other, each cut to what differs, the place marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from conformance.judge.shared import alike

Line = Sequence[str]
"""Whose line it is ("both", "good", "bad", "more") and the line: conformance/cli/examples.py."""
CUT = "…"
GAP = '<mark class="gap"></mark>'
"""The place of what is missing; docs/assets/site.css shows it."""
TITLES = {"good": "A good answer", "bad": "A bad answer"}


def answers(difference: Iterable[Line]) -> str:
    """Both as HTML, the good one first."""
    marked = list(_marked(difference))
    return "\n".join(_answer(whose, [line for owner, line in marked if owner in (whose, "both")]) for whose in TITLES)


def _answer(whose: str, lines: Sequence[str]) -> str:
    text = "\n".join(lines) if any(lines) else "(nothing stands here)"
    body = f'<pre tabindex="0"><code>{text}</code></pre>'
    return f'<figure class="answer {whose}">\n<figcaption>{TITLES[whose]}</figcaption>\n{body}\n</figure>'


def _marked(difference: Iterable[Line]) -> Iterator[tuple[str, str]]:
    """The lines as HTML; of a good line and the bad one that stands for it, what differs is marked, else the whole line."""
    for changed, group in groupby(difference, lambda line: line[0] in ("good", "bad")):
        lines = list(group)
        if not changed:
            yield from (
                ("both", escape(f"{CUT} {line}".rstrip() if whose == "more" else line)) for whose, line in lines
            )
            continue
        good, bad = ([line for owner, line in lines if owner == whose] for whose in ("good", "bad"))
        for n in range(max(len(good), len(bad))):
            old, new = good[n : n + 1], bad[n : n + 1]
            yield from (("good", _mark(line, *new)) for line in old)
            yield from (("bad", _mark(line, *old)) for line in new)


def _mark(line: str, other: str = "") -> str:
    """A line with what the other one has not marked; where it only lacks something, the place of that."""
    start = alike(line, other)
    end = min(alike(line[::-1], other[::-1]), len(line) - start, len(other) - start)
    stop = len(line) - end
    mark = f"<mark>{escape(line[start:stop])}</mark>" if start < stop else GAP
    return f"{escape(line[:start])}{mark}{escape(line[stop:])}"
