"""Judging: every check applied to the exchanges it is about, and what each has found.

It must not send, read a clock or know what any check wants. An answer that a check cannot read (`Unreadable`) leaves the check
without a verdict on that exchange: the check that owns the damaged field fails, so that one cause gives one red line. A broken
answer to a deliberate mistake leaves only those checks without a verdict that are about the mistake. What a
recorder did not keep (`NotRecorded`) is nothing to judge. Any other exception is ours and makes the verdict `broken`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urlsplit

from conformance.exchange import Exchange, NotRecorded, Unreadable
from conformance.exchange.fragment import FRAMING
from conformance.judge.belonging import Session
from conformance.judge.condition import Answer, about_it
from conformance.judge.conditions import broken_on_mistake
from conformance.judge.outlines import Outlines
from conformance.judge.tally import RECORDED, Bounds, Place, Tally
from conformance.judge.verdicts import Check, Relation, Untold, Verdict
from conformance.judge.ways import Ways

__all__ = ["RECORDED", "Bounds", "Judge"]

MAX_PROBLEMS = 5
"""Problems kept for one exchange and one check: a stream of a thousand bad chunks has one cause."""
SMALL = 32 * 1024
"""Bytes up to which what was read of an exchange in the window is kept as well; of larger ones it is read again."""

Group = tuple[Exchange, ...]
Judging = tuple[Check, Tally]


class Judge:
    """Judges exchanges one by one as they come, and what belongs together at the end of each part; `finish` gives the verdicts.

    Only the exchanges are kept that a relation may still want, within the bounds. `piece` is the number of the piece of traffic that
    they are from; what others found in other pieces is added by `add_found`. With `outlines`, what is asked of one exchange alone
    is asked once of many that are alike.
    """

    def __init__(
        self,
        checks: Iterable[Check],
        bounds: Bounds | None = None,
        piece: int = 0,
        outlines: Outlines | None = None,
    ) -> None:
        self._bounds = bounds or Bounds()
        self.news: list[tuple[Check, str, str]] = []
        """(check, ids, problem) of each check when it first fails; whoever tells of them as they come takes them out."""
        self.counted: Callable[[Exchange, list[str], list[str]], None] | None = None
        """Told of each exchange, or of the last of several that belong together, which checks judged it and which found something wrong."""
        self.noted: Callable[[Check, Group, str, list[str]], None] | None = None
        """Told of each judgement: by which check, of which exchanges, whether pass, fail or untestable, and why."""
        self._outlines = outlines
        self._ran: list[str] = []
        self._wrong: list[str] = []
        self._tallies = [(check, Tally()) for check in checks]
        self._together = [(check, tally) for check, tally in self._tallies if check.together is not None]
        self._alone = Ways(((each[0].when, each) for each in self._tallies if each[0].together is None), outlines)
        self._kept: list[Exchange] = []
        self._bytes = 0
        self._at: Place = (piece, 0, 0)

    def begin(self, piece: int) -> None:
        """What comes next is from this piece of the traffic; what came so far was judged (`part`)."""
        self._at = (piece, 0, 0)

    @property
    def at(self) -> Place:
        """Where it is."""
        return self._at

    def add(self, x: Exchange) -> list[Exchange]:
        """Judge one exchange by every check that looks at one exchange alone. Gives those that a report should show."""
        self._at = (self._at[0], self._at[1] + 1, 0)
        shown = [x] if self._judged_alone(x) else []
        size = len(x.body) + len(vars(x)["request_body"])
        if self._together and _comparable(x) and size <= self._bounds.window_bytes:
            if len(self._kept) >= self._bounds.window or self._bytes + size > self._bounds.window_bytes:
                shown += self.part()
            if size > SMALL and self._bounds.window_bytes < sys.maxsize:
                x.forget()
            self._kept.append(x)
            self._bytes += size
        return shown

    def _judged_alone(self, x: Exchange) -> bool:
        """Whether a report should show this exchange."""
        shown: list[bool] = []

        def fault(judgings: Iterable[Judging]) -> None:
            shown.append(self._break(judgings))

        group, socket = (x,), x.socket
        passes = self._passes(x)
        for (check, tally), sure in self._alone.reached(x, fault):
            if not (check.when.sockets or not socket):
                continue
            if sure and passes is not None and passes(check):
                self._passed(check, tally, group)
            elif self._apply(check, tally, group, True if sure else None):
                shown.append(True)
        self._count(x)
        return any(shown)

    def _passes(self, x: Exchange) -> Callable[[Check], bool] | None:
        """Says of a check whether it is known to pass on all exchanges with this one's outline, if there is one."""
        outline = self._outlines.of(x) if self._outlines is not None else None
        if outline is None:
            return None
        known: dict[str, bool] = outline.made.setdefault(self, {})

        def passes(check: Check) -> bool:
            if check.id not in known:
                known[check.id] = outline.read(lambda: list(islice(check.law(outline.hollow), 1))) == []
            return known[check.id]

        return passes

    def _passed(self, check: Check, tally: Tally, group: Group) -> None:
        """The check was applied to this group and found nothing wrong."""
        self._ran.append(check.id)
        if self.noted is not None:
            self.noted(check, group, "pass", [])
        if tally.named >= self._bounds.ids:
            tally.times += 1
        else:
            tally.found(self._next(), tuple([x.id for x in group]), (), self._bounds)

    def _count(self, x: Exchange) -> None:
        """Tell which checks were applied to an exchange since this was last done."""
        if self._ran and self.counted is not None:
            self.counted(x, self._ran, self._wrong)
        self._ran, self._wrong = [], []

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
                        self._count(group[-1])
                except NotRecorded:
                    continue
                except Exception:  # ours
                    self._break([(check, tally)])
        self._kept, self._bytes = [], 0
        return list(shown.values())

    def failing(self) -> dict[str, int]:
        """By check, how often it has failed so far."""
        return {check.id: tally.failed for check, tally in self._tallies if tally.failed}

    def found(self) -> dict[str, Tally]:
        """What each check has found, by its id, where it found anything: what another judge adds to its own."""
        return {check.id: tally for check, tally in self._tallies if tally != _NOTHING}

    def add_found(self, found: Mapping[str, Tally]) -> None:
        """Add what the same checks found in other pieces."""
        for check, tally in self._tallies:
            if check.id in found:
                tally.add(found[check.id], self._bounds)

    def finish(self) -> list[Verdict]:
        """One verdict for every check, in the order of the catalogue."""
        self.part()
        return [tally.verdict(check, self._bounds) for check, tally in self._tallies]

    def _apply(self, check: Check, tally: Tally, group: Group, applies: Answer) -> bool:
        """Whether a report should show this group, as one of the first in which the check found something wrong."""
        try:
            if isinstance(group, Untold):
                raise Unreadable(group.reason)
            if applies is None:
                raise Unreadable(next((x.failure for x in group if x.failure), "the answer could not be read"))
            found = list(islice(check.law(*group), MAX_PROBLEMS))
        except Unreadable as reason:
            if check.when.special or not any(broken_on_mistake(x) is True for x in group):
                tally.unsure(self._next(), group[0].id, str(reason), self._bounds)
                if self.noted is not None:
                    self.noted(check, group, "untestable", [str(reason)])
            return False
        except NotRecorded:
            return False
        except Exception:
            return self._break([(check, tally)])
        if not found:
            self._passed(check, tally, group)
            return False
        self._ran.append(check.id)
        self._wrong.append(check.id)
        if self.noted is not None:
            self.noted(check, group, "fail", found)
        tally.found(self._next(), tuple([x.id for x in group]), found, self._bounds)
        if tally.failed == 1:
            self.news.append((check, " + ".join(x.id for x in group), found[0]))
        return tally.failed <= self._bounds.shown

    def _next(self) -> Place:
        """The place of the next finding."""
        self._at = (*self._at[:2], self._at[2] + 1)
        return self._at

    def _break(self, judgings: Iterable[Judging]) -> bool:
        """Note the exception at hand as our own fault; whether any of these checks was whole before."""
        first = False
        for _, tally in judgings:
            if tally.broken is None:
                first, tally.broken = True, (self._next(), traceback.format_exc(limit=-3))
        return first


_NOTHING = Tally()


def _comparable(x: Exchange) -> bool:
    """Whether an exchange may be compared with others: it is whole or, where a log says of which session it is, but for how a stream
    came. Without that, calls to many servers may stand in a log as if they had gone to one."""
    return not x.missing or (x.session is not None and x.missing == {FRAMING})


def _sessions(exchanges: list[Exchange], pause: float | None) -> list[Session]:
    """The exchanges of each origin and, where a log keeps their keys, of each session, split where so many seconds lie between one and
    the next."""
    if pause is None:
        return [Session(exchanges)]
    sessions: list[Session] = []
    latest: dict[tuple[str, str, str | None], Session] = {}
    for x in exchanges:
        origin = (*urlsplit(x.url)[:2], x.session)
        session = latest.get(origin)
        if session is None or _between(session[-1], x) > pause:
            session = latest[origin] = Session()
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
