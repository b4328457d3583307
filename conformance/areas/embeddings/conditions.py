"""What the laws of embeddings ask: which texts were sent, which vectors came back, and which answers can be compared."""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Iterator, Sequence
from functools import partial
from operator import mul
from typing import Any

from conformance.exchange import Exchange, Unreadable, find, is_a, need, remembered
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import looked_at, ok, post, route, status
from conformance.judge.registry import differs
from conformance.judge.shared import as_inputs, in_vocabulary
from conformance.judge.verdicts import Relation

WIDTH = 4
"""Bytes of a float32."""

MOST = 2048
"""Inputs of one request: https://platform.openai.com/docs/api-reference/embeddings/create"""

embedding_request = route("embeddings") & post
vectors = embedding_request & ok
heard = embedding_request & looked_at & ~status(401, 403)
"""Answered for what was asked, not for the key or a limit."""


def inputs(x: Exchange) -> list[Any]:
    """The inputs of a request: a text or a list of tokens is one, any other list as many as it holds."""
    return as_inputs(x.asked.get("input"))


def texts(x: Exchange) -> list[str]:
    """The inputs that are texts; none where any is something else."""
    found = inputs(x)
    return found if all(isinstance(each, str) and each for each in found) else []


@request("for base64")
def for_base64(x: Exchange) -> bool:
    return x.asked.get("encoding_format") == "base64"


@request("in a format that this API has")
def readable(x: Exchange) -> bool:
    return x.asked.get("encoding_format") in (None, "float", "base64")


numbered = vectors & readable
"""Vectors whose numbers can be read: Perplexity's API has formats of its own, as base64 of bytes, for who asks for them."""


@request("with tokens in place of texts, all of them of a vocabulary")
def of_tokens(x: Exchange) -> bool:
    return len(inputs(x)) <= MOST and in_vocabulary(inputs(x))


@request("with several texts")
def of_several(x: Exchange) -> bool:
    return isinstance(x.asked.get("input"), list) and 0 < len(texts(x)) <= MOST


# ---------------------------------------------------------------------- vectors


def packed(vector: str) -> bytes:
    """The bytes of a vector in base64. Raises ValueError in words."""
    try:
        return base64.b64decode(vector, validate=True)
    except (binascii.Error, ValueError) as reason:
        raise ValueError(str(reason)) from None


@remembered
def numbers(x: Exchange) -> list[tuple[str, Sequence[float]]]:
    """(path, numbers) of each vector in the order of their `index`, base64 unpacked as little-endian float32. Raises Unreadable."""
    found = list(enumerate(need(x.answer, "data", list)))
    if all(is_a(find(each, "index"), int) for _, each in found):
        found.sort(key=lambda placed: placed[1]["index"])
    paths = [(f"data.{n}.embedding", find(each, "embedding")) for n, each in found]
    return [(path, _numbers(path, vector)) for path, vector in paths]


def _numbers(path: str, vector: Any) -> Sequence[float]:
    if isinstance(vector, str) and vector:
        try:
            raw = packed(vector)
            return struct.unpack(f"<{len(raw) // WIDTH}f", raw)
        except (ValueError, struct.error):
            vector = vector[:60]
    elif isinstance(vector, list) and vector and all(is_a(value, float) for value in vector):
        try:
            return [float(value) for value in vector]
        except OverflowError:
            pass
    raise Unreadable(differs(path, vector, "a vector"))


def length(vector: Sequence[float]) -> float:
    """The norm of a vector; not finite where its numbers are not."""
    return math.hypot(*vector)


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors of one width; 0 where either has no direction."""
    norms = length(one) * length(other)
    return sum(map(mul, one, other)) / norms if norms and math.isfinite(norms) else 0.0


# ---------------------------------------------------------------------- which belong together


def _setting(x: Exchange) -> str:
    """All that decides on the vector of a text, the text and the encoding apart."""
    asked = {
        name: value
        for name, value in x.asked.items()
        if name not in ("input", "encoding_format", "user") and value is not None
    }
    return json.dumps([x.url, asked], sort_keys=True)


def _served(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    """The embeddings of texts that were made."""
    yield from (x for x in exchanges if numbered(x) is True and texts(x))


def _same_text(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Each answer with the first that holds one of its texts, in the same setting."""
    first: dict[tuple[str, str, bool], Exchange] = {}
    for x in _served(exchanges):
        keys = [(_setting(x), text, for_base64(x) is True) for text in texts(x)]
        before = {id(found): found for key in keys if (found := first.get(key)) is not None}
        yield from ((found, x) for found in before.values())
        for key in keys:
            first.setdefault(key, x)


def _alike(same: bool, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Those of the above that hold the same texts, or other texts beside."""
    yield from (pair for pair in _same_text(exchanges) if (texts(pair[0]) == texts(pair[1])) is same)


def _both_ways(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(as numbers, as base64) of the same inputs in the same setting, the first of each."""
    found: dict[str, dict[bool, Exchange]] = {}
    for x in _served(exchanges):
        found.setdefault(json.dumps([_setting(x), texts(x)]), {}).setdefault(for_base64(x) is True, x)
    yield from ((each[False], each[True]) for each in found.values() if len(each) > 1)


def _base64_asked(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(a text that was embedded, the same asked for as base64)"""
    served = {json.dumps([_setting(x), texts(x)]): x for x in _served(exchanges) if for_base64(x) is False}
    for x in exchanges:
        asking = embedding_request(x) is True and for_base64(x) is True and texts(x)
        if asking and (before := served.get(json.dumps([_setting(x), texts(x)]))) is not None:
            yield before, x


def _more(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(a text alone, that text and others)"""
    for one, other in _same_text(exchanges):
        if set(texts(one)) != set(texts(other)):
            fewer, more = sorted((one, other), key=lambda x: len(texts(x)))
            if set(texts(fewer)) < set(texts(more)):
                yield fewer, more


def _beside_a_text(form: Condition, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(one text that was embedded, another form of input for the same model), no mistake among them."""
    first: dict[Any, Exchange] = {}
    for x in _served(exchanges):
        if isinstance(x.asked.get("input"), str):
            first.setdefault((x.url, x.asked.get("model")), x)
    for x in exchanges:
        sound = (
            embedding_request(x) is True and not x.intent & {"mistake", "edge"} and x.asked.get("dimensions") is None
        )
        if sound and form(x) is True and (served := first.get((x.url, x.asked.get("model")))) is not None:
            yield served, x


def _native(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(a vector of the model's own width, the same asked for with `dimensions` of that width)"""
    width: dict[Any, tuple[int, Exchange]] = {}
    for x in _served(exchanges):
        if x.asked.get("dimensions") is None:
            try:
                width.setdefault((x.url, x.asked.get("model")), (len(numbers(x)[0][1]), x))
            except (Unreadable, IndexError):
                continue
    for x in exchanges:
        if embedding_request(x) is True and is_a(x.asked.get("dimensions"), int) and texts(x):
            own, before = width.get((x.url, x.asked.get("model")), (None, x))
            if own == x.asked["dimensions"]:
                yield before, x


same_text = Relation("text embedded more than once in the same way", _same_text)
"""(the first answer, another)"""
same_again = Relation("text embedded more than once, alike", partial(_alike, True))
same_among = Relation("text embedded among others, too", partial(_alike, False))
"""(the first answer, another)"""
both_ways = Relation("text embedded as numbers and as base64", _both_ways)
"""(numbers, base64)"""
base64_asked = Relation("text that is embedded, asked for as base64, too", _base64_asked)
"""(numbers, base64, served or not)"""
more = Relation("text embedded alone and among others", _more)
"""(alone, among others)"""
lists_beside = Relation("list of texts sent to a model that embeds one", partial(_beside_a_text, of_several))
"""(one text, the list)"""
tokens_beside = Relation("list of tokens sent to a model that embeds a text", partial(_beside_a_text, of_tokens))
"""(one text, the tokens)"""
native = Relation("`dimensions` of a model's own width", _native)
"""(without, with)"""
