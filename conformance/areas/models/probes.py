"""The list of models, twice; one model, those whose names are hard to quote, and one that does not exist."""

from __future__ import annotations

import re

from conformance.areas.questions import LIST
from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.probe import UNKNOWN_MODEL, Probe

LONGEST = 200
"""Characters of a name that is asked for."""


def _names(models: Exchange | None) -> list[str]:
    """The listed names that can be asked for, the first left out: where no model is named, every request is about that one."""
    try:
        data = find(models.json, "data") if models is not None and models.ok else None
    except Unreadable:
        return []
    ids = [find(item, "id") for item in data[1:]] if isinstance(data, list) else []
    known = [id for id in ids if isinstance(id, str) and id.isprintable() and len(id) <= LONGEST]
    return [id for id in known if id.strip(" .")]


def _hardest(models: Exchange | None) -> str | None:
    """The name with the most kinds of characters that a path has to quote, or a server to leave alone."""
    return max(_names(models), key=lambda id: len({*re.sub(r"[\w.~-]", "", id, flags=re.ASCII)}), default=None)


def _last(models: Exchange | None) -> str | None:
    """The last name but the hardest."""
    return next((id for id in reversed(_names(models)) if id != _hardest(models)), None)


PROBES = (
    LIST,
    # Also asked for without any content coding, and with the header name in capitals, as some proxies rewrite it.
    Probe("models.one", method="GET", path="/models/{model}", headers=(("Accept-Encoding", "identity"),),
          intent=frozenset({"capital-header"})),
    # Also sent with the scheme in lower case, which RFC 9110 section 11.1 calls the same.
    Probe("models.unknown", method="GET", path=f"/models/{UNKNOWN_MODEL}",
          intent=frozenset({"unknown-model", "lowercase-scheme"})),
    Probe("models.no-key", method="GET", path="/models", key="none", intent=frozenset({"no-key"})),
    Probe("models.again", method="GET", path="/models", after="models.list", depth="normal"),
    Probe("models.quoted", method="GET", path="/models/{built}", after="models.list", build=_hardest, depth="normal"),
    Probe("models.last", method="GET", path="/models/{built}", after="models.list", build=_last, depth="deep"),
)  # fmt: skip
