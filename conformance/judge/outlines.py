"""The outline of an exchange: all of it but texts and numbers. What conditions and laws say of an outline is asked once, for traffic is
much the same again and again.

What can be told by an outline is not declared, and no law knows of it: each is asked about a hollow exchange (hollow.py), and what
touches a hole is asked about every exchange, as ever. So which strings and numbers an outline leaves out changes no verdict, but
how often two exchanges have the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from conformance.exchange import Exchange, NotRecorded, Unreadable
from conformance.judge.condition import ALIKE, NOTHING, OPEN
from conformance.judge.hollow import OWN, Touched, answered, hides, hollow, plain_stream

MOST = 1000
"""Outlines that are remembered, some 40 KiB each."""
COUNTED = 100_000
"""Outlines of which it is remembered how often they came."""
OFTEN = 2
"""Exchanges of an outline after which it is worth asking all about it."""
UNLIKE, VARIED = 10, 100
"""Answers to one kind of request, none like another, after which what the request tells is taken, and after which no more are compared."""
NODES = 1000
"""Names and values in a JSON text from which on its outline costs more than it saves."""
TEXTS = {
    "arguments", "content", "conversation", "data", "description", "encrypted_content", "file_data", "file_id", "id", "image_url", "input",
    "instructions", "item_id", "previous_response_id", "prompt", "prompt_cache_key", "refusal", "safety_identifier", "summary", "text",
    "tool_call_id", "url", "user",
}  # fmt: skip
"""Members of a request whose strings are texts, as all long strings are."""
LONG = 64
NAMES = {
    "detail", "effort", "event", "finish_reason", "mode", "model", "name", "object", "role", "service_tier", "status", "type",
}  # fmt: skip
"""Members of an answer whose strings are no texts."""


class _Holes(NamedTuple):
    """Which values of a JSON text are in holes: strings of these names, or all others; and numbers, but for an `index`."""

    names: set[str]
    named: bool
    numbers: bool

    def __call__(self, name: str, value: Any) -> bool:
        if isinstance(value, str):
            return hides(value, str) and ((name in self.names) is self.named or len(value) > LONG)
        return self.numbers and name != "index" and not isinstance(value, bool) and hides(value, type(value))


_REQUEST, _ANSWER = _Holes(TEXTS, named=True, numbers=False), _Holes(NAMES, named=False, numbers=True)
TOLD = {
    "accept", "accept-encoding", "connection", "content-encoding", "content-type", "openai-version", "transfer-encoding",
    "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens",
}  # fmt: skip
"""Headers of which more is told than that they are there."""


class Outline:
    """What is known of all exchanges that are alike but for what is in the holes."""

    def __init__(self, hollow: Exchange) -> None:
        self.hollow = hollow
        self._known: dict[Callable[[Exchange], Any], object] = {}
        self.made: dict[Any, Any] = {}
        """What others made of it."""
        self.unlike = 0
        """Answers in a row that were like none before."""

    def ask(self, question: Callable[[Exchange], Any]) -> Any:
        """What a question says of each of these exchanges; OPEN, or NOTHING."""
        try:
            return self._known[question]
        except KeyError:
            known = self._known[question] = self.read(lambda: question(self.hollow))
            return known

    def read(self, question: Callable[[], object]) -> object:
        """What comes of a question about the hollow exchange: OPEN where it touched a hole or failed, NOTHING where it asked for what was
        not recorded."""
        before = Touched.times
        try:
            answer = question()
        except NotRecorded:
            answer = NOTHING
        except (Touched, Exception):
            return OPEN
        return answer if Touched.times == before else OPEN


class Outlines:
    """Remembers the outlines that come often: of requests with the status, and of those with the JSON of the answer."""

    def __init__(self, often: int = OFTEN) -> None:
        self._often = often
        self._came: dict[int, int] = {}
        self._known: dict[Hashable, Outline] = {}

    def of(self, x: Exchange) -> Outline | None:
        """The outline of an exchange that tells most; None where it did not come often, or the answer is not whole."""
        try:
            found: Outline | None = x.memo[ALIKE]
        except KeyError:
            found = x.memo[ALIKE] = self._of(x)
        return found

    def _of(self, x: Exchange) -> Outline | None:
        told = of_request(x)
        if told is None:
            return None
        rough = self._found(told, lambda: hollow(x, _REQUEST, TOLD))
        if rough is None or rough.unlike > VARIED or (more := of_answer(x)) is None:
            return rough
        fine = self._found((rough, more), lambda: answered(hollow(x, _REQUEST, TOLD), x, _ANSWER))
        rough.unlike = 0 if fine else rough.unlike + 1
        return fine or (rough if rough.unlike > UNLIKE else None)

    def _found(self, told: Hashable, make: Callable[[], Exchange]) -> Outline | None:
        found = self._known.get(told)
        if found is None:
            times = self._came[hash(told)] = self._came.get(hash(told), 0) + 1
            if len(self._came) > COUNTED:
                self._came.clear()
            if times <= self._often:
                return None
            if len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            found = self._known[told] = Outline(make())
        return found


# ---------------------------------------------------------------------- what an outline tells, to be compared


def of_request(x: Exchange) -> Hashable | None:
    """All that a hollow exchange tells; None where the answer is not whole, or the request is a form, or long."""
    values = vars(x)
    if not x.answered or values["ended"] != "complete":
        return None
    told: list[Any] = []
    try:
        if x.form:
            return None
        _tell(x.asked, "", _REQUEST, told)
    except NotRecorded:
        told = ["not recorded"]
    if len(told) > NODES:
        return None
    for headers in (values["request_headers"], values["headers"]):
        told += [(name, value) if not value or name.lower() in TOLD else name for name, value in headers]
        told.append(None)
    told += [type(value) if hides(value, type(value)) else repr(value) for value in map(values.get, OWN)]
    told += [type(x), x.method, x.url, values["status"], x.failure, x.intent, x.headers_known, x.missing]
    return tuple(told)


def of_answer(x: Exchange) -> Hashable | None:
    """All that it tells of the JSON of the answer; None where that is none, or long."""
    told: list[Any] = []
    try:
        if x.streaming:
            told.append(plain_stream(x))
            for n, value in x.messages:
                if len(told) > NODES:
                    return None
                told.append(n)
                _tell(value, "", _ANSWER, told)
        else:
            value, reason = x._parsed
            if reason is not None:
                return None
            _tell(value, "", _ANSWER, told)
    except (Unreadable, NotRecorded):
        return None
    return tuple(told) if len(told) <= NODES else None


def _tell(value: Any, name: str, holes: _Holes, told: list[Any]) -> None:
    """Add all of a JSON value but what is in its holes: of them the type alone. 1, 1.0 and true are told apart."""
    if isinstance(value, dict):
        told.append(len(value))
        for key, each in value.items():
            told.append(key)
            if each.__class__ is str and each:  # as below, sooner: nearly all are
                told.append(str if (key in holes.names) is holes.named or len(each) > LONG else (each,))
            else:
                _tell(each, key, holes, told)
    elif isinstance(value, list):
        told += (list, len(value))
        for each in value:
            _tell(each, name, holes, told)
    elif value is None:
        told.append(None)
    elif holes(name, value):
        told.append(type(value))
    else:
        told.append((value,) if isinstance(value, str) else repr(value))
