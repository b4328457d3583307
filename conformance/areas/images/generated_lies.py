"""Lies about the answer that holds images, and about the images in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, without

PATHS = ("/images/generations", "/images/edits", "/images/variations")


def of_images(call: Call, reply: Reply) -> bool:
    """A plain answer with images."""
    return call.path.endswith(PATHS) and reply.status == 200 and reply.chunks is None


def members(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change the answer itself, as an object; `...` removes a member."""
    return replace(reply, body=without({**reply.body, **change(reply.body)})) if of_images(call, reply) else reply


def each(call: Call, reply: Reply, change: Callable[[Json], Json]) -> Reply:
    """Change every image of a plain answer; `...` removes a member."""
    if not of_images(call, reply):
        return reply
    return body(reply, data=[without({**item, **change(item)}) for item in reply.body["data"]])


@says("images-created-text")
def _(call: Call, reply: Reply) -> Reply:
    """`created` is a date in words."""
    return members(call, reply, lambda _: {"created": "2026-11-30T17:00:00Z"})


@says("images-not-in-data")
def _(call: Call, reply: Reply) -> Reply:
    """The images stand in `images`."""
    return members(call, reply, lambda answer: {"images": answer["data"], "data": ...})


@says("images-first-only")
def _(call: Call, reply: Reply) -> Reply:
    """There is one image, however many are asked for."""
    return members(call, reply, lambda answer: {"data": answer["data"][:1]})


@says("images-nowhere")
def _(call: Call, reply: Reply) -> Reply:
    """An image that was asked for as a URL is nowhere."""
    return each(call, reply, lambda item: {"url": None} if "url" in item else {})


@says("images-both-ways")
def _(call: Call, reply: Reply) -> Reply:
    """An image has a URL beside its bytes."""
    return each(call, reply, lambda item: {"url": "https://images.invalid/1.png"} if "b64_json" in item else {})


@says("images-url-relative")
def _(call: Call, reply: Reply) -> Reply:
    """The URL of an image is a path."""
    return each(call, reply, lambda item: {"url": "/files/1.png"} if "url" in item else {})


@says(
    "images-embedding-null",
    link="https://github.com/nextcloud/integration_openai/issues/290",
    bugs="images-extra-embedding-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """An image has the members of a vector."""
    return each(call, reply, lambda _: {"embedding": None, "index": 0})


@says("images-revised-list")
def _(call: Call, reply: Reply) -> Reply:
    """The revised prompt is a list."""
    return each(call, reply, lambda _: {"revised_prompt": ["A red circle."]})


@lets("images-url-ignored", link="https://github.com/basketikun/chatgpt2api/pull/22", bugs="images-url-unsupported")
def _(call: Call) -> Call:
    """Images come as bytes, also where they are asked for as URLs."""
    return call.asking(response_format=None) if (call.json or {}).get("response_format") == "url" else call


@lets(
    "images-base64-ignored",
    link="https://github.com/Wei-Shaw/claude-relay-service/pull/1240",
    bugs="images-url-unsupported",
)
def _(call: Call) -> Call:
    """Images come as URLs, also where they are asked for as bytes."""
    return call.asking(response_format="url") if (call.json or {}).get("response_format") == "b64_json" else call
