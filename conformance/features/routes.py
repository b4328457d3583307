"""Features beside the chat: other routes, and headers that every answer may have."""

from __future__ import annotations

from conformance.checks.rate_headers import limit_headers
from conformance.conditions import asked, chat_request, headers_known, intent, ok, post, request, route
from conformance.exchange import ABSENT, Exchange, find
from conformance.features import HONOURED, Finding, absent, feature, wrong
from conformance.mistakes import mistaken
from conformance.wire.jsontext import show

fetched = request("sent with GET")(lambda x: x.method == "GET")
plain = post & ~mistaken & ~intent("no-key") & ~intent("wrong-key")
UNFIT = ("support", "not allowed")
"""Words of a refusal to use this model so."""


def _is(x: Exchange, path: str, *wanted: type) -> Finding:
    """The answer has what the route is for."""
    found = find(x.json, path)
    return (
        HONOURED
        if isinstance(found, wanted)
        else wrong(f"{path} is {'absent' if found is ABSENT else show(found, 60)}")
    )


@feature(
    "embeddings",
    when=route("embeddings") & plain & asked("input"),
    names=(*UNFIT, "embedding"),
    probes="http.embeddings",
    route=True,
)
def _(x: Exchange) -> Finding:
    """A text is answered by a vector."""
    return _is(x, "data.0.embedding", list, str)


@feature("responses", when=route("responses") & plain, names=UNFIT, probes="http.responses", route=True, profile="full")
def _(x: Exchange) -> Finding | None:
    """A text is answered by a response with output."""
    if x.streaming:
        return None
    return _is(x, "output", list) if find(x.json, "object") == "response" else wrong("the object is no response")


@feature(
    "completions",
    when=route("completions") & plain & asked("prompt"),
    names=UNFIT,
    probes="http.completions",
    route=True,
)
def _(x: Exchange) -> Finding | None:
    """A prompt is continued (the legacy route)."""
    return None if x.streaming else _is(x, "choices.0.text", str)


@feature(
    "models",
    when=route("models") & fetched & ~intent("no-key"),
    names=UNFIT,
    probes="models.list",
    route=True,
    profile="chat",
)
def _(x: Exchange) -> Finding:
    """The models are listed."""
    return _is(x, "data", list)


@feature("model_lookup", when=route("model") & fetched & ~intent("unknown-model"), probes="models.one", route=True, profile="chat",
         names=UNFIT)  # fmt: skip
def _(x: Exchange) -> Finding:
    """One model of the list is described alone."""
    return _is(x, "id", str)


@feature("request_ids", when=chat_request & headers_known & ok, probes="chat.hello", profile="full")
def _(x: Exchange) -> Finding:
    """Every answer has an x-request-id, by which the operator finds it in his logs."""
    return HONOURED if x.header("x-request-id") else absent("no answer has an x-request-id")


@feature("rate_limit_headers", when=chat_request & headers_known & ok, probes="chat.hello", profile="full")
def _(x: Exchange) -> Finding:
    """Answers say in x-ratelimit headers what the limits are and what remains."""
    sent = limit_headers(x, "limit") or limit_headers(x, "remaining")
    return HONOURED if sent else absent("no answer has x-ratelimit headers")
