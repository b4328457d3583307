"""What is said in made-up conversations: texts of all scripts, JSON values, and questions whose answers are known in kind.

A question states what laws may expect of its answer (the intents of probes), and only that. The simplest comes first: so Hypothesis
shrinks towards it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.areas.questions import COUNT, DIGITS, HELLO, LIMIT, UNICODE
from conformance.exchange.probe import Body

SCRIPTS = (
    "hello", "Grüße aus Köln", "naïve façade", "Zoe\u0301", "Привет", "你好，世界", "漢字かな交じり", "한국어", "नमस्ते",
    "שלום", "مرحبا", "ไทย", "😀👍🏽", "👩\u200d👩\u200d👧", "🇺🇳", "𝔘𝔫𝔦", "a\u0000b", "\ufeffx", "x\u2028y\u202ez", "   ", "\t\n",
    "null", "-1e999", "0x1F", "[DONE]", "data: [DONE]", "<|im_end|>", "</s>", "```json", '{"a": 1}', '\\u0041 \\n "',
    "<tool_call>", "&lt;b&gt;", "%s %d {0} ${HOME}", "data:image/png;base64,AAAA", "the " * 40,
)  # fmt: skip
"""Scripts, emoji and their joiners, bidi, controls, white space alone, numbers and markup that look like something else."""
SPOKEN = st.sampled_from(SCRIPTS) | st.text(max_size=40) | st.lists(st.sampled_from(SCRIPTS), max_size=4).map(" ".join)
"""Any text at all, the empty one, too."""
SAID = SPOKEN.filter(str.strip)
NAMES = st.sampled_from(("a", "get_weather", "plan-trip_2", "A1")) | st.from_regex(r"\A[a-zA-Z0-9_-]{1,64}\Z")
"""Names of tools and schemas."""


def one_of(things: Sequence[Any]) -> SearchStrategy[Any]:
    """One of many things; Hypothesis writes out all that `sampled_from` has."""
    return st.integers(0, len(things) - 1).map(lambda n: things[n])


@dataclass(frozen=True)
class Question:
    """The content of the last message, with what else its body needs, and what it is meant as."""

    content: object
    body: Body
    intent: frozenset[str]


def question(content: object, *intent: str, **body: object) -> Question:
    return Question(content, {"max_completion_tokens": LIMIT, **body}, frozenset(intent))


def cut(limit: int) -> Question:
    return question(COUNT, "long-answer", max_completion_tokens=limit)


def repeat(text: str) -> Question:
    return question(f"Repeat exactly this line and nothing else: {text}")


def parts(texts: list[str], *intent: str) -> Question:
    return question([{"type": "text", "text": text} for text in texts], *intent)


_STOPS = ("5", ["5"], ["@@", "5 6 7"], ["5", "6", "7", "8"], "4 5 6")
SIMPLE = (
    question(HELLO, "natural-end"),
    question(COUNT, "natural-end", "long-answer"),
    cut(5),
    cut(1),
    *(question(DIGITS, "stop-inside", stop=stop) for stop in _STOPS),
    parts(["What is the capital ", "of France?"], "natural-end"),
    question(UNICODE, "natural-end", "unicode"),
    *(repeat(" ".join(SCRIPTS[n : n + 6])) for n in range(0, len(SCRIPTS), 6)),
)
"""Questions whose answers are words."""
PLAIN = st.one_of(
    one_of(SIMPLE),
    SAID.map(repeat),
    st.integers(1, 40).map(cut),
    st.lists(SAID, min_size=1, max_size=4).map(parts),
)
"""The same, and made-up ones."""


def values(depth: int = 2) -> SearchStrategy[object]:
    """Any JSON value of a few members."""
    flat = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | SPOKEN
    if depth == 0:
        return flat
    inner = values(depth - 1)
    return flat | st.lists(inner, max_size=3) | st.dictionaries(SPOKEN, inner, max_size=3)
