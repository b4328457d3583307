"""One request and everything that came back, and the views through which checks read it.

An Exchange is never edited. Views never raise anything but `Unreadable`, which says in words where the answer is not what
it must be, and are never empty, so that no loop over one passes without having looked at anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance.wire import jsontext, sse
from conformance.wire.jsontext import NotJSON, show

Headers = tuple[tuple[str, str], ...]

ROUTES = {
    "chat": re.compile(r"/chat/completions/?$"),
    "stored": re.compile(r"/chat/completions/[^/]+$"),
    "completions": re.compile(r"(?<!/chat)/completions/?$"),
    "embeddings": re.compile(r"/embeddings/?$"),
    "responses": re.compile(r"/responses/?$"),
    "models": re.compile(r"/models/?$"),
    "model": re.compile(r"/models/[^/]+$"),
}


class Unreadable(Exception):
    """The answer does not hold what a check wanted to read; the message is `<path> is <seen>, expected <wanted>`."""


_NAMES = {dict: "an object", list: "an array", str: "a string", int: "an integer", float: "a number", bool: "a boolean"}
ABSENT = object()
"""What `find` gives for a path that is not there (None means that null was sent)."""


def find(value: Any, path: str) -> Any:
    """The value at a dotted path ("choices.0.message"), ABSENT where there is none."""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def need(value: Any, path: str, *kinds: type | None) -> Any:
    """The value at a dotted path, of one of the types named (None for null). Raises Unreadable."""
    found = find(value, path)
    wanted = " or ".join("null" if kind is None else _NAMES[kind] for kind in kinds)
    if found is ABSENT:
        raise Unreadable(f"{path} is absent, expected {wanted}")
    if not any(found is None if kind is None else is_a(found, kind) for kind in kinds):
        raise Unreadable(f"{path} is {show(found)}, expected {wanted}")
    return found


def is_a(value: Any, kind: type) -> bool:
    """isinstance as JSON means it: true is no integer, and an integer is a number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


@dataclass(frozen=True)
class ToolCall:
    """A tool call as the client ends up with it; a field never sent is None. The input of a custom tool is `arguments`."""

    id: str | None
    type: str | None
    name: str | None
    arguments: str | None


@dataclass(frozen=True)
class Choice:
    """One choice, from a plain answer or put together from the deltas of a stream."""

    index: int
    finish_reason: str | None
    content: str | None
    refusal: str | None
    tool_calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. Bytes are as on the wire after transfer and content coding were undone.

    `arrivals` are (seconds since the request was sent, bytes of body received by then). `ended` is "complete", or how the
    answer failed to be: "refused" (no connection), "timeout", "cut" (closed early), "limit" (one of our bounds) or
    "undecodable"; `failure` then says it in a sentence. `headers_known` is False where a recorder scrubbed headers.
    `started` is the Unix time of sending, None where a recording does not say.
    """

    id: str
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int | None
    headers: Headers
    body: bytes
    arrivals: tuple[tuple[float, int], ...] = ()
    ended: str = "complete"
    failure: str | None = None
    intent: frozenset[str] = frozenset()
    headers_known: bool = True
    started: float | None = None
    memo: dict = field(default_factory=dict, compare=False, repr=False)

    # ------------------------------------------------------------------ the request

    @cached_property
    def route(self) -> str | None:
        """Which documented route the path ends in, None for any other."""
        path = urlsplit(self.url).path
        return next((name for name, pattern in ROUTES.items() if pattern.search(path)), None)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The request body; an empty object where it is not a JSON object."""
        try:
            body = jsontext.parse(self.request_body)
        except NotJSON:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def streaming(self) -> bool:
        """The request asked for a stream."""
        return self.asked.get("stream") is True

    def sent(self, name: str) -> str | None:
        """A request header, by name in any case."""
        return _header(self.request_headers, name)

    # ------------------------------------------------------------------ the answer

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """A response header, by name in any case; several of one name are joined by a comma."""
        return _header(self.headers, name)

    @cached_property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case; "" where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @cached_property
    def _parsed(self) -> tuple[Any, str | None]:
        try:
            return jsontext.parse(self.body), None
        except NotJSON as reason:
            return None, str(reason)

    @property
    def not_json(self) -> str | None:
        """Why the body is not one JSON text, None if it is one."""
        return self._parsed[1]

    @property
    def json(self) -> Any:
        """The JSON body. Raises Unreadable."""
        value, reason = self._parsed
        if reason is not None:
            raise Unreadable(f"the body is not JSON ({reason}), expected a JSON text")
        return value

    @property
    def answer(self) -> dict[str, Any]:
        """The JSON object of a plain answer or of an error. Raises Unreadable."""
        if not isinstance(self.json, dict):
            raise Unreadable(f"the body is {show(self.json)}, expected a JSON object")
        return self.json

    @property
    def error(self) -> dict[str, Any]:
        """The `error` object of an error answer. Raises Unreadable."""
        return need(self.answer, "error", dict)

    # ------------------------------------------------------------------ the stream

    @cached_property
    def sse(self) -> tuple[sse.Reader, tuple[sse.Event, ...]]:
        """The reader, for what it saw of line ends, and every block of lines, comments and fragments included."""
        return sse.read(self.body)

    @cached_property
    def events(self) -> tuple[sse.Event, ...]:
        """The events of a stream, blocks of comments alone left out. Raises Unreadable where there is none."""
        events = tuple(event for event in self.sse[1] if not event.only_comments)
        if not events:
            raise Unreadable(f"the stream is {show(self.body[:60].decode('utf-8', 'replace'))}, expected events")
        return events

    @cached_property
    def done_at(self) -> int | None:
        """The position of the first `data: [DONE]` among the events, None where there is none."""
        return next((n for n, event in enumerate(self.events) if event.data == "[DONE]"), None)

    @cached_property
    def messages(self) -> tuple[tuple[int, Any], ...]:
        """(position of the event, its JSON value) of every event whose data is JSON and not [DONE]. Raises Unreadable."""
        found = []
        for n, event in enumerate(self.events):
            if event.data is not None and event.data != "[DONE]":
                try:
                    found.append((n, jsontext.parse(event.data.encode("utf-8", "surrogatepass"))))
                except NotJSON:
                    continue
        if not found:
            raise Unreadable("the stream is without any JSON event, expected chunks")
        return tuple(found)

    @cached_property
    def chunks(self) -> tuple[dict[str, Any], ...]:
        """The chunks of a stream: its JSON objects that are no error event. Raises Unreadable where there is none."""
        chunks = tuple(value for _, value in self.messages if isinstance(value, dict) and not value.get("error"))
        if not chunks:
            raise Unreadable("the stream is without any chunk, expected at least one")
        return chunks

    @cached_property
    def deltas(self) -> tuple[tuple[int, int, dict[str, Any]], ...]:
        """(position of the chunk, index of the choice, the element of `choices`) in order. Raises Unreadable."""
        found = []
        for n, chunk in enumerate(self.chunks):
            for part in need(chunk, "choices", list):
                found.append((n, need(part, "index", int), part))
        if not found:
            raise Unreadable("choices is empty in every chunk, expected deltas")
        return tuple(found)

    # ------------------------------------------------------------------ both

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The choices, in order, whether plain or streamed. Raises Unreadable where there is none."""
        if self.streaming:
            return _assemble(self.deltas)
        parts = need(self.answer, "choices", list)
        if not parts:
            raise Unreadable("choices is [], expected at least one choice")
        return tuple(_choice(part) for part in parts)

    @cached_property
    def usage(self) -> dict[str, Any]:
        """The usage of a plain answer, or the last that a stream sent. Raises Unreadable where there is none."""
        if not self.streaming:
            return need(self.answer, "usage", dict)
        sent = [chunk["usage"] for chunk in self.chunks if chunk.get("usage") is not None]
        if not sent:
            raise Unreadable("usage is absent from every chunk, expected an object")
        return need({"usage": sent[-1]}, "usage", dict)


def _header(headers: Headers, name: str) -> str | None:
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def _text(value: Any, path: str) -> str | None:
    found = find(value, path)
    return None if found is ABSENT else need(value, path, str, None)


def _choice(part: Any) -> Choice:
    message = need(part, "message", dict)
    calls = message.get("tool_calls") or []
    return Choice(
        index=need(part, "index", int),
        finish_reason=_text(part, "finish_reason"),
        content=_text(message, "content"),
        refusal=_text(message, "refusal"),
        tool_calls=tuple(_tool_call(call) for call in need({"tool_calls": calls}, "tool_calls", list)),
    )


def _tool_call(call: Any) -> ToolCall:
    custom = isinstance(call, dict) and "custom" in call
    return ToolCall(
        id=_text(call, "id"),
        type=_text(call, "type"),
        name=_text(call, "custom.name" if custom else "function.name"),
        arguments=_text(call, "custom.input" if custom else "function.arguments"),
    )


def _assemble(deltas: Iterable[tuple[int, int, dict[str, Any]]]) -> tuple[Choice, ...]:
    """Put the deltas together as clients do: texts are joined, tool calls by their index, the last finish_reason counts."""
    choices: dict[int, dict[str, Any]] = {}
    for _, index, part in deltas:
        choice = choices.setdefault(index, {"finish": None, "content": None, "refusal": None, "calls": {}})
        choice["finish"] = _text(part, "finish_reason") or choice["finish"]
        delta = need(part, "delta", dict)
        for key in ("content", "refusal"):
            if (piece := _text(delta, key)) is not None:
                choice[key] = (choice[key] or "") + piece
        calls = delta.get("tool_calls") or []
        for call in need({"tool_calls": calls}, "tool_calls", list):
            seen = choice["calls"].setdefault(need(call, "index", int), {})
            new = _tool_call(call)
            for key in ("id", "type", "name"):
                seen[key] = seen.get(key) or getattr(new, key)
            if new.arguments is not None:
                seen["arguments"] = (seen.get("arguments") or "") + new.arguments
    return tuple(
        Choice(
            index=index,
            finish_reason=choice["finish"],
            content=choice["content"],
            refusal=choice["refusal"],
            tool_calls=tuple(
                ToolCall(call.get("id"), call.get("type"), call.get("name"), call.get("arguments"))
                for _, call in sorted(choice["calls"].items())
            ),
        )
        for index, choice in sorted(choices.items())
    )
