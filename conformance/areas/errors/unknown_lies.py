"""Lies about models that do not exist, or are not named: served by another, or refused as something else."""

from __future__ import annotations

from conformance.areas.errors.parameters_lies import refusal
from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import asked
from conformance.reference.script import MODEL


@says("not-json-param")
def _(call: Call, reply: Reply) -> Reply:
    """A body that is not JSON is refused with "body" as its parameter."""
    return refusal(reply, "We could not parse", param="body")


@lets("unknown-model-served")
def _(call: Call) -> Call:
    """Whatever model is asked for, the one that is loaded answers."""
    return call.asking(model=MODEL) if "model" in asked(call) else call


_TASKS = {"embeddings": "embedding", "moderations": "moderation", "speech": "speech"}


@lets("unknown-model-served-elsewhere", link="https://github.com/mozilla-ai/llamafile/issues/277")
def _(call: Call) -> Call:
    """Whatever model is asked for, the one that is loaded answers, for vectors, moderations and speech."""
    task = _TASKS.get(call.path.rpartition("/")[2])
    return call.asking(model=f"{MODEL}-{task}") if task and "model" in (call.json or {}) else call


@says("unknown-model-400")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown model is a bad request."""
    return refusal(reply, "The model `", status=400)


@says("unknown-model-no-code")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a model has no code."""
    return refusal(reply, "The model `", code=None)


@says("unknown-model-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a model names the messages."""
    return refusal(reply, "The model `", param="messages")


@lets("no-model-served")
def _(call: Call) -> Call:
    """A request that names no model is served by the one that is loaded."""
    return call.asking(model=MODEL) if asked(call) and "model" not in asked(call) else call


@says("no-model-param")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal for want of a model names the messages."""
    return refusal(reply, "you must provide a model", param="messages")
