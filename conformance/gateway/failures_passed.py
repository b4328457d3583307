"""Laws on what goes wrong: a failure of the upstream stays what it is, half an answer is not made whole, and who leaves is followed."""

from __future__ import annotations

from conformance.areas.citations import CHAT_PATH, ERROR, ERROR_RESPONSE, OBEYS_SHOULD_RETRY, RATE_LIMITS, rfc
from conformance.exchange import ABSENT, Exchange, find
from conformance.gateway.answers_passed import header_kept
from conformance.gateway.changes import said
from conformance.gateway.laws import about, law, refused
from conformance.gateway.pair import IN_VAIN, UNFRAMED, Pair
from conformance.gateway.streams import Stream
from conformance.judge import MUST, SHOULD, Problems, differs


def _end_is_told(x: Exchange) -> bool:
    """Whoever asked could see that the answer broke off."""
    return UNFRAMED not in x.intent or x.header("content-length") is not None


both_refuse = refused & about("handed on as one")(lambda pair: pair.outer.failed)
waiting = both_refuse & about("with Retry-After")(lambda pair: pair.answered.header("retry-after") is not None)
advised = both_refuse & about("that says whether to ask again")(
    lambda pair: pair.answered.header("x-should-retry") is not None
)
kept_back = about("mistake that the gateway refused itself")(
    lambda pair: "mistake" in pair.outer.intent and not pair.reached
)
broken_stream = about("stream that broke off upstream")(
    lambda pair: (
        pair.reached and pair.streams and pair.answered.ok and pair.answered.ended == "cut" and pair.outer.answered
    )
)
broken_plain = about("plain answer that broke off upstream")(
    lambda pair: (
        pair.reached
        and pair.answered.answered
        and not pair.streams
        and pair.answered.ended == "cut"
        and _end_is_told(pair.answered)
    )
)
unanswered = about("request that the upstream did not answer")(
    lambda pair: pair.reached and not pair.answered.answered and pair.outer.ended != "left"
)
unfinished = about("stream that the upstream ended without its end")(
    lambda pair: (
        pair.served
        and pair.streams
        and pair.outer.answered
        and not Stream(pair.answered).ends
        and not Stream(pair.answered).errors
    )
)
left = about("request whose client went away")(
    lambda pair: pair.reached and pair.outer.ended == "left" and IN_VAIN not in pair.answered.intent
)


@law("gateway.error-status", MUST, about=refused, source=rfc(9110, "15"), breaks=("error-is-500", "error-is-200"),
     fix="Hand the status of the upstream on.")  # fmt: skip
def status_of_a_failure_is_kept(pair: Pair) -> Problems:
    """A refusal or failure of the upstream keeps its status.

    Clients ask again on 429 and 5xx, and give up on 400: the wrong one makes them hammer, or give up.
    """
    if pair.outer.status != pair.answered.status:
        yield differs("the status", pair.outer.status or ABSENT, f"{pair.answered.status}, as the upstream answered")


def _error(pair: Pair, name: str) -> Problems:
    was, now = find(pair.answered.json, f"error.{name}"), find(pair.outer.json, f"error.{name}")
    if was != now:
        yield differs(f"error.{name}", now, f"{said(was)}, as the upstream answered")


@law("gateway.error-message", MUST, about=both_refuse, source=(ERROR, ERROR_RESPONSE), breaks=("error-wrapped", "error-page"),
     fix="Hand the error object on; say in a header who says it.")  # fmt: skip
def message_of_a_failure_is_kept(pair: Pair) -> Problems:
    """`error.message` of a refusal is the upstream's."""
    yield from _error(pair, "message")


@law("gateway.error-type", MUST, about=both_refuse, source=ERROR, breaks=("error-type-own", "error-page"),
     fix="Hand error.type on.")  # fmt: skip
def type_of_a_failure_is_kept(pair: Pair) -> Problems:
    """`error.type` of a refusal is the upstream's."""
    yield from _error(pair, "type")


@law("gateway.error-code", MUST, about=both_refuse, source=ERROR, breaks=("error-code-status", "error-page"),
     fix="Hand error.code on, a text or null.")  # fmt: skip
def code_of_a_failure_is_kept(pair: Pair) -> Problems:
    """`error.code` of a refusal is the upstream's.

    By it clients know a context that is too long, and money that is used up.
    """
    yield from _error(pair, "code")


@law("gateway.error-param", MUST, about=both_refuse, source=ERROR, breaks=("error-param-lost", "error-page"),
     fix="Hand error.param on.")  # fmt: skip
def param_of_a_failure_is_kept(pair: Pair) -> Problems:
    """`error.param` of a refusal is the upstream's.

    By it clients know which parameter a model does not take, and ask without it.
    """
    yield from _error(pair, "param")


@law("gateway.retry-after", MUST, about=waiting, source=(rfc(9110, "10.2.3"), RATE_LIMITS), breaks="retry-after-lost",
     fix="Pass Retry-After and retry-after-ms on.")  # fmt: skip
def time_to_wait_is_kept(pair: Pair) -> Problems:
    """Retry-After of a refusal is handed on."""
    yield from header_kept(pair, "retry-after")
    yield from header_kept(pair, "retry-after-ms")


@law("gateway.should-retry", SHOULD, about=advised, source=OBEYS_SHOULD_RETRY, breaks="should-retry-lost",
     fix="Pass x-should-retry on: both SDKs obey it.")  # fmt: skip
def advice_to_ask_again_is_kept(pair: Pair) -> Problems:
    """x-should-retry of a refusal is handed on."""
    yield from header_kept(pair, "x-should-retry")


@law("gateway.own-refusal", MUST, about=kept_back, source=(CHAT_PATH, ERROR_RESPONSE), breaks="mistake-is-500",
     fix="Refuse with a 4xx and the error object that the upstream would send.")  # fmt: skip
def own_refusal_is_one(pair: Pair) -> Problems:
    """A mistake that the gateway refuses itself is answered with a 4xx and an `error` object."""
    if not (pair.outer.status and 400 <= pair.outer.status < 500):
        yield differs("the status", pair.outer.status or ABSENT, "a 4xx, for the mistake is the client's")
        return
    message = find(pair.outer.json, "error.message") if pair.outer.not_json is None else ABSENT
    if not isinstance(message, str):
        yield differs("error.message", message, "a string that says what is wrong")


@law("gateway.broken-stream", MUST, about=broken_stream, source=rfc(9112, "8"), breaks="broken-stream-whole",
     fix="Where the upstream breaks off, break off, or send an error event; never [DONE].")  # fmt: skip
def broken_stream_is_not_made_whole(pair: Pair) -> Problems:
    """A stream that broke off upstream does not end as a whole one.

    The client takes half an answer for all of it.
    """
    gateway = Stream(pair.outer)
    if pair.outer.ok and pair.outer.ended == "complete" and gateway.ends and not gateway.errors:
        yield differs("the end of the stream", "that of a whole one", "no end, or an error, for the upstream broke off")


# SHOULD: the missing [DONE] tells it, but to no SDK: both take the end of the body for that of the stream.
@law("gateway.broken-stream-told", SHOULD, about=broken_stream, source=rfc(9112, "8"),
     breaks=("broken-stream-whole", "broken-stream-silent"),
     fix="Where the upstream breaks off, break off, too, or send an error event.")  # fmt: skip
def broken_stream_is_told(pair: Pair) -> Problems:
    """That a stream broke off upstream is told, by an error event or a connection that breaks off.

    openai-python and openai-node end without an error where the body ends as it should: half an answer is all that the caller has.
    """
    if pair.outer.ok and pair.outer.ended == "complete" and not Stream(pair.outer).errors:
        yield differs(
            "the end of the body", "a clean one", "an error event before it, or none, for the upstream broke off"
        )


@law("gateway.unfinished-stream", MUST, about=unfinished, source=rfc(9112, "8"), breaks="unfinished-stream-whole",
     fix="Make up no end that the upstream did not send.")  # fmt: skip
def no_end_is_made_up(pair: Pair) -> Problems:
    """A stream that the upstream ended without a reason and [DONE] gets neither from the gateway."""
    gateway = Stream(pair.outer)
    if gateway.ends and not gateway.errors:
        yield differs("the end of the stream", "[DONE] or a finish_reason", "none, as the upstream sent none")


@law("gateway.broken-answer", MUST, about=broken_plain, source=rfc(9112, "8"), breaks="broken-answer-whole",
     fix="Answer 502 where the upstream's answer is not whole.")  # fmt: skip
def broken_answer_is_not_made_whole(pair: Pair) -> Problems:
    """A plain answer that broke off upstream is no success."""
    if pair.outer.ok and pair.outer.ended == "complete":
        yield differs("the status", pair.outer.status, "a 5xx, or a connection that breaks off, as the upstream's did")


@law("gateway.no-answer", MUST, about=unanswered, source=rfc(9110, "15.6.3"), breaks=("no-answer-is-200", "no-answer-hangs"),
     fix="Answer 502 at once where the upstream closes the connection.")  # fmt: skip
def missing_answer_is_said(pair: Pair) -> Problems:
    """Where the upstream closes the connection without an answer, the client gets a 5xx, and at once."""
    status = pair.outer.status
    if pair.outer.ended == "timeout":
        yield differs("the answer", ABSENT, "a 5xx at once, for the upstream closed the connection")
    elif status is not None and status < 500:
        yield differs("the status", status, "a 5xx, for the upstream did not answer")


@law("gateway.hangs-up", MUST, about=left, source=CHAT_PATH, breaks="goes-on-alone",
     fix="Where the client is gone, close the connection to the upstream.")  # fmt: skip
def who_leaves_is_followed(pair: Pair) -> Problems:
    """When the client goes away, in the midst of a stream or while it waits, the gateway hangs up upstream.

    Else the model goes on writing, and the client goes on paying.
    """
    if pair.answered.ended == "complete":
        yield differs("the answer upstream", "read to its end", "the gateway to hang up, for its client has left")
