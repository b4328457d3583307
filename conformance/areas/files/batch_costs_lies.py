"""Lies about what a batch cost, and why it failed."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body


def _is_batch(reply: Reply) -> bool:
    return reply.status == 200 and isinstance(reply.body, dict) and reply.body.get("object") == "batch"


@says("files-batch-usage-of-chat")
def _(call: Call, reply: Reply) -> Reply:
    """The usage of a batch has the names of chat."""
    if not _is_batch(reply) or not (usage := reply.body.get("usage")):
        return reply
    sent, made = usage["input_tokens"], usage["output_tokens"]
    return body(reply, usage={"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made})


@says("files-batch-fails-silently")
def _(call: Call, reply: Reply) -> Reply:
    """A batch that has failed does not say why."""
    return body(reply, errors=None) if _is_batch(reply) and reply.body["status"] == "failed" else reply
