"""Texts to embed: one, and several in a list, as numbers and as base64, as tokens, in another width, and what cannot be embedded."""

from __future__ import annotations

from typing import Any

from conformance.areas.embeddings.conditions import numbers
from conformance.areas.questions import COUNT, HELLO
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import Body, Probe

LONG = 40_000
"""Words of the text that is too long: OpenAI's models take 8,192 tokens, and hardly any takes so many."""
MANY = 2049
NO_TOKEN = 1_000_000_000


def _probe(name: str, body: Body, *intent: str, **more: Any) -> Probe:
    more.setdefault("door", "http.embeddings")
    return Probe(name, body, path="/embeddings", intent=frozenset(intent or ("optional",)), task="embedding", **more)


def _width(x: Exchange | None) -> int:
    """The numbers of the vector that came; some where none is known yet. Raises Unreadable."""
    if x is None:
        return 32
    if not x.ok or not (found := numbers(x)):
        raise Unreadable("no vector came, so that its width is not known")
    return len(found[0][1])


def _half(x: Exchange | None) -> Body:
    return {"input": HELLO, "dimensions": max(1, _width(x) // 2)}


def _own(x: Exchange | None) -> Body:
    return {"input": HELLO, "dimensions": _width(x)}


PROBES = (
    _probe("http.embeddings", {"input": HELLO}, door=None),
    _probe("embeddings.base64", {"input": HELLO, "encoding_format": "base64"}),
    _probe("embeddings.several", {"input": [HELLO, COUNT]}, depth="normal"),
    _probe("embeddings.tokens", {"input": [[1, 2, 3], [4, 5]], "encoding_format": "float"}),
    _probe("embeddings.one-of-tokens", {"input": [1, 2, 3]}, depth="deep"),
    _probe("embeddings.dimensions", {}, after="http.embeddings", build=_half, depth="normal"),
    _probe("embeddings.native", {}, after="http.embeddings", build=_own, depth="normal"),
    _probe("embeddings.many", {"input": ["a"] * MANY}, "mistake", depth="deep"),
    _probe("embeddings.empty", {"input": [HELLO, ""]}, "mistake", depth="normal"),
    _probe("embeddings.nested", {"input": [[HELLO, COUNT]]}, "mistake", "nested", depth="deep"),
    _probe("embeddings.too-long", {"input": "word " * LONG}, "too-long", depth="deep"),
    _probe("embeddings.bad-token", {"input": [[-1], [NO_TOKEN]]}, "mistake", depth="normal"),
    _probe("embeddings.again", {"input": HELLO, "user": "conformance-again"}, depth="normal", after="embeddings.bad-token",
           build=lambda _: {"input": HELLO, "user": "conformance-again"}),
)  # fmt: skip
