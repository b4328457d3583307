"""Sends the requests of an example to a live endpoint, within the budget. It must not judge."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from conformance.areas.questions import GREETING
from conformance.exchange import Exchange
from conformance.send import leaner
from conformance.send.allowance import Allowance, Share
from conformance.send.budget import Budget
from conformance.send.limits import Limits
from conformance.send.patience import Patience, later
from conformance.send.requests import Request, requests
from conformance.send.retries import Asker
from conformance.send.sender import client
from conformance.send.target import Target


class Spent(BaseException):
    """Nothing more is to be sent; the message says why. It passes through Hypothesis, which takes an Exception for a failure."""


class GivenUp(Spent):
    """The endpoint is worth no more asking: what was not sent is its own fault."""


class Live:
    """`with Live(target, limits, budget, keep) as live`: sends examples, one after the other, from code that is not asynchronous.

    `keep` gets every exchange, also those that a later one took the place of. `left_out` are parameters that the endpoint refuses
    to be asked with (send/leaner.py), `wait` the seconds for which one that is busy is waited for.
    """

    def __init__(
        self,
        target: Target,
        limits: Limits,
        budget: Budget,
        keep: Callable[[Exchange], None],
        left_out: set[str],
        wait: float,
    ) -> None:
        self._target, self._limits, self._budget, self._keep, self._left_out = target, limits, budget, keep, left_out
        self._rules = (Patience(wait, served=True), leaner.rule(left_out), later)
        self._greeting = requests(GREETING, target.model)[:1]
        """Whether this is answered tells an endpoint that is gone from requests that it does not answer."""
        self._unanswered = 0
        self._allowance = Allowance(replace(limits, unanswered=sys.maxsize), share=Share())

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._http = client(self._target.base_url)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()

    def ask(self, example: Sequence[Request]) -> list[Exchange]:
        """The exchanges of one example, in order. Raises Spent."""
        if self._unanswered >= self._limits.unanswered and not self._sent(self._greeting)[0].answered:
            raise GivenUp(f"the last {self._unanswered} requests got no answer")
        return self._sent(example)

    def _sent(self, example: Sequence[Request]) -> list[Exchange]:
        for request in example:
            if (reason := self._allowance.over) is not None:
                raise GivenUp(reason)
            if (reason := self._budget.admit(request)) is not None:
                raise Spent(reason)
        return self._runner.run(self._ask(example))

    async def _ask(self, example: Sequence[Request]) -> list[Exchange]:
        async def once(request: Request) -> Exchange:
            return await self._allowance.send(leaner.without(request, self._left_out), self._target, self._http)

        asker = Asker(once, self._keep, self._budget, self._rules)
        found = []
        for request in example:
            x = await asker.ask(request)
            self._budget.settle(x)
            self._unanswered = 0 if x.answered else self._unanswered + 1
            self._keep(x)
            found.append(x)
        return found
