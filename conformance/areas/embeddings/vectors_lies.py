"""Lies about the vectors of texts: empty, too few, of other widths and lengths, or without their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.areas.embeddings.encoding_lies import changed, each, embedded, is_list
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply

MOST = 2048


def _of_lists(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every vector of several inputs."""
    return each(reply, change) if embedded(call, reply) and isinstance(call.json["input"], list) else reply


@says("embeddings-of-lists-empty", link="https://github.com/garrytan/gbrain/issues/328", bugs="embeddings-array-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The vectors of texts in a list are empty."""
    return _of_lists(call, reply, lambda each: {**each, "embedding": []})


@says("embeddings-of-texts")
def _(call: Call, reply: Reply) -> Reply:
    """A vector holds its numbers as texts."""
    return _of_lists(call, reply, lambda each: {**each, "embedding": [str(value) for value in each["embedding"]]})


@lets("embeddings-first-only")
def _(call: Call) -> Call:
    """Of several texts only the first is embedded."""
    given = (call.json or {}).get("input") if call.path.endswith("/embeddings") else None
    sound = isinstance(given, list) and 1 < len(given) <= MOST and all(isinstance(text, str) and text for text in given)
    return call.asking(input=given[:1]) if sound else call


@says("embeddings-index-zero")
def _(call: Call, reply: Reply) -> Reply:
    """Every vector has the index 0."""
    return _of_lists(call, reply, lambda each: {**each, "index": 0})


@says("embeddings-data-null")
def _(call: Call, reply: Reply) -> Reply:
    """The list of vectors is null."""
    return replace(reply, body={**reply.body, "data": None}) if embedded(call, reply) else reply


def _data(call: Call, reply: Reply, change: Callable[[list[Any]], list[Any]]) -> Reply:
    """Change the list of vectors, where there are several."""
    several = embedded(call, reply) and len(reply.body["data"]) > 1
    return replace(reply, body={**reply.body, "data": change(reply.body["data"])}) if several else reply


@says("embeddings-out-of-order")
def _(call: Call, reply: Reply) -> Reply:
    """The vectors come in another order than the texts; `index` says which is whose."""
    return _data(call, reply, lambda data: data[::-1])


@says("embeddings-last-longer")
def _(call: Call, reply: Reply) -> Reply:
    """The last of several vectors has one number more."""
    return _data(call, reply, lambda data: [*data[:-1], {**data[-1], "embedding": [*data[-1]["embedding"], 0.0]}])


@says("embeddings-all-alike")
def _(call: Call, reply: Reply) -> Reply:
    """All texts of a list have the vector of the first."""
    return _data(call, reply, lambda data: [{**each, "embedding": data[0]["embedding"]} for each in data])


@says("embeddings-batch-mixed-up")
def _(call: Call, reply: Reply) -> Reply:
    """The vectors of a list are mixed up: each text has that of another."""
    return _data(call, reply, lambda data: [{**each, "embedding": other["embedding"]}
                                            for each, other in zip(data, data[::-1], strict=True)])  # fmt: skip


@says("embeddings-list-wider")
def _(call: Call, reply: Reply) -> Reply:
    """The vectors of a list have one number more than that of a text alone."""
    return _data(call, reply, lambda data: [{**each, "embedding": [*each["embedding"], 0.0]} for each in data])


@says("embeddings-by-chance")
def _(call: Call, reply: Reply) -> Reply:
    """The same text has another vector each time."""
    seed = int(reply.header("x-request-id")[-8:], 16)

    def moved(vector: list[float]) -> list[float]:
        place = seed % len(vector)
        vector = [value + 0.08 * (n == place) for n, value in enumerate(vector)]
        norm = sum(value * value for value in vector) ** 0.5
        return [value / norm for value in vector]

    return changed(call, reply, moved)


@says("embeddings-not-normalised")
def _(call: Call, reply: Reply) -> Reply:
    """Vectors have whatever length they have."""
    return changed(call, reply, lambda vector: [20 * value for value in vector])


@says("embeddings-cut-only")
def _(call: Call, reply: Reply) -> Reply:
    """A vector that `dimensions` cut is not brought back to length 1."""
    cut = is_list(reply) and call.json.get("dimensions") not in (None, 48)
    return changed(call, reply, lambda vector: [0.7 * value for value in vector]) if cut else reply
