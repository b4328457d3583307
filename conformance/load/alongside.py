"""Judges the answers of a load as they come, in a process beside the one that sends: so no answer's weight is another's time.

Of each shape (answer_shapes.py) the first answers are judged; while they pass, those that follow are counted. Any other is judged by
itself.
Answers that share an id are judged together, however far apart they came.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange import Exchange, Unreadable, need
from conformance.exchange.spoken import first_token as first_token_of
from conformance.load.answer_shapes import Shape, Shapes, first_token
from conformance.load.bench import SIZE, Process, message
from conformance.run.ledger import Sum
from conformance.send.letters import Got
from conformance.send.limits import MIB
from conformance.send.target import Target

FIRST = 2
"""Answers of a shape that are judged before others of it are counted: what belongs together with its like needs two."""
AHEAD = 32 * MIB
"""Bytes on their way to the judge, from which on nothing new is asked until it has caught up."""
KEPT = 256 * MIB
"""Bytes of answers kept to be judged beside one with the same id; then it begins anew."""


class Fault(Exception):
    """The judge itself failed; what it says is for its authors."""


@dataclass
class _Known:
    """What is known of a shape."""

    number: int
    sent: int = 0
    passed: int = 0
    clean: bool | None = None
    alike: int = 0
    tokens: int = 0
    waiting: list[tuple[Got, bool]] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """What an answer says of itself: seconds to the first token of a stream, and the tokens that it cost."""

    first: float | None
    tokens: int


class Beside:
    """`async with Beside(process, target) as judge`: `take` each answer, `level` when all of one have come, `sum` at the end."""

    def __init__(self, process: Process, target: Target) -> None:
        self._process, self._target = process, target
        self._shapes, self._known = Shapes(), dict[tuple[Any, ...], _Known]()
        self._numbers: list[_Known] = []
        self._seen: dict[str, tuple[Got, _Known]] = {}
        self._held = 0
        self._sent: set[str] = set()
        """Ids of what was judged by itself in this level; and ever."""
        self._ever_sent: set[str] = set()
        self._news: asyncio.Queue[Any] = asyncio.Queue()
        self.samples, self.every = True, False
        """Whether the official client wants to look at what is judged, and at what is counted, too."""
        self.record: Callable[[Exchange], None] | None = None
        """Takes every exchange, where one is asked for."""
        self.sample: list[Exchange] = []
        """What was judged by itself of late, for the official client to look at; whoever does takes it out."""
        self.judged = self.counted = 0

    async def __aenter__(self) -> Beside:
        self._reader, self._writer = await asyncio.open_connection(sock=self._process.ours)
        self._writer.transport.set_write_buffer_limits(AHEAD)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._listening.cancel()
        self._writer.transport.abort()

    async def ready(self) -> None:
        """Wait until the judge has nearly caught up. Raises Fault."""
        if self._listening.done():
            self._listening.result()
        await self._writer.drain()

    def take(self, got: Got, mark: str, *, timed: bool = True) -> Said:
        """Have an answer to a request with this mark judged, with its times or without."""
        if self.record or self.every:
            self._pass_on(got, timed)
        shape = self._shapes.of(got, mark.encode(), timed=timed)
        if shape is None:
            return self._by_itself(got, timed, None)
        known = self._known.get(shape.key)
        if known is None:
            known = self._known[shape.key] = _Known(len(self._numbers))
            self._numbers.append(known)
        twins = self._twins(got, shape, known)
        if twins or known.clean is False or (known.clean is None and known.sent < FIRST):
            for other, counted_by in twins:
                if other.id not in self._sent:
                    self._uncount(other, counted_by)
                    self._by_itself(other, timed, None)
            alone = bool(twins) or known.clean is False
            known.sent += not alone
            said = self._by_itself(got, timed, None if alone else known)
            known.tokens = said.tokens
            return said
        if known.clean:
            known.alike += 1
        else:
            known.waiting.append((got, timed))
        return Said(first_token(got, shape), known.tokens)

    def give(self, x: Exchange) -> None:
        """Have something judged that is no part of the load."""
        if self.record:
            self.record(x)
        self.sample.append(x)
        self._post("answer", x, None)

    def _pass_on(self, got: Got, timed: bool) -> None:
        x = got.exchange(self._target, timed=timed)
        if self.record:
            self.record(x)
        if self.every:
            self.sample.append(x)

    def _twins(self, got: Got, shape: Shape, known: _Known) -> list[tuple[Got, _Known]]:
        """Answers before this one that hold an id of its own, each with what is known of its shape."""
        twins = {twin[0].id: twin for id in shape.ids if (twin := self._seen.get(id)) is not None}
        if self._held > KEPT:
            self._seen.clear()
            self._held = 0
        self._held += len(got.body)
        self._seen |= dict.fromkeys(shape.ids, (got, known))
        return list(twins.values())

    def _uncount(self, got: Got, known: _Known) -> None:
        """What was counted is now judged by itself."""
        waiting = [each for each in known.waiting if each[0] is not got]
        if len(waiting) < len(known.waiting):
            known.waiting = waiting
        elif got.id not in self._ever_sent:
            known.alike -= 1

    def _by_itself(self, got: Got, timed: bool, known: _Known | None) -> Said:
        x = got.exchange(self._target, timed=timed)
        self._sent.add(got.id)
        self._ever_sent.add(got.id)
        self.judged += 1
        if self.samples and not self.every:
            self.sample.append(x)
        self._post("answer", x, None if known is None else known.number)
        tokens = 0
        with contextlib.suppress(Unreadable):
            tokens = need(x.usage, "total_tokens", int) if x.ok else 0
        first = first_token_of(got.exchange(self._target)) if not timed and x.streaming else None
        first = first_token_of(x) if timed and x.streaming else first
        x.forget()
        return Said(first, tokens)

    async def level(self) -> tuple[dict[str, int], list[tuple[str, str, str]]]:
        """All answers of a level have come: how often each check has failed so far, and (check, ids, problem) of each that failed for
        the first time. Raises Fault."""
        self._post("wait", None, None)
        await self._answer("waited")
        alike = {known.number: known.alike for known in self._numbers if known.alike}
        self.counted += sum(alike.values())
        for known in self._numbers:
            known.alike = 0
        self._sent.clear()
        self._post("level", alike, None)
        return await self._answer("level")

    async def sum(self) -> Sum:
        """All that was counted. Raises Fault."""
        self._post("sum", None, None)
        return await self._answer("sum")

    async def _answer(self, kind: str) -> Any:
        while True:
            said = await self._news.get()
            if isinstance(said, Fault):
                raise said
            if said[0] == kind:
                return said[1]

    def _settle(self, known: _Known, clean: bool) -> None:
        waiting, known.waiting = known.waiting, []
        if clean:
            known.alike += len(waiting)
        else:
            for got, timed in waiting:
                self._by_itself(got, timed, None)

    def _post(self, kind: str, what: Any, number: int | None) -> None:
        self._writer.write(message(kind, what, number))

    async def _listen(self) -> None:
        try:
            while True:
                size = SIZE.unpack(await self._reader.readexactly(SIZE.size))[0]
                kind, *said = pickle.loads(await self._reader.readexactly(size))
                if kind == "shape":
                    self._told(*said)
                elif kind == "fault":
                    raise Fault(said[0])
                else:
                    self._news.put_nowait((kind, said[0]))
        except (OSError, EOFError, Fault) as error:
            fault = error if isinstance(error, Fault) else Fault("the process that judges ended before its time")
            self._news.put_nowait(fault)
            raise fault from None

    def _told(self, number: int, passed: bool) -> None:
        known = self._numbers[number]
        known.passed += passed
        if not passed:
            known.clean = False
        elif known.clean is None and known.passed >= FIRST:
            known.clean = True
        if known.clean is not None:
            self._settle(known, known.clean)
