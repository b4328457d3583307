"""Headers by their name, as views look for them."""

from __future__ import annotations

from conformance.wire.redact import Headers


def by_name(headers: Headers) -> dict[str, str]:
    """Headers by their name in lower case; the values of several of one name joined by a comma."""
    named: dict[str, list[str]] = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in named.items()}
