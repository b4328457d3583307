"""ERROR: which status stands for what - mistakes, unknown routes, overload, exhausted quotas - and the same one when streamed."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import (
    ERROR_CODES,
    NODE_RETRIES,
    OBEYS_SHOULD_RETRY,
    PYTHON_ERROR_CLASS,
    PYTHON_RETRIES,
    SAYS_INVALID_URL,
    issue,
    rfc,
)
from conformance.exchange import Exchange, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import by_head, response
from conformance.judge.conditions import by_application, chat_request, failed, headers_known, intent, status
from conformance.judge.mistakes import BUSY, examined, malformed, mistaken, parameter_mistake, refused
from conformance.judge.refusals import plain_sense, said
from conformance.judge.relations import streamed_twin
from conformance.wire.jsontext import show

QUOTA_CODES = (
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "insufficient_quota",  # what OpenAI sent before 2026, and gateways still do
)
OVERLOAD_CODES = ("server_is_overloaded", "slow_down")

with_key = ~(intent("no-key") | intent("wrong-key"))
not_busy = ~status(*BUSY)


@response("that reports an exhausted quota")
def _quota(x: Exchange) -> bool:
    return said(x, "type") == "insufficient_quota" or said(x, "code") in QUOTA_CODES


@response("that reports an overload")
def _overload(x: Exchange) -> bool:
    return said(x, "code") == "server_is_overloaded"


quota, overload = failed & _quota, failed & _overload

# ---------------------------------------------------------------------- mistakes


@check(
    "error.not-500", MUST, when=(mistaken | malformed) & with_key & not_busy,
    source=(rfc(9110, "15.5"), PYTHON_RETRIES, NODE_RETRIES),
    breaks=("too-long-500", "orphan-501", "bad-json-500", "unknown-model-500", "tool-choice-unlisted-500", "bad-utf8-500",
            "embeddings-token-kills", "bad-json-500-elsewhere", "unknown-model-500-elsewhere", "state-reference-refused"),
    covers="ERR-029",
)  # fmt: skip
def mistakes_are_the_clients(x: Exchange) -> Problems:
    """A mistake of the client is not answered with a 5xx status.

    Both SDKs send a request again after any 5xx, twice: triple load for what can never succeed, and the user waits.
    """
    if x.status >= 500:
        yield differs("status", x.status, "4xx")


@by_head("that says by 501 that a whole route is not there")
def lacks_the_route(x: Exchange) -> bool:
    """RFC 9110 section 15.6.2 has this status for it; chat itself is never lacking."""
    return x.status == 501 and x.route not in (None, "chat", "stored")


# SHOULD: to lack a documented option is no mistake of the client, and 501 is what some servers take for the honest answer.
@check(
    "error.optional-not-500", SHOULD, when=intent("optional") & not_busy & ~lacks_the_route, source=(PYTHON_RETRIES, NODE_RETRIES),
    breaks=("optional-501", "content-image-500", "embeddings-dimensions-500", "embeddings-token-kills",
            "completions-echo-500", "state-reference-refused", "files-output-undescribed"), covers="ERR-029",
)  # fmt: skip
def lacking_options_are_refused(x: Exchange) -> Problems:
    """What the API documents and the server does not have is refused with a 4xx, not answered with a 5xx.

    Both SDKs send the request again after any 5xx, 501 included.
    """
    if x.status >= 500:
        yield differs("status", x.status, "4xx, where the option is not supported")


# SHOULD: 422 is not retried and has a class of its own in both SDKs; it is another one than the one handlers expect.
@check(
    "error.status-400", SHOULD, when=parameter_mistake & refused, source=(ERROR_CODES, PYTHON_ERROR_CLASS),
    breaks=("type-error-422", "type-error-422-streamed"), covers=("ERR-010", "ERR-011"),
)  # fmt: skip
def parameter_mistakes_are_400(x: Exchange) -> Problems:
    """A parameter or a message that is wrong or missing is refused with 400.

    The 422 of web frameworks raises UnprocessableEntityError: handlers of BadRequestError do not see it.
    """
    if x.status != 400:
        yield differs("status", x.status, "400")


@check(
    "error.unknown-url", SHOULD, when=intent("unknown-route") & examined, source=(SAYS_INVALID_URL, rfc(9110, "15.5.5")),
    breaks=("unknown-url-400", "unknown-url-served"), covers="ERR-022",
)  # fmt: skip
def unknown_urls_are_404(x: Exchange) -> Problems:
    """A URL that does not exist is answered with 404.

    A wrong base URL is the commonest mistake of all: NotFoundError tells it, the 200 of a start page hides it.
    """
    if x.status != 404:
        yield differs("status", x.status, "404")


@check(
    "error.wrong-method-refused", MUST, when=intent("wrong-method") & examined, source=rfc(9110, "15.5.6"),
    breaks="wrong-method-served", covers="ERR-023",
)  # fmt: skip
def wrong_methods_are_refused(x: Exchange) -> Problems:
    """A method that a route does not have is not answered 2xx.

    A caller that looks at the status alone takes the answer for one to its request.
    """
    if x.ok:
        yield differs("status", x.status, "405 or 404")


# SHOULD: no client breaks on another 4xx.
@check(
    "error.wrong-method", SHOULD, when=intent("wrong-method") & refused, source=rfc(9110, "15.5.6"),
    breaks="wrong-method-400", covers="ERR-023",
)  # fmt: skip
def wrong_methods_are_405(x: Exchange) -> Problems:
    """A method that a route does not have is refused with 405, or 404 where routes are found by method."""
    if x.status not in (404, 405):
        yield differs("status", x.status, "405 or 404")


# ---------------------------------------------------------------------- the server's troubles


@check(
    "error.overload-status", SHOULD, when=overload, source=ERROR_CODES, breaks="overload-500", covers="ERR-024",
)  # fmt: skip
def overload_is_503(x: Exchange) -> Problems:
    """An overload, by its code server_is_overloaded, has the status 503.

    Gateways send such a request to another server, and one that failed with 500 to nobody.
    """
    if x.status != 503:
        yield differs("status with the code server_is_overloaded", x.status, "503")


@check(
    "error.overload-type",
    SHOULD,
    when=status(503) & by_application,
    source=ERROR_CODES,
    breaks=("overload-type", "loading-without-wait"),
    covers="ERR-024",
)
def overload_has_its_type(x: Exchange) -> Problems:
    """An answer of 503 has the `error.type` "service_unavailable_error"."""
    if (kind := need(x.error, "type", str)) != "service_unavailable_error":
        yield differs("error.type", kind, '"service_unavailable_error"')


@check(
    "error.overload-code",
    SHOULD,
    when=status(503) & by_application,
    source=ERROR_CODES,
    breaks="overload-code",
    covers="ERR-024",
)
def overload_has_its_code(x: Exchange) -> Problems:
    """An answer of 503 has the `error.code` "server_is_overloaded" (or "slow_down", as some routes had)."""
    if (code := need(x.error, "code", str, None)) not in OVERLOAD_CODES:
        yield differs("error.code", code, '"server_is_overloaded"')


@check("error.internal-type", SHOULD, when=status(500), source=ERROR_CODES, breaks="internal-type", covers="ERR-028")
def internal_failures_have_their_type(x: Exchange) -> Problems:
    """An answer of 500 has the `error.type` "server_error".

    Clients tell by it that the request was right and that another try may help.
    """
    if (kind := need(x.error, "type", str)) != "server_error":
        yield differs("error.type", kind, '"server_error"')


@check("error.quota-status", SHOULD, when=quota, source=ERROR_CODES, breaks="quota-403", covers="ERR-026")
def exhausted_quotas_are_429(x: Exchange) -> Problems:
    """An exhausted quota, by its type or code, has the status 429.

    RateLimitError is where applications look for it.
    """
    if x.status != 429:
        yield differs("status of an exhausted quota", x.status, "429")


@check(
    "error.quota-code", SHOULD, when=quota, source=(ERROR_CODES, issue("UKGovernmentBEIS/inspect_ai", 5340)),
    breaks="quota-code", covers="ERR-026",
)  # fmt: skip
def exhausted_quotas_name_themselves(x: Exchange) -> Problems:
    """An exhausted quota says in `error.code` which: the credit, the spend limit or the usage limit.

    Nothing else tells the user whom to ask; by the status alone it looks like a limit that passes.
    """
    if (code := need(x.error, "code", str, None)) not in QUOTA_CODES:
        yield differs("error.code", code, " or ".join(map(show, QUOTA_CODES)))


# MAY: OpenAI does not send it: its own clients had to learn not to retry (https://github.com/openai/codex/pull/6340).
@check(
    "error.quota-no-retry", MAY, when=quota & status(429) & headers_known, source=OBEYS_SHOULD_RETRY,
    breaks="quota-retried", covers="ERR-027",
)  # fmt: skip
def exhausted_quotas_are_not_retried(x: Exchange) -> Problems:
    """A 429 that waiting cannot cure carries `x-should-retry: false`.

    Without it both SDKs try twice more before they raise.
    """
    if x.header("x-should-retry") != "false":
        yield header_differs(x, "x-should-retry", "false")


# ---------------------------------------------------------------------- plain and streamed

both_failed = failed & ~status(500, *BUSY)


def _alike(what: str, plain: object, streamed: object) -> Iterator[str]:
    if plain != streamed:
        yield differs(f"{what} with stream: true", streamed, f"{show(plain)}, as without")


@check(
    "error.streamed-status", SHOULD, together=streamed_twin, when=both_failed, source=PYTHON_ERROR_CLASS,
    breaks="type-error-422-streamed", covers="ERR-036",
)  # fmt: skip
def streamed_mistakes_have_the_same_status(plain: Exchange, streamed: Exchange) -> Problems:
    """A mistake has the same status with stream: true as without.

    The status decides on the exception: one handler for both ways is what everybody writes.
    """
    yield from _alike("status", plain.status, streamed.status)


@check(
    "error.streamed-type", SHOULD, together=streamed_twin, when=both_failed, source=ERROR_CODES,
    breaks="streamed-error-type", covers="ERR-036",
)  # fmt: skip
def streamed_mistakes_have_the_same_type(plain: Exchange, streamed: Exchange) -> Problems:
    """A mistake has the same `error.type` with stream: true as without."""
    yield from _alike("error.type", need(plain.error, "type", str), need(streamed.error, "type", str))


@check(
    "error.streamed-code", SHOULD, together=streamed_twin, when=both_failed, source=ERROR_CODES,
    breaks="streamed-error-code", covers="ERR-036",
)  # fmt: skip
def streamed_mistakes_have_the_same_code(plain: Exchange, streamed: Exchange) -> Problems:
    """A mistake has the same `error.code` with stream: true as without.

    Agents that trim their history on context_length_exceeded mostly stream.
    """
    yield from _alike("error.code", need(plain.error, "code", str, None), need(streamed.error, "code", str, None))


@check(
    "error.streamed-param", SHOULD, together=streamed_twin, when=both_failed, source=ERROR_CODES,
    breaks="streamed-error-param", covers="ERR-036",
)  # fmt: skip
def streamed_mistakes_have_the_same_param(plain: Exchange, streamed: Exchange) -> Problems:
    """A mistake has the same `error.param` with stream: true as without."""
    yield from _alike("error.param", need(plain.error, "param", str, None), need(streamed.error, "param", str, None))


@check("error.valid-not-500", MUST, source=(rfc(9110, "15.6"), PYTHON_RETRIES, NODE_RETRIES),
       when=chat_request & plain_sense & response("that was looked at")(lambda x: x.status not in BUSY),
       breaks=("pair-seed-fails", "param-seed-500", "content-cut-character-fails", "content-no-word-fails", "valid-500-batch",
               "tool-choice-501", "burst-as-500"))  # fmt: skip
def valid_requests_do_not_crash(x: Exchange) -> Problems:
    """A valid request is not answered with a 5xx status.

    A parameter or a text that makes the server fail takes other users' requests with it, and both SDKs send it twice more.
    """
    if x.status >= 500:
        used_up = "limited-key" in x.intent
        yield differs("status", x.status, "429, as the key is said to be used up" if used_up else "200")
