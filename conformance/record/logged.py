"""What the logs of gateways have in common: bodies, headers and times in the forms in which logs write them, and what is put together
of the parts that a log keeps of a call.

It must not invent: what is put together is marked as such by the parts that are missing (exchange/fragment.py).
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange.fragment import FRAMING, MEMBERS, PARAMETERS, STATUS, STREAM
from conformance.record.entries import NOWHERE, Entry, LeftOut
from conformance.record.jsonarray import number
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

PLACES = {
    "chat": "/v1/chat/completions", "completions": "/v1/completions", "embeddings": "/v1/embeddings", "responses": "/v1/responses",
    "moderations": "/v1/moderations", "images": "/v1/images/generations",
}  # fmt: skip
"""The path of each route that a log may name without one."""
LATEST = 32_503_680_000
"""The year 3000 as a Unix time: what is more counts something smaller than seconds."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_EVENTS = ("data:", "event:", ":", "id:", "retry:")


def text_of(value: Any) -> str:
    """A value as the JSON that it was."""
    return json.dumps(value, ensure_ascii=False, default=number)


def body_of(value: Any) -> bytes | None:
    """A body: text as it is, an object as its JSON, a list of objects as the events of a stream; None where there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        return value
    if isinstance(value, list):
        value = "".join(f"data: {text_of(each)}\n\n" for each in value)
    elif not isinstance(value, str):
        value = text_of(value)
    return value.encode("utf-8", "surrogatepass")


def parsed(value: Any) -> Any:
    """A value that may be written as JSON text; the text where it is none."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return jsontext.parse_text(value)
        except NotJSON:
            return value
    return value


def is_events(body: bytes) -> bool:
    return body.lstrip()[:6].decode("latin-1").startswith(_EVENTS)


def headers_of(value: Any) -> list[tuple[Any, Any]]:
    """Headers as an object of names with one value or several, or a list of pairs, or of objects with a name and a value."""
    value = parsed(value)
    if isinstance(value, dict):
        several = [(name, each if isinstance(each, list) else [each]) for name, each in value.items()]
        return [(name, one) for name, each in several for one in each]
    if isinstance(value, list):
        return [pair for each in value if (pair := _pair(each))]
    return []


def _pair(each: Any) -> tuple[Any, Any] | None:
    if isinstance(each, dict):
        return each.get("name", each.get("key")), each.get("value")
    return (each[0], each[1]) if isinstance(each, list | tuple) and len(each) == 2 else None


def time_of(value: Any) -> float | None:
    """A Unix time: of seconds or smaller units since the epoch, or of a date in ISO 8601, in UTC where it names no zone."""
    if isinstance(value, datetime.datetime):
        return _stamp(value)
    if isinstance(value, str):
        try:
            return _stamp(datetime.datetime.fromisoformat(value.strip()))
        except (ValueError, OverflowError):
            value = _number(value)
    found = _number(value)
    while found is not None and found > LATEST:
        found /= 1000
    return found if found and found > 0 else None


def _stamp(moment: datetime.datetime) -> float | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def seconds_of(value: Any, unit: str = "s") -> float | None:
    """A length of time in seconds."""
    found = _number(value)
    return None if found is None or found < 0 else found * SECONDS[unit]


def between(begin: float | None, end: float | None) -> float | None:
    """Seconds from one to the other, where both are known."""
    return end - begin if begin is not None and end is not None and end >= begin else None


def _number(value: Any) -> float | None:
    try:
        found = None if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found is not None and math.isfinite(found) else None


def key_of(value: Any) -> str | None:
    """The key of a session."""
    return str(value)[:200] if isinstance(value, str | int) and value != "" and not isinstance(value, bool) else None


def address(base: Any, path: str) -> str:
    """A URL on the host of this one, or on none that is known."""
    try:
        parts = urlsplit(base) if isinstance(base, str) else None
        known = parts is not None and parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        known = None
    return f"{parts.scheme}://{parts.netloc}{path}" if known and parts else f"{NOWHERE}{path}"


def route_by(asked: Any, answer: Any) -> str | None:
    """Which route a call went to, by its request and its answer alone; None where they do not tell."""
    asked, answer = (each if isinstance(each, dict) else {} for each in (asked, answer))
    if "messages" in asked:
        return "chat"
    if answer.get("object") == "response" or str(answer.get("type", "")).startswith("response."):
        return "responses"
    if "prompt" in asked and answer.get("object") == "text_completion":
        return "completions"
    if "input" in asked:
        return "embeddings" if answer.get("object") == "list" else "moderations" if "results" in answer else None
    kinds = {"chat.completion": "chat", "chat.completion.chunk": "chat", "text_completion": "completions"}
    return kinds.get(answer.get("object", ""))


def put_together(asked: dict[str, Any], answer: dict[str, Any], *, route: str = "chat", **more: Any) -> Entry:
    """The entry of a call of which a log keeps parts of the request and of the answer. Raises LeftOut."""
    missing = more.pop("missing", (STATUS, PARAMETERS, MEMBERS))
    return Entry(
        method="POST",
        url=more.pop("url", None) or f"{NOWHERE}{PLACES[route]}",
        request_headers=(),
        request_body=body_of(asked),
        status=200,
        headers=(),
        body=body_of(answer) or b"",
        headers_known=False,
        missing=(*missing, FRAMING),
        **more,
    )


def without_streams(missing: Iterable[str], asked: Any, body: bytes) -> tuple[str, ...]:
    """The parts that are missing, those of a stream too where one was asked for and the log has the answer it came to."""
    streamed = isinstance(asked, dict) and asked.get("stream") is True and not is_events(body)
    return (*missing, *((STREAM, MEMBERS) if streamed else ()))


def no_answer(why: str) -> LeftOut:
    """A call of which nothing can be judged, by no fault of the recording."""
    return LeftOut(why, fault=False)
