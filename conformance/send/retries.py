"""What is asked again after an answer, and after how long: rules look at the answer, and one driver sends.

A rule is a generator: given a request and its answer, it yields what to send next, gets what came back, and ends when nothing more is
worth asking. What is sent under the id of the request takes the place of its answer, and what it was before stays in the run as an
exchange of its own; what is sent under another id is one more exchange. No rule knows a network, a clock or a budget.
"""

from __future__ import annotations

from asyncio import sleep
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from conformance.exchange import REFUSED, SERVED, Exchange
from conformance.send.aside import aside
from conformance.send.budget import Budget
from conformance.send.requests import ONWARD, Request, onward


class Again(NamedTuple):
    """Send this, after so many seconds."""

    request: Request
    seconds: float = 0.0


Steps = Generator[Again, Exchange, None]
Rule = Callable[[Request, Exchange], Steps]


@dataclass
class Asker:
    """Asks for one request after another, each again as the rules say: the first is the innermost, which looks at every answer,
    those that a later rule asked for, too.

    `send` sends, `keep` gets every exchange that is not the final answer to its request, and the `budget` admits each request but
    the first, which whoever asks has admitted.
    """

    send: Callable[[Request], Awaitable[Exchange]]
    keep: Callable[[Exchange], None]
    budget: Budget
    rules: Sequence[Rule]
    refusals: Counter[str] = field(default_factory=Counter)
    """How often each request, by id, was sent once more in its own place."""

    async def ask(self, request: Request) -> Exchange:
        """The answer that stands."""
        return await self._ask(request, self.rules)

    async def _ask(self, request: Request, rules: Sequence[Rule]) -> Exchange:
        if not rules:
            return await self.send(request)
        *inner, rule = rules
        answer, x = await self._ask(request, inner), None
        with closing(rule(request, answer)) as steps:
            while (step := await aside([x or answer], _next, steps, x)) is not None:
                in_its_place = step.request.id == request.id
                if in_its_place:
                    self.budget.settle(answer)
                if self.budget.admit(step.request) is not None:
                    break
                if in_its_place:
                    self.refusals[request.id] += 1
                    await aside([answer], self.keep, set_aside(answer, self.refusals[request.id]))
                await sleep(step.seconds)
                x = await self._ask(step.request, inner)
                if in_its_place:
                    answer = x
                else:
                    self.budget.settle(x)
                    await aside([x], self.keep, x)
        return answer


def _next(steps: Steps, x: Exchange | None) -> Again | None:
    try:
        return steps.send(x)
    except StopIteration:
        return None


def set_aside(x: Exchange, count: int = 1) -> Exchange:
    """The exchange under a name of its own, for something is sent in its place; `count` tells the second from the first."""
    return replace(x, id=f"{x.id}{SERVED if x.ok else REFUSED}{count if count > 1 else ''}", memo={})


PAUSES = (0.1, 2.0)
"""Seconds before what is not done yet is asked for again: at first, doubled each time, and at most."""


def longer(model: str) -> Rule:
    """Sends what a probe has to send next in place of what was answered so (`Probe.onward`)."""

    def further(request: Request, x: Exchange) -> Steps:
        for n in range(ONWARD):
            if (following := onward(request, model, x)) is None:
                return
            x = yield Again(following, 0.0 if request.body else min(PAUSES[0] * 2**n, PAUSES[1]))

    return further
