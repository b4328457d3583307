"""Lies about streams of images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.areas.images.generated_lies import PATHS
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_chunk


def _stream(call: Call, reply: Reply) -> bool:
    return call.path.endswith(PATHS) and reply.chunks is not None


def _each(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    return each_chunk(reply, lambda _, chunk: {**chunk, **change(chunk)}) if _stream(call, reply) else reply


@says("images-stream-other-types")
def _(call: Call, reply: Reply) -> Reply:
    """A partial image is an event of a type of its own."""
    return _each(call, reply, lambda chunk: {"type": "image.progress"} if "partial_image_index" in chunk else {})


@says("images-stream-of-edits")
def _(call: Call, reply: Reply) -> Reply:
    """The events of images that are made are called those of edits."""
    return _each(call, reply, lambda chunk: {"type": chunk["type"].replace("image_generation.", "image_edit.")})


@says("images-stream-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The events of a stream of images have no names."""
    return replace(reply, named=False) if _stream(call, reply) else reply


@says("images-stream-from-one")
def _(call: Call, reply: Reply) -> Reply:
    """Partial images are counted from 1."""
    name = "partial_image_index"
    return _each(call, reply, lambda chunk: {name: chunk[name] + 1} if name in chunk else {})


@says("images-stream-more")
def _(call: Call, reply: Reply) -> Reply:
    """There are more partial images than were asked for."""
    if not _stream(call, reply) or len(reply.chunks) < 2:
        return reply
    *partials, last = reply.chunks
    more = [{**partials[-1], "partial_image_index": len(partials) + n} for n in range(2)]
    return replace(reply, chunks=(*partials, *more, last))


@says("images-stream-endless")
def _(call: Call, reply: Reply) -> Reply:
    """A stream of images ends with a partial one."""
    return replace(reply, chunks=reply.chunks[:-1]) if _stream(call, reply) and len(reply.chunks) > 1 else reply


@says("images-stream-twice")
def _(call: Call, reply: Reply) -> Reply:
    """The complete image comes twice."""
    return replace(reply, chunks=(*reply.chunks, reply.chunks[-1])) if _stream(call, reply) else reply


@says("images-stream-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The events of a stream do not say when they were made."""
    return _each(call, reply, lambda _: {"created_at": ...})


@says("images-stream-unpaid")
def _(call: Call, reply: Reply) -> Reply:
    """The complete image of a stream does not say what it cost."""
    return _each(call, reply, lambda _: {"usage": ...})


@says("images-stream-plain")
def _(call: Call, reply: Reply) -> Reply:
    """A stream that was asked for is a plain answer."""
    if not _stream(call, reply):
        return reply
    last = reply.chunks[-1]
    body = {"created": last["created_at"], "data": [{"b64_json": last["b64_json"]}]}
    return replace(reply, chunks=None, body=body).with_headers(content_type="application/json", cache_control=None)
