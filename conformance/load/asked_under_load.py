"""What a load asks, by kind, and in which turn: short questions with a mark each, long ones among them. It sends nothing."""

from __future__ import annotations

from collections.abc import Callable

from conformance.areas.questions import ENDLESS, LIMIT, closed, named, repeating, strict
from conformance.exchange.probe import Body, user


def _schema(text: str) -> Body:
    return closed(text={"type": "string", "enum": [text]})


def called(text: str) -> Body:
    """A request for a call whose argument is this text."""
    keep = {"name": "keep_text", "description": "Keep a text as it is.", "parameters": _schema(text)}
    asked = {"messages": user("Keep the text."), "tools": [{"type": "function", "function": keep}]}
    return {**asked, "tool_choice": named("keep_text"), "temperature": 0, "max_completion_tokens": LIMIT}


def written(text: str) -> Body:
    """A request for an object that holds this text."""
    form = {"response_format": strict("text", _schema(text))}
    return {"messages": user("Write the text."), **form, "temperature": 0, "max_completion_tokens": LIMIT}


STREAM: Body = {"stream": True, "stream_options": {"include_usage": True}}
SAME: Body = {
    "messages": user("Count from 1 to 9, separated by commas. Write only the numbers."),
    "temperature": 0, "seed": 7, "max_completion_tokens": LIMIT,
}  # fmt: skip
"""What is asked alone and in the crowd, with nothing of its own."""
STAND_IN = "MARK-OF-THE-REQUEST"
"""In a letter, where the mark goes."""
KINDS: dict[str, Callable[[str], Body]] = {
    "text": repeating,
    "stream": lambda text: repeating(text) | STREAM,
    "call-stream": lambda text: called(text) | STREAM,
    "json": lambda text: written(text),
    "call": lambda text: called(text),
    "long": lambda _: ENDLESS | STREAM,
    "json-stream": lambda text: written(text) | STREAM,
    "same": lambda _: SAME,
}
"""What is asked: with the mark as text, as an argument and as a JSON value, plain and streamed, and long answers among them; and the
same each time."""
UNMARKED = ("long", "same")
"""Kinds without a mark."""
TURNS = (
    "text",
    "stream",
    "call-stream",
    "json",
    "call",
    "json-stream",
    "long",
    *[kind for kind in KINDS if kind != "long"],
)
"""The kinds in turn. One in fourteen is long: it is under way for as long as many others are, and only marks tell whose an answer is."""
