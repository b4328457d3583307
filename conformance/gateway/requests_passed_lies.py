"""Lies about whether a request goes on."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lying_gateway import Passed, Upstream, asks, behaves, edit, rewritten
from conformance.reference.replies import Call, compact


def _made_up(body: dict) -> Passed:
    return Passed(200, (("content-type", "application/json"),), (compact(body),))


@behaves("answers-itself")
def _(onward: Call, upstream: Upstream) -> Passed:
    """Embeddings are answered from a cache that nobody asked for."""
    if not onward.path.endswith("/embeddings"):
        return upstream(onward)
    return _made_up({"object": "list", "data": [], "model": "cached", "usage": {"prompt_tokens": 0, "total_tokens": 0}})


@behaves("lists-itself")
def _(onward: Call, upstream: Upstream) -> Passed:
    """The list of models is the gateway's own."""
    return _made_up({"object": "list", "data": []}) if onward.path.endswith("/models") else upstream(onward)


@behaves("asks-twice")
def _(onward: Call, upstream: Upstream) -> Passed:
    """What failed upstream is asked again, though the client did not."""
    first = upstream(onward)
    return upstream(onward) if first.status >= 500 else first


@behaves("falls-back")
def _(onward: Call, upstream: Upstream) -> Passed:
    """Where the upstream is overloaded, another model is asked."""
    first = upstream(onward)
    return upstream(edit(onward, lambda body: body.update(model="gpt-other"))) if first.status == 503 else first


@behaves("upstream-key-told")
def _(onward: Call, upstream: Upstream) -> Passed:
    """The headers of the request upstream are handed to the client with the answer."""
    return upstream(onward).with_headers(x_upstream_authorization=onward.header("authorization"))


@behaves("retry-empty")
def _(onward: Call, upstream: Upstream) -> Passed:
    """What failed upstream is asked again, and the body is gone by then."""
    first = upstream(onward)
    return upstream(rewritten(onward, b"")) if first.status == 503 else first


@asks("route-other")
def _(call: Call, onward: Call) -> Call:
    """Legacy completions are asked as a chat."""
    if not onward.path.endswith("/v1/completions"):
        return onward
    return replace(onward, path="/v1/chat/completions")


@asks("query-lost")
def _(call: Call, onward: Call) -> Call:
    """The query of the URL is left out."""
    return replace(onward, query="")


@asks("type-lost")
def _(call: Call, onward: Call) -> Call:
    """A JSON body goes on without a Content-Type."""
    return onward.with_headers(content_type=None) if onward.json is not None else onward


@asks("key-passed-on")
def _(call: Call, onward: Call) -> Call:
    """The client's key goes on in another header."""
    return onward.with_headers(x_api_key=call.header("authorization").partition(" ")[2])


@asks("header-unknown-lost")
def _(call: Call, onward: Call) -> Call:
    """Headers that the gateway does not know are left out."""
    return onward.with_headers(x_conformance_note=None)


@asks("header-account-lost")
def _(call: Call, onward: Call) -> Call:
    """The header that says whose project it is is left out."""
    return onward.with_headers(openai_project=None)


@asks("header-ids-lost")
def _(call: Call, onward: Call) -> Call:
    """The key by which a retry is known is left out."""
    return onward.with_headers(idempotency_key=None)


@asks("model-renamed")
def _(call: Call, onward: Call) -> Call:
    """The vendor's name is put before that of the model."""
    if not onward.path.endswith("/chat/completions"):
        return onward
    return edit(onward, lambda body: body.update(model=f"openai/{body.get('model')}") if "model" in body else None)
