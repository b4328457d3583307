"""Lies about the usage of embeddings, of Responses and of legacy completions."""

from __future__ import annotations

from collections.abc import Callable

from conformance.areas.usage.counts_lies import summed
from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body


def neighbour(reply: Reply, end: str, change: Callable[[Json], Json], call: Call) -> Reply:
    """The answer of a route, found by its end, with its usage changed."""
    right = call.path.endswith(end) and isinstance(reply.body, dict) and "usage" in reply.body
    return body(reply, usage=change(reply.body["usage"])) if right else reply


@says("usage-embeddings-names")
def _(call: Call, reply: Reply) -> Reply:
    """Embeddings count input_tokens."""
    return neighbour(
        reply, "/embeddings", lambda u: {"input_tokens": u["prompt_tokens"], "total_tokens": u["total_tokens"]}, call
    )


@says("usage-embeddings-completion")
def _(call: Call, reply: Reply) -> Reply:
    """Embeddings cost completion tokens."""
    return neighbour(reply, "/embeddings", lambda usage: summed(usage, completion_tokens=3), call)


@says("usage-responses-names")
def _(call: Call, reply: Reply) -> Reply:
    """A response counts with the names of chat."""
    names = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
    return neighbour(reply, "/responses", lambda usage: {names.get(k, k): v for k, v in usage.items()}, call)


@says("usage-responses-bare")
def _(call: Call, reply: Reply) -> Reply:
    """The usage of a response has no details."""
    return neighbour(reply, "/responses", lambda u: {k: v for k, v in u.items() if not k.endswith("_details")}, call)


@says(
    "usage-responses-lists",
    link="https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/openai/responses/protocol.py",
)
def _(call: Call, reply: Reply) -> Reply:
    """The details of a response's usage have lists, a count for each turn."""

    def listed(usage: Json) -> Json:
        return usage | {"input_tokens_details": {**usage["input_tokens_details"], "input_tokens_per_turn": []}}

    return neighbour(reply, "/responses", listed, call)


@says("usage-responses-total")
def _(call: Call, reply: Reply) -> Reply:
    """The total of a response is not the sum."""
    return neighbour(reply, "/responses", lambda usage: {**usage, "total_tokens": usage["total_tokens"] + 1}, call)
