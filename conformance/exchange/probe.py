"""A request worth sending, and what it intends. A probe never sends and never judges.

It names a route, a body and its intent; send/requests.py turns it into what is sent: chat probes both plain and streamed,
with the model filled in. A probe that needs an earlier answer (`after`) builds its body from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.wire import multipart
from conformance.wire.redact import Headers

Body = dict[str, Any]
Depth = Literal["quick", "normal", "deep"]
"""How much a run asks: each depth sends what those before it send, and more."""
Task = Literal["chat", "responses", "embedding", "transcription", "speech", "image", "moderation"]
"""What a model is for; endpoints have a model for each."""


WRONG_KEY = "sk-conformance-wrong-key-0123456789abcdef"
"""A key that nobody has: no secret, and checks look for it in what comes back."""
UNKNOWN_MODEL = "conformance-no-such-model"
EARLIER = "*"
"""Stands in `after` for every request that does not wait so: what is asked is planned from all that was answered."""
PATIENT = "patient"
"""The intent of a request for what is there only after a moment: it is sent again as long as it is answered 404."""

TIDYING = "tidying"
"""The intent of a request that undoes what an earlier one did: where that did nothing, it is not missed."""
POLLED = "polled"
"""The intent of a request for what is made meanwhile: it is sent again as long as its `status` says that it is not done."""

PADDING = b"{padding}"
"""Stands in a body for zeros that are sent and not kept (`Manner.padding`): an exchange has this in their place."""
PIECE = 64 * 1024
"""Bytes of them that go out at once."""


@dataclass(frozen=True)
class Manner:
    """How a request is sent, where it is not sent as all others are: at once, over a connection of its own, and read to the end.

    The body has so many `blanks` behind its first character, as JSON may. It goes out in so many `portions`, a moment apart, `chunked`
    where its length is not said, and only when the server says 100 or a second has passed where it `expects` that. Headers in `without`
    are not sent, and all names are in `lower_case`. `over` is the id of a request over whose connection this one is sent, after `idle`
    seconds of silence; `beside` names the probes that are sent at the same moment. The client `leaves` while it waits for the answer,
    or in the middle of it. So many bytes of `padding` are sent where the body holds PADDING. All that go by `http2` go over one connection.
    """

    blanks: int = 0
    portions: int = 1
    chunked: bool = False
    expects: bool = False
    without: tuple[str, ...] = ()
    lower_case: bool = False
    over: str | None = None
    idle: float = 0.0
    beside: str | None = None
    leaves: Literal["waiting", "midway"] | None = None
    padding: int = 0
    http2: bool = False

    def padded(self, body: bytes) -> Iterator[bytes]:
        """The body with its padding, in pieces."""
        head, _, tail = body.partition(PADDING)
        yield head
        for sent in range(0, self.padding, PIECE):
            yield bytes(min(PIECE, self.padding - sent))
        yield tail

    def size(self, body: bytes) -> int:
        """Bytes of the body as it is sent."""
        return len(body) + (self.padding - len(PADDING) if self.padding else 0)

    def whole(self, body: bytes) -> bytes:
        """The body as it goes out. What is kept of the request has no blanks in it."""
        return body[:1] + b" " * self.blanks + body[1:]

    def pieces(self, body: bytes) -> list[bytes]:
        """The body in its portions, none of them empty."""
        size = max(1, -(-len(body) // self.portions))
        return [body[n : n + size] for n in range(0, len(body), size)]


USUAL = Manner()


@dataclass(frozen=True)
class Probe:
    """A request worth sending.

    `body` is a JSON object (the model is filled in unless it is there or in `omit`) or raw bytes, in which `{model}` in quotes stands
    for it, in those of a form (`form_probe`) also without; `{model}` in `path` is replaced by it percent-encoded. `task` says which
    model is meant, `key` which credential goes along. `streamed` are the keys added for the streamed twin, None for a probe sent
    once. `build` makes the body, or what stands for each `{built}` in `path`, from the answer of the probe named in `after`, which may
    be None where that answer is not usable, or from the list of all answers where `after` is EARLIER.
    `door` is the id of the one request that tells whether there is such
    a route at all; where there is not, this one is not sent.
    `stage` asks a server that can stage situations (the reference) for one; such probes go to no other server. `onward` gives the
    body to send next in its place, given the answer (any, where it has none: it is then asked for again a little later), None where
    that is the last word. `last` is sent after all others, and with none beside it where it asks for something to be made. `depth` is
    the least `--depth` at which a live run sends it, `manner` how it is sent; `dear` is what costs more than a chat request where it is
    paid for. A `socket` probe is a turn over a WebSocket, sent where `--websocket` asks for it: its body is the message, or several, a
    line each, and `manner.over` the turn over whose connection it goes on.
    """

    name: str
    body: Body | bytes | None = None
    method: str = "POST"
    path: str = "/chat/completions"
    headers: Headers = ()
    key: Literal["given", "none", "wrong"] = "given"
    intent: frozenset[str] = frozenset()
    omit: tuple[str, ...] = ()
    streamed: Body | None = None
    after: str | None = None
    build: Callable[[Any], Body | str | tuple[str, ...] | None] | None = None
    onward: Callable[[Any], Body | None] | None = None
    stage: str | None = None
    last: bool = False
    depth: Depth = "quick"
    manner: Manner = USUAL
    task: Task = "chat"
    door: str | None = None
    dear: bool = False
    socket: bool = False

    @property
    def alone(self) -> bool:
        """Whether nothing else may be under way with it: what becomes of others then would be its fault."""
        asks = self.method == "POST" and TIDYING not in self.intent
        return self.manner.leaves is not None or (self.last and asks)


def chat_probe(name: str, body: Body, **more: Any) -> Probe:
    """A chat probe: sent plain and streamed."""
    more["intent"] = frozenset(more.get("intent", ()))
    return Probe(name, body, streamed=more.pop("streamed", {}), **more)


def user(text: Any) -> list[Body]:
    """The messages of a conversation that is one question."""
    return [{"role": "user", "content": text}]


def form_probe(name: str, path: str, fields: Sequence[multipart.Field], **more: Any) -> Probe:
    """A probe that sends a form: multipart/form-data, as clients send files."""
    kind, body = multipart.form(fields)
    return Probe(name, body, path=path, headers=(("Content-Type", kind), *more.pop("headers", ())), **more)
