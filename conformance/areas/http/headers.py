"""HTTP: the headers of an answer - what names it, what times it, how it is coded and what becomes of the connection."""

from __future__ import annotations

import re

from conformance.areas.citations import OVERVIEW, node, python, rfc
from conformance.areas.http.protocol import CODED, JSON_ROUTES
from conformance.exchange import ABSENT, Exchange, find
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs, header_differs
from conformance.judge.condition import request, response, whole
from conformance.judge.conditions import answered, headers_known, intent, looked_at, ok, status, streaming
from conformance.judge.relations import by_request_id
from conformance.wire.jsontext import show

_WEIGHT_0 = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*", re.IGNORECASE)

any_answer = whole & headers_known
served = JSON_ROUTES & ok & headers_known


@request("that says which codings it takes")
def says_codings(x: Exchange) -> bool:
    return x.sent("accept-encoding") is not None


@request("that would keep the connection, as its headers say")
def keeps_connection(x: Exchange) -> bool:
    return bool(x.request_headers) and "close" not in _tokens(x.sent("connection"))


@response("that is no server error")
def no_server_error(x: Exchange) -> bool:
    return x.status < 500


def _tokens(value: str | None) -> list[str]:
    return [part.strip().lower() for part in (value or "").split(",") if part.strip()]


def _accepted(value: str) -> set[str]:
    """The codings that an Accept-Encoding takes, in lower case; "*" among them where it takes any."""
    parts = [part.partition(";") for part in value.lower().split(",")]
    taken = {name.strip() for name, _, weight in parts if not _WEIGHT_0.fullmatch(weight)}
    return taken | {f"x-{name}" for name in taken} | {"identity"}


# ---------------------------------------------------------------------- which request, how long, whose


# Genuine OpenAI: 3 of 1,436 recorded answers on these routes lack it, two of them from a recorder that mixed headers up.
@check(
    "http.request-id", SHOULD, when=JSON_ROUTES & any_answer,
    source=(OVERVIEW, python("openai/_exceptions.py", 103), node("core/error.ts", 30)), breaks="request-id-absent",
    covers="HTTP-010",
)  # fmt: skip
def answers_carry_a_request_id(x: Exchange) -> Problems:
    """Every answer, errors included, carries a non-empty x-request-id.

    Without it `_request_id` and `request_id` of both SDKs are empty, and a report to the operator cannot name the request.
    """
    if not (x.header("x-request-id") or "").strip():
        yield header_differs(x, "x-request-id", "a non-empty id")


def _object_id(x: Exchange) -> object:
    """The id of the completion or other object that an answer holds, or of the first in a stream, ABSENT where there is none."""
    if not x.not_json:
        return find(x.json, "id")
    first = re.search(rb'"id": ?"([^"]+)"', x.body) if x.body.startswith((b"data:", b"event:")) else None
    return first[1] if first else ABSENT


@check(
    "http.request-id-unique", SHOULD, together=by_request_id, when=headers_known, source=OVERVIEW,
    breaks="request-id-constant", covers="HTTP-010",
)  # fmt: skip
def request_ids_are_unique(x: Exchange, other: Exchange) -> Problems:
    """No two requests get the same x-request-id.

    An id that several requests share finds none of them in the operator's logs. The same bytes or the same completion
    again are one answer that was recorded, or edited, twice (two ids of OpenAI in 1,434 recorded answers).
    """
    recorded_twice = (x.url, x.body) == (other.url, other.body) or _object_id(x) == _object_id(other) != ABSENT
    if x.header("x-request-id") == other.header("x-request-id") and not recorded_twice:
        yield header_differs(x, "x-request-id", "another in each of the two answers")


@check(
    "http.processing-ms", MAY, when=served, source=OVERVIEW, breaks="processing-ms-fraction", covers="HTTP-011",
)  # fmt: skip
def answers_say_how_long_they_took(x: Exchange) -> Problems:
    """Answers carry openai-processing-ms, whole milliseconds.

    Dashboards split latency into network and model with it.
    """
    if not re.fullmatch("[0-9]+", x.header("openai-processing-ms") or ""):
        yield header_differs(x, "openai-processing-ms", "an integer of milliseconds")


@check("http.version", MAY, when=served, source=OVERVIEW, breaks="version-not-a-date", covers="HTTP-011")
def answers_name_the_api_version(x: Exchange) -> Problems:
    """Answers carry openai-version, the date of the API version.

    Nothing reads it but people who compare recordings.
    """
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", x.header("openai-version") or ""):
        yield header_differs(x, "openai-version", "a date such as 2020-10-01")


# MAY: OpenAI documents the refusal, but no client relies on it and other servers ignore the header.
@check(
    "http.client-request-id", MAY, when=intent("long-request-id") & looked_at, source=OVERVIEW,
    breaks="long-request-id-accepted", covers="HTTP-012",
)  # fmt: skip
def long_client_request_id_is_refused(x: Exchange) -> Problems:
    """An X-Client-Request-Id of more than 512 characters is refused with 400.

    Cut short instead, it no longer finds the request.
    """
    if x.status != 400:
        yield differs("status with an X-Client-Request-Id of 513 characters", x.status, "400")


# ---------------------------------------------------------------------- what HTTP itself asks for


# HTTP requires it, and yet no MUST: no genuine 405 is recorded to show that OpenAI does it, and no client reads it.
@check(
    "http.allow", SHOULD, when=status(405) & headers_known, source=rfc(9110, "15.5.6"), breaks="allow-absent",
    covers="HTTP-017",
)  # fmt: skip
def method_not_allowed_names_the_allowed(x: Exchange) -> Problems:
    """A 405 answer names the allowed methods in Allow.

    Without it a client cannot tell a wrong method from a wrong path.
    """
    if not re.search(r"[A-Za-z]", x.header("allow") or ""):
        yield header_differs(x, "Allow", "the methods that the path takes")


@check(
    "http.coding-accepted", MUST, when=answered & headers_known & says_codings, source=rfc(9110, "12.5.3"),
    breaks="gzip-unasked", covers="HTTP-020",
)  # fmt: skip
def codings_are_those_accepted(x: Exchange) -> Problems:
    """A body is compressed only in a way that the request's Accept-Encoding takes.

    A client that asked for identity cannot read it.
    """
    taken = _accepted(x.sent("accept-encoding") or "")
    for coding in _tokens(x.header("content-encoding")):
        if coding not in taken and "*" not in taken:
            yield differs("Content-Encoding", coding, f"one of Accept-Encoding: {x.sent('accept-encoding')}")


@check(
    "http.coding-named",
    MUST,
    when=JSON_ROUTES & answered,
    source=rfc(9110, "8.4"),
    breaks="gzip-unnamed",
    covers="HTTP-020",
)
def compressed_bodies_say_so(x: Exchange) -> Problems:
    """A compressed body names its coding in Content-Encoding.

    Without the header every client takes the compressed bytes for the text.
    """
    if x.not_json is not None and x.body.startswith(CODED):
        yield f"the body is {show(x.body[:4].hex(' '))} (gzip or zlib) without Content-Encoding, expected plain text"


@check(
    "http.keeps-connection", SHOULD, when=any_answer & no_server_error & ~streaming & keeps_connection,
    source=rfc(9112, "9.3"), breaks="connection-closed", covers="HTTP-021",
)  # fmt: skip
def connection_stays_usable(x: Exchange) -> Problems:
    """The connection stays usable after a whole plain answer: no `Connection: close`.

    Otherwise both SDKs pay for a new TCP and TLS handshake with every call.
    """
    if "close" in _tokens(x.header("connection")):
        yield header_differs(x, "Connection", "keep-alive, or no such header")
