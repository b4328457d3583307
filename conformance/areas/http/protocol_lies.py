"""Lies about HTTP: bodies that are no JSON, statuses that mislead, headers that are missing or wrong."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply, pretty
from conformance.reference.rewriting import is_chat, last_text, turn_down

_BOM = b"\xef\xbb\xbf"


def embeddings(call: Call, reply: Reply) -> bool:
    """A successful answer of a route that few other checks look at."""
    return call.path.endswith("/embeddings") and reply.status == 200


def _refusal(status: int, message: str, kind: str = "invalid_request_error") -> Reply:
    error = {"message": message, "type": kind, "param": None, "code": None}
    return Reply(status, (), {"error": error})


def _refused(reply: Reply, status: int, message: str, kind: str = "invalid_request_error") -> Reply:
    """The reply turned into a plain error, its standing headers kept."""
    refusal = _refusal(status, message, kind)
    kept = reply.with_headers(content_type="application/json", cache_control=None).headers
    return replace(refusal, headers=kept)


def _half_json(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/chat/completions") and call.json is None and reply.status == 400


@says("json-called-text")
def _(call: Call, reply: Reply) -> Reply:
    """JSON answers are sent as text/plain."""
    return (
        reply.with_headers(content_type="text/plain") if reply.status < 400 and isinstance(reply.body, dict) else reply
    )


@says("json-empty")
def _(call: Call, reply: Reply) -> Reply:
    """An answer with status 200 has no body."""
    return replace(reply, body=b"") if embeddings(call, reply) else reply


@says("json-half")
def _(call: Call, reply: Reply) -> Reply:
    """The last bytes of a JSON body are lost, and its framing does not show it."""
    return replace(reply, body=pretty(reply.body)[:-20]) if embeddings(call, reply) else reply


@says("json-latin1")
def _(call: Call, reply: Reply) -> Reply:
    """An answer with umlauts is sent in Latin-1."""
    text = pretty(reply.body).decode("utf-8", "replace") if isinstance(reply.body, dict) else ""
    return replace(reply, body=text.encode("latin-1", "replace")) if "ü" in text else reply


@says("json-nan")
def _(call: Call, reply: Reply) -> Reply:
    """A vector of length zero is normalised to NaN."""
    if not embeddings(call, reply):
        return reply
    vector = {"object": "embedding", "index": 0, "embedding": [float("nan")] * 8}
    return replace(reply, body={**reply.body, "data": [vector]})


@says("json-bom")
def _(call: Call, reply: Reply) -> Reply:
    """A JSON body begins with a byte order mark."""
    return replace(reply, body=_BOM + pretty(reply.body)) if embeddings(call, reply) else reply


@says("error-with-200")
def _(call: Call, reply: Reply) -> Reply:
    """A failure of the backend is told in a body with status 200."""
    error = _refusal(500, "The backend failed.", "server_error").body
    return replace(reply, body={**reply.body, **error}) if embeddings(call, reply) else reply


@says("stream-not-acceptable")
def _(call: Call, reply: Reply) -> Reply:
    """A stream without a limit is refused with 406, because the client accepts application/json."""
    accepts_events = "event-stream" in call.header("accept")
    if reply.chunks is None or accepts_events or "max_completion_tokens" in call.json or "max_tokens" in call.json:
        return reply
    return _refused(replace(reply, ending="clean"), 406, "Not acceptable: this route sends text/event-stream.")


@says("bad-json-500")
def _(call: Call, reply: Reply) -> Reply:
    """A body that is no JSON is answered 500."""
    return _refused(reply, 500, "Internal server error.", "server_error") if _half_json(call, reply) else reply


@says("bad-json-422")
def _(call: Call, reply: Reply) -> Reply:
    """A body that is no JSON is answered 422, as web frameworks do."""
    return replace(reply, status=422) if _half_json(call, reply) else reply


@lets("text-plain-accepted")
def _(call: Call) -> Call:
    """The type of the request body is not looked at."""
    return call.with_headers(content_type="application/json") if call.json else call


@says("redirect-302")
def _(call: Call, reply: Reply) -> Reply:
    """A POST to a path with a slash at its end is redirected with 302."""
    return replace(reply, status=302) if reply.status == 308 else reply


@says("escapes-refused")
def _(call: Call, reply: Reply) -> Reply:
    r"""A body with surrogate pairs in \u escapes is refused."""
    return _refused(reply, 400, "Invalid unicode escape in messages[0].content.") if rb"\ud83d" in call.body else reply


@lets("utf8-read-as-latin1")
def _(call: Call) -> Call:
    """A body in UTF-8 is read as Latin-1."""
    if call.json is None or call.body.isascii():
        return call
    return replace(call, json=json.loads(call.body.decode("latin-1")))


@says("unknown-headers-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A request with headers that are not on a list is refused."""
    return _refused(reply, 403, "Unexpected request header.") if call.header("x-conformance-unknown") else reply


@lets("header-names-case-sensitive")
def _(call: Call) -> Call:
    """The key is looked for under the header name authorization, in lower case only."""
    capital = any(name == "AUTHORIZATION" for name, _ in call.headers)
    return call.with_headers(authorization=None) if capital else call


@says(
    "content-wedged", link="https://github.com/Atomic-Germ/OpenFlowLM-Next/issues/69", bugs="server-wedged-by-bad-body"
)
def _(call: Call, reply: Reply) -> Reply:
    """After a body that is no UTF-8 the next request gets no answer."""
    return replace(reply, ending="hang") if is_chat(reply) and "\\u0000" in last_text(call) else reply


@says("charset-refused", link="https://github.com/sashabaranov/go-openai/pull/659")
def _(call: Call, reply: Reply) -> Reply:
    """A Content-Type with a charset is not application/json."""
    typed = turn_down(reply, "Unsupported content type: this route accepts application/json only.")
    return replace(typed, status=415) if "charset" in call.header("content-type") else reply
