"""HTTP: the answer as a whole - that its body is JSON, and that its status tells the truth."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import ERROR_CODES, ERROR_RESPONSE, OPENRESPONSES, OVERVIEW, issue, node, python, rfc
from conformance.exchange import Exchange, need
from conformance.exchange.documented import ROUTES
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import response
from conformance.judge.conditions import (
    asks_json,
    broken_on_mistake,
    chat_request,
    headers_known,
    intent,
    looked_at,
    ok,
    route,
    status,
    streaming,
)
from conformance.judge.relations import accepted, probes
from conformance.wire.jsontext import show

JSON_ROUTES = route(*ROUTES)
CODED = (b"\x1f\x8b", b"x\x01", b"x\x9c", b"x\xda")
"""How gzip and zlib begin, RFC 1952 section 2.3.1 and RFC 1950 section 2.2; no JSON text and no event begins so."""

json_answer = JSON_ROUTES & asks_json & ok & ~streaming & ~broken_on_mistake


@response("that redirects a POST")
def redirected_post(x: Exchange) -> bool:
    return x.method == "POST" and x.status in (301, 302, 303, 307, 308)


def flaw(x: Exchange) -> str | None:
    """Why the body is not JSON, in a word; each has a check of its own. None where it is JSON."""
    if x.not_json is None:
        return None
    if not x.body.strip():
        return "empty"
    if x.body.startswith(CODED):
        return "coded"
    try:
        x.body.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding"
    return "constant" if x.not_json.startswith("the literal ") else "syntax"


# ---------------------------------------------------------------------- the body


@check(
    "http.json-type", MUST, when=json_answer & headers_known, source=(OPENRESPONSES, node("internal/parse.ts", 58)),
    breaks=("json-called-text", "stream-when-false", "stream-when-null", "accept-decides-stream"), covers="HTTP-001",
)  # fmt: skip
def json_is_called_json(x: Exchange) -> Problems:
    """A JSON answer has the Content-Type application/json, or a type that ends in +json.

    With any other, or none, the Node SDK hands out the body as one string and every field is undefined; Python parses it.
    """
    if "application/json" not in x.media_type and not x.media_type.endswith("+json"):
        yield header_differs(x, "Content-Type", "application/json")


# Only where the recorder kept the headers: one that scrubs them lost a body of genuine OpenAI, too (1 of 939).
@check(
    "http.json-empty", MUST, when=json_answer & headers_known, source=(rfc(8259, "2"), node("internal/parse.ts", 60)),
    breaks="json-empty", covers="HTTP-004",
)  # fmt: skip
def json_is_not_empty(x: Exchange) -> Problems:
    """A successful answer of a JSON route has a body.

    Python raises JSONDecodeError, which is no error of the SDK; Node hands out undefined, and the first field access throws.
    """
    if flaw(x) == "empty":
        yield differs("the body", x.body.decode("utf-8"), "a JSON text")


@check("http.json", MUST, when=json_answer, source=rfc(8259, "2"), covers="HTTP-002",
       breaks=("json-half", "stream-when-false", "stream-when-null", "accept-decides-stream"))  # fmt: skip
def body_is_one_json_text(x: Exchange) -> Problems:
    """The body of a successful answer is one whole JSON text.

    Python raises a bare JSONDecodeError and Node a bare SyntaxError: neither is caught as an API error, neither is retried.
    """
    if flaw(x) == "syntax":
        yield differs(f"the body ({x.not_json})", x.body[-40:].decode("utf-8", "replace"), "one JSON text")


@check("http.json-utf8", MUST, when=json_answer, source=rfc(8259, "8.1"), breaks="json-latin1", covers="HTTP-002")
def json_is_utf8(x: Exchange) -> Problems:
    """JSON bodies are UTF-8.

    Python raises UnicodeDecodeError; JavaScript shows replacement characters instead of the text.
    """
    if flaw(x) == "encoding":
        yield f"the body is {show(x.not_json)}, expected UTF-8"


@check("http.json-numbers", MUST, when=json_answer, source=rfc(8259, "6"), breaks="json-nan", covers="HTTP-003")
def json_has_no_nan(x: Exchange) -> Problems:
    """JSON bodies hold no NaN and no Infinity.

    Node throws SyntaxError and the whole answer is lost; Python accepts them silently, so tests in Python do not see it.
    """
    if flaw(x) == "constant":
        yield f"the body is with {x.not_json}, expected JSON numbers"


@check("http.json-bom", SHOULD, when=json_answer, source=rfc(8259, "8.1"), breaks="json-bom", covers="HTTP-005")
def json_has_no_bom(x: Exchange) -> Problems:
    """JSON bodies do not begin with a byte order mark.

    Both SDKs tolerate it in plain answers; strict parsers (Go, Rust) refuse the body.
    """
    if x.body.startswith(b"\xef\xbb\xbf"):
        yield differs("the body's beginning", "a byte order mark", "JSON at once")


# ---------------------------------------------------------------------- the status


@check(
    "http.error-status", MUST, when=route("chat", "completions", "embeddings", "moderations", "models", "model") & ok,
    source=(rfc(9110, "15"), ERROR_RESPONSE), breaks=("error-with-200", "error-200-for-unknown-model"), covers="HTTP-006",
)  # fmt: skip
def errors_have_an_error_status(x: Exchange) -> Problems:
    """A failed request has a status of 4xx or 5xx, never 200 with an error as the body.

    Both SDKs hand out a completion whose choices are missing: no exception and no retry, and the crash comes later. (The
    Responses API has a documented `error` in its objects and is left out.)
    """
    if x.not_json is None and isinstance(x.json, dict) and x.json.get("error") and not x.json.get("choices"):
        yield differs(f"status of the answer {show(x.json, 60)}", x.status, "4xx or 5xx")


@check(
    "http.accept-json", MUST, when=chat_request & streaming & looked_at & ~intent("way"),
    source=(python("openai/_base_client.py", 807), node("client.ts", 1167)), breaks="stream-not-acceptable",
    covers="HTTP-008",
)  # fmt: skip
def streams_whatever_is_accepted(x: Exchange) -> Problems:
    """A stream is not refused because the client sends `Accept: application/json`.

    Both SDKs send that header on streams, too: a server that negotiates strictly serves none of them.
    """
    if x.status == 406:
        yield differs(f"status of a stream asked for with Accept: {x.sent('accept')}", 406, "200")


@check(
    "http.bad-json-refused", MUST, when=intent("half-json") & looked_at, source=(ERROR_CODES, rfc(9110, "15.5.1")),
    breaks=("bad-json-500", "bad-json-500-elsewhere"), covers="HTTP-013",
)  # fmt: skip
def malformed_json_is_a_client_error(x: Exchange) -> Problems:
    """A request body that is not JSON is refused with a 4xx.

    A 5xx makes both SDKs send it again, twice, though it can never succeed.
    """
    if not 400 <= x.status < 500:
        yield differs("status for a body of half a JSON text", x.status, "400")


# SHOULD: 422 is not retried and has a class of its own in both SDKs, so nothing breaks but handlers of BadRequestError.
@check(
    "http.bad-json-400", SHOULD, when=intent("half-json") & looked_at & ~status(404),
    source=(ERROR_CODES, python("openai/_client.py", 643)),
    breaks=("bad-json-422", "bad-json-500", "bad-json-500-elsewhere"), covers="HTTP-013",
)  # fmt: skip
def malformed_json_is_400(x: Exchange) -> Problems:
    """A request body that is not JSON is refused with exactly 400.

    Another 4xx is another exception class: handlers of BadRequestError do not see it.
    """
    if x.status != 400:
        yield differs("status for a body of half a JSON text", x.status, "400")


@check(
    "http.text-plain", SHOULD, when=intent("text-plain") & looked_at, source=(OPENRESPONSES, rfc(9110, "15.5.16")),
    breaks="text-plain-accepted", covers="HTTP-018",
)  # fmt: skip
def other_content_types_are_refused(x: Exchange) -> Problems:
    """A JSON route refuses a body sent as text/plain with 400 or 415.

    Served all the same, any web page can make a visitor's browser send requests to a local server: text/plain needs no preflight.
    """
    if x.status not in (400, 415):
        yield differs("status for a body sent as text/plain", x.status, "400 or 415")


# OpenAI itself refused it for a day in February 2024 (the second source), and mended it.
@check(
    "http.charset", MUST, together=accepted("chat.hello", "sending.charset"), when=looked_at,
    source=(rfc(8259, "11"), issue("openai/openai-openapi", 194)), breaks="charset-refused", covers="HTTP-018",
)  # fmt: skip
def charset_is_no_other_type(plain: Exchange, x: Exchange) -> Problems:
    """A request body may be sent as "application/json;charset=UTF-8".

    HTTP libraries of .NET, Java and Go write a charset: none of their requests gets through.
    """
    if not x.ok:
        yield differs("status for application/json;charset=UTF-8", x.status, f"{plain.status}, as without a charset")


@check(
    "http.redirect", MUST, when=redirected_post, source=(rfc(9110, "15.4.3"), python("openai/_base_client.py", 974)),
    breaks="redirect-302", covers="HTTP-016",
)  # fmt: skip
def redirects_keep_the_method(x: Exchange) -> Problems:
    """A POST that is redirected is redirected with 307 or 308.

    After 301, 302 or 303 Python follows with GET and an empty body, and so does fetch: the request turns into another one.
    """
    if x.status not in (307, 308):
        yield differs(f"status of the redirect to {show(x.header('location'), 60)}", x.status, "307 or 308")


# ---------------------------------------------------------------------- the request body


def _outcome(x: Exchange, what: str) -> Iterator[str]:
    if not x.ok:
        yield differs(f"status {what}", x.status, "200, as without them")


@check(
    "http.escapes", MUST, together=probes("chat.hello", "chat.escaped"), when=ok | intent("escaped") & looked_at,
    source=rfc(8259, "7"), breaks="escapes-refused", covers="HTTP-019",
)  # fmt: skip
def escapes_are_accepted(plain: Exchange, escaped: Exchange) -> Problems:
    r"""A request body may write characters as \u escapes, surrogate pairs included.

    Many JSON writers (Python's json, PHP) do so by default: without it, non-English prompts fail.
    """
    yield from _outcome(escaped, r"of a request with \u escapes")


# SHOULD: the tokens counted are a sign, no proof; some servers leave cached tokens out of prompt_tokens.
@check(
    "http.escapes-same", SHOULD, together=probes("chat.unicode", "chat.escaped"), when=ok,
    source=(rfc(8259, "7"), rfc(8259, "8.1")), breaks=("utf8-read-as-latin1", "usage-cached-subtracted"),
    covers="HTTP-019",
)  # fmt: skip
def escapes_mean_the_same(raw: Exchange, escaped: Exchange) -> Problems:
    r"""The same text in raw UTF-8 and in \u escapes is the same prompt: it counts the same prompt_tokens.

    The Python SDK sends raw UTF-8: read as another encoding, the model gets mojibake.
    """
    seen, wanted = (need(x.answer, "usage.prompt_tokens", int) for x in (escaped, raw))
    if seen != wanted:
        yield differs(r"usage.prompt_tokens of the prompt in \u escapes", seen, f"{wanted}, as in raw UTF-8")


@check(
    "http.unknown-headers", MUST, together=probes("chat.hello", "chat.cut"), when=ok | intent("sdk-headers") & looked_at,
    source=(rfc(9110, "5.1"), OVERVIEW), breaks="unknown-headers-refused", covers=("HTTP-009", "HTTP-012"),
)  # fmt: skip
def unknown_headers_are_ignored(plain: Exchange, decorated: Exchange) -> Problems:
    """Request headers that the server does not know, and a legal X-Client-Request-Id, do not make a request fail.

    Both SDKs always send a handful of X-Stainless headers: an allowlist of headers locks every official client out.
    """
    yield from _outcome(decorated, "of a request with X-Stainless headers and X-Client-Request-Id")


@check(
    "http.header-case", MUST, together=probes("models.one", "models.no-key"),
    when=intent("capital-header") & looked_at | status(401, 403) & ~intent("capital-header"),
    source=rfc(9110, "5.1"), breaks="header-names-case-sensitive", covers="HTTP-007",
)  # fmt: skip
def header_names_have_no_case(capital: Exchange, keyless: Exchange) -> Problems:
    """Header names are read in any case: AUTHORIZATION is Authorization.

    HTTP/2 and many proxies rewrite them: the key then arrives, and is not seen.
    """
    if capital.status in (401, 403):
        yield differs("status with the key in a header written AUTHORIZATION", capital.status, "as with Authorization")
