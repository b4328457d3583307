"""Laws on a plain answer as a whole: its status, its type, its members, what it counts, and the headers beside it."""

from __future__ import annotations

from conformance.areas.citations import (
    COMPLETION,
    EMBEDDING,
    MODEL_LIST,
    OVERVIEW,
    RATE_LIMITS,
    SERVICE_TIER,
    USAGE,
    oas,
    rfc,
)
from conformance.exchange import ABSENT
from conformance.gateway.laws import about, answered, law, plain, whole
from conformance.gateway.pair import Pair
from conformance.judge import MAY, MUST, SHOULD, Problems, differs

LIMITS = ("limit-requests", "limit-tokens", "remaining-requests", "remaining-tokens", "reset-requests", "reset-tokens")


def _handed_on(pair: Pair) -> bool:
    """The upstream's answer, of whatever status, was whole, and an answer came of it."""
    return pair.reached and pair.answered.ended == "complete" and pair.outer.answered


def _body_has(*names: str):
    said = " or ".join(name.strip('"') for name in names)
    return about(f"plain answer with {said}")(
        lambda pair: pair.plain and any(n.encode() in pair.answered.body for n in names)
    )


with_usage, with_details = _body_has('"usage"'), _body_has("_details")
marked = _body_has('"x_conformance"')
embedded, listed, made = _body_has('"embedding"'), _body_has('"object": "list"'), _body_has('"output"')
plain_success = about("plain success of the upstream")(lambda pair: pair.served and not pair.streams and pair.outer.ok)
typed = plain_success & about("that is no stream made of it as asked")(
    lambda pair: not (pair.outer.streaming and pair.outer.media_type == "text/event-stream")
)
with_null = _body_has(": null")
headed = about("answer with limits in its headers")(
    lambda pair: _handed_on(pair) and bool(pair.answered.header("x-ratelimit-limit-requests"))
)
identified = about("answer with an x-request-id")(
    lambda pair: _handed_on(pair) and bool(pair.answered.header("x-request-id"))
)
timed = about("answer with an openai-processing-ms")(
    lambda pair: _handed_on(pair) and bool(pair.answered.header("openai-processing-ms"))
)
noted = about("answer with a header that nobody knows")(
    lambda pair: _handed_on(pair) and bool(pair.answered.header("x-conformance-answer"))
)


@law("gateway.status", MUST, about=whole, source=rfc(9110, "15"), breaks="success-refused",
     fix="Give the client the status that the upstream gave.")  # fmt: skip
def success_stays_one(pair: Pair) -> Problems:
    """What the upstream served whole is served whole, with its status.

    The client pays for an answer that it does not get.
    """
    if pair.outer.status != pair.answered.status:
        yield differs("the status", pair.outer.status or ABSENT, f"{pair.answered.status}, as the upstream answered")
    elif pair.outer.ended != "complete":
        yield differs("the end of the answer", pair.outer.failure or pair.outer.ended, "a whole one, as upstream")


@law("gateway.media-type", MUST, about=typed, source=rfc(9110, "8.3"), breaks="type-text",
     fix="Pass Content-Type on.")  # fmt: skip
def plain_answer_keeps_its_type(pair: Pair) -> Problems:
    """A plain answer keeps its media type."""
    if pair.outer.media_type != pair.answered.media_type:
        yield differs(
            "content-type", pair.outer.media_type or ABSENT, f"{pair.answered.media_type}, as the upstream answered"
        )


@law("gateway.id", SHOULD, about=plain, source=COMPLETION, breaks="id-made-up",
     fix="Hand the id on, by which the provider finds the answer; list this law as known where ids are yours on purpose.")  # fmt: skip
def id_is_kept(pair: Pair) -> Problems:
    """The id of an answer is the upstream's."""
    yield from answered(pair, "id")


@law("gateway.answer-model", MUST, about=plain, source=COMPLETION, breaks="model-as-asked",
     fix="Say which model answered.")  # fmt: skip
def model_of_the_answer_is_kept(pair: Pair) -> Problems:
    """The answer names the model that the upstream named."""
    yield from answered(pair, "model")


@law("gateway.created", SHOULD, about=plain, source=COMPLETION, breaks="created-now",
     fix="Hand the time on.")  # fmt: skip
def time_is_kept(pair: Pair) -> Problems:
    """`created` is the upstream's."""
    yield from answered(pair, "created")


@law("gateway.usage", MUST, about=with_usage, source=USAGE, breaks="usage-estimated",
     fix="Hand the counts on; the upstream bills by them.")  # fmt: skip
def usage_is_kept(pair: Pair) -> Problems:
    """`usage` counts what the upstream counted."""
    yield from answered(pair, "usage")


@law("gateway.usage-details", SHOULD, about=with_details, source=USAGE, breaks="details-dropped",
     fix="Hand all members of usage on.")  # fmt: skip
def details_of_usage_are_kept(pair: Pair) -> Problems:
    """The details of `usage` are kept.

    Cached tokens cost a part of the others, and reasoning tokens are seen nowhere else.
    """
    yield from answered(pair, "usage-details")


@law("gateway.answer-members", SHOULD, about=plain, source=(COMPLETION, SERVICE_TIER), breaks="fingerprint-dropped",
     fix="Hand on all members of an answer.")  # fmt: skip
def other_members_of_an_answer_are_kept(pair: Pair) -> Problems:
    """The other members of an answer are kept as they are, such as `system_fingerprint` and `service_tier`."""
    yield from answered(pair, "members")


@law("gateway.answer-unknown", SHOULD, about=marked, source=OVERVIEW, breaks="answer-filtered",
     fix="Hand on members that the gateway does not know.")  # fmt: skip
def unknown_member_of_an_answer_is_kept(pair: Pair) -> Problems:
    """A member that no document has is handed on.

    The API adds members without notice, and so do servers that say more.
    """
    yield from answered(pair, "unknown")


@law("gateway.answer-added", SHOULD, about=plain, source=OVERVIEW, breaks="answer-extended",
     fix="Say what the gateway has to say in headers.")  # fmt: skip
def nothing_is_added_to_an_answer(pair: Pair) -> Problems:
    """Nothing is added to an answer."""
    yield from answered(pair, "added")


@law("gateway.answer-null", SHOULD, about=with_null, source=COMPLETION, breaks="answer-nulls-dropped",
     fix="Hand null on.")  # fmt: skip
def null_of_an_answer_is_kept(pair: Pair) -> Problems:
    """A member that is null is handed on.

    Strict clients want every required member, and `refusal` is one that is null.
    """
    yield from answered(pair, "null")


@law("gateway.embedding", MUST, about=embedded, source=EMBEDDING, breaks="vectors-rounded",
     fix="Hand vectors on, number by number.")  # fmt: skip
def vectors_are_kept(pair: Pair) -> Problems:
    """Each number of an embedding is the one that the upstream gave."""
    yield from answered(pair, "embedding")


@law("gateway.models", MUST, about=listed, source=MODEL_LIST, breaks="models-hidden",
     fix="Hand on the list as it is.")  # fmt: skip
def list_of_models_is_kept(pair: Pair) -> Problems:
    """The list of models holds what the upstream's holds."""
    yield from answered(pair, "models")


@law("gateway.output", MUST, about=made, source=oas("Response", 57280), breaks="output-emptied",
     fix="Hand on every item of a response.")  # fmt: skip
def output_of_a_response_is_kept(pair: Pair) -> Problems:
    """The items of a response are kept, in their order, with all that they say."""
    yield from answered(pair, "output")


@law("gateway.rate-limit-headers", SHOULD, about=headed, source=RATE_LIMITS, breaks="limits-lost",
     fix="Pass x-ratelimit-* on.")  # fmt: skip
def limits_are_kept(pair: Pair) -> Problems:
    """The headers that say how much may still be asked are handed on.

    Clients that slow down by them run into the limit.
    """
    for name in LIMITS:
        yield from header_kept(pair, f"x-ratelimit-{name}")


@law("gateway.request-id", SHOULD, about=identified, source=OVERVIEW, breaks="request-id-lost",
     fix="Pass x-request-id on.")  # fmt: skip
def request_id_is_kept(pair: Pair) -> Problems:
    """The id by which the provider finds a request is handed on."""
    yield from header_kept(pair, "x-request-id")


@law("gateway.openai-headers", MAY, about=timed, source=OVERVIEW, breaks="openai-headers-lost",
     fix="Pass openai-* headers on.")  # fmt: skip
def headers_of_openai_are_kept(pair: Pair) -> Problems:
    """openai-version and openai-processing-ms are handed on."""
    for name in ("openai-version", "openai-processing-ms"):
        yield from header_kept(pair, name)


@law("gateway.answer-header", MAY, about=noted, source=rfc(9110, "5.1"), breaks="answer-header-lost",
     fix="Pass on headers of answers that the gateway does not know.")  # fmt: skip
def unknown_header_of_an_answer_is_kept(pair: Pair) -> Problems:
    """A header of the answer that nobody knows is handed on."""
    yield from header_kept(pair, "x-conformance-answer")


def header_kept(pair: Pair, name: str) -> Problems:
    """A header of the upstream's answer is that of the gateway's."""
    was, now = pair.answered.header(name), pair.outer.header(name)
    if was is not None and now != was:
        yield differs(name, ABSENT if now is None else now, f"{was}, as the upstream answered")
