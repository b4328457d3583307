"""Lies about batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import without

PATH = "/v1/batches"


def _is_batch(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and reply.body.get("object") == "batch"


def _each(reply: Reply, change: Callable[[Json], Json], *states: str) -> Reply:
    """Change a batch that is told alone, in these states or any; `...` removes a member."""
    fits = _is_batch(reply) and (not states or reply.body["status"] in states)
    return replace(reply, body=without({**reply.body, **change(reply.body)})) if fits else reply


def _counts(body: Json, **changes: Any) -> Json:
    return {"request_counts": {**body["request_counts"], **changes}}


@says("files-batch-job")
def _(call: Call, reply: Reply) -> Reply:
    """A batch has the object "batch_job"."""
    return _each(reply, lambda _: {"object": "batch_job"})


@says("files-batch-created-text")
def _(call: Call, reply: Reply) -> Reply:
    """`created_at` of a batch is a date in words."""
    return _each(reply, lambda _: {"created_at": "2026-11-30T17:00:00Z"})


@says("files-batch-times-text")
def _(call: Call, reply: Reply) -> Reply:
    """A batch says in words when it expires."""
    return _each(reply, lambda _: {"expires_at": "in a day"})


@says("files-batch-status-done")
def _(call: Call, reply: Reply) -> Reply:
    """A batch that is to be cancelled is "stopped"."""
    return _each(reply, lambda _: {"status": "stopped"}, "cancelling")


@says("files-batch-counts-texts")
def _(call: Call, reply: Reply) -> Reply:
    """The requests of a batch are counted in words, as long as it runs."""
    return _each(reply, lambda body: _counts(body, total="three"), "in_progress")


@says("files-batch-sum")
def _(call: Call, reply: Reply) -> Reply:
    """A complete batch has lost one of its requests."""
    return _each(reply, lambda body: _counts(body, failed=0), "completed")


@says("files-batch-no-output")
def _(call: Call, reply: Reply) -> Reply:
    """A complete batch does not say where its answers are."""
    return _each(reply, lambda _: {"output_file_id": None}, "completed")


@says("files-batch-other-endpoint")
def _(call: Call, reply: Reply) -> Reply:
    """A batch has lost the version of its endpoint."""
    return _each(reply, lambda body: {"endpoint": body["endpoint"].removeprefix("/v1")})


@says("files-batch-back")
def _(call: Call, reply: Reply) -> Reply:
    """A batch is in progress first and validated then."""
    states = {"validating": "in_progress", "in_progress": "validating"}
    return _each(reply, lambda body: {"status": states.get(body["status"], body["status"])})


@says("files-batch-renewed")
def _(call: Call, reply: Reply) -> Reply:
    """A batch that is looked at was made just now."""
    return _each(reply, lambda body: {"created_at": body["created_at"] - 1}, "in_progress")


@says("files-batch-times-back")
def _(call: Call, reply: Reply) -> Reply:
    """A batch was complete before it began."""
    return _each(reply, lambda body: {"completed_at": body["created_at"] - 5}, "completed")


@says("files-batch-cancelled-not")
def _(call: Call, reply: Reply) -> Reply:
    """A batch that is cancelled is validated all the same."""
    return _each(reply, lambda _: {"status": "validating"}, "cancelling")


@says("files-batch-of-nothing")
def _(call: Call, reply: Reply) -> Reply:
    """A batch of a file that is not there is begun."""
    refused = call.method == "POST" and call.path == PATH and reply.status == 400
    asked = call.json or {}
    body = {"id": "batch_0", "object": "batch", "endpoint": asked.get("endpoint", "/v1/chat/completions"), "created_at": 0,
            "input_file_id": asked.get("input_file_id"), "completion_window": "24h", "status": "validating"}  # fmt: skip
    return replace(reply, status=200, body=body) if refused else reply
