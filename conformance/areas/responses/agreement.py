"""RESP: answers that must agree: plain and streamed, one question in three spellings, and Responses and chat of one server."""

from __future__ import annotations

from typing import Any

from conformance.areas.responses.conditions import finished, served, twins
from conformance.areas.responses.response_reading import calls, final, items, read_json, said, sent_items
from conformance.areas.responses.sources import INPUT, INPUT_CONTENT, RESPONSE, STREAM, USAGE
from conformance.exchange import ABSENT, Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import failed, ok, post
from conformance.judge.final_response import read_once
from conformance.judge.relations import accepted, probes
from conformance.judge.shared import disagree

greedy = request("at temperature 0")(lambda x: x.asked.get("temperature") == 0)
SLACK = 24
"""Tokens by which two templates for the same words may differ: an opening of the system's own, and some marks."""
TEMPLATE = "https://github.com/NVIDIA/TensorRT-LLM/issues/19223"


def _input_tokens(x: Exchange) -> int:
    return need(final(x)[1], "usage.input_tokens", int)


@request("whose input is all there, and the same each time")
def told_whole(x: Exchange) -> bool:
    """Ids of calls are tokens, too, and recorders change them."""
    return read_once(x) and not any("call_id" in item for item in sent_items(x))


@check("response.agree-input", MUST, when=served & finished & told_whole, together=twins, source=(USAGE, STREAM),
       breaks=("response-stream-input-tokens", "state-background-waits"), covers="RESP-007")  # fmt: skip
def streamed_input_counts_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """The same input costs the same tokens, plain and streamed."""
    one, other = _input_tokens(plain), _input_tokens(streamed)
    if one != other:
        yield disagree("usage.input_tokens", one, other)


@check("response.agree-items", SHOULD, when=served & finished & greedy, together=twins, source=(STREAM, RESPONSE),
       breaks=("response-stream-without-call", "response-item-untyped", "tool-stream-without-calls"), covers="RESP-036")  # fmt: skip
def streamed_items_are_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the output has the same items streamed as plain: the same types, the same tools.

    Stream parsers lose calls, or never see one.
    """
    one, other = ([(item.get("type"), item.get("name")) for _, item in items(x)] for x in (plain, streamed))
    if one != other and one and other:  # of an empty output response.not-empty speaks
        yield disagree("the items of output", _said(one), _said(other))


def _said(found: list[tuple[Any, Any]]) -> list[str]:
    return [f"{kind} {name}" if name else str(kind) for kind, name in found]


@check("response.agree-text", SHOULD, when=served & finished & greedy, together=twins, source=(STREAM, RESPONSE),
       breaks=("response-stream-other-text", "response-stream-other-arguments"), covers="RESP-035")  # fmt: skip
def streamed_text_is_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """At temperature 0 the text, and the arguments of calls, are the same streamed as plain."""
    if (one := said(plain)) != (other := said(streamed)) and one and other:
        yield disagree("the text", one, other)
    for (_, mine), (_, its) in zip(calls(plain), calls(streamed), strict=False):
        one, other = (read_json(call.get("arguments")) for call in (mine, its))
        if mine.get("name") == its.get("name") and one != other:
            yield disagree("the arguments", one, other)


@check("response.agree-settings", SHOULD, when=served & finished, together=twins, source=(STREAM, RESPONSE),
       breaks=("response-stream-settings", "tool-stream-without-calls"), covers="RESP-001")  # fmt: skip
def streamed_settings_are_the_same(plain: Exchange, streamed: Exchange) -> Problems:
    """The response repeats the same settings streamed as plain."""
    one, other = final(plain)[1], final(streamed)[1]
    for name in (
        "temperature",
        "top_p",
        "tool_choice",
        "text",
        "metadata",
        "instructions",
        "truncation",
        "max_output_tokens",
    ):
        mine, its = find(one, name), find(other, name)
        if mine != its and ABSENT not in (mine, its):
            yield disagree(name, mine, its)
            break


# ---------------------------------------------------------------------- spellings of one question


def _same_input(x: Exchange, other: Exchange) -> Problems:
    one, its = _input_tokens(x), _input_tokens(other)
    if one != its:
        yield differs("usage.input_tokens", its, f"{one}, as for the same text as a string")


@check("response.spelled-as-item", MUST, when=served & finished, together=accepted("responses.hello", "responses.item"),
       source=(INPUT, TEMPLATE), breaks="response-item-unread", covers="RESP-008")  # fmt: skip
def a_message_is_read_as_a_string_is(x: Exchange, other: Exchange) -> Problems:
    """A text counts as many tokens as a message of the user as it does as a string.

    One of both is lost on the way to the model, or said twice.
    """
    yield from _same_input(x, other)


@check("response.spelled-as-typed-item", MUST, when=served & finished, together=accepted("responses.hello", "responses.typed-item"),
       source=(INPUT, TEMPLATE), breaks="response-string-content-empty", covers="RESP-008")  # fmt: skip
def a_typed_message_is_read_so(x: Exchange, other: Exchange) -> Problems:
    """A message with `type: "message"` and its content as a string is read as one without.

    It came out empty, and the model answered to nothing.
    """
    yield from _same_input(x, other)


@check("response.spelled-as-parts", MUST, when=served & finished, together=accepted("responses.hello", "responses.parts"),
       source=(INPUT_CONTENT, TEMPLATE), breaks="response-parts-unread", covers="RESP-009")  # fmt: skip
def parts_are_read_so(x: Exchange, other: Exchange) -> Problems:
    """A text counts as many tokens as a part "input_text" as it does as a string.

    Codex and the Agents SDK send parts alone.
    """
    yield from _same_input(x, other)


# ---------------------------------------------------------------------- chat of the same server


@check("response.as-chat-input", SHOULD, when=post, together=accepted("chat.hello", "responses.hello"), source=USAGE,
       breaks="response-input-uncounted", covers="RESP-007")  # fmt: skip
def input_costs_what_it_costs_in_chat(chat: Exchange, x: Exchange) -> Problems:
    """The same words cost about the same input by both routes of one server.

    Half the prompt is lost on the way, or not counted.
    """
    one = find(chat.json, "usage.prompt_tokens") if not chat.streaming else find(chat.usage, "prompt_tokens")
    other = _input_tokens(x)
    if is_a(one, int) and abs(one - other) > SLACK:
        yield differs("usage.input_tokens", other, f"about {one}, as in chat")


@check("response.as-chat-calls", SHOULD, when=post & ok, together=probes("tools.named", "responses.named"), source=RESPONSE,
       breaks=("response-named-ignored", "response-named-other"), covers="RESP-014")  # fmt: skip
def the_same_tool_is_called_as_in_chat(chat: Exchange, x: Exchange) -> Problems:
    """The tool that is forced in chat is called by Responses of the same server, too."""
    mine = sorted({call.name for choice in chat.choices for call in choice.tool_calls if call.name})
    its = sorted({str(call.get("name")) for _, call in calls(x)})
    if mine == [find(chat.asked, "tool_choice.function.name")] and mine != its:
        yield differs("the tools that are called", its, f"{', '.join(mine)}, as in chat")


@check("response.as-chat-errors", SHOULD, when=failed, together=probes("mistakes.unknown-model", "responses.unknown-model"),
       source=RESPONSE, breaks="response-unknown-model-uncoded", covers="RESP-004")  # fmt: skip
def errors_are_those_of_chat(chat: Exchange, x: Exchange) -> Problems:
    """A model that does not exist is refused with the same code as in chat; the status is 400 here, and 404 there."""
    one, other = chat.error.get("code"), x.error.get("code")
    if isinstance(one, str) and one != other:
        yield differs("error.code", other, f'"{one}", as in chat')
