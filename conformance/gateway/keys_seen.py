"""Where a key is that should not be: the client's in what reached the upstream, the upstream's in what reached the client.

It is noted before secrets are taken out of an exchange, as intents of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conformance.exchange import Exchange, Headers

OTHER_KEY = "other-key"
"""The upstream has a key of its own, so the client's must not be seen there."""
GONE = "[redacted]"
_LEAK = "client-key-in:"
_TOLD = "upstream-key-in:"


def seen_keys(client: str | None, own: str | None, url: str, headers: Headers, body: bytes) -> frozenset[str]:
    """The intents of what reached the upstream; none where both have one key, or none is known."""
    if not client or not own or client == own:
        return frozenset()
    places = [name.lower() for name, value in headers if client in value]
    places += ["the URL"] if client in url else []
    places += ["the body"] if client.encode() in body else []
    return frozenset({OTHER_KEY, *(f"{_LEAK}{place}" for place in places)})


def told_keys(own: str | None, x: Exchange) -> Exchange:
    """An answer to the client in which the upstream's key is told: with intents that say where, and without it."""
    if not own:
        return x
    places = [f"the header {name.lower()}" for name, value in x.headers if own in value]
    places += ["the body"] if own.encode() in x.body else []
    if not places:
        return x
    headers = tuple((name, value.replace(own, GONE)) for name, value in x.headers)
    body = x.body.replace(
        own.encode(), GONE.ljust(len(own), "*").encode()
    )  # as long as it was, for arrivals count bytes
    return replace(x, intent=x.intent | {f"{_TOLD}{place}" for place in places}, headers=headers, body=body, memo={})


def told(x: Exchange) -> list[str]:
    """Where it was told."""
    return sorted(each.removeprefix(_TOLD) for each in x.intent if each.startswith(_TOLD))


def leaks(inners: Iterable[Exchange]) -> list[str]:
    """The places where it was seen."""
    return sorted({each.removeprefix(_LEAK) for x in inners for each in x.intent if each.startswith(_LEAK)})
