"""What is sent again and again but for a text in it, made once; and what came of it, as bytes, of which an exchange is made where one is
wanted. It must not judge.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace

import httpx

from conformance.exchange import Exchange
from conformance.exchange.probe import Manner
from conformance.send.allowance import Allowance
from conformance.send.requests import Request
from conformance.send.sender import about
from conformance.send.target import Target, request_headers


@dataclass(frozen=True)
class Letter:
    """What is sent again and again but for a text in the body: the headers, as sent and without secrets, and the body around it."""

    request: Request
    url: str
    head: bytes
    shown: tuple[tuple[str, str], ...]
    shown_url: str
    stands_for: bytes

    def body(self, text: bytes) -> bytes:
        return (self.request.body or b"").replace(self.stands_for, text)

    def message(self, body: bytes) -> bytes:
        return b"%bContent-Length: %d\r\n\r\n%b" % (self.head, len(body), body)


def letter(request: Request, target: Target, url: str, stands_for: str) -> Letter:
    """What is sent for a request whose body holds a text that `stands_for` another each time. Raises ValueError, httpx.InvalidURL,
    h11's errors are none, for httpx looks at the headers."""
    made = httpx.Request(request.method, url, headers=list(request_headers(request, target)), content=request.body)
    lines = [(name, value) for name, value in made.headers.raw if name.lower() != b"content-length"]
    if any(re.search(rb"[\r\n\0]", part) for line in lines for part in line):
        raise ValueError("a header holds a line end")
    head = b"%b %b HTTP/1.1\r\n" % (request.method.encode(), made.url.raw_path)
    head += b"".join(b"%b: %b\r\n" % line for line in lines)
    texts = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines)
    clean = target.redactor
    return Letter(request, url, head, clean.headers(texts, sent=True), clean.url(url), stands_for.encode())


@dataclass(frozen=True)
class Got:
    """What came of one letter, as bytes: `exchange` makes the exchange of it."""

    id: str
    letter: Letter
    request_body: bytes
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    arrivals: tuple[tuple[float, int], ...]
    started: float
    sent: float
    """As time.perf_counter()."""
    ended: str = "complete"
    failure: str | None = None
    intent: frozenset[str] = frozenset()

    @property
    def ok(self) -> bool:
        """2xx."""
        return self.status is not None and 200 <= self.status < 300

    def exchange(self, target: Target, *, timed: bool = True) -> Exchange:
        """The exchange, without secrets; without times where they are not to be trusted."""
        request, url = self.letter.request, self.letter.url
        said = about(request, url, (), self.ended, self.failure) | {"id": self.id, "intent": self.intent}
        said["request_body"] = self.request_body
        arrivals = self.arrivals if timed else ()
        x = Exchange(
            status=self.status, headers=self.headers, body=self.body, arrivals=arrivals, started=self.started, **said
        ).redacted(target.redactor)
        length = ("Content-Length", str(len(self.request_body)))
        object.__setattr__(x, "request_headers", (*self.letter.shown, length))
        return x


class Alone:
    """Sends letters as all other requests are sent, each over a connection of its own: where a proxy of the environment is between."""

    def __init__(self, target: Target, allowance: Allowance, http: httpx.AsyncClient) -> None:
        self._target, self._allowance, self._http = target, allowance, http

    async def __aenter__(self) -> Alone:
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Whoever gave the client closes it."""

    async def ask(self, id: str, letter: Letter, text: bytes, *, midway: bool = False) -> Got:
        """Send it with this text. Raises nothing because of the endpoint or the network."""
        left = {"manner": Manner(leaves="midway"), "intent": frozenset({"leaves"})} if midway else {}
        asked = replace(letter.request, id=id, body=letter.body(text), probe=replace(letter.request.probe, **left))
        sent = time.perf_counter()
        x = await self._allowance.send(asked, self._target, self._http)
        return Got(
            id, letter, x.request_body, x.status, x.headers, x.body, x.arrivals, x.started or time.time(), sent,
            x.ended, x.failure, x.intent,
        )  # fmt: skip
