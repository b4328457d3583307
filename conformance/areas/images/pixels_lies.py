"""Lies about the bytes of images."""

from __future__ import annotations

import base64

from conformance.areas.images.generated_lies import each, members
from conformance.reference.lies import says
from conformance.reference.painting import paint
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import sent


def _bytes(call: Call, reply: Reply, change: object) -> Reply:
    """Change the base64 of every image of a plain answer."""
    return each(call, reply, lambda item: {"b64_json": change(item["b64_json"])} if "b64_json" in item else {})


@says("images-data-url")
def _(call: Call, reply: Reply) -> Reply:
    """The base64 of an image is a data: URL."""
    return _bytes(call, reply, lambda text: f"data:image/png;base64,{text}")


@says("images-url-safe")
def _(call: Call, reply: Reply) -> Reply:
    """The base64 of an image has the alphabet for URLs, and no padding."""
    return _bytes(
        call, reply, lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + base64.b64decode(text))[:-1].decode()
    )


@says("images-cut")
def _(call: Call, reply: Reply) -> Reply:
    """The bytes of an image end early."""
    return _bytes(call, reply, lambda text: base64.b64encode(base64.b64decode(text)[:-20]).decode())


@says("images-json-inside")
def _(call: Call, reply: Reply) -> Reply:
    """Of several images the second is an error in base64."""
    return members(
        call,
        reply,
        lambda answer: {"data": [*answer["data"][:1], *({"b64_json": _error()} for _ in answer["data"][1:])]},
    )


def _error() -> str:
    return base64.b64encode(b'{"error": "the picture could not be made, try it again later"}').decode()


@says("images-always-png")
def _(call: Call, reply: Reply) -> Reply:
    """Every image is a PNG, and called what was asked for."""
    if sent(call, "output_format") not in ("jpeg", "webp"):
        return reply
    return _bytes(call, reply, lambda _: _painted(*map(int, reply.body["size"].split("x"))))


@says("images-smaller")
def _(call: Call, reply: Reply) -> Reply:
    """Every image has 512 pixels a side, and is told to have what was asked for."""
    return _bytes(call, reply, lambda _: _painted(512, 512, reply.body["output_format"]))


def _painted(width: int, height: int, form: str = "png") -> str:
    return base64.b64encode(paint("other", width, height, form)).decode()


@says("images-told-otherwise")
def _(call: Call, reply: Reply) -> Reply:
    """The answer calls its images WebP, where no format was asked for and they are PNG."""
    plain = call.path.endswith("/generations") and not sent(call, "output_format")
    return members(call, reply, lambda _: {"output_format": "webp"} if plain else {})
