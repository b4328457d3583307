"""Exchanges of which a recorder kept only a part. What it did not keep cannot be read: `NotRecorded` then leaves a check with
nothing to judge, so that nothing is held against a server that only its recorder left out or made up.

What the body itself shows stays: a body of events was asked for as a stream, and an object with `error` is a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from conformance.exchange import Exchange
from conformance.exchange.reading import KeptRequest, NotRecorded, Unreadable, kept
from conformance.exchange.view import view
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

REQUEST, STATUS, FRAMING = "request", "status", "framing"
"""Parts that can be missing: what was sent, the status, the bytes between the events of a stream."""
PARAMETERS, MEMBERS, STREAM = "parameters", "members", "stream"
"""Members of the request; members of the answer's objects; the events of a stream, of which the log has the answer they came to."""

_PART = {
    "request_body": (REQUEST, PARAMETERS), "request_headers": (REQUEST,),
    "status": (STATUS,),
    "sse": (FRAMING,), "events": (FRAMING,), "done_at": (FRAMING,),
}  # fmt: skip
_EVENTS = re.compile(rb"(\xef\xbb\xbf)?\s*(data|event|id|retry)?:")
_OF_STREAMS = ("stream", "stream_options", "stream_format")
"""What a request asks of how its answer comes."""


@dataclass(frozen=True)
class Fragment(Exchange):
    """An Exchange without these parts. Its fields hold what the recorder wrote, `vars()` shows them, and no check reads them."""

    missing: frozenset[str] = frozenset()  # type: ignore[misc]

    def __getattribute__(self, name: str) -> Any:
        part = _PART.get(name)
        if part is not None and not object.__getattribute__(self, "missing").isdisjoint(part):
            raise NotRecorded(f"the recording holds no {name}")
        return super().__getattribute__(name)

    def __repr__(self) -> str:
        return f"Fragment({vars(self)})"

    @property
    def streaming(self) -> bool:
        """The request asked for a stream, as its answer shows where the request is missing. What a log put together is read as a
        plain answer."""
        if STREAM in self.missing:
            return False
        return self._streamed() if {REQUEST, PARAMETERS} & self.missing else super().streaming

    @property
    def answered(self) -> bool:
        return True if STATUS in self.missing else super().answered

    @property
    def ok(self) -> bool:
        """2xx, as the body shows where the status is missing: events, or an object that is no error."""
        return self._kind() == "result" if STATUS in self.missing else super().ok

    @property
    def failed(self) -> bool:
        return self._kind() == "error" if STATUS in self.missing else super().failed

    @view
    def asked(self) -> dict[str, Any]:
        """The request body without what asked for a stream that was not kept."""
        asked = self._whole().asked if {STREAM, PARAMETERS} & self.missing else super().asked
        late = STREAM in self.missing and "background" in asked  # how it began is lost, too
        if STREAM in self.missing:
            asked = {name: value for name, value in asked.items() if name not in (*_OF_STREAMS, "background")}
        return KeptRequest(asked) if late or PARAMETERS in self.missing else asked

    @view
    def asks_audio(self) -> bool:
        return b'"audio":' in self.body if {REQUEST, PARAMETERS} & self.missing else self._whole().asks_audio

    @view
    def json(self) -> Any:
        """The JSON body. Raises Unreadable."""
        value, reason = self._parsed
        if reason is not None:
            raise Unreadable(f"the body is not JSON ({reason}), expected a JSON text")
        return kept(value) if MEMBERS in self.missing else value

    @view
    def messages(self) -> tuple[tuple[int, Any], ...]:
        """The JSON of the events, which is as it was even where the bytes between the events are not."""
        found = Exchange("", "", "", (), b"", None, (), self.body).messages
        return tuple((n, kept(value)) for n, value in found) if MEMBERS in self.missing else found

    def _whole(self) -> Exchange:
        """What the recorder kept of the request, to be read as any other. Raises NotRecorded."""
        body, headers = vars(self)["request_body"], self.request_headers
        return Exchange("", self.method, self.url, headers, body, None, (), self.body)

    def _streamed(self) -> bool:
        return _EVENTS.match(self.body) is not None

    def _kind(self) -> str | None:
        if self._streamed():
            return "result"
        try:
            body = jsontext.parse(self.body)
        except NotJSON:
            return None
        if not isinstance(body, dict):
            return None
        return "error" if body.get("error") and not {"object", "choices", "data"} & set(body) else "result"


def without(x: Exchange, *parts: str) -> Exchange:
    """The exchange without these parts; the very same where none is named."""
    if not parts:
        return x
    values = {field.name: vars(x)[field.name] for field in fields(Exchange) if field.name != "memo"}
    return Fragment(**values, missing=frozenset(parts) | x.missing)
