"""What a network does to a request, in the words of its user.

It must not hide whose fault it is, nor repeat unescaped what the endpoint said.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx

from conformance.send.limits import Limits
from conformance.wire.jsontext import show


def explained(error: Exception, url: str, limits: Limits, clean: Callable[[str], str]) -> tuple[str, str]:
    """How an exchange ended (as in Exchange.ended) and why, in a sentence, where httpx raised this. `clean` takes the secrets out of
    a text, which has to be done before it is cut."""
    causes = list(_causes(error))
    if isinstance(error, httpx.ConnectTimeout):
        return "timeout", f"no connection to {_place(url)} within {limits.connect:g} s (limit: connect)"
    if isinstance(error, httpx.TimeoutException):
        return "timeout", f"the network was too slow ({type(error).__name__})"
    if isinstance(error, httpx.ProxyError):
        return "refused", f"the proxy refused the connection: {_said(error, clean)}"
    if isinstance(error, httpx.ConnectError):
        return "refused", _no_connection(causes, url, clean)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError | UnicodeError):
        # Not what it says: it may quote a header, and so the key.
        return "refused", "the request cannot be sent: its URL or a header holds what HTTP does not allow"
    if isinstance(error, httpx.RemoteProtocolError):
        return _protocol(clean(str(error)))
    if isinstance(error, httpx.NetworkError):
        return "cut", "the connection was reset before the answer was whole"
    return "undecodable", f"the answer could not be read ({type(error).__name__}: {_said(error, clean)})"


def _no_connection(causes: list[BaseException], url: str, clean: Callable[[str], str]) -> str:
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return f"the host {urlsplit(url).hostname!r} is not known ({cause.strerror})"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS to {_place(url)} failed: the certificate is not accepted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "no reason given"
            return f"TLS to {_place(url)} failed ({reason.replace('_', ' ').lower()})"
        if isinstance(cause, ConnectionRefusedError):
            return f"nothing listens at {_place(url)} (connection refused)"
    reasons = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return f"no connection to {_place(url)} ({reasons[-1] if reasons else _said(causes[0], clean)})"


def _protocol(said: str) -> tuple[str, str]:
    """What h11 found wrong with the bytes."""
    if said.startswith("Server disconnected"):
        return "cut", "the connection was closed before the headers of an answer were there"
    if said.startswith("peer closed connection"):
        detail = said.partition("(")[2].rstrip(")") or "no end of the body"
        return "cut", f"the connection was closed before the body was whole ({detail})"
    if "too long" in said:
        return "limit", "the headers or the frame of a chunk are longer than 100 KiB (limit: headers)"
    return "undecodable", f"the answer is not HTTP/1.1 ({show(said, 120)})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, groups opened."""
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [c for c in (*getattr(cause, "exceptions", ()), cause.__cause__, cause.__context__) if c]


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _said(error: BaseException, clean: Callable[[str], str]) -> str:
    return show(clean(str(error)), 120)
