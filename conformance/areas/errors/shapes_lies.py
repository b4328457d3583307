"""Lies that real servers told and no other file tells: keys that nobody looks at, failures on valid requests, framing, words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from conformance.areas.errors.envelope_lies import is_orphan
from conformance.areas.finish.reasons_lies import ends
from conformance.areas.stream.events_lies import Pieces, each
from conformance.areas.stream.failures_lies import erring, staged
from conformance.areas.usage.counts_lies import streamed
from conformance.reference.lies import lets, says, sends
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import (
    body,
    busy,
    data,
    each_chunk,
    each_part,
    error,
    is_error,
    is_stream,
    last_text,
    messages,
    turn_down,
)

KEY = "sk-reference"
"""The key of a reference server that was given none."""


def fails(reply: Reply, status: int, message: str) -> Reply:
    """The reply as a failure of the server."""
    return replace(error(turn_down(reply, message), type="server_error"), status=status)


# ---------------------------------------------------------------------- keys


@lets("no-key-served", link="https://github.com/HKUDS/nanobot/issues/4078", bugs="auth-none-required")
def _(call: Call) -> Call:
    """A request without a key is served; one with a wrong key is not."""
    return call if call.header("authorization") else call.with_headers(authorization=f"Bearer {KEY}")


@lets("key-unchecked", link="https://github.com/HKUDS/nanobot/issues/4078", bugs="auth-none-required")
def _(call: Call) -> Call:
    """Keys are not looked at: everybody is served."""
    return call.with_headers(authorization=f"Bearer {KEY}")


# ---------------------------------------------------------------------- failures


@says("valid-500-batch", link="https://github.com/ggml-org/llama.cpp/issues/17316", bugs="error-invalid-batch-500")
def _(call: Call, reply: Reply) -> Reply:
    """A valid request fails because of an invalid one that was in the same batch."""
    batched = "and in Tokyo" in last_text(call) and "parallel_tool_calls" not in call.json and not call.streaming
    return fails(reply, 500, "Invalid input batch.") if batched else reply


@says("unknown-model-500", link="https://github.com/vllm-project/aibrix/issues/332", bugs="model-unknown-500")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown model makes the gateway fail."""
    unknown = is_error(reply) and reply.status == 404 and call.path.endswith("/chat/completions")
    return fails(reply, 500, "failed to unmarshal the answer of the upstream") if unknown else reply


@says("error-plain-text", link="https://github.com/vllm-project/vllm/issues/749", bugs="error-body-is-string")
def _(call: Call, reply: Reply) -> Reply:
    """An error is a line of text."""
    plain = replace(reply, body=b"Internal Server Error").with_headers(content_type="text/plain; charset=utf-8")
    return plain if is_orphan(reply) else reply


@says("unknown-model-text", link="https://github.com/ollama/ollama/issues/10139", bugs="models-404-plain-text")
def _(call: Call, reply: Reply) -> Reply:
    """A model that is not there is a page that is not there, in plain text."""
    unknown = is_error(reply) and "/models/" in call.path
    plain = reply.with_headers(content_type="text/plain")
    return replace(plain, body=b"404 page not found") if unknown else reply


# ---------------------------------------------------------------------- models


@lets("models-absent")
def _(call: Call) -> Call:
    """There is no list of models."""
    return replace(call, path="/v1/nowhere") if call.path == "/v1/models" else call


@says("models-names-only")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is a list of names."""
    listing = call.path.endswith("/models") and reply.status == 200
    return body(reply, data=[model["id"] for model in reply.body["data"]]) if listing else reply


@says("models-empty")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is empty."""
    return body(reply, data=[]) if call.path.endswith("/models") and reply.status == 200 else reply


# ---------------------------------------------------------------------- reasons to end


@says("finish-tool-call", link="https://github.com/ml-explore/mlx-lm/pull/782", bugs="finish-reason-tool-call-singular")
def _(call: Call, reply: Reply) -> Reply:
    """The reason to end is called tool_call, in the singular."""
    return ends(reply, lambda reason: "tool_call" if reason == "tool_calls" else reason)


@says("finish-error", link="https://github.com/damianvtran/local-operator/pull/223", bugs="finish-reason-error-200")
def _(call: Call, reply: Reply) -> Reply:
    """A generation that failed ends with the reason error, under status 200."""
    return ends(reply, lambda reason: "error") if busy(call) else reply


@says("finish-blank")
def _(call: Call, reply: Reply) -> Reply:
    """finish_reason is an empty text until the end."""
    return each_part(reply, lambda part: {**part, "finish_reason": part["finish_reason"] or ""})


# ---------------------------------------------------------------------- streams


@sends(
    "stream-keepalive-inside",
    link="https://github.com/router-for-me/CLIProxyAPI/issues/4047",
    bugs="sse-keepalive-splits-event",
)
def _(call: Call, pieces: Pieces) -> Pieces:
    """A keep-alive is written between the lines of one event."""
    return each(pieces, lambda piece: b"event: message\n: keep-alive\n\n" + piece if data(piece) else piece)


@says(
    "stream-content-type-lines", link="https://github.com/Lightning-AI/LitServe/issues/359", bugs="stream-content-type"
)
def _(call: Call, reply: Reply) -> Reply:
    """A stream has the Content-Type of JSON lines."""
    return reply.with_headers(content_type="application/x-ndjson") if is_stream(reply) else reply


@says("chunk-without-created", link="https://github.com/mudler/LocalAI/issues/648", bugs="chunk-missing-id-created")
def _(call: Call, reply: Reply) -> Reply:
    """Chunks have no `created`."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": ...})


@says("chunk-created-long-ago")
def _(call: Call, reply: Reply) -> Reply:
    """`created` of chunks is 0."""
    return each_chunk(reply, lambda n, chunk: {**chunk, "created": 0} if "created" in chunk else chunk)


@says("delta-bare-text")
def _(call: Call, reply: Reply) -> Reply:
    """An element of choices is the text itself."""
    spoken = [part["delta"].get("content") for chunk in reply.chunks or () for part in chunk.get("choices", ())]
    if not busy(call) or not any(spoken):
        return reply
    return each_chunk(reply, lambda n, chunk: {**chunk, "choices": ["Hello!"]} if n == 1 else chunk)


@lets("chat-stream-stop-ignored", link="https://github.com/paiml/aprender/pull/2019", bugs="stream-stop-ignored")
def _(call: Call) -> Call:
    """A stop sequence is ignored in streams."""
    return call.asking(stop=None) if call.streaming and isinstance(call.json.get("stop"), str) else call


@says(
    "usage-stream-counts-null",
    link="https://github.com/openai/openai-agents-python/issues/1179",
    bugs="usage-fields-null",
)
def _(call: Call, reply: Reply) -> Reply:
    """The counts of a stream are null."""
    return streamed(reply, lambda usage: {k: None if isinstance(v, int) else v for k, v in usage.items()})


@says("stream-options-refused")
def _(call: Call, reply: Reply) -> Reply:
    """`stream_options` is an unknown parameter, where nothing else is asked for."""
    asked = call.streaming and call.json.get("stream_options") == {"include_usage": True} and reply.status < 400
    asked = asked and not call.json.get("tools")
    return turn_down(reply, "Extra inputs are not permitted.", "stream_options") if asked else reply


@says("stream-error-says-none")
def _(call: Call, reply: Reply) -> Reply:
    """The error in a stream says "None" where there is nothing, and has the status for its code."""
    words = {"message": "The upstream failed.", "type": "None", "param": "", "code": "500"}
    return erring(reply, words) if staged(call) else reply


# ---------------------------------------------------------------------- mistakes that are served


@lets("role-served")
def _(call: Call) -> Call:
    """A role that does not exist is taken for the user's."""
    return _mended(call, lambda message: {**message, "role": "user"} if message.get("role") == "robot" else message)


@says("role-unnamed")
def _(call: Call, reply: Reply) -> Reply:
    """The refusal of a role does not say where it stands."""
    return error(reply, param=None) if b'"robot"' in call.body else reply


@lets("content-number-served")
def _(call: Call) -> Call:
    """Content that is a number is read as text."""
    return _mended(call, lambda m: {**m, "content": "123"} if m.get("content") == 123 else m)


@lets("bad-utf8-served")
def _(call: Call) -> Call:
    """Bytes that are no text are read with replacement characters."""
    try:
        call.body.decode("utf-8")
    except UnicodeDecodeError:
        return replace(call, json=json.loads(call.body.decode("utf-8", "replace")))
    return call


@says("bad-utf8-500")
def _(call: Call, reply: Reply) -> Reply:
    """Bytes that are no text make the server fail."""
    bad = is_error(reply) and call.json is None and b"\xff" in call.body
    return fails(reply, 500, "'utf-8' codec can't decode byte 0xff") if bad else reply


@lets("flat-tool-served")
def _(call: Call) -> Call:
    """Tools in a form that the server does not know are left out."""
    tools = (call.json or {}).get("tools")
    return call.asking(tools=[t for t in tools if t.get("type") in t] or None) if tools else call


@lets("stream-text-served", link="https://github.com/HKUDS/nanobot/pull/5765")
def _(call: Call) -> Call:
    """A `stream` that is a text is not looked at."""
    return call.asking(stream=None) if call.json and isinstance(call.json.get("stream"), str) else call


def _mended(call: Call, mend: Callable[[Json], Json]) -> Call:
    """The call with its messages mended, where that changes any."""
    mended = [mend(message) if isinstance(message, dict) else message for message in messages(call)]
    return call.asking(messages=mended) if mended != messages(call) else call


@says("chat-refuses-order", link="https://github.com/aws-samples/bedrock-access-gateway/issues/25")
def _(call: Call, reply: Reply) -> Reply:
    """Messages of the user and the assistant must take turns."""
    roles = [message.get("role") for message in messages(call) if isinstance(message, dict)]
    twice = any(one == other == "user" for one, other in pairwise(roles))
    text = "Conversation roles must alternate user/assistant/user/assistant/..."
    return turn_down(reply, text, "messages") if twice and reply.status < 400 else reply


@says("charset-refused", link="https://github.com/sashabaranov/go-openai/pull/659")
def _(call: Call, reply: Reply) -> Reply:
    """A Content-Type with a charset is not application/json."""
    typed = turn_down(reply, "Unsupported content type: this route accepts application/json only.")
    return replace(typed, status=415) if "charset" in call.header("content-type") else reply
