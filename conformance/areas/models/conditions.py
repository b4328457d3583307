"""A list of models, and what else was asked of the same server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from conformance.exchange import Exchange, Unreadable, need
from conformance.judge import Relation


def _path(x: Exchange) -> str:
    """The URL without its query."""
    return x.url.partition("?")[0]


def _ids(models: Exchange) -> Iterator[str]:
    try:
        for model in need(models.answer, "data", list):
            yield need(model, "id", str)
    except Unreadable:
        return


def _retrieved(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A list of models with each of its models that was asked for alone."""
    listed: dict[str, tuple[Exchange, set[str]]] = {}
    for x in exchanges:
        if x.route == "models" and x.method == "GET" and x.ok:
            listed.setdefault(_path(x).rstrip("/"), (x, set(_ids(x))))
    for x in exchanges:
        if x.route == "model" and x.method == "GET":
            base, _, last = _path(x).rpartition("/")
            if base in listed and unquote(last) in listed[base][1]:
                yield listed[base][0], x


def _shown(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A list of models with the first chat completion of the same server."""
    for x in exchanges:
        if x.route == "models" and x.method == "GET" and x.ok and not x.intent & {"no-key", "wrong-key"}:
            base = _path(x).rstrip("/").removesuffix("/models")
            made = (y for y in exchanges if y.route == "chat" and y.ok and _path(y).startswith(f"{base}/chat/"))
            if (first := next(made, None)) is not None:
                yield x, first


shown = Relation("list of models and a chat completion of the same server", _shown)
"""(the list, the completion)"""
retrieved = Relation("model of the list that was asked for alone", _retrieved)
"""(the list of models, the model)"""
