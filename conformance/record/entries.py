"""What all recordings by others have in common: an entry becomes an exchange, or there is a reason why not.

It must not invent anything: what a recorder left out is marked as missing (exchange/fragment.py), and what is not of this API, or came
back only in part, is left out. Secrets are taken out here, as they are of what comes back live.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from conformance.exchange import Exchange, Headers
from conformance.exchange.documented import ROUTES
from conformance.exchange.fragment import FRAMING, REQUEST, STATUS, without
from conformance.record import packed, strangers
from conformance.record.jsonarray import CUT, STRING_BYTES, Broken
from conformance.wire import jsontext, weight
from conformance.wire.coding import KNOWN, Decoder, Undecodable
from conformance.wire.redact import REDACTED, Redactor, names_a_secret, url_secrets, without_keys

VALUES, STREAM_VALUES, LINES = 500_000, 1_000_000, 200_000
"""Values and lines in one body: of so many, parsing and validating makes some 100 MB. They are
300 embeddings written as numbers; the events of a stream are read one by one, and these are those of 20,000 tokens."""

URL_LENGTH, HEADERS, HEADER_BYTES = 16 * 1024, 1000, 256 * 1024
"""Characters of a URL; headers of one message, and the characters of their names and values."""
NOWHERE = "http://unknown.invalid"
"""Stands for a host that a recorder did not keep (RFC 2606)."""

_PLACEHOLDER = re.compile(
    r"(?:[a-z]{1,9}[_-])?[*<\[({]*(redacted|sanitized|filtered|scrubbed|masked|removed|placeholder)[*>\])}]*(?:[_-]\d{1,4})?"
    r"|<[A-Za-z][\w -]*>|X(-[A-Z0-9]+)*-X{3,}|X{3,}",
    re.I,
)
"""What recorders write in place of a header's value: it was not kept."""
_PLAIN = str | int | float
_GZIP = b"\x1f\x8b"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_SCHEME = re.compile(r"(?:bearer|basic)\s+", re.I)


T = TypeVar("T")


class Kind(NamedTuple):
    """What was asked for: on which route, and whether as a stream."""

    route: str
    streaming: bool

    @classmethod
    def of(cls, x: Exchange) -> Kind:
        return cls(x.route or "", x.streaming)

    @property
    def words(self) -> str:
        return f"{'streamed' if self.streaming else 'plain'} answer of {self.route}"


class LeftOut(Exception):
    """Why an entry gives no exchange. `fault`: the recording is broken there; else there is just nothing to judge. `lost`: of this API
    it is, but its answer was not kept: its kind."""

    def __init__(self, reason: str, *, fault: bool = True, lost: Kind | None = None) -> None:
        super().__init__(reason)
        self.fault, self.lost = fault, lost


Name = int | str
"""What an entry is called in its recording: its number from 0, or `@` and the byte at which its line begins."""


class Skipped(NamedTuple):
    """An entry of a recording that gave no exchange; `entry` is its name, None for the rest of the file."""

    entry: Name | None
    reason: str
    fault: bool
    lost: Kind | None = None
    unreachable: bool = False
    """From here on the recording could not be fetched."""

    @property
    def place(self) -> str:
        """What stands behind the name of the file, before the reason."""
        if self.entry is None:
            return ""
        return f", the line at byte {self.entry[1:]}:" if isinstance(self.entry, str) else f", entry {self.entry}:"


@dataclass
class Entry:
    """What a recorder kept of one call, as it wrote it. A `request_body` of None was not kept; `body_only`: nothing but the
    body of the answer is genuine; `missing` are further parts that the recorder does not keep (exchange/fragment.py). `took` are
    the seconds of the whole call; `exact`: bytes are those of the wire, whatever they are."""

    method: Any
    url: Any
    request_headers: Iterable[tuple[Any, Any]]
    request_body: bytes | None
    status: Any
    headers: Iterable[tuple[Any, Any]]
    body: bytes
    started: float | None = None
    headers_known: bool = True
    body_only: bool = False
    missing: tuple[str, ...] = ()
    took: float | None = None
    session: str | None = None
    exact: bool = False


def attempted(read: Callable[[Any], T], value: Any, wanted: str) -> T | LeftOut:
    """What is read from a value of a recording, or why there is none: it is not what is `wanted` there."""
    try:
        return read(value)
    except LeftOut as reason:
        return reason
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, RecursionError) as error:
        said = f"{error}"[:1000]  # more than is shown, so that no key is cut before it is taken out
        return LeftOut(without_keys(f"not {wanted} ({type(error).__name__}: {said})")[:120])


def exchange(id: str, entry: Entry) -> Exchange:
    """The exchange of an entry. Raises LeftOut."""
    url, method = _url(entry.url), entry.method.upper() if isinstance(entry.method, str) else ""
    if not of_this_api(method, url) or strangers.of_a_namesake(url, entry.request_headers):
        raise LeftOut("not of this API", fault=False)
    asked, kept = _headers(entry.request_headers), _headers(entry.headers)
    redactor = redactor_of(asked, url)
    sent = redactor.headers(asked, sent=True)
    received = redactor.headers(tuple(pair for pair in kept if not _is_placeholder(pair, redactor)), sent=False)
    request = entry.request_body or b""
    if entry.status is None or _was_lost(entry, received):
        asked_for = Exchange("", method, url, sent, request, entry.status, received, b"")
        streaming = asked_for.streaming or _value(received, "content-type").lower().startswith("text/event-stream")
        part = "status" if entry.status is None else "body"
        raise LeftOut(f"without a recorded {part}", fault=False, lost=Kind(asked_for.route or "", streaming))
    body = _body(entry, received)
    if CUT.encode() in request or CUT.encode() in body or max(len(request), len(body)) > STRING_BYTES:
        raise LeftOut(f"a body is longer than {STRING_BYTES:,} bytes")
    for text in (body, request):
        most = VALUES if text.lstrip().startswith((b"{", b"[")) else STREAM_VALUES
        if len(text) > most // weight.OBJECT and weight.values(text) > most:
            raise LeftOut(f"not judged: more than {most:,} values in one body")
        if len(text) > LINES and most == STREAM_VALUES and weight.lines(text) > LINES:
            raise LeftOut(f"not judged: more than {LINES:,} lines in one body")
    x = Exchange(
        id=id,
        method=method,
        url=_clean(redactor, url),
        request_headers=sent,
        request_body=redactor.bytes(request),
        status=_status(entry.status),
        headers=received,
        body=redactor.bytes(body),
        headers_known=entry.headers_known and bool(received) and len(received) == len(kept),
        started=entry.started,
        took=entry.took,
        session=entry.session,
    )
    if strangers.is_another(x):
        raise LeftOut("not of this API", fault=False)
    return without(x, *_missing(x, entry))


def _url(url: Any) -> str:
    """The URL, at a host of no name where a recorder wrote a placeholder for it, or none. Raises LeftOut."""
    try:
        if isinstance(url, str) and len(url) <= URL_LENGTH and urlsplit(url).hostname:
            return url
    except ValueError:
        pass
    if (
        isinstance(url, str)
        and len(url) <= URL_LENGTH
        and (path := re.fullmatch(r"[<\[{(*$\w.-]*[>\]})*]*(/[\x21-\x7e]*)", url))
    ):
        return f"{NOWHERE}{path[1]}"
    raise LeftOut(f"its URL is {_shown(Redactor().url(url[:1000]) if isinstance(url, str) else url)}")


@lru_cache(maxsize=1024)
def of_this_api(method: str, url: str) -> bool:
    """A documented method on a known route, or a WebSocket where there is one: neither a browser's OPTIONS nor another API's POST to
    /models/NAME:generate."""
    x = Exchange("", method, url, (), b"", None, (), b"")
    return x.route is not None and (x.route == "responses" if x.socket else method in ROUTES[x.route].methods)


def _is_placeholder(pair: tuple[str, str], redactor: Redactor) -> bool:
    """What a recorder wrote in place of a value that is no secret: we take secrets out, too, and know of them all the same."""
    secret = redactor.headers(((pair[0], "x"),), sent=False)[0][1] == REDACTED
    return not secret and _PLACEHOLDER.fullmatch(pair[1].strip()) is not None


def _status(status: Any) -> int:
    """Raises LeftOut; 0 is what browsers write where no answer came, because the user or the network broke off."""
    whole = isinstance(status, str | int) and re.fullmatch(r"\s*[0-9]{1,4}\s*", str(status)[:20])
    if not whole or isinstance(status, bool):
        raise LeftOut(f"its status is {_shown(status)}")
    number = int(status)
    if number == 0:
        raise LeftOut("without an answer", fault=False)
    if not 100 <= number <= 999:
        raise LeftOut(f"its status is {number}")
    return number


def _headers(pairs: Iterable[tuple[Any, Any]]) -> Headers:
    """Headers as sent. HTTP/2's own (`:status`) are none. Raises LeftOut for what no message has."""
    kept = []
    for name, value in pairs:
        if not isinstance(name, _PLAIN) or not isinstance(value, _PLAIN | None):
            raise LeftOut("a header in it is no text")
        kept.append((str(name), "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)))
    if len(kept) > HEADERS or sum(len(name) + len(value) for name, value in kept) > HEADER_BYTES:
        raise LeftOut(f"more than {HEADERS:,} headers, or {HEADER_BYTES:,} characters of them")
    return tuple([pair for pair in kept if pair[0][:1] != ":"])


def _was_lost(entry: Entry, headers: Headers) -> bool:
    """There was a body, and the recorder did not keep it; a length beside chunks is the recorder's own. Raises LeftOut."""
    has_one = 200 <= _status(entry.status) < 300 and _status(entry.status) != 204
    empty = _value(headers, "content-length").strip() == "0" and not _value(headers, "transfer-encoding")
    return not entry.body and has_one and not empty


def _body(entry: Entry, headers: Headers) -> bytes:
    """The body without its content coding, which most recorders have undone. Raises LeftOut."""
    body, coding = entry.body, _value(headers, "content-encoding").strip().lower()
    if not coding and not entry.headers_known and body.startswith(_GZIP):
        coding = "gzip"
    if coding in ("gzip", "x-gzip", "deflate") and (body.startswith(_GZIP) or body[:2] in _ZLIB):
        try:
            decoder = Decoder(coding)
            body = decoder.feed(body, STRING_BYTES)
            decoder.close()
        except Undecodable as reason:
            raise LeftOut(str(reason)) from None
    elif coding in packed.CODINGS and not _is_text(body):
        try:
            body = packed.undone(body, coding, STRING_BYTES)
        except Broken as reason:
            raise LeftOut(str(reason)) from None
    elif coding and coding not in KNOWN and not _is_text(body):
        raise LeftOut(f"its body is still coded as {without_keys(coding[:1000]):.20}")
    return body


def _value(headers: Iterable[tuple[Any, Any]], name: str) -> str:
    return next((str(value) for each, value in headers if str(each).lower() == name), "")


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _missing(x: Exchange, entry: Entry) -> tuple[str, ...]:
    """What is not there, or made up. A request that is no JSON object was more likely cut or scrubbed by a recorder than sent, and one
    that is longer than it says of itself was edited afterwards."""
    if entry.body_only:
        return REQUEST, STATUS, FRAMING
    lost = entry.request_body is None if entry.exact else not x.asked or strangers.was_edited(x)
    return (*entry.missing, *((REQUEST,) if x.method == "POST" and lost else ()))


def _shown(value: Any) -> str:
    """What stands in a recording where it should not, in so many characters."""
    return jsontext.show(without_keys(value[:1000]) if isinstance(value, str) else value, 60)


def redactor_of(request_headers: Iterable[tuple[Any, Any]], url: str) -> Redactor:
    """What takes out of an exchange the secrets that its request carries."""
    return _knowing(_secrets(request_headers, url))


def _secrets(request_headers: Iterable[tuple[Any, Any]], url: str) -> tuple[str, ...]:
    """The credentials that were sent; recorders leave them out or write a placeholder, but not all of them do."""
    sent = [str(value) for name, value in request_headers if value and names_a_secret(str(name))]
    return tuple(sorted({_SCHEME.sub("", value, count=1) for value in sent} | set(url_secrets(url))))


@lru_cache(maxsize=64)
def _knowing(secrets: tuple[str, ...]) -> Redactor:
    return Redactor(secrets)


@lru_cache(maxsize=1024)
def _clean(redactor: Redactor, url: str) -> str:
    return redactor.url(url)
