"""CHAT: limits and stop sequences: what they may be, and that they hold."""

from __future__ import annotations

from conformance.areas.citations import REQUEST, STOP
from conformance.exchange import Exchange, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import carrying
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, chat_request, choices_asked, completion, counted, token_limit
from conformance.judge.mistakes import mistaken
from conformance.judge.refusals import TURNED_DOWN, not_taken


@request("with a stop list")
def with_stop_list(x: Exchange) -> bool:
    return isinstance(x.asked.get("stop"), list) and len(x.asked["stop"]) <= 4


with_stop_text = request("with a stop string")(lambda x: isinstance(x.asked.get("stop"), str))
with_stop_null = request("with a stop of null")(lambda x: "stop" in x.asked and x.asked["stop"] is None)
old_limit = asked("max_tokens") & ~asked("max_completion_tokens")


@check("chat.limit-accepted", MUST, together=carrying(asked("max_completion_tokens")),
       source=REQUEST, breaks="chat-refuses-new-limit", covers="CHAT-025")  # fmt: skip
def takes_max_completion_tokens(x: Exchange) -> Problems:
    """The parameter `max_completion_tokens` is accepted.

    Current clients send it in place of the deprecated max_tokens, and cannot be used at all.
    """
    yield from not_taken(x, "max_completion_tokens is accepted")


@check("chat.max-completion-tokens", MUST, when=completion & counted & asked("max_completion_tokens"), source=REQUEST,
       breaks="chat-ignores-new-limit", covers="CHAT-025")  # fmt: skip
def new_limit_holds(x: Exchange) -> Problems:
    """`completion_tokens` is at most `max_completion_tokens` for each choice.

    The limit is there to bound the cost.
    """
    yield from _beyond_limit(x)


@check("chat.max-tokens", MUST, when=completion & counted & old_limit, source=REQUEST, breaks="chat-ignores-old-limit",
       covers="CHAT-025")  # fmt: skip
def old_limit_holds(x: Exchange) -> Problems:
    """`completion_tokens` is at most the deprecated `max_tokens` for each choice.

    Most clients in use still send it.
    """
    yield from _beyond_limit(x)


def _beyond_limit(x: Exchange) -> Problems:
    made, limit = need(x.usage, "completion_tokens", int), token_limit(x)
    if limit is not None and made > limit * choices_asked(x):
        yield differs("usage.completion_tokens", made, f"at most {limit * choices_asked(x)}")


@check("chat.stop-text", MUST, when=completion & asked("stop") & ~mistaken, source=STOP,
       breaks=("chat-stop-ignored", "chat-stop-included", "chat-stream-stop-ignored"), covers="CHAT-026")  # fmt: skip
def stop_is_not_in_the_text(x: Exchange) -> Problems:
    """A stop sequence never appears in the text returned.

    Agents that cut at a marker read what comes after it; parsers get a delimiter that they did not expect.
    """
    stops = [x.asked["stop"]] if isinstance(x.asked["stop"], str) else x.asked["stop"]
    for choice in x.choices:
        for stop in stops if isinstance(stops, list) else ():
            if isinstance(stop, str) and stop and stop in (choice.content or ""):
                yield differs(f"the text asked to stop at {stop!r}", choice.content, "one that ends before it")


@check("chat.stop-string", MUST, together=carrying(with_stop_text), source=STOP, breaks="chat-refuses-stop-string",
       covers="CHAT-027")  # fmt: skip
def takes_one_stop(x: Exchange) -> Problems:
    """`stop` may be a string.

    It is the older form and the one that most examples show.
    """
    yield from not_taken(x, "a stop string is accepted")


@check("chat.stop-list", MUST, together=carrying(with_stop_list), source=STOP, breaks="chat-refuses-stop-list",
       covers="CHAT-027")  # fmt: skip
def takes_four_stops(x: Exchange) -> Problems:
    """`stop` may be an array of up to four strings.

    Frameworks always send the array.
    """
    yield from not_taken(x, "four stop sequences are accepted")


@check("chat.stop-null", MUST, together=carrying(with_stop_null), source=STOP,
       breaks="chat-refuses-stop-null", covers="CHAT-027")  # fmt: skip
def takes_no_stop(x: Exchange) -> Problems:
    """`stop` may be null.

    Clients that write out every parameter send null for those not set.
    """
    yield from not_taken(x, "a stop of null is accepted")


@check("chat.five-stops", SHOULD, source=STOP, breaks="chat-takes-five-stops", covers="CHAT-028",
       when=chat_request & response("taken or turned down")(lambda x: x.ok or x.status in TURNED_DOWN)
       & request("with more than four stop sequences", special=True)(
           lambda x: isinstance(x.asked.get("stop"), list) and len(x.asked["stop"]) > 4))  # fmt: skip
def refuses_five_stops(x: Exchange) -> Problems:
    """More than four stop sequences are refused with 400.

    Accepted and cut to four, the fifth never stops anything, and nobody is told.
    """
    if x.status != 400:
        yield differs("the status for five stop sequences", x.status, "400")
