"""A request that was made up, what it means, and in which ways it is sent. It makes nothing up and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from conformance.exchange import Headers
from conformance.exchange.probe import Body, Probe
from conformance.send.requests import Request, requests

CHAT = "/chat/completions"
EXPECTED = frozenset({"natural-end", "long-answer", "stop-inside", "unicode", "must-call", "two-calls", "small-talk"})
"""The intents that state of the answer to a question what it is like."""
Way = Literal["plain", "streamed", "again", "longer"]
"""`again` is the plain request once more, `longer` the plain one with further messages behind its own."""


@dataclass(frozen=True)
class Made:
    """One example: a request, and how it is sent, one way after the other.

    `body`, `path`, `method`, `headers`, `omit` and `intent` are those of a probe (exchange/probe.py), `streamed` the members that the
    streamed twin has beside `stream`, `more` the messages that make it `longer`.
    """

    body: Body | bytes | None
    path: str = CHAT
    method: str = "POST"
    headers: Headers = ()
    omit: tuple[str, ...] = ()
    intent: frozenset[str] = frozenset()
    ways: tuple[Way, ...] = ("plain",)
    streamed: Body = field(default_factory=dict)
    more: tuple[Body, ...] = ()

    @property
    def key(self) -> str:
        """Equal for two that send the same bytes and mean the same."""
        return repr((self.body, self.path, self.method, self.headers, self.omit, sorted(self.intent), self.ways,
                     self.streamed if "streamed" in self.ways else None,
                     self.more if "longer" in self.ways else None))  # fmt: skip

    def requests(self, number: int, model: str) -> list[Request]:
        """What is sent, in order; `number` tells this sending from any other."""
        return list(self._requests(f"explore.{number}", model))

    def _requests(self, name: str, model: str) -> Iterator[Request]:
        probe = Probe(name, self.body, self.method, self.path, self.headers, intent=self.intent, omit=self.omit,
                      streamed=self.streamed if isinstance(self.body, dict) else None)  # fmt: skip
        plain, *twin = requests(probe, model)
        for way in self.ways:
            if way == "plain":
                yield plain
            elif way == "again":
                yield replace(plain, id=f"{name}.again")
            elif way == "streamed":
                yield from twin
            elif isinstance(self.body, dict):
                body = {**self.body, "messages": [*self.body["messages"], *self.more]}
                longer = replace(probe, name=f"{name}.longer", body=body, intent=self.intent - EXPECTED)
                yield requests(longer, model)[0]
