"""HTTP: what a browser asks before it sends (CORS), so that web applications may use the endpoint directly.

No SDK outside a browser needs any of it: nothing here is a MUST but what a server that lets browsers in owes the SDK. (What no
browser takes from anyone is in once.py.)
"""

from __future__ import annotations

from conformance.areas.citations import node
from conformance.areas.questions import ORIGIN
from conformance.exchange import Exchange
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import response, whole
from conformance.judge.conditions import headers_known, intent, looked_at, ok
from conformance.judge.relations import accepted

PREFLIGHT = "https://fetch.spec.whatwg.org/#cors-preflight-fetch"
PROTOCOL = "https://fetch.spec.whatwg.org/#http-responses"

preflight = intent("preflight")
answers = response("of a server that answers it")(lambda x: x.ok or x.status in (400, 403))


def _names(value: str | None) -> set[str]:
    """The names of a list of headers, in lower case."""
    return {name.strip().lower() for name in (value or "").split(",")}


def _allows(x: Exchange) -> Problems:
    sent = {value.strip() for value in (x.header("access-control-allow-origin") or "").split(",")}
    if not sent & {"*", ORIGIN}:  # that it came more than once is for http.origin-once
        yield header_differs(x, "Access-Control-Allow-Origin", f'"*" or "{ORIGIN}"')


@check("http.preflight", SHOULD, when=preflight & looked_at,
       source=(PREFLIGHT, "https://github.com/ggml-org/llama.cpp/issues/6544"),
       breaks=("cors-preflight-401", "cors-preflight-405"))  # fmt: skip
def preflight_is_answered(x: Exchange) -> Problems:
    """OPTIONS on a route is answered, and without a key, which browsers do not send there.

    Web applications get no more than "Failed to fetch". Not to allow this origin, with 400 or 403, is another matter.
    """
    if x.status in (401, 404, 405) or x.status >= 500:
        yield differs(f"the status of {x.method} without a key", x.status, "200 or 204")


@check(
    "http.preflight-origin", MAY, when=preflight & answers, source=(PREFLIGHT, PROTOCOL), breaks="cors-origin-absent"
)
def preflight_allows_the_origin(x: Exchange) -> Problems:
    """The answer to OPTIONS allows the page's origin to ask.

    Without it the browser does not send the request at all. To allow none is a choice of the operator, and often a wise one.
    """
    yield from _allows(x)


@check("http.preflight-headers", MAY, when=preflight & ok, source=(PREFLIGHT, PROTOCOL), breaks="cors-headers-absent")
def preflight_allows_the_headers(x: Exchange) -> Problems:
    """The answer to OPTIONS allows the headers Authorization and Content-Type.

    Every request carries both, and the browser stops at the first that is not allowed.
    """
    allowed = _names(x.header("access-control-allow-headers"))
    if "*" not in allowed and not {"authorization", "content-type"} <= allowed:
        yield header_differs(x, "Access-Control-Allow-Headers", "Authorization, Content-Type")


# A must where pages are let in at all: then the official client is the one that stays outside.
@check("http.preflight-sdk", MUST, when=preflight & ok, source=(PREFLIGHT, node("client.ts", 1171)),
       breaks="cors-stainless-absent")  # fmt: skip
def preflight_allows_the_sdk(x: Exchange) -> Problems:
    """Where the answer to OPTIONS lets a page ask with a key, it allows all headers that were asked for, X-Stainless ones among them.

    openai-node sends nine of them: the browser blocks every call of the SDK, while a page that uses fetch gets through.
    """
    allowed, wanted = (
        _names(x.header("access-control-allow-headers")),
        _names(x.sent("access-control-request-headers")),
    )
    opened = x.header("access-control-allow-origin") in ("*", ORIGIN) and {"authorization", "content-type"} <= allowed
    if opened and "*" not in allowed and (missing := sorted(wanted - allowed)):
        yield header_differs(x, "Access-Control-Allow-Headers", f"{', '.join(missing)} as well")


@check("http.cors-errors", MAY, together=accepted("surface.preflight", "surface.bad-utf8"), when=whole & headers_known,
       source=(PROTOCOL, "https://github.com/NousResearch/hermes-agent/pull/104104"), breaks="cors-errors-without")  # fmt: skip
def errors_may_be_read(_: Exchange, x: Exchange) -> Problems:
    """Answers to requests with an Origin carry Access-Control-Allow-Origin, errors as well.

    A web application cannot read the reason of a refusal, not even its status.
    """
    yield from _allows(x)
