"""Lies of an upstream about the body of every chat answer, each the like of one of the catalogue that is told elsewhere.

A body that breaks is where gateways fall, and chat is what they serve, so these are told there: plain, streamed or both.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply, pretty

BROKEN: dict[str, tuple[Lie, tuple[str, ...]]] = {}
"""By name, each with the checks that it fails."""
KEPT = 4
"""Chunks before a stream breaks."""
PAGE = b"<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"


def _told(name: str, *checks: str) -> Callable[[Callable[[Reply], Reply]], Callable[[Reply], Reply]]:
    def declare(change: Callable[[Reply], Reply]) -> Callable[[Reply], Reply]:
        def reply(call: Call, reply: Reply) -> Reply:
            return change(reply) if call.path.endswith("/chat/completions") and reply.status == 200 else reply

        BROKEN[name] = Lie(name, (change.__doc__ or "").strip(), reply=reply), checks
        return change

    return declare


def _plain(reply: Reply, body: Callable[[bytes], bytes], **more: str) -> Reply:
    if reply.chunks is not None:
        return reply
    return replace(reply, body=body(pretty(reply.body or {}))).with_headers(**more)


@_told("chat-body-half", "http.json")
def _(reply: Reply) -> Reply:
    """The last bytes of a JSON body are lost, and its framing does not show it."""
    return _plain(reply, lambda body: body[:-20])


@_told("chat-body-empty", "http.json-empty")
def _(reply: Reply) -> Reply:
    """An answer with status 200 has no body."""
    return _plain(reply, lambda body: b"")


@_told("chat-body-bom", "http.json-bom")
def _(reply: Reply) -> Reply:
    """A JSON body begins with a byte order mark."""
    return _plain(reply, lambda body: b"\xef\xbb\xbf" + body)


@_told("chat-body-page", "http.json", "http.json-type")
def _(reply: Reply) -> Reply:
    """A page to sign in comes with status 200 in the place of an answer."""
    return _plain(reply, lambda body: PAGE, content_type="text/html")


@_told("chat-body-gzip", "http.json", "http.json-utf8", "http.coding-named")
def _(reply: Reply) -> Reply:
    """A body is compressed, and no header says so."""
    return _plain(reply, lambda body: gzip.compress(body, mtime=0))


@_told("chat-body-cut", "http.answered")
def _(reply: Reply) -> Reply:
    """The connection is closed before the body of a plain answer is whole."""
    return replace(_plain(reply, lambda body: body[:-20]), ending="cut") if reply.chunks is None else reply


@_told("chat-body-stalls", "http.in-time")
def _(reply: Reply) -> Reply:
    """A plain answer is a status line and headers, and then nothing for as long as anybody waits."""
    return replace(reply, body=b"", ending="hang") if reply.chunks is None else reply


@_told("chat-error-with-200", "http.error-status")
def _(reply: Reply) -> Reply:
    """A failure of the backend is told in a body with status 200."""
    error = {"message": "The backend failed.", "type": "server_error", "param": None, "code": None}
    return reply if reply.chunks is not None else replace(reply, body={"error": error})


@_told("chat-stream-cut", "http.answered")
def _(reply: Reply) -> Reply:
    """The connection of a stream is closed after a few chunks."""
    return replace(reply, chunks=reply.chunks[:KEPT], done=False, ending="cut") if reply.chunks else reply


@_told("chat-stream-cut-clean", "stream.no-silent-cut")
def _(reply: Reply) -> Reply:
    """A stream breaks off after a few chunks, and its body ends as if it were complete."""
    return replace(reply, chunks=reply.chunks[:KEPT], done=False) if reply.chunks else reply


@_told("chat-stream-stalls", "http.in-time")
def _(reply: Reply) -> Reply:
    """A stream stops after a few chunks, and its connection stays open."""
    return replace(reply, chunks=reply.chunks[:KEPT], done=False, ending="hang") if reply.chunks else reply


@_told("chat-stream-page", "stream.is-a-stream")
def _(reply: Reply) -> Reply:
    """A page to sign in comes with status 200 in the place of a stream."""
    if reply.chunks is None:
        return reply
    return replace(reply, chunks=None, body=PAGE).with_headers(content_type="text/html")
