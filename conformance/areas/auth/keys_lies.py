"""Lies about keys: requests without one that are served or refused in the wrong way, keys that are misread or repeated."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import error


def _chat(call: Call) -> bool:
    return call.path.endswith("/chat/completions") and call.json is not None


def _keyless(call: Call, reply: Reply) -> bool:
    return reply.status == 401 and not call.header("authorization")


def _wrong(call: Call, reply: Reply) -> bool:
    return reply.status == 401 and bool(call.header("authorization")) and call.json is not None


@says("no-key-403")
def _(call: Call, reply: Reply) -> Reply:
    """A chat request without a key is answered 403."""
    return replace(reply, status=403) if _chat(call) and _keyless(call, reply) else reply


@says(
    "no-key-422",
    link="https://github.com/GenAI-Security-Project/GenAI-Red-Team-Lab/pull/86",
    bugs="auth-missing-header-422",
)
def _(call: Call, reply: Reply) -> Reply:
    """A chat request without a key is answered 422, for lack of a header."""
    return replace(reply, status=422) if _chat(call) and _keyless(call, reply) else reply


@says("models-open")
def _(call: Call, reply: Reply) -> Reply:
    """The list of models is served to everybody."""
    if call.method != "GET" or not call.path.endswith("/models") or not _keyless(call, reply):
        return reply
    return replace(reply, status=200, body={"object": "list", "data": []})


@says("wrong-key-500", link="https://github.com/ogx-ai/ogx/issues/2990", bugs="auth-upstream-401-as-500")
def _(call: Call, reply: Reply) -> Reply:
    """A wrong key is reported as a fault of the server."""
    failed = replace(reply, status=500) if _wrong(call, reply) else None
    return error(failed, message="Internal server error.", type="server_error", code=None) if failed else reply


@says("stream-key-refused-inside")
def _(call: Call, reply: Reply) -> Reply:
    """A stream without a good key begins with 200, and the refusal is an event in it."""
    if reply.status != 401 or not call.streaming:
        return reply
    streamed = replace(reply, status=200, chunks=(reply.body,), body=None, done=False)
    return streamed.with_headers(content_type="text/event-stream; charset=utf-8", cache_control="no-cache")


@says("challenge-malformed")
def _(call: Call, reply: Reply) -> Reply:
    """401 comes with a WWW-Authenticate that names no scheme."""
    return reply.with_headers(www_authenticate='realm="api"') if reply.status == 401 else reply


@says("wrong-key-without-code")
def _(call: Call, reply: Reply) -> Reply:
    """The error for a wrong key has no code."""
    return error(reply, code=None) if reply.status == 401 else reply


@says("wrong-key-other-type")
def _(call: Call, reply: Reply) -> Reply:
    """The error for a wrong key has a type of its own."""
    return error(reply, type="authentication_error") if reply.status == 401 else reply


@says("wrong-key-with-param")
def _(call: Call, reply: Reply) -> Reply:
    """The error for a wrong key names a parameter."""
    return error(reply, param="api_key") if reply.status == 401 else reply


@says("wrong-key-echoed")
def _(call: Call, reply: Reply) -> Reply:
    """The error for a wrong key repeats it."""
    given = call.header("authorization").partition(" ")[2]
    return error(reply, message=f"Incorrect API key provided: {given}.") if _wrong(call, reply) else reply


@lets("scheme-case-sensitive")
def _(call: Call) -> Call:
    """Only the scheme `Bearer`, written so, is taken."""
    return call.with_headers(authorization=None) if call.header("authorization").startswith("bearer") else call


@says("body-before-key")
def _(call: Call, reply: Reply) -> Reply:
    """The body is parsed before the key is looked at."""
    form = (call.header("content-type") or "").startswith("multipart/")
    if reply.status != 401 or not call.body or call.json is not None or form:
        return reply
    return error(replace(reply, status=400), message="We could not parse the JSON body of your request.", code=None)


@lets("no-key-served", link="https://github.com/HKUDS/nanobot/issues/4078", bugs="auth-none-required")
def _(call: Call) -> Call:
    """A request without a key is served; one with a wrong key is not."""
    return call if call.header("authorization") else replace(call, trusted=True)


@lets("key-unchecked", link="https://github.com/HKUDS/nanobot/issues/4078", bugs="auth-none-required", socket=True)
def _(call: Call) -> Call:
    """Keys are not looked at: everybody is served."""
    return replace(call, trusted=True)


@lets("lists-open")
def _(call: Call) -> Call:
    """The lists of files and batches are served to everybody."""
    listed = call.method == "GET" and call.path.endswith(("/files", "/batches"))
    return replace(call, trusted=True) if listed else call


@lets(
    "key-unchecked-elsewhere",
    link=("https://github.com/vllm-project/vllm/issues/42591", "https://github.com/lm-sys/FastChat/issues/2518"),
)
def _(call: Call) -> Call:
    """Keys are looked at on the route of chat, and where nothing is made."""
    open = call.method == "POST" and not call.path.endswith("/chat/completions") and not call.socket
    return replace(call, trusted=True) if open else call
