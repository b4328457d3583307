"""What went amiss between the wire and the caller of the official client: exceptions that nobody expects, and silent losses.

Pure comparisons of an outcome with the exchange; each gives what is wrong or None. Checks say whether it is a failure, reports show
the short line. They raise Unreadable where the wire itself cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from conformance.clients.outcomes import LIST, LOOP, PARSE, RETRIEVE, Outcome, outcomes
from conformance.exchange import ABSENT, Exchange, Unreadable, is_a, is_chunk, looks_like_an_error, need
from conformance.exchange import find as value_at
from conformance.exchange.assembly import Choice
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON
from conformance.wire.sse import BOM, Event

CLASSES = {
    400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
    409: "ConflictError", 422: "UnprocessableEntityError", 429: "RateLimitError",
}  # fmt: skip
"""The exceptions that callers catch, by status (openai-python, _client.py, _make_status_error)."""


_TOLD = ("responses", "response")
"""Routes whose streams tell of a failure by events of their own, which the client hands on."""


class Amiss(NamedTuple):
    """What is wrong: for a check (`what` is `seen`, `wanted` was expected) and in a few words for a report."""

    what: str
    seen: Any
    wanted: str
    short: str


Find = Callable[[Exchange, Outcome], Amiss | None]


def amiss(x: Exchange, find: Find, *ways: str) -> Iterator[Amiss]:
    """What `find` finds in these ways; once where the asynchronous client does what the other does."""
    seen = set()
    for outcome in outcomes(x, *ways):
        if (found := find(x, outcome)) is not None:
            same = (outcome.way, str(found.seen))
            if same not in seen:
                yield found
            seen.add(same)


# ---------------------------------------------------------------------- exceptions


def raised(x: Exchange, o: Outcome) -> Amiss | None:
    """An exception although the answer is none that should raise."""
    if o.raised is None:
        return None
    what = f"the exception of code that reads what {o.name} gives" if o.read_by_caller else f"the exception of {o.name}"
    where = f"where a caller reads what {o.name} gives" if o.read_by_caller else f"in {o.name}"
    seen = f"{o.raised}: {o.said}" if o.said else o.raised
    return Amiss(what, seen, "none", f"{o.raised} {where}")


def is_error(x: Exchange) -> bool:
    """Whether the answer is an error, also where its status says otherwise. Raises Unreadable."""
    return x.failed or (x.not_json is None and isinstance(x.json, dict) and bool(x.json.get("error"))
                        and not {"choices", "data", "object"} & set(x.json))  # fmt: skip


def unraised(x: Exchange, o: Outcome) -> Amiss | None:
    """Not the exception that the status of an error stands for."""
    status = x.status or 0
    name = CLASSES.get(status, "InternalServerError" if status >= 500 else "APIStatusError")
    if o.raised == f"openai.{name}":
        return None
    return Amiss(f"the exception of {o.name}", o.raised, f"openai.{name}", f"{o.raised or 'no exception'} in {o.name}")


def error_in_stream(x: Exchange) -> bool:
    """Whether a stream reports an error in any of the forms in use: `{"error": ...}`, without that key, or a bare line of JSON.
    Raises Unreadable."""
    if any(_reports(x.events[n], value) for n, value in x.messages):
        return True
    bare = ((event, line.raw) for event in x.sse[1] for line in event.lines if line.raw.startswith(b"{"))
    return any(_reports(event, _object(raw)) for event, raw in bare)


def _reports(event: Event, value: Any) -> bool:
    return looks_like_an_error(event, value) or (isinstance(value, dict) and bool(value.get("error")))


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        value = jsontext.parse(text)
    except NotJSON:
        return None
    return value if isinstance(value, dict) else None


def unheard(x: Exchange, o: Outcome) -> Amiss | None:
    """No APIError although the stream reports an error."""
    if (o.raised or "").startswith("openai."):
        return None
    return Amiss(f"the exception of {o.name}", o.raised, "openai.APIError", f"{o.raised or 'no exception'} in {o.name}")


def speechless(x: Exchange, o: Outcome) -> Amiss | None:
    """An exception whose text is the status and nothing else."""
    if x.status is None or o.said != f"Error code: {x.status}":
        return None
    return Amiss(
        f"the text of the exception of {o.name}",
        o.said,
        "the server's message",
        f"no reason in the exception of {o.name}",
    )


def miscoded(x: Exchange, o: Outcome) -> Amiss | None:
    """An exception whose code, type or param is not what the server sent."""
    if o.refused is None:
        return None
    for key in ("code", "type", "param"):
        sent, seen = need(x.answer, "error", dict).get(key), getattr(o.refused, key)
        if seen != sent or type(seen) is not type(sent):
            what = f"the {key} of the exception of {o.name}"
            return Amiss(what, seen, f"{jsontext.show(sent)}, as sent", f"changed {key} in the exception of {o.name}")
    return None


# ---------------------------------------------------------------------- silent losses


def sent_chunks(x: Exchange) -> int:
    """Chunks that a server means to send, counted without regard to how it frames them: a whole JSON answer is one."""
    lines = x.body.removeprefix(BOM).replace(b"\r", b"\n").split(b"\n")
    values = (_object(line[5:]) for line in lines if line.startswith(b"data:"))
    apart = sum(value is not None and is_chunk(value) for value in values)
    try:
        done = x.done_at
        return max(apart, sum(is_chunk(value) for n, value in x.messages if done is None or n < done))
    except Unreadable:
        return max(apart, int(x.not_json is None and is_chunk(x.json)))


def lost(x: Exchange, o: Outcome) -> Amiss | None:
    """Fewer chunks than were sent, and no exception."""
    if o.way != LOOP or o.raised or (sent := sent_chunks(x)) <= o.chunks:
        return None
    short = f"{sent - o.chunks} of {sent} chunks lost without a word in {o.name}"
    return Amiss(f"the number of chunks that {o.name} gives", o.chunks, f"{sent}, as sent", short)


def message(x: Exchange, o: Outcome) -> Amiss | None:
    """Another text, refusal or finish reason than was sent, or another number of choices."""
    return _other(
        x, o, lambda choice: {name: getattr(choice, name) for name in ("content", "refusal", "finish_reason")}
    )


def calls(x: Exchange, o: Outcome) -> Amiss | None:
    """Other tool calls than were sent; none, where calls were sent that cannot be told apart."""
    try:
        return _other(x, o, _calls)
    except Unreadable:
        if not _calling(x) or o.choices is None or any(choice.tool_calls for choice in o.choices):
            raise
        return Amiss(f"the number of tool calls from {o.name}", 0, "those sent", f"the tool calls lost in {o.name}")


def _calling(x: Exchange) -> bool:
    """Whether any delta holds a piece of a tool call."""
    parts = [part for chunk in x.chunks for part in need(chunk, "choices", list)]
    return any(value_at(part, "delta.tool_calls.0") is not ABSENT for part in parts)


def _calls(choice: Choice) -> dict[str, Any]:
    """The parts of the tool calls of a choice, by what they are called."""
    parts: dict[str, Any] = {"number of tool calls": len(choice.tool_calls)}
    for n, call in enumerate(choice.tool_calls):
        parts |= {f"{name} of tool call {n}": getattr(call, name) for name in ("id", "name", "arguments")}
    return parts


def _other(x: Exchange, o: Outcome, parts: Callable[[Choice], dict[str, Any]]) -> Amiss | None:
    if o.choices is None:
        return None
    seen = {
        choice.index: parts(choice) for choice in o.choices if is_a(choice.index, int)
    }  # the client hands on any other
    for choice in x.choices:
        for name, sent in parts(choice).items():
            if (got := seen.get(choice.index, {}).get(name)) != sent:
                what = f"the {name} of choice {choice.index} from {o.name}"
                short = re.sub(r"of tool call \d+", "of a tool call", name)
                return Amiss(what, got, f"{jsontext.show(sent)}, as sent", f"changed {short} from {o.name}")
    return None


def roles(x: Exchange, o: Outcome) -> Amiss | None:
    """A role that is not the assistant's."""
    odd = [role for role in o.roles if role != "assistant"]
    if not odd:
        return None
    short = f"the role {jsontext.show(odd[0], 24)} from {o.name}"
    return Amiss(f"the role of the message from {o.name}", odd[0], '"assistant"', short)


def usage(x: Exchange, o: Outcome) -> Amiss | None:
    """Other counts than were sent."""
    if o.choices is None or o.way == PARSE:
        return None
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        sent, seen = x.usage.get(name), value_at(o.usage, name)
        if is_a(sent, int) and seen != sent:
            return Amiss(f"the {name} from {o.name}", seen, f"{sent}, as sent", f"the usage lost in {o.name}")
    return None


def unparsed(x: Exchange, o: Outcome) -> Amiss | None:
    """A tool call whose arguments were not parsed, and no exception."""
    if o.way != PARSE or o.ended or all(o.parsed):
        return None
    return Amiss(
        f"the parsed arguments of a call from {o.name}", None, "a JSON value", f"arguments left unparsed in {o.name}"
    )


def models(x: Exchange, o: Outcome) -> Amiss | None:
    """Other models than were sent; none, where the answer holds a list but not where it should stand."""
    if o.way not in (LIST, RETRIEVE) or o.raised:
        return None
    listed = x.answer.get("data") if o.way == LIST else [x.answer]
    if isinstance(listed, list):
        sent = [need(each, "id", str) for each in listed]
        wanted = f"{jsontext.show(sent)}, as sent"
    else:
        sent, wanted = (
            [each for value in x.answer.values() if isinstance(value, list) for each in value],
            "the models sent",
        )
    if list(o.ids) == sent:
        return None
    return Amiss(f"the ids from {o.name}", list(o.ids), wanted, f"changed models from {o.name}")


# ---------------------------------------------------------------------- for reports


def breaks(x: Exchange) -> list[str]:
    """Everything that goes amiss with an exchange, in a few words each."""
    found: dict[str, None] = {}
    for find in _finds(x):
        with suppress(Unreadable):
            found |= dict.fromkeys(each.short for each in amiss(x, find))
    return list(found)


def _finds(x: Exchange) -> tuple[Find, ...]:
    with suppress(Unreadable):
        if is_error(x):
            return (unraised, speechless)
        if x.streaming and x.route not in _TOLD and error_in_stream(x):
            return (unheard,)
    return (raised, unparsed, lost, roles, message, calls, usage, models)
