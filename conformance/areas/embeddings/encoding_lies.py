"""Lies about vectors as base64; and how a lie changes numbers in either form."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import turn_down

Numbers = Sequence[float]


def is_list(reply: Reply) -> bool:
    """An answer with vectors."""
    return reply.status == 200 and isinstance(reply.body, dict) and isinstance(reply.body.get("data"), list)


def embedded(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/embeddings") and is_list(reply)


def each(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every vector's object."""
    return replace(reply, body={**reply.body, "data": [change(one) for one in reply.body["data"]]})


def unpacked(text: str) -> Numbers:
    raw = base64.b64decode(text)
    return struct.unpack(f"<{len(raw) // 4}f", raw)


def packed(numbers: Numbers, form: str = "<{}f") -> str:
    return base64.b64encode(struct.pack(form.format(len(numbers)), *numbers)).decode()


def changed(call: Call, reply: Reply, change: Callable[[list[float]], Numbers]) -> Reply:
    """Change the numbers of every vector, in whichever form they are."""

    def one(found: Json) -> Json:
        vector = found["embedding"]
        new = packed(change([*unpacked(vector)])) if isinstance(vector, str) else [*change(vector)]
        return {**found, "embedding": new}

    return each(reply, one) if embedded(call, reply) else reply


def _base64(name: str, text: str, change: Callable[[str], Any], **known: Any) -> None:
    """Declare a lie that rewrites every vector in base64."""

    def lie(call: Call, reply: Reply) -> Reply:
        asked = embedded(call, reply) and call.json.get("encoding_format") == "base64"
        return each(reply, lambda one: {**one, "embedding": change(one["embedding"])}) if asked else reply

    lie.__doc__ = text
    says(f"embeddings-base64-{name}", **known)(lie)


_VLLM = {"link": "https://github.com/vllm-project/vllm/pull/5935", "bugs": "embeddings-base64-wrong-width"}
_base64("in-a-list", "Base64 stands in a list.", lambda text: [text], **_VLLM)
_base64("float64", "Base64 holds numbers of eight bytes.", lambda text: packed(unpacked(text), "<{}d"), **_VLLM)
_base64("big-endian", "Base64 holds the bytes of each number in reverse.", lambda text: packed(unpacked(text), ">{}f"))
_base64("url-safe", "Base64 is of the alphabet for URLs.", lambda text: text.replace("+", "-").replace("/", "_"))
_base64("cut", "Base64 lacks its last byte.", lambda text: base64.b64encode(base64.b64decode(text)[:-1]).decode())


@says("embeddings-base64-ignored", bugs="embeddings-base64-ignored",
      link=("https://github.com/openai/openai-node/pull/2150", "https://github.com/huggingface/text-embeddings-inference/issues/288",
            "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/756"))  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Asked for base64, the numbers come as a list."""
    asked = embedded(call, reply) and call.json.get("encoding_format") == "base64"
    return each(reply, lambda one: {**one, "embedding": [*unpacked(one["embedding"])]}) if asked else reply


@says("embeddings-base64-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Base64 is turned down."""
    asked = embedded(call, reply) and call.json.get("encoding_format") == "base64"
    return turn_down(reply, "encoding_format must be 'float'.", "encoding_format") if asked else reply


@says("embeddings-base64-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """Vectors come as base64 whatever was asked for."""
    plain = embedded(call, reply) and call.json.get("encoding_format") != "base64"
    return each(reply, lambda one: {**one, "embedding": packed(one["embedding"])}) if plain else reply


@lets("embeddings-dimensions-ignored")
def _(call: Call) -> Call:
    """The width that was asked for is ignored."""
    width = (call.json or {}).get("dimensions") if call.path.endswith("/embeddings") else None
    return call.asking(dimensions=None) if type(width) is int and width > 2 else call
