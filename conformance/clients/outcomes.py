"""The official Python client in the loop: what it made of an exchange, as plain data that checks and reports can read.

It must not import the client, which comes with the extra `sdk`: replay.py does, and only where it is called. What it found lies in
the memo of the exchange, as everything does that is read from one; where nobody replayed, nothing is found and nothing judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from conformance.exchange import Exchange
from conformance.exchange.assembly import Choice
from conformance.judge.condition import Condition

CREATE, PARSE, LOOP, HELPER = "create()", "parse()", "create(stream=True)", "the stream helper"
LIST, RETRIEVE, REQUEST = "models.list()", "models.retrieve()", "the client"
"""The ways to call the client. The stream helper is `chat.completions.stream()`; REQUEST is any other route that refused."""

REQUIREMENT = "openai-conformance[sdk]"
OUTCOMES = "what the official client made of it"
"""Where outcomes lie in a memo; None there says that it is not known yet."""


@dataclass(frozen=True)
class Refused:
    """What an exception of the client's own carries; None for what it lacks."""

    status: int | None
    code: Any
    type: Any
    param: Any


@dataclass(frozen=True)
class Outcome:
    """What one way to call the client made of an answer: an exception, or what the caller reads.

    `raised` is the class of the exception, "openai." before the client's own; `said` its text. `read_by_caller`: it came up
    where the caller reads what the client gave, for example in a loop over `choices`. `ended` is the finish reason over which
    parse() and the stream helper raise although nothing is amiss: length or content_filter.
    """

    way: str
    asynchronous: bool = False
    raised: str | None = None
    said: str = ""
    read_by_caller: bool = False
    ended: str | None = None
    refused: Refused | None = None
    choices: tuple[Choice, ...] | None = None
    roles: tuple[Any, ...] = ()
    parsed: tuple[bool, ...] = ()
    usage: Any = None
    chunks: int = 0
    ids: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """The way in words: "the async stream helper", "async create()"."""
        if not self.asynchronous:
            return self.way
        return self.way.replace("the ", "the async ", 1) if self.way.startswith("the ") else f"async {self.way}"


def installed() -> bool:
    """Whether the official client can be imported here."""
    return find_spec("openai") is not None


def client() -> str:
    """The official client that is installed, with its version."""
    return f"openai-python {version('openai')}"


def remember(x: Exchange, found: tuple[Outcome, ...] | Exception) -> None:
    """Lay down what the client made of an exchange; () where it was not tried, an exception where trying it failed, which is our
    own fault: who asks for the outcomes gets it raised."""
    x.memo[OUTCOMES] = found


def outcomes(x: Exchange, *ways: str) -> tuple[Outcome, ...]:
    """What the client made of an exchange in these ways, in all of them where none is named. Raises what trying it raised."""
    found = x.memo.get(OUTCOMES) or ()
    if isinstance(found, Exception):
        raise found
    return tuple(outcome for outcome in found if not ways or outcome.way in ways)


@cache
def tried(*ways: str) -> Condition:
    """The exchange was replayed in one of these ways."""

    def test(x: Exchange) -> bool | None:
        found = x.memo.get(OUTCOMES, ())
        return None if found is None else isinstance(found, Exception) or bool(outcomes(x, *ways))

    return Condition(f"replayed through {' or '.join(ways)} of the official client ({REQUIREMENT})", test)
