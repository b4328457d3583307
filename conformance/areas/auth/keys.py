"""AUTH: what becomes of requests without a key or with a wrong one, on an endpoint that asks for keys.

An endpoint that serves everybody has nothing to be judged here. One that asks for a key on one route and not on another has.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from conformance.areas.citations import ERROR_CODES, OVERVIEW, issue, python, rfc
from conformance.exchange import Exchange, find
from conformance.exchange.probe import WRONG_KEY
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import failed, headers_known, intent, looked_at, ok, post, status, streaming
from conformance.judge.relations import keyless, probes, unlocked

CHALLENGE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(\s+\S.*)?", re.DOTALL)
"""A scheme and its parameters, RFC 9110 section 11.6.1."""

no_key, wrong_key, bad_body = intent("no-key"), intent("wrong-key"), intent("bad-body")
challenged = (
    status(401) & headers_known & request("with WWW-Authenticate")(lambda x: x.header("www-authenticate") is not None)
)
AUTHENTICATION_ERROR = python("openai/_client.py", 646)
SEEN = "https://github.com/IIC2440/Syllabus-2025-1/issues/13"
"""OpenAI's answer to a wrong key, quoted in full."""


def without_key(which: Condition) -> Condition:
    """For pairs of `keyless`: the first is of this kind, the second was served with the key."""
    return (no_key | wrong_key) & which & looked_at | ~(no_key | wrong_key) & ok


# ---------------------------------------------------------------------- refused, with 401


@check(
    "auth.no-key", MUST, together=keyless, when=without_key(no_key & post & ~streaming),
    source=(OVERVIEW, ERROR_CODES, rfc(9110, "15.5.2")),
    breaks=("no-key-422", "no-key-403", "no-key-served", "key-unchecked-elsewhere"), covers="AUTH-001",
)  # fmt: skip
def no_key_is_401(x: Exchange, served: Exchange) -> Problems:
    """A request without Authorization is answered 401.

    401 becomes AuthenticationError in both SDKs, which is where users are asked for a key; 403 is another class, and a 5xx is
    retried. Answered with 200, anybody who finds the address uses it.
    """
    if x.status != 401:
        yield differs("status without Authorization", x.status, "401")


@check(
    "auth.models-need-key", MUST, together=keyless, when=without_key(no_key & ~post), source=(OVERVIEW, rfc(9110, "15.5.2")),
    breaks=("models-open", "lists-open", "no-key-served"), covers="AUTH-007",
)  # fmt: skip
def lists_need_the_key_too(x: Exchange, served: Exchange) -> Problems:
    """GET /models, and every other list, asks for the key as every route does.

    Many clients list the models to try a key out: on an open list a wrong key looks right until the first question. A list of files is
    nobody else's business.
    """
    if x.status != 401:
        path = f"/{urlsplit(x.url).path.rpartition('/')[2]}"
        yield differs(f"status of GET {path} without Authorization", x.status, "401, as other routes ask for a key")


@check(
    "auth.wrong-key", MUST, together=keyless, when=without_key(wrong_key & ~streaming),
    source=(ERROR_CODES, AUTHENTICATION_ERROR), breaks=("wrong-key-500", "key-unchecked-elsewhere"), covers="AUTH-003",
)  # fmt: skip
def wrong_key_is_401(x: Exchange, served: Exchange) -> Problems:
    """A request with a wrong key is answered 401.

    Otherwise neither SDK raises AuthenticationError, and a 5xx is retried as if the server were at fault.
    """
    if x.status != 401:
        yield differs("status with a wrong key", x.status, "401")


# MUST, where a status of 200 costs both SDKs the exception's class, its status and the retry decision.
@check(
    "auth.stream-key", MUST, together=keyless, when=without_key(streaming),
    source=(python("openai/_base_client.py", 1228), rfc(9110, "15.5.2")),
    breaks=("stream-key-refused-inside", "no-key-403", "no-key-422", "wrong-key-500", "no-key-served"), covers="AUTH-008",
)  # fmt: skip
def stream_without_key_does_not_begin(x: Exchange, served: Exchange) -> Problems:
    """A streamed request without a good key is refused with 401 before the stream begins.

    Told inside a stream of status 200, the SDKs raise a plain APIError without a status, never AuthenticationError.
    """
    if x.status != 401:
        yield differs("status of a stream without a good key", x.status, "401")


# SHOULD: a server at home may serve everybody. Who sends a key has reason to think that it is asked for.
@check(
    "auth.key-needed", SHOULD, together=unlocked,
    when=post & ~streaming & ((no_key | wrong_key) & looked_at | ~(no_key | wrong_key) & ok),
    source=(OVERVIEW, rfc(9110, "15.5.2")), breaks=("key-unchecked", "key-unchecked-elsewhere"), covers="AUTH-001",
)  # fmt: skip
def key_makes_a_difference(served: Exchange, *strangers: Exchange) -> Problems:
    """Where a key is sent, requests without it or with another one are not served as well.

    Whoever finds the address uses it, and pays nothing.
    """
    if all(x.ok for x in strangers):
        yield differs("status without a good key", strangers[0].status, "401, as with a key that is looked at")


# ---------------------------------------------------------------------- how it says so


# That it is there is not asked for, which RFC 9110 does: genuine OpenAI sends it on /responses only (3 of 9 recorded 401s).
@check(
    "auth.challenge", MAY, when=challenged, source=(rfc(9110, "11.6.1"), rfc(6750, "3")),
    breaks="challenge-malformed", covers="AUTH-002",
)  # fmt: skip
def challenge_is_readable(x: Exchange) -> Problems:
    """WWW-Authenticate, where a 401 answer has it, names a scheme.

    No SDK reads it; browsers and generic HTTP tools do, and stumble over anything else.
    """
    if not CHALLENGE.fullmatch((x.header("www-authenticate") or "").strip()):
        yield header_differs(x, "WWW-Authenticate", 'a challenge such as Bearer realm="..."')


@check(
    "auth.wrong-key-code", SHOULD, when=wrong_key & status(401), source=(ERROR_CODES, SEEN),
    breaks="wrong-key-without-code", covers="AUTH-003",
)  # fmt: skip
def wrong_key_has_its_code(x: Exchange) -> Problems:
    """The error for a wrong key has the code invalid_api_key.

    Editors and chat clients branch on it to ask for another key.
    """
    if find(x.error, "code") != "invalid_api_key":
        yield differs("error.code for a wrong key", x.error.get("code"), '"invalid_api_key"')


@check(
    "auth.wrong-key-type", SHOULD, when=wrong_key & status(401), source=(ERROR_CODES, SEEN),
    breaks="wrong-key-other-type", covers="AUTH-003",
)  # fmt: skip
def wrong_key_is_an_invalid_request(x: Exchange) -> Problems:
    """The error for a wrong key has the type invalid_request_error.

    All of OpenAI's 401 answers do; clients that tell their own mistakes from the server's go by it.
    """
    if find(x.error, "type") != "invalid_request_error":
        yield differs("error.type for a wrong key", x.error.get("type"), '"invalid_request_error"')


@check(
    "auth.wrong-key-param", SHOULD, when=wrong_key & status(401), source=(ERROR_CODES, SEEN),
    breaks="wrong-key-with-param", covers="AUTH-003",
)  # fmt: skip
def wrong_key_blames_no_parameter(x: Exchange) -> Problems:
    """The error for a wrong key names no parameter: param is null.

    A form that shows errors beside the field named shows this one nowhere.
    """
    if x.error.get("param") is not None:
        yield differs("error.param for a wrong key", x.error["param"], "null")


@check(
    "auth.key-not-echoed", SHOULD, when=wrong_key & failed,
    source="https://github.com/continuedev/continue/issues/9418", breaks="wrong-key-echoed", covers="AUTH-005",
)  # fmt: skip
def key_is_not_echoed(x: Exchange) -> Problems:
    """An error never repeats the whole key that was sent; OpenAI masks its middle.

    Error messages end up in logs, screenshots and bug reports, and the key with them.
    """
    if WRONG_KEY.encode() in x.body or any(WRONG_KEY in value for _, value in x.headers):
        yield "the error is with the whole key that was sent in it, expected the key masked or left out"


# ---------------------------------------------------------------------- how the key is read


# HTTP requires it, and yet no MUST: OpenAI itself turned `bearer` away in 2023 (the thread), and no SDK writes it so.
@check(
    "auth.scheme-case", MAY, together=probes("models.unknown", "models.no-key"),
    when=intent("lowercase-scheme") & looked_at | status(401, 403) & no_key,
    source=(rfc(9110, "11.1"), issue("Azure/autorest.typescript", 2109)), breaks="scheme-case-sensitive", covers="AUTH-004",
)  # fmt: skip
def scheme_has_no_case(lower: Exchange, keyless: Exchange) -> Problems:
    """The scheme of `Authorization: Bearer KEY` is read in any case.

    HTTP says that schemes have no case; some clients and proxies write it in lower case.
    """
    if lower.status in (401, 403):
        yield differs("status with the good key after `bearer`", lower.status, "as with `Bearer`")


# MAY: observed, not documented; neither order breaks a client.
@check(
    "auth.key-first", MAY, together=probes("mistakes.wrong-key", "mistakes.wrong-key-half-json"),
    when=status(401, 403) & ~bad_body | bad_body & looked_at, source=ERROR_CODES, breaks="body-before-key", covers="AUTH-006",
)  # fmt: skip
def key_is_checked_first(wrong: Exchange, both: Exchange) -> Problems:
    """The key is checked before the body: a wrong key with a broken body gives 401.

    The other order tells strangers what the server makes of their requests.
    """
    if both.status != 401:
        yield differs("status with a wrong key and half a JSON text", both.status, "401")
