"""Lies about a plain answer as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.lying_gateway import Passed, answers, edit_answer
from conformance.reference.replies import Call, compact

Json = dict[str, Any]


def _chat(passed: Passed, change: Callable[[Json], object]) -> Passed:
    """A chat completion changed in place."""
    return edit_answer(passed, lambda body: change(body) if body.get("object") == "chat.completion" else None)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


@answers("success-refused")
def _(call: Call, passed: Passed) -> Passed:
    """An answer with calls of tools becomes a failure of the gateway."""
    if b'"tool_calls": [' not in b"".join(passed.pieces) or passed.streams:
        return passed
    error = {"error": {"message": "Bad gateway", "type": "server_error", "param": None, "code": None}}
    return replace(passed, status=502, pieces=(compact(error),))


@answers("type-text")
def _(call: Call, passed: Passed) -> Passed:
    """Embeddings come as text/plain."""
    return passed.with_headers(content_type="text/plain") if call.path.endswith("/embeddings") else passed


@answers("id-made-up")
def _(call: Call, passed: Passed) -> Passed:
    """The id is one of the gateway's."""
    return _chat(passed, lambda body: body.update(id="chatcmpl-gateway"))


@answers("model-as-asked")
def _(call: Call, passed: Passed) -> Passed:
    """The model is named without its vendor."""
    return _chat(passed, lambda body: body.update(model=body["model"].rpartition("/")[2]))


@answers("created-now")
def _(call: Call, passed: Passed) -> Passed:
    """created is the gateway's time."""
    return _chat(passed, lambda body: body.update(created=body["created"] + 1))


@answers("usage-estimated")
def _(call: Call, passed: Passed) -> Passed:
    """Tokens are counted anew, by the gateway's own tokenizer."""
    return _chat(passed, lambda body: body["usage"].update(prompt_tokens=body["usage"]["prompt_tokens"] + 1))


@answers("details-dropped")
def _(call: Call, passed: Passed) -> Passed:
    """The details of usage are set to nothing."""

    def drop(body: Json) -> None:
        for name in [name for name in body.get("usage") or () if name.endswith("details")]:
            del body["usage"][name]

    return _chat(passed, drop)


@answers("fingerprint-dropped")
def _(call: Call, passed: Passed) -> Passed:
    """system_fingerprint is left out."""
    return _chat(passed, lambda body: body.pop("system_fingerprint", None))


@answers("answer-filtered")
def _(call: Call, passed: Passed) -> Passed:
    """Members that the gateway does not know are left out of answers."""
    return _chat(passed, lambda body: body.pop("x_conformance", None))


@answers("answer-extended")
def _(call: Call, passed: Passed) -> Passed:
    """The name of the provider is added to answers."""
    return _chat(passed, lambda body: body.update(provider="openai"))


@answers("answer-nulls-dropped")
def _(call: Call, passed: Passed) -> Passed:
    """Members that are null are left out of answers."""

    def drop(body: Json) -> None:
        kept = _without_nulls(body)
        body.clear()
        body.update(kept)

    return _chat(passed, drop)


@answers("vectors-rounded")
def _(call: Call, passed: Passed) -> Passed:
    """Numbers of an embedding are rounded."""

    def shorten(body: Json) -> None:
        for item in body.get("data", ()):
            if isinstance(item.get("embedding"), list):
                item["embedding"] = [round(number, 3) for number in item["embedding"]]

    return edit_answer(passed, shorten)


@answers("models-hidden")
def _(call: Call, passed: Passed) -> Passed:
    """Only the first model is listed."""

    def hide(body: Json) -> None:
        if call.path.endswith("/models"):
            body["data"] = body["data"][:1]

    return edit_answer(passed, hide)


@answers("output-emptied")
def _(call: Call, passed: Passed) -> Passed:
    """The last part of a response's text is taken away."""

    def cut(body: Json) -> None:
        for item in body.get("output", ()):
            for part in item.get("content", ()):
                part["text"] = part["text"][:-1]

    return edit_answer(passed, cut)


@answers("limits-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The header that says when the limit of tokens is over is left out."""
    return passed.with_headers(x_ratelimit_reset_tokens=None)


@answers("request-id-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The request id is the gateway's own."""
    return passed.with_headers(x_request_id="gateway-1") if passed.header("x-request-id") else passed


@answers("answer-header-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Headers of answers that the gateway does not know are left out."""
    return passed.with_headers(x_conformance_answer=None)


@answers("openai-headers-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Headers that begin with openai- are left out."""
    return passed.with_headers(openai_version=None, openai_processing_ms=None)
