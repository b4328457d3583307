"""Valid chat requests: a question, a history before it, parameters of the table, and the ways of sending it.

Every value is one that the documents allow, at its bounds or within; what is meant says what laws may expect of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.areas.parameter_table import Parameter, parameters
from conformance.areas.questions import COUNT, HELLO, WITH_USAGE
from conformance.exchange.probe import Body
from conformance.exchange.shipped import encoded
from conformance.explore import histories, sayings
from conformance.explore.histories import HISTORIES, NONE, History, image
from conformance.explore.made import EXPECTED, Made, Way
from conformance.explore.message_forms import CALLING, CALLS, FORMED, FORMS
from conformance.explore.sayings import PLAIN, SAID, Question, question

MOST_CHOICES = 4
"""Choices of one request: up to 128 are allowed, and each is paid for."""
VALID = frozenset({"valid", "parameters"})
"""Of requests without a mistake: what they set is to be taken, or refused by name; the first, where no documented model refuses it."""
WILD = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias", "stop", "n", "seed"})
UNSURE = frozenset({
    "reasoning_effort", "service_tier", "verbosity", "prompt_cache_retention", "web_search_options", "modalities", "logprobs",
    "top_logprobs", "prompt_cache_key", "prediction",
})  # fmt: skip
"""Parameters that documented models refuse."""
_ASIDE = frozenset({
    "messages", "model", "stream", "stream_options", "max_completion_tokens", "max_tokens", "tools", "tool_choice",
    "functions", "function_call", "parallel_tool_calls", "audio", "prediction",
})  # fmt: skip
"""Set elsewhere, or not beside what is set there."""
_KEYS = st.from_regex(r"\A[a-zA-Z0-9_]{1,64}\Z")
SIMPLE: dict[str, tuple[Any, ...]] = {
    "logit_bias": ({"0": 100}, {"0": -100}, {"0": 1, "1": 0}),
    "metadata": ({"suite": "conformance"}, {f"key{n}": "v" * 512 for n in range(16)}),
    "modalities": (["text"],),
    "response_format": ({"type": "text"},),
    "web_search_options": ({},),
    "n": (2, 1, MOST_CHOICES),
    "stop": ("@@", ["@@"], ["@@", "##", "%%", "~~"], ["\u2603", "STOP-HERE"]),
    "safety_identifier": ("conformance", "x" * 64),
    "prompt_cache_key": ("conformance",),
    "user": ("conformance", "Ada Lovelace <ada@example.com>", "ü"),
    "top_p": (1, 0.5, 0.01),
    "seed": (42, 0, -1, 2**53),
}
"""Values of parameters whose schema says too little, or too much."""
VARIED: dict[str, SearchStrategy[Any]] = {
    "logit_bias": st.dictionaries(st.integers(0, 100).map(str), st.integers(-100, 100), min_size=1, max_size=3),
    "metadata": st.dictionaries(_KEYS, SAID.map(lambda text: text[:512]), min_size=1, max_size=16),
    "seed": st.integers(-(2**63), 2**63 - 1),
    "user": SAID,
}


def edges(row: Parameter) -> tuple[Any, ...]:
    """Values that the documents allow: each of the words, the bounds, the usual ones; none where the table does not tell any."""
    schema = row.schema
    if row.name in SIMPLE:
        return SIMPLE[row.name]
    if "enum" in schema:
        return tuple(schema["enum"])
    if row.types[0] == "boolean":
        return (True, False)
    return (schema["minimum"], schema["maximum"], 1) if {"minimum", "maximum"} <= schema.keys() else ()


def within(row: Parameter) -> SearchStrategy[Any]:
    """Any value that the documents allow."""
    simple = st.sampled_from(edges(row))
    if row.name in VARIED:
        return simple | VARIED[row.name]
    if row.types[0] == "number" and row.name not in SIMPLE:
        return simple | st.floats(row.schema["minimum"], row.schema["maximum"], width=16)
    return simple


EXTRAS = {
    name: row for name, row in parameters("chat").items() if name not in _ASIDE and "." not in name and edges(row)
}
NULLABLE = [name for name, row in parameters("chat").items() if row.nullable and "." not in name]
PREDICTION = {"prediction": {"type": "content", "content": "Hello! How can I help you today?"}}
"""OpenAI takes no max_completion_tokens beside a prediction."""


@st.composite
def extras(draw: st.DrawFn) -> Body:
    """Some further parameters, some of them null."""
    names = draw(st.just([]) | st.lists(st.sampled_from(list(EXTRAS)), max_size=4, unique=True))
    body = {}
    for name in names:
        null = EXTRAS[name].nullable and draw(st.sampled_from((False, False, False, True)))
        body[name] = None if null else draw(within(EXTRAS[name]))
    return body


TWINS: tuple[Way, ...] = ("plain", "streamed")
WAYS: tuple[tuple[Way, ...], ...] = (
    ("plain",), ("streamed",), TWINS, TWINS, TWINS, TWINS, ("plain", "again"), ("plain", "longer"),
)  # fmt: skip
STREAMED = (
    {}, WITH_USAGE, {"stream_options": {"include_usage": True, "include_obfuscation": False}},
    {"stream_options": {"include_usage": False}}, {"stream_options": None},
)  # fmt: skip
SOUND = {"type": "input_audio", "input_audio": {"data": encoded("tone.wav"), "format": "wav"}}
LATER = ({"role": "assistant", "content": "Well."}, {"role": "user", "content": HELLO})


def made(
    asked: Question, history: History = NONE, more: Body | None = None, ways: tuple[Way, ...] = TWINS, streamed: Body = WITH_USAGE
) -> Made:  # fmt: skip
    """The request for a question, after a history, with more parameters where the question does not set them."""
    more = {name: value for name, value in (more or {}).items() if name not in asked.body}
    if more.get("top_logprobs") is not None and not asked.body.get("logprobs"):
        more["logprobs"] = True
    body = {"messages": [*history.messages, {"role": "user", "content": asked.content}], "temperature": 0}
    body |= {**history.body, **more, **asked.body}
    if "prediction" in more:
        del body["max_completion_tokens"]
    return Made(body, intent=_meant(asked, history, more), ways=ways, streamed=streamed, more=LATER)


def _meant(asked: Question, history: History, more: Body) -> frozenset[str]:
    """What may be expected of the answer: less where a history or a parameter changes what the model is likely to say."""
    set_ = {name for name, value in more.items() if value is not None}
    intent = asked.intent | history.intent | VALID
    if set_ & WILD or history.messages:
        intent -= EXPECTED
    if set_ & UNSURE:
        intent |= {"optional"}
    if "optional" in intent:
        intent -= {"valid"}
    return intent | ({"seeded"} if "seed" in set_ else frozenset())


def _alone() -> Iterator[Made]:
    """Each thing by itself, the rest as simple as can be."""
    hello = sayings.SIMPLE[0]
    for asked in (*sayings.SIMPLE, *CALLS, *FORMS):
        yield made(asked)
    for part in (image(detail="low"), SOUND):
        yield made(question([{"type": "text", "text": HELLO}, part], "optional"))
    yield from (made(hello, history) for history in histories.SIMPLE[1:])
    yield made(sayings.SIMPLE[1], histories.SIMPLE[1])
    yield from (made(hello, streamed=streamed) for streamed in STREAMED if streamed != WITH_USAGE)
    for name, row in EXTRAS.items():
        yield from (made(hello, more={name: value}) for value in edges(row)[:2])
    yield made(hello, more=PREDICTION)
    yield made(question(COUNT, max_completion_tokens=8), more={"logit_bias": {"0": 100}})
    yield made(question(HELLO, "natural-end", temperature=None, stop=None, n=None))
    yield made(question(HELLO, "natural-end", **dict.fromkeys(NULLABLE)), ways=("plain",))
    yield made(question(HELLO, **dict.fromkeys(("tools", "tool_choice", "parallel_tool_calls", "response_format"))))
    yield made(question(COUNT, "long-answer", max_completion_tokens=None, max_tokens=5))
    yield made(question(COUNT, "long-answer", max_completion_tokens=9, max_tokens=5))
    yield made(question(HELLO, "huge-limit", max_completion_tokens=100_000_000), ways=("plain",))
    yield made(question(HELLO, "none-alone", tool_choice="none"), ways=("plain",))
    yield made(hello, ways=("plain", "again"))
    yield made(hello, ways=("plain", "longer"))
    for value in (False, None):
        yield made(question(HELLO, "natural-end", stream=value), ways=("plain",))


ALONE = tuple(_alone())


@st.composite
def chats(draw: st.DrawFn) -> Made:
    """Several of them together, and values that are made up."""
    asked = draw(st.one_of(PLAIN, CALLING, PLAIN, FORMED))
    history, more = draw(HISTORIES), draw(extras())
    if draw(st.sampled_from((False, False, False, True))):
        renamed = {name.replace("max_completion_", "max_"): value for name, value in asked.body.items()}
        asked = Question(asked.content, renamed, asked.intent)
    return made(asked, history, more, draw(st.sampled_from(WAYS)), draw(st.sampled_from(STREAMED)))
