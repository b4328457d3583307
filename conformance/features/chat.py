"""Features of a plain conversation: what its messages may hold, and the parameters that steer how it is answered."""

from __future__ import annotations

import re

from conformance.conditions import Condition, asked, asked_usage, chat_request, choices_asked, request, route, streaming
from conformance.exchange import Exchange, Unreadable, find, is_a
from conformance.features import HONOURED, Finding, feature, ignored, unclear, unseen, wrong
from conformance.mistakes import mistaken
from conformance.probes.chat import INDEED
from conformance.relations import probes, stored, streamed_twin
from conformance.wire.jsontext import show

asking = chat_request & ~mistaken
FORCED = 100
"""A bias that leaves a model no choice."""
_THOUGHT = re.compile(rb'"(reasoning(_content|_details)?|thinking)" ?: ?["\\[{]')
"""Reasoning that compatible servers send beside the content."""
_REPEATED = re.compile(r"(.{1,40}?)\1{2,}", re.DOTALL)


def texts(x: Exchange) -> list[str]:
    """The texts of the choices that ended by themselves. Raises Unreadable."""
    return [choice.content for choice in x.choices if choice.content and choice.finish_reason == "stop"]


def spent(x: Exchange, name: str) -> int:
    """A count of the usage's details, 0 where there is none."""
    try:
        count = find(x.usage, f"completion_tokens_details.{name}_tokens")
    except Unreadable:
        return 0
    return count if is_a(count, int) else 0


def sent_as(id: str) -> Condition:
    """The exchange of this request of the suite."""
    return request(f"of {id}")(lambda x: x.name == id)


def with_part(kind: str) -> Condition:
    """A message of the request holds a part of this kind, with its data, not the address of it."""

    def holds(x: Exchange) -> bool:
        parts = [
            part for message in _messages(x) if is_a(content := find(message, "content"), list) for part in content
        ]
        urls = [find(part, f"{kind}.url") for part in parts if find(part, "type") == kind]
        return any(not isinstance(url, str) or url.startswith("data:") for url in urls)

    return request(f"with a part of type {kind}")(holds)


def _messages(x: Exchange) -> list:
    messages = x.asked.get("messages")
    return messages if isinstance(messages, list) else []


# ---------------------------------------------------------------------- streams


@feature(
    "streaming_usage",
    when=asking & streaming & asked_usage,
    names="stream_options",
    probes="chat.count",
    profile="chat",
)
def _(x: Exchange) -> Finding:
    """A stream that was asked for its usage sends it; ignored, no chunk has any."""
    return HONOURED if any(chunk.get("usage") for chunk in x.chunks) else ignored("no chunk has a usage")


@feature(
    "obfuscation_off", names=("include_obfuscation", "stream_options"), probes="chat.tier", profile="full",
    when=asking & streaming & request("without obfuscation")(
        lambda x: find(x.asked, "stream_options.include_obfuscation") is False
    ),
)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A stream that is to be sent without obfuscation has none in its chunks."""
    return ignored("chunks have obfuscation") if any("obfuscation" in chunk for chunk in x.chunks) else HONOURED


# ---------------------------------------------------------------------- what comes out


@feature("stop", when=asking & asked("stop"), probes=("chat.stop", "params.stops"), profile="chat")
def _(x: Exchange) -> Finding | None:
    """The model dictates what holds the stop sequence; honoured, the text ends before it, ignored, it is in the text."""
    stops = x.asked["stop"] if isinstance(x.asked["stop"], list) else [x.asked["stop"]]
    for text in (choice.content or "" for choice in x.choices):
        if found := [stop for stop in stops if isinstance(stop, str) and stop and stop in text]:
            return ignored(f"the text holds {show(found[0])}")
    if "stop-inside" not in x.intent:
        return None
    return HONOURED if texts(x) else unclear("no text ended by itself")


@feature(
    "n", when=asking & request("for several choices")(lambda x: choices_asked(x) > 1), probes="chat.two", profile="full"
)
def _(x: Exchange) -> Finding:
    """As many choices come as were asked for; ignored, there is one."""
    count, wanted = len(x.choices), choices_asked(x)
    if count == wanted:
        return HONOURED
    return ignored(f"one choice of {wanted}") if count == 1 else wrong(f"{count} choices of {wanted}")


@feature(
    "seed", together=streamed_twin, probes="params.seed", profile="full",
    when=asking & asked("seed") & request("above temperature 0")(lambda x: x.asked.get("temperature") != 0),
)  # fmt: skip
def _(plain: Exchange, streamed: Exchange) -> Finding | None:
    """A random number asked for twice with one seed is the same twice; ignored, there are two."""
    one, other = texts(plain), texts(streamed)
    if not one or not other:
        return unclear("no two texts to compare")
    return HONOURED if one == other else unseen(f"one seed gave {show(one[0], 40)} and {show(other[0], 40)}")


@feature(
    "penalties", names=("frequency_penalty", "presence_penalty"), probes=("chat.count", "params.penalty"), profile="full",
    when=asking & asked("frequency_penalty") & ~asked("logit_bias"), beside=sent_as("chat.count"),
    together=probes("chat.count", "params.penalty"),
)  # fmt: skip
def _(free: Exchange, penalised: Exchange) -> Finding | None:
    """Forty numbers in a row take the same comma 39 times; a penalty on it changes the text, ignored, it is the same."""
    if not free.ok:
        return unclear("there is no answer without a penalty to compare with")
    one, other = ([choice.content for choice in x.choices] for x in (free, penalised))
    return HONOURED if one != other else ignored("the text is the same with and without a frequency_penalty of 2")


@feature(
    "logit_bias", probes="params.bounds", profile="full",
    when=asking & request("with a forcing logit_bias")(lambda x: FORCED in _values(x.asked.get("logit_bias"))),
)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A bias of 100 forces one token again and again; ignored, there is an answer in words."""
    [text, *_] = [choice.content or "" for choice in x.choices]
    if _REPEATED.fullmatch(text) or not text:
        return HONOURED
    return (
        ignored(f"numbers came in spite of it: {show(text, 60)}") if text.startswith("1, 2") else unseen("no one token")
    )


def _values(bias: object) -> list:
    return list(bias.values()) if isinstance(bias, dict) else []


# ---------------------------------------------------------------------- what goes in


@feature(
    "developer_role", names=("developer", "role"), probes="chat.parts", profile="chat",
    when=asking & request("with a developer message")(lambda x: any(find(m, "role") == "developer" for m in _messages(x))),
)  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The developer says with which word to begin; ignored, the answer begins with another."""
    if INDEED not in str(_messages(x)[0]):
        return None
    begun = [text for text in texts(x) if text.lstrip(" \n*\"'").lower().startswith(INDEED.lower())]
    return HONOURED if begun else unseen(f"the answer does not begin with {INDEED}, as the developer wants it")


def _read(bare: Exchange, x: Exchange, what: str) -> Finding:
    """More tokens than without it; where it was left out, as many."""
    if not bare.ok:
        return unclear(f"there is no answer without the {what} to compare with")
    more = find(x.usage, "prompt_tokens"), find(bare.usage, "prompt_tokens")
    if not all(is_a(count, int) for count in more):
        return unclear("no count of the prompt's tokens")
    return HONOURED if more[0] > more[1] else ignored(f"the prompt costs no token more than without the {what}")


@feature(
    "image_input", names=("image", "content type", "multimodal", "multi-modal", "vision"), profile="full",
    probes=("chat.hello", "surface.image"), when=asking & with_part("image_url"), beside=sent_as("chat.hello"),
    together=probes("chat.hello", "surface.image"),
)  # fmt: skip
def _(bare: Exchange, x: Exchange) -> Finding:
    """A message with an image costs more tokens than its text alone; ignored, it costs the same."""
    return _read(bare, x, "image")


@feature(
    "audio_input", names=("audio", "content type", "multimodal", "multi-modal"), probes=("chat.hello", "surface.audio"),
    when=asking & with_part("input_audio"), beside=sent_as("chat.hello"), together=probes("chat.hello", "surface.audio"),
)  # fmt: skip
def _(bare: Exchange, x: Exchange) -> Finding:
    """A message with sound costs more tokens than its text alone; ignored, it costs the same."""
    return _read(bare, x, "sound")


@feature(
    "reasoning_effort",
    names=("reasoning", "effort", "think"),
    probes="chat.effort",
    when=asking & asked("reasoning_effort"),
)
def _(x: Exchange) -> Finding | None:
    """The model thinks first: tokens or text of reasoning; ignored, there is none."""
    if x.asked["reasoning_effort"] in ("none", "minimal"):
        return None
    thought = _THOUGHT.search(x.body) is not None
    return HONOURED if spent(x, "reasoning") or thought else unseen("no reasoning in text or tokens")


# ---------------------------------------------------------------------- what the service does


@feature(
    "store", probes=("chat.tier", "chat.stored"), together=stored, profile="full",
    when=asking & asked("store"), beside=route("stored"),
)  # fmt: skip
def _(made: Exchange, fetched: Exchange) -> Finding:
    """A completion that was to be stored is found by its id; ignored, it is not."""
    return HONOURED if fetched.ok else unseen(f"asked for by its id, it is answered {fetched.status}")


@feature("service_tier", when=asking & asked("service_tier"), probes="chat.tier", profile="full")
def _(x: Exchange) -> Finding:
    """The answer says which tier served it; ignored, it says nothing."""
    parts = x.chunks if x.streaming else [x.answer]
    return HONOURED if any(part.get("service_tier") for part in parts) else unseen("the answer names no service_tier")


@feature("prediction", when=asking & asked("prediction"), probes="params.prediction", profile="full")
def _(x: Exchange) -> Finding:
    """The usage counts tokens of the prediction that were taken or not; ignored, none."""
    used = spent(x, "accepted_prediction") + spent(x, "rejected_prediction")
    return HONOURED if used else unseen("no token of the prediction is counted")
