"""LOGP: `logprobs` and `top_logprobs`: which of them a request may set without the other."""

from __future__ import annotations

from conformance.areas.citations import REQUEST, SHOWS_LOGPROBS
from conformance.areas.logprobs.per_token import asks
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.mistakes import examined, in_chat, refused
from conformance.judge.refusals import accepted, judged, param_names_none
from conformance.judge.relations import accepted as where_accepted

top_alone = in_chat("for top_logprobs without logprobs")(
    lambda x: bool(x.asked.get("top_logprobs")) and not x.asked.get("logprobs")
)


@check("logprobs.alone", SHOULD, together=where_accepted("logprobs.top", "logprobs.alone", asks),
       when=judged, source=(REQUEST, SHOWS_LOGPROBS), covers="LOGP-001",
       breaks="logprobs-refused-alone")  # fmt: skip
def logprobs_need_no_top(both: Exchange, alone: Exchange) -> Problems:
    """`logprobs: true` is accepted without top_logprobs.

    Clients would have to know that this server wants both.
    """
    if alone.status >= 400:
        yield differs("the status", alone.status, "200: logprobs needs no top_logprobs")


@check("logprobs.top-alone-refused", SHOULD, when=top_alone & examined, source=REQUEST, breaks="logprobs-top-alone-served",
       covers="LOGP-006")  # fmt: skip
def top_logprobs_need_logprobs(x: Exchange) -> Problems:
    """`top_logprobs` without `logprobs: true` is refused.

    Ignored, the caller waits for numbers that never come.
    """
    yield from accepted(x)


@check("logprobs.top-alone-param", SHOULD, when=top_alone & refused, source=REQUEST, breaks="logprobs-top-alone-unnamed",
       covers="LOGP-006")  # fmt: skip
def lonely_top_logprobs_are_named(x: Exchange) -> Problems:
    """A refusal of top_logprobs without logprobs names the one or the other in `error.param`."""
    yield from param_names_none(x, "top_logprobs", "logprobs")
