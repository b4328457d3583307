"""ERROR: the body of any answer of 4xx or 5xx - one JSON object that holds `error` with message, type, param and code."""

from __future__ import annotations

from conformance.areas.citations import (
    ERROR,
    ERROR_CODES,
    ERROR_RESPONSE,
    NODE_ERROR,
    NODE_ERROR_FIELDS,
    NODE_ERROR_TEXT,
    PYTHON_ERROR,
    PYTHON_ERROR_FIELDS,
    PYTHON_ERROR_TEXT,
    REQUEST,
    SAYS_INVALID_URL,
    TOO_MANY,
    rfc,
)
from conformance.exchange import Exchange, find, need
from conformance.exchange.documented import ROUTES
from conformance.judge import MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import Condition, by_head, request
from conformance.judge.conditions import by_application, chat_request, failed, intent, miscoded, route, status
from conformance.judge.mistakes import PARAMETERS, malformed
from conformance.judge.objects import misfits
from conformance.judge.refusals import first_name
from conformance.judge.shared import PLACEHOLDERS
from conformance.wire.jsontext import show

KNOWN_ROUTES = route(*ROUTES)
IMAGE_ROUTES = tuple(name for name, each in ROUTES.items() if each.endpoint == "images")


@request("whose Content-Type was kept")
def type_kept(x: Exchange) -> bool:
    """Recorders that take headers out leave this one."""
    return x.headers_known or (not x.missing and x.header("content-type") is not None)


@request("answered 4xx or 5xx, to its end or not")
def failing(x: Exchange) -> bool:
    return x.failed


@by_head("of a route that is not there")
def nowhere(x: Exchange) -> bool:
    """404, 405 or 501 where the route may well be missing: the specification speaks of its own operations only."""
    meant = x.intent & {"unknown-route", "wrong-method", "optional"}
    return (x.route is None or bool(meant)) and x.status in (404, 405, 501)


told = failed & by_application
refusal = Condition("answered 4xx or 5xx by a route that is there", (told & ~nowhere).test)


def _member(x: Exchange, name: str) -> Problems:
    """What is wrong with a member of the `error` object. Raises Unreadable where there is no such object."""
    if x.error is not None:
        yield from misfits(x, "error", name)


# ---------------------------------------------------------------------- the body


@check("error.complete", MUST, when=failing, source=rfc(9112, "6.3"), breaks="error-hangs", covers="ERR-035")
def errors_come_to_their_end(x: Exchange) -> Problems:
    """An error answer is sent whole; the connection is not left open behind its head.

    Clients read the body before they raise: left open, a refusal takes as long as their timeout, ten minutes in both SDKs.
    """
    if x.ended != "complete" and not miscoded(x):
        wanted = "complete; --timeout gives it longer" if x.ended == "timeout" else "complete"
        yield differs(f"the answer with status {x.status}", x.ended, wanted)


@check(
    "error.json", MUST, when=refusal, source=(ERROR_RESPONSE, PYTHON_ERROR_TEXT, NODE_ERROR_TEXT),
    breaks=("error-empty", "error-html", "error-array", "error-plain-text", "unknown-model-text"), covers="ERR-001",
)  # fmt: skip
def errors_are_json(x: Exchange) -> Problems:
    """The body of an error answer is a JSON object.

    Of a page of HTML or an empty body Python's message is the status alone; Node's is the whole page, or "(no body)".
    """
    if x.not_json is not None:
        yield differs(f"the body ({x.not_json})", x.body[:60].decode("utf-8", "replace"), "a JSON object")
    else:
        yield from misfits(x, "envelope")


# SHOULD: both SDKs parse whatever the type says, the specification names it for two answers only, and OpenAI itself sent
# text/plain with 3 of 15 refused keys of the Responses API.
@check(
    "error.content-type", SHOULD, when=told & type_kept, source=TOO_MANY,
    breaks=("error-octets", "error-html", "error-plain-text", "unknown-model-text"), covers="ERR-007",
)  # fmt: skip
def errors_are_called_json(x: Exchange) -> Problems:
    """An error answer has the Content-Type application/json.

    Clients that choose their parser by the type show no reason, or the raw bytes of the body.
    """
    if x.media_type != "application/json":
        yield header_differs(x, "Content-Type", "application/json")


@check(
    "error.envelope", MUST, when=refusal, source=(ERROR_RESPONSE, NODE_ERROR),
    breaks=("error-bare", "error-as-detail", "error-at-top-level", "response-error-legacy"), covers=("ERR-001", "ERR-005", "ERR-006"),
)  # fmt: skip
def errors_are_in_an_envelope(x: Exchange) -> Problems:
    """The body of an error answer has the member `error`; what went wrong is not beside it at the top level, nor in `detail`.

    Node reads nothing else: its message is "400 status code (no body)", and code, type and param are undefined. Python falls
    back to the top level, so tests in Python do not see it.
    """
    if x.answer.get("error") is None:
        beside = f"of a body with {show(list(x.answer), 60)}" if x.answer else "of an empty object"
        yield f"error {beside} is absent, expected an object of message, type, param and code"


@check(
    "error.object",
    MUST,
    when=refusal,
    source=(ERROR_RESPONSE, PYTHON_ERROR),
    breaks=("error-as-string", "embeddings-missing"),
    covers="ERR-002",
)
def error_is_an_object(x: Exchange) -> Problems:
    """`error` is an object, not a text or a list.

    Python's message is "Error code: 400" alone; type and code are None in Python and undefined in Node.
    """
    if need(x.answer, "error", dict, list, str, float, bool) is not None:
        yield from misfits(x, "envelope", "error")


@check(
    "error.unknown-url-envelope", SHOULD, when=nowhere & by_application, source=(ERROR_RESPONSE, SAYS_INVALID_URL),
    breaks=("unknown-url-detail", "embeddings-missing"), covers="ERR-022",
)  # fmt: skip
def unknown_urls_have_the_envelope(x: Exchange) -> Problems:
    """A route or method that is not there is answered with an `error` object, too.

    The message of Node is "404 status code (no body)", and of a page of HTML it is the page: a wrong base URL is hard to guess.
    """
    if x.not_json is not None or not isinstance(find(x.json, "error"), dict):
        yield differs("the body", x.body[:60].decode("utf-8", "replace"), 'a JSON object with "error"')


# ---------------------------------------------------------------------- its members


@check(
    "error.message", MUST, when=refusal, source=(ERROR, PYTHON_ERROR_TEXT, NODE_ERROR_TEXT),
    breaks=("error-without-message", "error-message-list", "error-message-blank"), covers=("ERR-001", "ERR-003"),
)  # fmt: skip
def has_a_message(x: Exchange) -> Problems:
    """`error.message` is a text that is not empty.

    Python shows the status alone, Node the JSON of the whole object: the user does not learn what was wrong.
    """
    yield from _member(x, "message")


@check(
    "error.type", MUST, when=refusal, source=(ERROR, PYTHON_ERROR_FIELDS), breaks="error-without-type", covers="ERR-001"
)
def has_a_type(x: Exchange) -> Problems:
    """`error.type` is a string.

    Clients tell their own faults from the server's by it.
    """
    yield from _member(x, "type")


@check(
    "error.param", MUST, when=refusal, source=(ERROR, NODE_ERROR_FIELDS), breaks=("error-without-param", "error-param-list"),
    covers="ERR-001",
)  # fmt: skip
def has_a_param(x: Exchange) -> Problems:
    """`error.param` is there, a string or null.

    Strictly typed clients fail while they decode the error, and the error is lost behind their own.
    """
    yield from _member(x, "param")


@check(
    "error.code", MUST, when=refusal, source=(ERROR, PYTHON_ERROR_FIELDS, NODE_ERROR_FIELDS),
    breaks=("error-without-code", "error-code-number", "loading-without-wait"), covers=("ERR-001", "ERR-004"),
)  # fmt: skip
def has_a_code(x: Exchange) -> Problems:
    """`error.code` is there, a string or null, and no number.

    Python turns 400 into "400", Node keeps the number: comparing it works in one SDK only. Strictly typed clients fail.
    """
    yield from _member(x, "code")


@check("error.code-name", SHOULD, when=told, source=ERROR_CODES, breaks="error-code-digits", covers="ERR-004")
def code_is_a_name(x: Exchange) -> Problems:
    """`error.code` names what was wrong; it is not the status written as a text.

    Clients branch on names such as context_length_exceeded; "400" tells them nothing that the status does not.
    """
    code = find(x.error, "code")
    if isinstance(code, str) and code.isdigit():
        yield differs("error.code", code, "a name such as model_not_found, or null")


@check("error.placeholders", SHOULD, when=told, source=ERROR, breaks="error-says-none", covers="ERR-001")
def nothing_is_null(x: Exchange) -> Problems:
    """A member of `error` that has nothing to say is null, not "None" or an empty text.

    Clients test for null: they take "None" for the name of a parameter or of a kind of error.
    """
    for name in ("type", "param", "code"):
        if find(x.error, name) in PLACEHOLDERS:
            yield differs(f"error.{name}", find(x.error, name), "a name" if name == "type" else "a name or null")


# ---------------------------------------------------------------------- what they say


# Not of images: OpenAI calls some of their mistakes image_generation_user_error (4 of 11 recorded).
@check(
    "error.mistake-type", SHOULD, source=ERROR_CODES,
    when=status(400, 404, 422) & (KNOWN_ROUTES & ~route(*IMAGE_ROUTES) | intent("unknown-route")),
    breaks=("error-type-of-python", "streamed-error-type"),
    covers=("ERR-008", "ERR-009", "ERR-019", "ERR-021", "ERR-022", "ERR-031"),
)  # fmt: skip
def mistakes_are_invalid_requests(x: Exchange) -> Problems:
    """A request refused with 400, 404 or 422 has the `error.type` "invalid_request_error".

    Clients and gateways decide by it whether another try or another server can help.
    """
    if (kind := need(x.error, "type", str)) != "invalid_request_error":
        yield differs("error.type", kind, '"invalid_request_error"')


@check(
    "error.param-known", SHOULD, when=chat_request & status(400) & ~malformed, source=(ERROR, REQUEST),
    breaks="error-param-of-framework", covers=("ERR-012", "ERR-015"),
)  # fmt: skip
def param_is_a_parameter(x: Exchange) -> Problems:
    """`error.param`, where it is not null, is a parameter of the request or of the API, or a path that begins with one.

    Clients mark the field that was wrong by it, or leave it out and try again.
    """
    param = find(x.error, "param")
    if isinstance(param, str) and first_name(param) not in (None, *PARAMETERS, *x.asked):
        yield differs("error.param", param, "a parameter or null")
