"""Lies about files that are uploaded, read and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import is_error, without

NONE = "no-such"
FILES = "/v1/files"


def is_file(reply: Reply) -> bool:
    """A file, alone."""
    return isinstance(reply.body, dict) and reply.body.get("object") == "file" and "bytes" in reply.body


def member(reply: Reply, **changes: Any) -> Reply:
    """Change members of a file that is told alone; `...` removes one."""
    return replace(reply, body=without({**reply.body, **changes})) if is_file(reply) else reply


def _retrieved(call: Call, reply: Reply) -> bool:
    return call.method == "GET" and is_file(reply)


def _removed(call: Call, reply: Reply) -> bool:
    return call.method == "DELETE" and isinstance(reply.body, dict) and reply.body.get("deleted") is True


@says("files-id-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A file that is asked for again has a file_id, and no id."""
    return member(reply, id=..., file_id=reply.body["id"]) if is_file(reply) and b"txt" in call.body else reply


@says("files-object-document")
def _(call: Call, reply: Reply) -> Reply:
    """A file has the object "document"."""
    return member(reply, object="document")


@says("files-created-text")
def _(call: Call, reply: Reply) -> Reply:
    """`created_at` of a file is a date in words."""
    return member(reply, created_at="2026-11-30T17:00:00Z")


@says("files-purpose-absent")
def _(call: Call, reply: Reply) -> Reply:
    """A file that is retrieved does not tell its purpose."""
    return member(reply, purpose=None) if _retrieved(call, reply) else reply


@says("files-status-ready")
def _(call: Call, reply: Reply) -> Reply:
    """`status` of a file is "ready"."""
    return member(reply, status="ready")


@says("files-filename-of-server")
def _(call: Call, reply: Reply) -> Reply:
    """A file is called as the server keeps it."""
    return member(reply, filename=reply.body["id"]) if is_file(reply) else reply


@says("files-bytes-zero")
def _(call: Call, reply: Reply) -> Reply:
    """A file is said to be empty."""
    return member(reply, bytes=0)


@lets("files-lost")
def _(call: Call) -> Call:
    """A file cannot be asked for: the route finds none."""
    one = call.method == "GET" and call.path.startswith(f"{FILES}/") and not call.path.endswith("/content")
    return replace(call, path=f"{FILES}/{NONE}") if one else call


@says("files-retrieved-anew")
def _(call: Call, reply: Reply) -> Reply:
    """A file that is retrieved was made just now."""
    return member(reply, created_at=reply.body["created_at"] + 1) if _retrieved(call, reply) else reply


def _content(call: Call, reply: Reply, change: Callable[[bytes], bytes]) -> Reply:
    read = call.path.startswith(FILES) and call.path.endswith("/content") and isinstance(reply.body, bytes)
    ours = read and b"greeting" in reply.body and b"status_code" not in reply.body
    return replace(reply, body=change(reply.body)) if ours else reply


@says("files-content-decoded")
def _(call: Call, reply: Reply) -> Reply:
    """The content of a file is given out with the line ends of another system."""
    return _content(call, reply, lambda data: data.replace(b"\n", b"\r\n"))


@says("files-content-json")
def _(call: Call, reply: Reply) -> Reply:
    """The content of a file is given out as a JSON string."""
    return _content(call, reply, lambda data: json.dumps(data.decode()).encode())


@says("files-unknown-found")
def _(call: Call, reply: Reply) -> Reply:
    """Any file that is asked for is there, and empty."""
    unknown = call.method == "GET" and reply.status == 404 and call.path == f"{FILES}/file-conformance-no-such-file"
    body = {"id": "file-1", "object": "file", "bytes": 0, "created_at": 0, "filename": "", "purpose": "batch"}
    return replace(reply, status=200, body={**body, "status": "processed"}) if unknown else reply


@says("files-unknown-400")
def _(call: Call, reply: Reply) -> Reply:
    """A batch that is not there is answered with 400."""
    unknown = call.method == "GET" and reply.status == 404 and "/batches/" in call.path
    return replace(reply, status=400) if unknown else reply


@says("files-deleted-bare")
def _(call: Call, reply: Reply) -> Reply:
    """What was deleted is answered with its id alone."""
    return replace(reply, body={"id": reply.body["id"]}) if _removed(call, reply) else reply


@says("files-deleted-empty")
def _(call: Call, reply: Reply) -> Reply:
    """That a file was not deleted is told in so many words, though it is gone."""
    return replace(reply, body={**reply.body, "deleted": False}) if _removed(call, reply) else reply


_KEPT: Json = {
    "object": "file",
    "bytes": 1,
    "created_at": 0,
    "filename": "a",
    "purpose": "batch",
    "status": "processed",
}


@says("files-kept")
def _(call: Call, reply: Reply) -> Reply:
    """A file that was deleted is still there."""
    gone = (
        call.method == "GET"
        and is_error(reply)
        and call.path.startswith(f"{FILES}/file-")
        and "conformance" not in call.path
    )
    return replace(reply, status=200, body={"id": call.path.rpartition("/")[2], **_KEPT}) if gone else reply


@says("files-deleted-twice")
def _(call: Call, reply: Reply) -> Reply:
    """What was deleted can be deleted again."""
    gone = call.method == "DELETE" and reply.status == 404
    body = {"id": call.path.rpartition("/")[2], "object": "file", "deleted": True}
    return replace(reply, status=200, body=body) if gone else reply


def _served(call: Call, reply: Reply, mark: bytes) -> Reply:
    """An upload that is refused, served all the same."""
    refused = call.method == "POST" and call.path == FILES and reply.status == 400 and mark in call.body
    return replace(reply, status=200, body={"id": "file-none", **_KEPT}) if refused else reply


@says("files-of-nothing")
def _(call: Call, reply: Reply) -> Reply:
    """An upload without a file is an empty file."""
    return reply if b"filename=" in call.body else _served(call, reply, b"user_data")


@says("files-any-purpose")
def _(call: Call, reply: Reply) -> Reply:
    """An upload may have any purpose."""
    odd = b"user_data" not in call.body
    return _served(call, reply, b"conformance note.txt") if odd else reply
