"""A request worth sending, and what it intends. A probe never sends and never judges.

It names a route, a body and its intent; send/requests.py turns it into what is sent: chat probes both plain and streamed,
with the model filled in. A probe that needs an earlier answer (`after`) builds its body from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from conformance.wire.redact import Headers

if TYPE_CHECKING:
    from conformance.exchange import Exchange

Body = dict[str, Any]
Depth = Literal["quick", "normal", "deep"]
"""How much a run asks: each depth sends what those before it send, and more."""


WRONG_KEY = "sk-conformance-wrong-key-0123456789abcdef"
"""A key that nobody has: no secret, and checks look for it in what comes back."""
UNKNOWN_MODEL = "conformance-no-such-model"
PATIENT = "patient"
"""The intent of a request for what is there only after a moment: it is sent again as long as it is answered 404."""


@dataclass(frozen=True)
class Probe:
    """A request worth sending.

    `body` is a JSON object (the model is filled in unless it is there or in `omit`) or raw bytes, in which `{model}` stands for
    it; `{model}` in `path` is replaced by it percent-encoded. `key` says which credential goes along. `streamed` are the keys
    added for the streamed twin, None for a probe sent once. `build` makes the body from the answer of the probe named in
    `after`, which may be None where that answer is not usable. `stage` asks a server that can stage situations (the reference)
    for one; such probes go to no other server. `onward` gives the body to send next in its place, given the answer, None where that is
    the last word. `last` is sent after all others, with none beside it.
    `depth` is the least `--depth` at which a live run sends it.
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
    build: Callable[[Exchange | None], Body | str | None] | None = None
    onward: Callable[[Exchange], Body | None] | None = None
    stage: str | None = None
    last: bool = False
    depth: Depth = "quick"


def chat_probe(name: str, body: Body, **more: Any) -> Probe:
    """A chat probe: sent plain and streamed."""
    more["intent"] = frozenset(more.get("intent", ()))
    return Probe(name, body, streamed=more.pop("streamed", {}), **more)


def user(text: Any) -> list[Body]:
    """The messages of a conversation that is one question."""
    return [{"role": "user", "content": text}]
