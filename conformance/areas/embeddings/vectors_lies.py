"""Lies about the vectors of texts: empty, too few, or without their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply


def _each(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every vector of several inputs."""
    if not (call.path.endswith("/embeddings") and reply.status == 200 and isinstance(call.json["input"], list)):
        return reply
    return replace(reply, body={**reply.body, "data": [change(each) for each in reply.body["data"]]})


@says("embeddings-of-lists-empty", link="https://github.com/garrytan/gbrain/issues/328", bugs="embeddings-array-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The vectors of texts in a list are empty."""
    return _each(call, reply, lambda each: {**each, "embedding": []})


@says("embeddings-of-texts")
def _(call: Call, reply: Reply) -> Reply:
    """A vector holds its numbers as texts."""
    return _each(call, reply, lambda each: {**each, "embedding": [str(value) for value in each["embedding"]]})


@lets("embeddings-first-only")
def _(call: Call) -> Call:
    """Of several texts only the first is embedded."""
    several = call.path.endswith("/embeddings") and isinstance((call.json or {}).get("input"), list)
    return call.asking(input=call.json["input"][:1]) if several else call


@says("embeddings-index-zero")
def _(call: Call, reply: Reply) -> Reply:
    """Every vector has the index 0."""
    return _each(call, reply, lambda each: {**each, "index": 0})
