"""Judging: every check applied to the exchanges it is about, and what each has found.

It must not send, read a clock or know what any check wants. An answer that a check cannot read (`Unreadable`) leaves the check
without a verdict on that exchange: the check that owns the damaged field fails, so that one cause gives one red line. A broken
answer to a deliberate mistake leaves only those checks without a verdict that are about the mistake. What a
recorder did not keep (`NotRecorded`) is nothing to judge. Any other exception is ours and makes the verdict `broken`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urlsplit

from conformance.exchange import Exchange, NotRecorded, Unreadable
from conformance.judge.condition import Answer, Condition, about_it
from conformance.judge.conditions import broken_on_mistake
from conformance.judge.verdicts import Check, Relation, Untold, Verdict

MAX_PROBLEMS = 5
"""Problems kept for one exchange and one check: a stream of a thousand bad chunks has one cause."""

Group = tuple[Exchange, ...]


@dataclass(frozen=True)
class Bounds:
    """How much a Judge keeps. Without any, all of it, as fits a live run; `RECORDED` holds for recordings of any size."""

    ids: int = sys.maxsize
    """Ids of exchanges kept of one check and of each of its problems."""
    messages: int = sys.maxsize
    """Different messages kept of one check."""
    shown: int = sys.maxsize
    """Exchanges that one failing check hands to the report."""
    window: int = sys.maxsize
    """Exchanges in a row among which those that belong together are looked for."""
    window_bytes: int = sys.maxsize
    """Bytes of their bodies together."""
    pause: float | None = None
    """Seconds between two exchanges that begin a new session; None: all are of one. Only what is of one session and one
    origin belongs together: models change over the months, and a proxy's answer is another server's."""


RECORDED = Bounds(ids=20, messages=20, shown=3, window=1000, window_bytes=8 * 1024 * 1024, pause=3600.0)
"""The 8 MiB are some 80 as parsed JSON."""
SMALL = 32 * 1024
"""Bytes up to which what was read of an exchange in the window is kept as well; of larger ones it is read again."""


@dataclass
class _Tally:
    """What one check has found so far."""

    judged: list[str] = field(default_factory=list)
    times: int = 0
    failed: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    undecided: list[tuple[str, str]] = field(default_factory=list)
    broken: str | None = None

    def found(self, group: Group, problems: list[str], bounds: Bounds) -> None:
        self.times += 1
        if len(self.judged) < bounds.ids:
            self.judged += [x.id for x in group]
        if not problems:
            return
        self.failed += 1
        ids = " + ".join(x.id for x in group)
        for problem in problems:
            if problem not in self.problems and len(self.problems) >= bounds.messages:
                self.left_out += 1
                continue
            named = self.problems.setdefault(problem, [])
            self.counts[problem] = self.counts.get(problem, 0) + 1
            if len(named) < bounds.ids:
                named.append(ids)

    def verdict(self, check: Check) -> Verdict:
        problems = tuple((tuple(ids), message) for message, ids in self.problems.items())
        seen = (tuple(dict.fromkeys(self.judged)), problems)
        numbers = {"judged": self.times, "failed": self.failed, "left_out": self.left_out}
        numbers["counts"] = tuple(self.counts.values())
        if self.broken is not None:
            return Verdict(check, "broken", *seen, reason=self.broken, **numbers)
        if self.judged:
            return Verdict(check, "fail" if problems else "pass", *seen, **numbers)
        if self.undecided:
            ids, reasons = zip(*self.undecided, strict=True)
            return Verdict(check, "untestable", tuple(dict.fromkeys(ids)), reason="; ".join(dict.fromkeys(reasons)))
        needs = f"{check.together.name}, each {check.when.name}" if check.together else f"exchange {check.when.name}"
        return Verdict(check, "not-exercised", reason=f"no {needs}")


@dataclass
class _Node:
    """The checks whose condition is the way to here, and the ways on: a condition that says no closes all behind it."""

    checks: list[tuple[Check, _Tally]] = field(default_factory=list)
    ways: dict[Condition, _Node] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[Check, _Tally]]:
        """The checks from here on."""
        yield from self.checks
        for node in self.ways.values():
            yield from node.all()


class Judge:
    """Judges exchanges one by one as they come, and what belongs together at the end of each part; `finish` gives the verdicts.

    Only the exchanges are kept that a relation may still want, within the bounds.
    """

    def __init__(self, checks: Iterable[Check], bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self.news: list[tuple[Check, str, str]] = []
        """(check, ids, problem) of each check when it first fails; whoever tells of them as they come takes them out."""
        self._tallies = [(check, _Tally()) for check in checks]
        self._together = [(check, tally) for check, tally in self._tallies if check.together is not None]
        self._alone = _Node()
        for check, tally in self._tallies:
            if check.together is None:
                node = self._alone
                for condition in check.when.parts:
                    node = node.ways.setdefault(condition, _Node())
                node.checks.append((check, tally))
        self._kept: list[Exchange] = []
        self._bytes = 0

    def add(self, x: Exchange) -> list[Exchange]:
        """Judge one exchange by every check that looks at one exchange alone. Gives those that a report should show."""
        shown = [x] if self._walk(self._alone, x, True) else []
        size = len(x.body) + len(vars(x)["request_body"])
        if self._together and not x.missing and size <= self._bounds.window_bytes:
            if len(self._kept) >= self._bounds.window or self._bytes + size > self._bounds.window_bytes:
                shown += self.part()
            if size > SMALL and self._bounds.window_bytes < sys.maxsize:
                x.forget()
            self._kept.append(x)
            self._bytes += size
        return shown

    def _walk(self, node: _Node, x: Exchange, sure: bool) -> bool:
        """Judge by all checks from this node on; `sure` is False where a condition on the way was undecided."""
        shown, remembered = False, x.memo
        for check, tally in node.checks:
            if not about_it(check.when, x):
                continue
            shown |= self._apply(check, tally, (x,), True if sure else None)
        for condition, further in node.ways.items():
            try:
                answer = remembered[condition] if condition in remembered else condition(x)
            except NotRecorded:
                continue
            except Exception:  # ours
                shown |= _break([tally for _, tally in further.all()])
                continue
            if answer is not False:
                shown |= self._walk(further, x, sure and answer is True)
        return shown

    def part(self) -> list[Exchange]:
        """What comes next belongs to other exchanges than what came so far: judge what belongs together, and forget it.
        Gives the exchanges that a report should show."""
        shown: dict[str, Exchange] = {}
        for session in _sessions(self._kept, self._bounds.pause):
            groups: dict[Relation, list[Group]] = {}
            for check, tally in self._together:
                try:
                    if check.together not in groups:
                        groups[check.together] = list(check.together.groups(session))
                    for group in groups[check.together]:
                        answers = [about_it(check.when, x) and check.when(x) for x in group]
                        if False not in answers and self._apply(check, tally, group, None if None in answers else True):
                            shown |= {x.id: x for x in group}
                except NotRecorded:
                    continue
                except Exception:  # ours
                    _break([tally])
        self._kept, self._bytes = [], 0
        return list(shown.values())

    def failing(self) -> dict[str, int]:
        """By check, how often it has failed so far."""
        return {check.id: tally.failed for check, tally in self._tallies if tally.failed}

    def finish(self) -> list[Verdict]:
        """One verdict for every check, in the order of the catalogue."""
        self.part()
        return [tally.verdict(check) for check, tally in self._tallies]

    def _apply(self, check: Check, tally: _Tally, group: Group, applies: Answer) -> bool:
        """Whether a report should show this group, as one of the first in which the check found something wrong."""
        try:
            if isinstance(group, Untold):
                raise Unreadable(group.reason)
            if applies is None:
                raise Unreadable(next((x.failure for x in group if x.failure), "the answer could not be read"))
            found = list(islice(check.law(*group), MAX_PROBLEMS))
        except Unreadable as reason:
            if not check.when.special and any(broken_on_mistake(x) is True for x in group):
                return False
            if len(tally.undecided) < self._bounds.ids:
                tally.undecided.append((group[0].id, str(reason)))
            return False
        except NotRecorded:
            return False
        except Exception:
            return _break([tally])
        tally.found(group, found, self._bounds)
        if found and tally.failed == 1:
            self.news.append((check, " + ".join(x.id for x in group), found[0]))
        return bool(found) and tally.failed <= self._bounds.shown


def _break(tallies: Iterable[_Tally]) -> bool:
    """Note the exception at hand as our own fault; whether any of these checks was whole before."""
    first = False
    for tally in tallies:
        first |= tally.broken is None
        tally.broken = traceback.format_exc(limit=-3)
    return first


def _sessions(exchanges: list[Exchange], pause: float | None) -> list[list[Exchange]]:
    """The exchanges of each origin, split where so many seconds lie between one and the next."""
    if pause is None:
        return [exchanges]
    sessions: list[list[Exchange]] = []
    latest: dict[tuple[str, str], list[Exchange]] = {}
    for x in exchanges:
        origin = urlsplit(x.url)[:2]
        session = latest.get(origin)
        if session is None or _between(session[-1], x) > pause:
            session = latest[origin] = []
            sessions.append(session)
        session.append(x)
    return sessions


def _between(one: Exchange, other: Exchange) -> float:
    """Seconds from one to the other, 0 where the recording does not say."""
    before, after = _time(one), _time(other)
    return 0 if before is None or after is None else abs(after - before)


def _time(x: Exchange) -> float | None:
    """When it was sent, or by the Date of the answer where the recorder did not say."""
    if x.started is not None:
        return x.started
    try:
        return parsedate_to_datetime(x.header("date") or "").timestamp()
    except (ValueError, OverflowError):
        return None
