"""Where the client's key is in what reached the upstream: noted before secrets are taken out of an exchange, as intents of it."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.exchange import Exchange, Headers

OTHER_KEY = "other-key"
"""The upstream has a key of its own, so the client's must not be seen there."""
_LEAK = "client-key-in:"


def seen_keys(client: str | None, own: str | None, url: str, headers: Headers, body: bytes) -> frozenset[str]:
    """The intents of what reached the upstream; none where both have one key, or none is known."""
    if not client or not own or client == own:
        return frozenset()
    places = [name.lower() for name, value in headers if client in value]
    places += ["the URL"] if client in url else []
    places += ["the body"] if client.encode() in body else []
    return frozenset({OTHER_KEY, *(f"{_LEAK}{place}" for place in places)})


def leaks(inners: Iterable[Exchange]) -> list[str]:
    """The places where it was seen."""
    return sorted({each.removeprefix(_LEAK) for x in inners for each in x.intent if each.startswith(_LEAK)})
