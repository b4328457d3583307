"""CHAT, FIN and USAGE: the same request streamed and not streamed gives the same answer, as far as sampling allows.

Models may answer differently each time, so nothing is compared that is the model's choice, but for texts at temperature 0,
and those as SHOULD.
"""

from __future__ import annotations

from conformance.areas.citations import CHUNK, COMPLETION, REQUEST, STREAM_OPTIONS, USAGE
from conformance.exchange import Choice, Exchange, Unreadable, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.answers import pairs, same_texts
from conformance.judge.conditions import (
    asked,
    at_limit,
    chat_request,
    completion,
    counted,
    greedy,
    reports_error,
    response,
    status,
)
from conformance.judge.mistakes import BUSY, DENIED, mistaken
from conformance.judge.relations import streamed_twin
from conformance.wire.jsontext import show


@response("not refused for its wish for a stream")
def streams_at_all(x: Exchange) -> bool:
    """OpenAI streams some models to verified organisations only (chatboxai/chatbox#2263), and says so."""
    return not (x.status == 400 and find(x.json if x.not_json is None else None, "error.param") == "stream")


# SHOULD: genuine endpoints have outages, and each of the two may meet one.
@check("stream.served-alike", SHOULD, together=streamed_twin, source=(REQUEST, STREAM_OPTIONS),
       when=chat_request & ~mistaken & ~status(*DENIED, *BUSY) & streams_at_all,
       breaks=("stream-with-tools-refused", "stream-options-refused", "valid-500-batch",
               "param-refuses-obfuscation"))  # fmt: skip
def both_are_served(plain: Exchange, streamed: Exchange) -> Problems:
    """A request that is served plain is served streamed, and the other way round.

    Applications are written with one of the two and switched to the other, where the feature then is gone.
    """
    if plain.ok != (streamed.ok and not reports_error(streamed)):
        yield differs("status with stream: true", streamed.status, f"{plain.status} as without")


def whole_text(choice: Choice) -> str:
    """The text, without what is left of a last character in which the limit fell: servers differ there."""
    return (choice.content or "").rstrip("\ufffd" if choice.finish_reason == "length" else "")


# Several choices are asked for to differ: not compared. A limit may be met the one time and not the other; where both
# say so or neither does, the reason must be the same.
@check("finish.same-streamed", MUST, together=streamed_twin, when=completion & ~asked("functions") & ~asked("n"),
       source=(COMPLETION, CHUNK), breaks=("finish-stream-stop", "finish-stream-calls-cut"), covers="FIN-009")  # fmt: skip
def same_reason(plain: Exchange, streamed: Exchange) -> Problems:
    """`finish_reason` is the same streamed and not streamed.

    Applications switch streaming on for their users and lose the handling of cut answers and tool calls.
    """
    for one, other in pairs(plain, streamed):
        reasons = (one.finish_reason, other.finish_reason)
        if reasons[0] != reasons[1]:
            limits = (at_limit(plain), at_limit(streamed))
            if "length" not in reasons or (limits[0] == limits[1] and limits[0] is not None):
                yield differs(
                    f"the streamed finish_reason of choice {one.index}", reasons[1], f"{reasons[0]!r} as plain"
                )


@check("chat.same-choices", MUST, together=streamed_twin, when=completion, source=REQUEST, covers="CHAT-007",
       breaks=("chat-stream-one-choice", "chat-n-ignored", "chat-choice-doubled"))  # fmt: skip
def same_number_of_choices(plain: Exchange, streamed: Exchange) -> Problems:
    """There are as many choices streamed as not streamed.

    A server that ignores `n` when it streams gives one answer where several were asked for.
    """
    counts = (len(plain.choices), len(streamed.choices))
    if counts[0] != counts[1]:
        yield differs("the number of streamed choices", counts[1], f"{counts[0]} as plain")


# Even OpenAI's models are not quite deterministic at temperature 0 (1 of 10 recorded pairs differs): no MUST.
@check("chat.same-text", SHOULD, together=streamed_twin, when=completion & greedy, source=(COMPLETION, CHUNK),
       breaks=("chat-stream-loses-text", "stream-token-by-token", "structured-dropped-streamed",
               "chat-stream-stop-ignored"))  # fmt: skip
def same_text(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the text is the same streamed and not streamed.

    Where chunks are lost, doubled or cut inside a character, only the comparison shows it.
    """
    for one, other in same_texts(plain, streamed):
        if whole_text(one) != whole_text(other):
            yield differs(f"the streamed text of choice {one.index}", other.content, f"{show(one.content)} as plain")


@check("chat.same-model", SHOULD, together=streamed_twin, when=completion, source=(COMPLETION, CHUNK),
       breaks="chat-stream-other-model", covers="CHAT-005")  # fmt: skip
def same_model(plain: Exchange, streamed: Exchange) -> Problems:
    """`model` is the same streamed and not streamed.

    One application has two entries in every table of costs, or the stream is served by something else.
    """
    named = [name for chunk in streamed.chunks if is_a(name := chunk.get("model"), str) and name]
    if named and named[0] != need(plain.answer, "model", str):
        yield differs("the streamed model", named[0], f"{show(plain.answer['model'])} as plain")


@check("usage.same-prompt", SHOULD, together=streamed_twin, when=completion & counted, source=USAGE,
       breaks="usage-stream-prompt-zero", covers="USAGE-004")  # fmt: skip
def same_prompt_tokens(plain: Exchange, streamed: Exchange) -> Problems:
    """`prompt_tokens` is the same streamed and not streamed.

    Costs differ by the mode although the same was read.
    """
    before, after = (need(x.usage, "prompt_tokens", int) for x in (plain, streamed))
    if before != after:
        yield differs("the streamed usage.prompt_tokens", after, f"{before} as plain")


@check("usage.same-completion", SHOULD, together=streamed_twin, when=completion & counted & greedy, source=USAGE,
       breaks="usage-stream-counts-chunks")  # fmt: skip
def same_completion_tokens(plain: Exchange, streamed: Exchange) -> Problems:
    """The same text costs the same completion_tokens streamed and not streamed, reasoning apart.

    Servers that count chunks, or estimate, are off as soon as a chunk holds more or less than a token.
    """
    if any((one.content or "") != (other.content or "") for one, other in same_texts(plain, streamed)):
        raise Unreadable("the two texts are different, expected the same text twice")
    before, after = (_visible(x) for x in (plain, streamed))
    if before != after:
        yield differs("the streamed usage.completion_tokens", after, f"{before} as plain, for the same text")


def _visible(x: Exchange) -> int:
    reasoning = find(x.usage, "completion_tokens_details.reasoning_tokens")
    return need(x.usage, "completion_tokens", int) - (reasoning if is_a(reasoning, int) else 0)
