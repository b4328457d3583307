"""PARAM: what parameters do: limits, stop sequences, seeds, temperature 0, a bias; and values that must be refused."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.areas.citations import COMPLETION, REQUEST, STOP, issue, oas, parameter
from conformance.exchange import Choice, Exchange, find, is_a, need
from conformance.judge import MAY, SHOULD, Problems, check, differs, refusals
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, chat_request, choices_asked, completion, counted, intent, token_limit
from conformance.judge.mistakes import examined
from conformance.judge.refusals import TURNED_DOWN, lacking
from conformance.judge.relations import probes, repeated, streamed_twin
from conformance.judge.shared import same_texts
from conformance.wire.jsontext import show

LEFT_OVER = 3
"""Characters of a stop sequence at the end of a text that are no chance: texts may well end in its first letter."""
FORCED = 100
"""The bias that leaves nothing but the token."""
REPEATS = 4
"""How often a token must come at least for a text to be it again and again."""

at_zero = request("at temperature 0")(lambda x: x.asked.get("temperature") == 0)
sampled = asked("seed") & ~at_zero
limited = request("that limits its tokens")(lambda x: token_limit(x) is not None)
roomy = request(f"that allows {REPEATS} tokens and more, in words")(
    lambda x: (token_limit(x) or 0) >= REPEATS and not x.asked.get("tools") and not x.asked.get("response_format")
)
forced_token = request("with a bias that forces a token")(
    lambda x: isinstance(bias := x.asked.get("logit_bias"), dict) and FORCED in bias.values()
)


@response("with text in words")
def in_words(x: Exchange) -> bool:
    return any((choice.content or "").split() for choice in x.choices)


def stops(x: Exchange) -> list[str]:
    """The stop sequences of a request."""
    asked_for = x.asked.get("stop")
    return [s for s in (asked_for if isinstance(asked_for, list) else [asked_for]) if isinstance(s, str)]


# ---------------------------------------------------------------------- limits


@check("param.limit-words", SHOULD, when=completion & limited & in_words, source=(REQUEST, parameter(189)),
       breaks=("param-limit-faked", "chat-ignores-new-limit"), covers="PARAM-010")  # fmt: skip
def words_are_within_the_limit(x: Exchange) -> Problems:
    """A text has no more words than the limit allows tokens, whatever the usage says: no token holds two words.

    A server that ignores the limit and reports it as used bills and shows what nobody asked for.
    """
    limit = _largest(x)
    for choice in x.choices:
        words = len((choice.content or "").split())
        if words > limit:
            yield differs(f"the words of choice {choice.index}", words, f"at most {limit}, the limit in tokens")


def _largest(x: Exchange) -> int:
    """The larger of the limits that the request sets."""
    set_ = [x.asked.get(name) for name in ("max_tokens", "max_completion_tokens")]
    return max((limit for limit in set_ if is_a(limit, int)), default=0)


# Nobody documents which of the two wins, only that the one took the place of the other: no SHOULD.
@check("param.two-limits", MAY, when=completion & counted & asked("max_tokens") & asked("max_completion_tokens"),
       source=(parameter(189), parameter(196)), breaks="param-larger-limit", covers="PARAM-010")  # fmt: skip
def smaller_limit_wins(x: Exchange) -> Problems:
    """Where `max_tokens` and `max_completion_tokens` are both set and accepted, the smaller one holds.

    Gateways that translate one into the other send both; a bound that is sent is meant.
    """
    limits = [x.asked["max_tokens"], x.asked["max_completion_tokens"]]
    made = need(x.usage, "completion_tokens", int)
    if all(is_a(limit, int) for limit in limits) and made > min(limits) * choices_asked(x):
        yield differs("usage.completion_tokens", made, f"at most {min(limits) * choices_asked(x)}")


@check("param.huge-limit", SHOULD, source=(REQUEST, parameter(189)), breaks=("param-huge-500", "param-huge-unnamed"),
       covers="PARAM-015", when=chat_request & intent("huge-limit")
       & response("taken or turned down")(lambda x: x.ok or (x.status in TURNED_DOWN and not lacking(x))))  # fmt: skip
def huge_limit_is_taken_or_named(x: Exchange) -> Problems:
    """A limit beyond what the model can write is taken for its own limit, or refused with a 400 that names it.

    Clients that set one large number for all models must learn that it is the number.
    """
    if not x.ok and x.status != 400:
        yield differs("status", x.status, "200, or 400 with the limit named")
    elif not x.ok and not any(name in x.body for name in (b"max_completion_tokens", b"max_tokens")):
        message = need(x.error, "message", str)
        yield differs("error.message", message, "a text that names max_completion_tokens")


@check("param.huge-limit-prompt", SHOULD, together=probes("chat.hello", "params.huge"), when=completion & counted,
       source=issue("LostRuins/koboldcpp", 2481), breaks="param-huge-cuts-prompt", covers="PARAM-015")  # fmt: skip
def huge_limit_leaves_the_prompt(x: Exchange, huge: Exchange) -> Problems:
    """A large limit takes nothing from the prompt: `prompt_tokens` is the same as with a small one.

    Servers that make room for the answer by cutting the beginning of the conversation lose the instructions, in silence.
    """
    small, large = (need(each.usage, "prompt_tokens", int) for each in (x, huge))
    if small != large:
        yield differs("usage.prompt_tokens", large, f"{small} as with a small limit")


# ---------------------------------------------------------------------- stop sequences


def _left(part: str, text: str) -> bool:
    """The text ends with that part, which is none of its own marks: a fence that closes stands further up, too, where it opens."""
    return len(part.strip()) >= LEFT_OVER and text.endswith(part) and part.strip() not in text[: -len(part)]


@check("param.stop-prefix", SHOULD, when=completion & asked("stop"), source=(STOP, issue("jundot/omlx", 2386)),
       breaks="param-stop-prefix-left", covers="CHAT-026")  # fmt: skip
def no_part_of_a_stop_is_left(x: Exchange) -> Problems:
    """A text that a stop sequence ended does not end with the first part of that sequence.

    Servers that look for it token by token have sent its beginning before they know it; editors then write the marker into files.
    """
    for choice in x.choices:
        for stop in stops(x) if choice.finish_reason == "stop" else ():
            text = choice.content or ""
            parts = (stop[:n] for n in range(len(stop) - 1, LEFT_OVER - 1, -1))
            if left := next((part for part in parts if _left(part, text)), None):
                yield differs(f"the end of choice {choice.index}", left, f"nothing of the stop sequence {show(stop)}")


# ---------------------------------------------------------------------- the same again


# OpenAI calls it best effort and names the fingerprint as the condition; so this is no MUST.
@check("param.seed-same", SHOULD, together=streamed_twin, when=completion & sampled, source=(REQUEST, parameter(339)),
       breaks="param-seed-ignored", covers="PARAM-007")  # fmt: skip
def same_seed_same_text(plain: Exchange, streamed: Exchange) -> Problems:
    """The same `seed` gives the same text twice, as far as the same system_fingerprint answered.

    Tests and evaluations that set a seed cannot be repeated on a server that accepts and ignores it.
    """
    prints = find(plain.answer, "system_fingerprint"), streamed.chunks[0].get("system_fingerprint")
    if prints[0] == prints[1]:
        for one, other in same_texts(plain, streamed):
            if (one.content or "") != (other.content or ""):
                yield differs("the text with the same seed", other.content, f"{show(one.content)} as before")


@check("param.zero-same", MAY, together=repeated, when=completion & at_zero, source=(COMPLETION, parameter(393)),
       breaks=("param-zero-sampled", "utf8-read-as-latin1"), covers="PARAM-008")  # fmt: skip
def temperature_zero_repeats(*answers: Exchange) -> Problems:
    """At temperature 0 the same request gives the same text again.

    A hint and no rule: with batches of changing size even greedy decoding is not exact on any large server, OpenAI's included.
    """
    first = answers[0]
    for x in answers[1:]:
        for one, other in zip(_texts(first), _texts(x), strict=False):
            if one.content != other.content:
                yield differs(f"the text of {x.id}", other.content, f"{show(one.content)} as of {first.id}")


def _texts(x: Exchange) -> list[Choice]:
    return [choice for choice in x.choices if not choice.tool_calls and choice.finish_reason != "length"]


# ---------------------------------------------------------------------- a bias


@check("param.logit-bias-obeyed", SHOULD, when=completion & forced_token & roomy, source=(REQUEST, parameter(171)),
       breaks="param-bias-ignored", covers="PARAM-006")  # fmt: skip
def bias_forces_the_token(x: Exchange) -> Problems:
    """A `logit_bias` of 100 makes the text one token again and again.

    Classifiers that allow only their labels so get free text, and count it as an error of the model.
    """
    for choice in x.choices:
        text = (choice.content or "").strip()
        if text and not any(_is_repeated(text, n) for n in _periods(text)):
            yield differs(f"the text of choice {choice.index}", choice.content, "one token again and again")


@check("param.penalty-obeyed", SHOULD, together=probes("chat.count", "params.penalty"), when=completion,
       source=(REQUEST, parameter(141)), breaks="param-penalty-ignored", covers="PARAM-003")  # fmt: skip
def penalty_changes_the_text(free: Exchange, penalised: Exchange) -> Problems:
    """A `frequency_penalty` of 2 changes a text in which one token comes again and again.

    Writing tools offer it against repetition; accepted and ignored, the slider does nothing.
    """
    one, other = ([choice.content for choice in x.choices] for x in (free, penalised))
    if one == other:
        yield differs("the text with a frequency_penalty of 2", other[0], "another than without")


def _periods(text: str) -> Iterator[int]:
    yield from range(1, len(text) // REPEATS + 1)


def _is_repeated(text: str, period: int) -> bool:
    return text == (text[:period] * (len(text) // period + 1))[: len(text)]


# ---------------------------------------------------------------------- refused


@check("param.effort-unknown", SHOULD, when=chat_request & examined & intent("unknown-effort"),
       source=(oas("ReasoningEffort", 57173), parameter(305)), breaks="param-effort-unknown-served",
       covers="PARAM-011")  # fmt: skip
def unknown_effort_is_refused(x: Exchange) -> Problems:
    """A `reasoning_effort` that is not documented is refused, by models that reason as by those that do not.

    A misspelled effort is paid for as the default one, and nobody notices.
    """
    yield from refusals.accepted(x)
