"""A good and a bad answer for every check, made on the spot: the honest reference gives the one, one of the check's lies the other.

So no example is ever out of date. Nothing is sent; it must not judge by anything but the check itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from conformance.areas.catalogue import judge, lies, probes
from conformance.clients import outcomes
from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.judge.shared import alike
from conformance.judge.verdicts import Check
from conformance.reference.lies import Lie
from conformance.send.inprocess import burst, exchanges
from conformance.send.plan import needed, with_those_before
from conformance.wire.jsontext import printable

WIDTH = 160
"""Characters shown of a line, around what differs."""
LINES = 8
"""Lines shown that differ; each has those beside it that are not events."""
FEW = (1, 3, 10)
"""Of the probes that could show a lie, as many are asked first: most often the first shows it, and a request takes its time."""

Pair = tuple[str, str]
"""Whose line it is and the line: of "both" answers, of the "good" one, of the "bad" one; "more" where lines are left out."""


@dataclass(frozen=True)
class Example:
    """The same request answered honestly and by a lie, and what the check says of the latter; "" where only an SDK could tell.
    `asked` are the probes that bring about what the check judges."""

    lie: Lie
    good: Exchange
    bad: Exchange
    problem: str
    asked: tuple[str, ...]

    @property
    def difference(self) -> list[Pair]:
        """What is different in the two answers."""
        if _lines(self.good) != _lines(self.bad):
            return list(_shortened(_compared(_lines(self.good), _lines(self.bad))))
        return list(_shortened(_compared(_lines(self.good, lengths=True), _lines(self.bad, lengths=True))))


def example(check: Check, asked: Sequence[Probe] | None = None) -> Example:
    """What the first of its lies that shows by itself does to an answer; `asked` are the probes known to bring about what it judges.
    Raises LookupError where no lie shows."""
    wanted = needed([check]) if asked is None else asked
    few = [with_those_before(probe.name for probe in wanted[:number]) for number in FEW if number < len(wanted)]
    for sent in (*few, wanted, needed([check]), probes(), ()):  # all of them may leave out what an answer made needless
        good = _honest(tuple(probe.name for probe in sent))
        for lie in (lies()[name] for name in check.breaks):
            lying = exchanges(lie, sent) if sent else burst(lie)
            found = _found(check, [x for x in lying if x.id in good and x != good[x.id]], lying)
            if found is not None:
                return Example(lie, good[found[0].id], *found, tuple(probe.name for probe in wanted))
    raise LookupError(f"no lie shows what {check.id} is about")


@lru_cache(maxsize=64)
def _honest(asked: tuple[str, ...]) -> dict[str, Exchange]:
    """The answers of the honest reference to these probes, or to a burst where there are none, by id."""
    return {x.id: x for x in (exchanges(None, [p for p in probes() if p.name in asked]) if asked else burst())}


def _found(check: Check, changed: list[Exchange], lying: list[Exchange]) -> tuple[Exchange, str] | None:
    """An answer that the lie changed and the check finds wrong, and what it says."""
    by_id = {x.id: x for x in changed}
    if check.area == "sdk":
        if not outcomes.installed():
            return next(((x, "") for x in changed if x.route in ("chat", "models", "model")), None)
        _replay(changed)
    for verdict in judge(lying if check.together else changed, [check]):
        for ids, problem in verdict.problems:
            for id in reversed(ids[0].split(" + ")):
                if id in by_id:
                    return by_id[id], problem
    return None


def _replay(these: Iterable[Exchange]) -> None:
    from conformance.clients.replay import Client

    with Client() as client:
        for x in these:
            outcomes.remember(x, client.outcomes(x))


# ---------------------------------------------------------------------- what differs


def _lines(x: Exchange, *, lengths: bool = False) -> list[str]:
    """An answer as lines: status, headers, body, and what the bytes do not show. Lengths follow the body, so they are left out."""
    shown = [(name, value) for name, value in x.headers if lengths or name.lower() != "content-length"]
    head = [f"HTTP {x.status}", *(f"{name}: {value}" for name, value in shown)]
    body = x.body.decode("utf-8", "backslashreplace").split("\n")
    ended = [f"[{x.failure}]"] if x.failure else []
    if len(x.arrivals) > 1:
        first, last = x.arrivals[0][0], x.arrivals[-1][0]
        ended.append(f"[arrived in {len(x.arrivals)} pieces, from {first:g} s to {last:g} s after the request]")
    return [printable(line) for line in (*head, "", *body, *ended)]


def _compared(good: list[str], bad: list[str]) -> Iterator[Pair]:
    """All lines of both, those that differ marked and cut to what differs."""
    for kind, a, b, c, d in SequenceMatcher(None, good, bad, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (("both", line) for line in good[a:b])
            continue
        for n in range(max(b - a, d - c)):
            old, new = good[a:b][n : n + 1], bad[c:d][n : n + 1]
            start = alike(old[0], new[0]) if old and new else 0
            yield from (("good", _cut(line, start)) for line in old)
            yield from (("bad", _cut(line, start)) for line in new)


def _cut(line: str, at: int) -> str:
    """The part of a long line around a position."""
    start = 0 if len(line) <= WIDTH else max(0, at - WIDTH // 3)
    part = line[start : start + WIDTH]
    return ("…" if start else "") + part + ("…" if start + WIDTH < len(line) else "")


def _shortened(lines: Iterable[Pair]) -> Iterator[Pair]:
    """The first lines that differ, and those beside them."""
    every = list(lines)
    changed = [n for n, (whose, _) in enumerate(every) if whose != "both"]
    shown = set(changed[:LINES])
    shown |= {m for n in shown for m in (n - 1, n + 1) if m in range(len(every)) and _helps(*every[m])}
    for n in sorted(shown):
        if (
            n - 1 not in shown
            and n != min(shown)
            and any(every[m][1] for m in range(max(x for x in shown if x < n) + 1, n))
        ):
            yield "more", ""
        whose, line = every[n]
        yield whose, _cut(line, 0) if whose == "both" else line
    if len(changed) > LINES:
        yield "more", f"{len(changed) - LINES} more lines differ"


def _helps(whose: str, line: str) -> bool:
    """Whether an unchanged line tells the reader where he is."""
    return whose == "both" and bool(line) and not line.startswith("data:")
