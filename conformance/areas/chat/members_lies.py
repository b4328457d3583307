"""Lies about a chat completion as a whole: its id, time, model, tier and choices."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, chat_body, each_choice, each_chunk, is_chat, sent


@says("chat-body-list")
def _(call: Call, reply: Reply) -> Reply:
    """A completion comes in a list of one."""
    return replace(reply, body=[reply.body]) if is_chat(reply) else reply


@says("chat-without-id")
def _(call: Call, reply: Reply) -> Reply:
    """A completion has no id."""
    return chat_body(reply, id=...)


@says("chat-id-constant", link="https://github.com/LostRuins/koboldcpp/issues/2481", bugs="response-id-constant")
def _(call: Call, reply: Reply) -> Reply:
    """Every completion that is not stored has one id."""
    stored = call.method == "GET" or (call.json or {}).get("store")
    return reply if stored else chat_body(reply, id="chatcmpl-A1")


@says("chat-object-text", link="https://github.com/predibase/lorax/pull/788", bugs="object-wrong-nonstream")
def _(call: Call, reply: Reply) -> Reply:
    """A chat completion calls itself text_completion."""
    return chat_body(reply, object="text_completion")


@says("chat-created-float")
def _(call: Call, reply: Reply) -> Reply:
    """created has a fraction."""
    return chat_body(reply, created=reply.body["created"] + 0.5) if is_chat(reply) else reply


@says("chat-created-text")
def _(call: Call, reply: Reply) -> Reply:
    """created is a string."""
    return chat_body(reply, created=str(reply.body["created"])) if is_chat(reply) else reply


@says("chat-created-milliseconds")
def _(call: Call, reply: Reply) -> Reply:
    """created counts milliseconds."""
    return chat_body(reply, created=reply.body["created"] * 1000) if is_chat(reply) else reply


@says("chat-created-long-ago", link="https://github.com/BerriAI/litellm/issues/5275")
def _(call: Call, reply: Reply) -> Reply:
    """created is a constant."""
    return chat_body(reply, created=1_677_610_602)


@says("chat-without-model", link="https://github.com/decolua/9router/issues/1311", bugs="model-echo-differs")
def _(call: Call, reply: Reply) -> Reply:
    """A completion does not name its model."""
    return chat_body(reply, model=...)


@says("chat-model-other", link="https://github.com/decolua/9router/issues/1311", bugs="model-echo-differs")
def _(call: Call, reply: Reply) -> Reply:
    """Another model than the one asked for is named, plain and streamed."""
    return each_chunk(chat_body(reply, model="gpt-5.5"), lambda _, chunk: {**chunk, "model": "gpt-5.5"})


@says("chat-without-choices")
def _(call: Call, reply: Reply) -> Reply:
    """A completion has no choices."""
    return chat_body(reply, choices=...)


@says("chat-choices-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The choices of a completion are empty."""
    return chat_body(reply, choices=[])


@says("chat-choice-doubled")
def _(call: Call, reply: Reply) -> Reply:
    """Two texts come where one was asked for, unless streamed."""
    if not is_chat(reply) or len(reply.body["choices"]) > 1 or reply.body["choices"][0]["message"]["content"] is None:
        return reply
    only = reply.body["choices"][0]
    return body(reply, choices=[only, {**only, "index": 1}])


@lets("chat-n-ignored", link="https://github.com/ModelTC/LightLLM/pull/1445")
def _(call: Call) -> Call:
    """n is ignored unless streamed."""
    return call if call.streaming or sent(call, "n") != 2 else call.asking(n=None)


@says("chat-choice-text")
def _(call: Call, reply: Reply) -> Reply:
    """A choice is its text."""
    if not is_chat(reply):
        return reply
    return body(reply, choices=[choice["message"]["content"] or "" for choice in reply.body["choices"]])


@says("chat-without-index", link="https://github.com/mudler/LocalAI/issues/788", bugs="finish-reason-missing-nonstream")
def _(call: Call, reply: Reply) -> Reply:
    """The choices have no index."""
    return each_choice(reply, lambda choice: {**choice, "index": ...})


@says("chat-index-text")
def _(call: Call, reply: Reply) -> Reply:
    """The index of a choice is a string."""
    return each_choice(reply, lambda choice: {**choice, "index": str(choice["index"])})


@says("chat-indexes-zero")
def _(call: Call, reply: Reply) -> Reply:
    """Every choice has the index 0."""
    return reply if sent(call, "logprobs") else each_choice(reply, lambda choice: {**choice, "index": 0})


@says("chat-indexes-from-one", link="https://github.com/lm-sys/FastChat/pull/873")
def _(call: Call, reply: Reply) -> Reply:
    """The indexes of the choices begin at 1."""
    return each_choice(reply, lambda choice: {**choice, "index": choice["index"] + 1})


@says("chat-id-vendor")
def _(call: Call, reply: Reply) -> Reply:
    """The id of a streamed completion has a form of the server's own, as those of several gateways."""
    return each_chunk(reply, lambda _, chunk: {**chunk, "id": f"gen-{chunk['id'][9:]}"} if "id" in chunk else chunk)


@says("chat-logprobs-unasked")
def _(call: Call, reply: Reply) -> Reply:
    """logprobs is an object although nobody asked."""
    if (call.json or {}).get("logprobs"):
        return reply
    return each_choice(reply, lambda choice: {**choice, "logprobs": {"content": None, "refusal": None}})


@says("chat-fingerprint-number")
def _(call: Call, reply: Reply) -> Reply:
    """system_fingerprint is a number."""
    return chat_body(reply, system_fingerprint=44709)


def _tier(reply: Reply, tier: object) -> Reply:
    changed: Json = {"service_tier": tier}
    return each_chunk(chat_body(reply, **changed), lambda _, chunk: {**chunk, **changed})


@says("chat-tier-vendor")
def _(call: Call, reply: Reply) -> Reply:
    """service_tier has a value of the vendor's own."""
    return _tier(reply, "on_demand")


@says("chat-tier-unsaid")
def _(call: Call, reply: Reply) -> Reply:
    """The tier used is not said."""
    return _tier(reply, ...)


@says("chat-tier-echoed")
def _(call: Call, reply: Reply) -> Reply:
    """The tier is always said to be auto."""
    return _tier(reply, "auto")


@says("chunk-created-long-ago")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of chunks is 0."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": 0} if "created" in chunk else chunk)
