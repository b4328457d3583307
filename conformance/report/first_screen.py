"""The first screen of the terminal: the verdict and its scope, then what to fix first, whom it breaks, and the endpoint's own words.

24 rows of 80 columns hold the verdict, three causes and as many further ones, a row each, as there is room for. Where the output is
no terminal, a line is as long as what it says. It must not judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.report.beside import compared
from conformance.report.causes.cause import Cause
from conformance.report.details import PLAIN, line, linked, prose, request
from conformance.report.rows import worth
from conformance.report.verdict import tone, verdict
from conformance.run.run_file import Run
from conformance.run.words import declining, several, target
from conformance.wire.jsontext import printable

ROWS = 24
FIRST = 3
"""Causes that are told with their evidence; each further one is a line."""
FEW = 2
"""Causes up to which each is told whole, its request as curl, too: where there are more, they would fill the screen."""
ROOM = "or breaks answer unlocks"
"""What is told whole where the screen has room, after what is wrong."""
LABEL = 11
"""Columns before what is told of a cause."""
TONES = {"yes": "bold green", "part": "bold yellow", "no": "bold red", "unknown": "bold red"}


def show_verdict(run: Run, console: Console) -> int:
    """The verdict and what limits its worth. Gives the rows that it takes."""
    word, why = verdict(run)
    texts = [Text.assemble((word, TONES[tone(run, word)]), f"  {target(run)}: {why}"), *map(Text, compared(run))]
    texts += [Text(remark, style="yellow") for remark in worth(run)]
    return sum(prose(console, text, 0) for text in texts)


def show_causes(found: Sequence[Cause], run: Run, folder: Path, console: Console, above: int = 0) -> None:
    """The first causes with their evidence, every further red one in a line, the rest counted. `folder` is that of the report; so many
    rows are `above`: there is no blank one between, for a screen has few."""
    red = [cause for cause in found if cause.red]
    rest = [cause for cause in found if not cause.red]
    if red:
        console.print(Text("Fix these first" if len(red) > 1 else "Fix this", style="bold"))
    if len(red) <= FEW:
        for n, cause in enumerate(red, 1):
            for label, text in _told(n, cause, whole=True):
                prose(console, text, _indent(label), label)
            _again(cause, run, folder, console)
    else:
        _in_rows(red, above, bool(rest), console)
    for n, cause in enumerate(red[FIRST:], FIRST + 1):
        _short(console, Text(f"{n}. {cause.sentence}"), end=f"  {cause.unlocks}")
    if rest and not red:
        console.print()
    if rest:
        checks = sum(len(cause.rows) for cause in rest)
        known = f"{len(rest)} more cause{'s' * (len(rest) > 1)} of {checks} check{'s' * (checks > 1)}"
        _short(console, Text(f"Not red: {known}: {', '.join(cause.root.id for cause in rest)}", style="yellow"))
    if found:
        console.print()


def _in_rows(red: Sequence[Cause], above: int, more: bool, console: Console) -> None:
    """The first causes in a row for each thing worth knowing, and as many rows more as the screen has: for what is wrong first."""
    told = [line for n, cause in enumerate(red[:FIRST], 1) for line in _told(n, cause, whole=False)]
    wrapped = [text.wrap(console, max(20, console.width - _indent(label))) for label, text in told]
    spare = ROWS - above - 1 - len(told) - len(red[FIRST:]) - more
    whole = set()
    for n in sorted(range(len(told)), key=lambda n: ROOM.find(told[n][0].strip())):
        if len(wrapped[n]) - 1 <= spare:
            whole.add(n)
            spare -= len(wrapped[n]) - 1
    for n, (label, text) in enumerate(told):
        (prose if n in whole else _short)(console, text, _indent(label), label)


def _told(number: int, cause: Cause, whole: bool) -> Iterator[tuple[str, Text]]:
    """What is worth knowing of a cause, each under a label; first what is wrong, under its number."""
    yield f"{number}.", Text(printable(cause.sentence), style="bold red")
    for label, text in _facts(cause, whole):
        yield f"   {label}", linked(printable(text), (row.id for row in cause.rows))


def _indent(label: str) -> int:
    return LABEL if label.startswith(" ") else max(3, len(label) + 1)


def _facts(cause: Cause, whole: bool) -> Iterator[tuple[str, str]]:
    """What is worth knowing of a cause beside what is wrong; `whole`: where there is room."""
    names = several(tuple(row.id for row in cause.rows), 3)
    where = f", in {cause.touched:,} of {cause.of:,} requests" if cause.ids else ""
    yield "unlocks", f"{cause.unlocks}{where}: {names}"
    if whole and cause.ids:
        yield "seen in", several(cause.ids, 1, cause.touched)
    if cause.breaks:
        yield "breaks", cause.breaks
    if cause.said:
        yield "answer", cause.said
    if cause.declines:
        yield "or", declining(cause.declines)
    if whole and cause.as_if:
        yield "as if", " ".join(cause.as_if)


def _again(cause: Cause, run: Run, folder: Path, console: Console) -> None:
    """Where the requirement stands, and the request to send again."""
    for source in cause.root.source[:1]:
        line(console, f"source  {source}", "dim", 3)
    for x in [x for x in run.exchanges if x.id in cause.ids][:1]:
        line(console, request(x, run, folder, cause.root.id), "cyan", 3)


def _short(console: Console, text: Text, indent: int = 0, label: str = "", end: str = "") -> None:
    """One line, cut at the width but for its end."""
    shown = Text.assemble((label.ljust(indent), "dim"), text)
    shown.plain = " ".join(printable(shown.plain).split("\n"))
    shown.truncate(max(20, console.width - len(end)), overflow="ellipsis")
    shown.rstrip()
    console.print(shown + Text(end), soft_wrap=True, **PLAIN)
