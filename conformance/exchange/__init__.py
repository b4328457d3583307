"""One request and everything that came back, the views through which it is read, and what a probe meant by the request.

It knows the wire and nothing else of ours. Parsed JSON is touched through the views, `need` and `find` only, which raise nothing but
`Unreadable`, and `NotRecorded` where a recorder kept too little.
"""

from conformance.exchange.assembly import Choice, ToolCall
from conformance.exchange.chunk import is_chunk, looks_like_an_error
from conformance.exchange.exchange import Exchange
from conformance.exchange.ids import APART, REFUSED, SERVED
from conformance.exchange.reading import ABSENT, NotRecorded, Unreadable, find, is_a, need, text_at
from conformance.exchange.view import remembered
from conformance.wire.redact import Headers

__all__ = [
    "ABSENT",
    "APART",
    "REFUSED",
    "SERVED",
    "Choice",
    "Exchange",
    "Headers",
    "NotRecorded",
    "ToolCall",
    "Unreadable",
    "find",
    "is_a",
    "is_chunk",
    "looks_like_an_error",
    "need",
    "remembered",
    "text_at",
]
