"""Lies about what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.lying_gateway import Passed, Upstream, answers, behaves, edit_answer
from conformance.reference.replies import Call, compact, event

Json = dict[str, Any]
DONE = event(b"[DONE]")


def _error(passed: Passed, **changes: Any) -> Passed:
    """Members of `error` changed; `...` takes one out."""

    def change(body: Json) -> None:
        for name, value in changes.items():
            body["error"].pop(name, None) if value is ... else body["error"].update({name: value})

    return edit_answer(passed, change, errors=True)


@answers("error-is-500")
def _(call: Call, passed: Passed) -> Passed:
    """A rate limit of the upstream's is a 500."""
    return replace(passed, status=500) if passed.status == 429 else passed


@answers("error-is-200")
def _(call: Call, passed: Passed) -> Passed:
    """A failure of the upstream's comes with 200."""
    return replace(passed, status=200) if passed.status == 503 else passed


@answers("error-wrapped")
def _(call: Call, passed: Passed) -> Passed:
    """The message says who said it before what was said."""
    if passed.status != 400:
        return passed

    def wrap(body: Json) -> None:
        body["error"]["message"] = f"openai.BadRequestError: Error code: 400 - {body['error']['message']}"

    return edit_answer(passed, wrap, errors=True)


@answers("error-page")
def _(call: Call, passed: Passed) -> Passed:
    """A failure comes in another form."""
    if passed.status != 500:
        return passed
    return replace(passed, pieces=(compact({"detail": "Internal Server Error"}),)).with_headers(content_length=None)


@answers("error-type-own")
def _(call: Call, passed: Passed) -> Passed:
    """The type is a class of the gateway's."""
    return _error(passed, type="GatewayError") if passed.status == 400 else passed


@answers("error-code-status")
def _(call: Call, passed: Passed) -> Passed:
    """The code is the status."""
    return _error(passed, code=str(passed.status)) if passed.status == 429 else passed


@answers("error-param-lost")
def _(call: Call, passed: Passed) -> Passed:
    """The parameter that is wrong is not named."""
    return _error(passed, param=None) if passed.status == 400 else passed


@answers("retry-after-lost")
def _(call: Call, passed: Passed) -> Passed:
    """Retry-After is left out."""
    return passed.with_headers(retry_after=None)


@answers("should-retry-lost")
def _(call: Call, passed: Passed) -> Passed:
    """x-should-retry is left out."""
    return passed.with_headers(x_should_retry=None)


@behaves("mistake-is-500")
def _(onward: Call, upstream: Upstream) -> Passed:
    """A body that is no JSON makes the gateway fail."""
    if onward.method != "POST" or onward.json is not None or onward.header("content-type").startswith("multipart/"):
        return upstream(onward)
    return Passed(500, (("content-type", "text/plain"),), (b"Internal Server Error",))


@answers("broken-stream-whole")
def _(call: Call, passed: Passed) -> Passed:
    """A stream that breaks off gets an end."""
    return (
        replace(passed, pieces=(*passed.pieces, DONE), ending="clean")
        if passed.streams and passed.ending == "cut"
        else passed
    )


@answers("broken-stream-silent")
def _(call: Call, passed: Passed) -> Passed:
    """A stream that breaks off is followed by nothing, and the body ends as it should."""
    return replace(passed, ending="clean") if passed.streams and passed.ending == "cut" else passed


@answers("unfinished-stream-whole")
def _(call: Call, passed: Passed) -> Passed:
    """Every stream that the upstream ends gets [DONE]."""
    own = (
        passed.streams
        and passed.ending == "clean"
        and DONE not in b"".join(passed.pieces)
        and not call.path.endswith("/responses")
    )
    failed = own and any(b'"error"' in piece for piece in passed.pieces)
    return replace(passed, pieces=(*passed.pieces, DONE)) if own and not failed else passed


@answers("broken-answer-whole")
def _(call: Call, passed: Passed) -> Passed:
    """A plain answer that breaks off is handed on as if it were whole."""
    return replace(passed, ending="clean") if not passed.streams and passed.ending == "cut" else passed


@answers("no-answer-is-200")
def _(call: Call, passed: Passed) -> Passed:
    """Where the upstream does not answer, an empty answer comes."""
    if passed.ending != "none" or call.streaming:
        return passed
    return Passed(200, (("content-type", "application/json"),), (b"{}",))


@answers("no-answer-hangs")
def _(call: Call, passed: Passed) -> Passed:
    """Where the upstream closes the connection, the client waits."""
    return replace(passed, ending="silent") if passed.ending == "none" else passed


@answers("goes-on-alone")
def _(call: Call, passed: Passed) -> Passed:
    """When the client has left, the upstream is read to its end."""
    return replace(passed, goes_on=True)
