"""Lies about the status of an error, and about what goes with it."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import (
    asked,
    crash,
    error,
    is_chat,
    is_error,
    is_orphan,
    last_text,
    messages,
    sent,
    turn_down,
    unknown_url,
)


def _code(reply: Reply, code: str) -> bool:
    return is_error(reply) and reply.body["error"]["code"] == code


@says("too-long-500", link="https://github.com/kserve/kserve/pull/3886", bugs="error-context-overflow-500")
def _(call: Call, reply: Reply) -> Reply:
    """A prompt beyond the context window makes the server fail."""
    return replace(error(reply, type="server_error"), status=500) if _code(reply, "context_length_exceeded") else reply


@says("orphan-501", link="https://github.com/vllm-project/vllm/issues/53626")
def _(call: Call, reply: Reply) -> Reply:
    """What the server does not want to do, it says it does not implement."""
    return replace(reply, status=501) if is_orphan(reply) else reply


@says("optional-501")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter that the model does not support is not implemented."""
    effort = is_error(reply) and (call.json or {}).get("reasoning_effort") == "low"
    return replace(reply, status=501) if effort else reply


@says("type-error-422")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter of the wrong type is refused with the 422 of web frameworks."""
    return replace(reply, status=422) if _code(reply, "invalid_type") else reply


@says("type-error-422-streamed")
def _(call: Call, reply: Reply) -> Reply:
    """A parameter of the wrong type is refused with 422 where a stream was asked for."""
    return replace(reply, status=422) if _code(reply, "invalid_type") and call.streaming else reply


@says("unknown-url-400")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is a bad request."""
    return replace(reply, status=400) if unknown_url(reply) else reply


@says("unknown-url-served")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown URL is answered with the start page of the web interface."""
    page = Reply(200, reply.headers, b"<html></html>").with_headers(content_type="text/html")
    return page if unknown_url(reply) else reply


@says("wrong-method-served")
def _(call: Call, reply: Reply) -> Reply:
    """GET on a route of POST gives an empty list."""
    nothing = {"object": "list", "data": [], "model": None, "usage": None}
    return Reply(200, reply.headers, nothing) if reply.status == 405 else reply


@says("wrong-method-400")
def _(call: Call, reply: Reply) -> Reply:
    """GET on a route of POST is a bad request."""
    return replace(reply, status=400) if reply.status == 405 else reply


@says("overload-500")
def _(call: Call, reply: Reply) -> Reply:
    """An overload is answered with 500."""
    return replace(error(reply, type="server_error"), status=500) if reply.status == 503 else reply


@says("overload-type")
def _(call: Call, reply: Reply) -> Reply:
    """An overload has the type of a failure."""
    return error(reply, type="server_error") if reply.status == 503 else reply


@says("overload-code")
def _(call: Call, reply: Reply) -> Reply:
    """An overload has no code."""
    return error(reply, code=None) if reply.status == 503 else reply


@says("internal-type")
def _(call: Call, reply: Reply) -> Reply:
    """A failure of the server has the name of an exception for its type."""
    return error(reply, type="InternalServerError") if reply.status == 500 else reply


def _quota(reply: Reply) -> bool:
    return is_error(reply) and reply.body["error"]["type"] == "insufficient_quota"


@says("quota-403")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota is forbidden."""
    return replace(reply, status=403) if _quota(reply) else reply


@says("quota-code")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota does not say which."""
    return error(reply, code=None) if _quota(reply) else reply


@says("quota-retried")
def _(call: Call, reply: Reply) -> Reply:
    """An exhausted quota does not say that trying again is of no use."""
    return reply.with_headers(x_should_retry=None) if _quota(reply) else reply


@says("streamed-error-type")
def _(call: Call, reply: Reply) -> Reply:
    """The type of a refusal is another one where a stream was asked for."""
    return error(reply, type="BadRequestError") if is_orphan(reply) and call.streaming else reply


@says("streamed-error-code")
def _(call: Call, reply: Reply) -> Reply:
    """A refusal has a code where a stream was asked for, and else none."""
    return error(reply, code="invalid_value") if is_orphan(reply) and call.streaming else reply


@says("streamed-error-param")
def _(call: Call, reply: Reply) -> Reply:
    """A refusal names the parameter where a stream was asked for, and else not."""
    made_up = is_error(reply) and reply.body["error"]["message"].endswith("conformance_unknown")
    return error(reply, param="conformance_unknown") if made_up and call.streaming else reply


@says(
    "content-cut-character-fails",
    link="https://github.com/unslothai/llama.cpp/pull/202",
    bugs="sse-invalid-utf8-cancel",
)
def _(call: Call, reply: Reply) -> Reply:
    """A limit that falls inside a character makes the server fail."""
    return crash(reply) if reply.status < 400 and "\U00013000" in str(messages(call)) else reply


@says("content-no-word-fails")
def _(call: Call, reply: Reply) -> Reply:
    """A control character in a message makes the server fail."""
    return crash(reply) if is_chat(reply) and "\\u0000" in last_text(call) else reply


@says(
    "content-image-500", link="https://github.com/matatonic/openedai-vision/issues/4", bugs="multimodal-tiny-image-500"
)
def _(call: Call, reply: Reply) -> Reply:
    """Base64 without an = at its end makes the server fail."""
    return crash(reply) if is_chat(reply) and "data:image/png" in last_text(call) else reply


def fails(reply: Reply, status: int, message: str) -> Reply:
    """The reply as a failure of the server."""
    return replace(error(turn_down(reply, message), type="server_error"), status=status)


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


def _elsewhere(call: Call, reply: Reply) -> bool:
    """A refusal on a route beside chat that takes JSON."""
    beside = call.path.endswith(("/embeddings", "/responses", "/moderations", "/speech", "/generations")) or (
        call.path.endswith("/completions") and not call.path.endswith("/chat/completions")
    )
    return call.method == "POST" and beside and is_error(reply)


@says("bad-json-500-elsewhere", link="https://github.com/tobi/qmd/pull/619")
def _(call: Call, reply: Reply) -> Reply:
    """A body that is no JSON makes the server fail, on the routes beside chat."""
    broken = _elsewhere(call, reply) and call.json is None and reply.status == 400
    return fails(reply, 500, "parse error: syntax error while parsing value") if broken else reply


@says("unknown-model-500-elsewhere")
def _(call: Call, reply: Reply) -> Reply:
    """An unknown model makes the server fail, on the routes beside chat."""
    unknown = (
        _elsewhere(call, reply) and reply.body["error"]["code"] == "model_not_found" and "responses" not in call.path
    )
    return fails(reply, 500, "no such model is loaded") if unknown else reply


@says("bad-utf8-500")
def _(call: Call, reply: Reply) -> Reply:
    """Bytes that are no text make the server fail."""
    asks_json = call.header("content-type").startswith("application/json")
    bad = is_error(reply) and asks_json and call.json is None and b"\xff" in call.body
    return fails(reply, 500, "'utf-8' codec can't decode byte 0xff") if bad else reply


@says("param-seed-500", link="https://github.com/HabanaAI/vllm-fork/issues/773", bugs="seed-crash-500")
def _(call: Call, reply: Reply) -> Reply:
    """A seed makes the server fail."""
    return crash(reply) if asked(call).get("seed") == 42 else reply


@says("tool-choice-501", link="https://github.com/vllm-project/vllm/issues/53626", bugs="tool-choice-501")
def _(call: Call, reply: Reply) -> Reply:
    """A choice that the server does not support is not implemented."""
    return fails(reply, 501, "Not implemented.") if sent(call, "tool_choice") == "required" else reply


@says(
    "tool-choice-unlisted-500",
    link="https://github.com/sgl-project/sglang/pull/28862",
    bugs="tool-choice-unknown-name-500",
)
def _(call: Call, reply: Reply) -> Reply:
    """A choice of a tool that is not on the list makes the server fail."""
    unlisted = is_error(reply) and reply.body["error"]["message"].startswith("Tool choice")
    return fails(reply, 500, "Internal Server Error") if unlisted else reply
