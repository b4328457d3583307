"""Lies about the results of batches."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import crash, turn_down


def _lines(reply: Reply, change: Callable[[list[Json]], list[object]]) -> Reply:
    """Change the lines of a file of results."""
    if not isinstance(reply.body, bytes) or b'"status_code"' not in reply.body:
        return reply
    lines = change([json.loads(line) for line in reply.body.decode().splitlines()])
    return replace(reply, body="".join(json.dumps(line) + "\n" for line in lines).encode())


def _each(reply: Reply, change: Callable[[Json], Json]) -> Reply:
    return _lines(reply, lambda lines: [{**line, **change(line)} for line in lines])


@says("files-lines-array")
def _(call: Call, reply: Reply) -> Reply:
    """The results of a batch are one array."""
    return _lines(reply, lambda lines: [lines])


@says("files-lines-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """A line of the results has no id of its own."""
    return _each(reply, lambda line: {"id": None})


@says("files-lines-body-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The answer to a faulty request is a text."""
    return _each(
        reply,
        lambda line: {"response": {**line["response"], "body": "refused"}} if line["custom_id"] == "faulty" else {},
    )


@says("files-lines-first-only")
def _(call: Call, reply: Reply) -> Reply:
    """Of several answers the first is kept."""
    return _lines(reply, lambda lines: [*lines[:1]])


@says("files-lines-own-ids")
def _(call: Call, reply: Reply) -> Reply:
    """Answers are told by their number."""
    return _lines(reply, lambda lines: [{**line, "custom_id": f"request-{n}"} for n, line in enumerate(lines)])


@says("files-lines-all-failed")
def _(call: Call, reply: Reply) -> Reply:
    """One faulty request makes all fail."""
    error = {"error": {"message": "Invalid input batch.", "type": "server_error", "param": None, "code": None}}
    return _each(reply, lambda line: {"response": {**line["response"], "status_code": 500, "body": error}})


@says("files-lines-fault-served")
def _(call: Call, reply: Reply) -> Reply:
    """A request that cannot be answered has the status 200."""
    return _each(
        reply,
        lambda line: {"response": {**line["response"], "status_code": 200}} if line["custom_id"] == "faulty" else {},
    )


@says("files-output-lost", link="https://github.com/BerriAI/litellm/issues/37352")
def _(call: Call, reply: Reply) -> Reply:
    """What a batch gave has an id that only the upstream knows: its content is not found."""
    if not isinstance(reply.body, bytes) or b'"status_code"' not in reply.body:
        return reply
    return replace(turn_down(reply, "No such File object", "id"), status=404)


@says("files-output-undescribed", link="https://github.com/BerriAI/litellm/issues/41751")
def _(call: Call, reply: Reply) -> Reply:
    """A file that a batch gave cannot be asked for, only read."""
    given = call.method == "GET" and isinstance(reply.body, dict) and reply.body.get("purpose") == "batch_output"
    return crash(reply) if given else reply


@says("files-output-unlisted", link="https://github.com/BerriAI/litellm/issues/41753")
def _(call: Call, reply: Reply) -> Reply:
    """The list of files has those alone that were uploaded."""
    if call.method != "GET" or not call.path.endswith("/files") or reply.status != 200:
        return reply
    kept = [file for file in reply.body["data"] if file.get("purpose") != "batch_output"]
    return replace(reply, body={**reply.body, "data": kept, "last_id": kept[-1]["id"] if kept else None,
                                "first_id": kept[0]["id"] if kept else None})  # fmt: skip
