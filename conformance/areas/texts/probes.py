"""Texts of every kind: all harmless ones together by every way in, and asked back by a schema that allows one text a property.

One by one at more depth, so that the one which is refused, or makes the server fail, is known.
"""

from __future__ import annotations

import json

from conformance.areas.questions import HELLO, LIMIT, closed, named, strict
from conformance.areas.texts.table import BLANK, CONTROLS, HALVES, KINDS, NUMBERS, SAFE, TOKEN
from conformance.exchange.probe import Body, Depth, Probe, chat_probe, user

ROOM = 3 * LIMIT
"""Tokens for all the texts that come back."""
CALL_ID = "call_Texts4nWd8KqM1xBv6TjC5Ls"


def tool(texts: dict[str, str]) -> Body:
    """A tool whose arguments can be these texts alone."""
    allowed = {name: {"type": "string", "enum": [text]} for name, text in texts.items()}
    return {"type": "function", "function": {"name": "keep_texts", "description": "Keep texts as they are.",
                                             "parameters": closed(**allowed)}}  # fmt: skip


def history(texts: dict[str, str]) -> Body:
    """A conversation that holds the texts in every place for one: content, parts, an answer, arguments, a result."""
    said = [
        {"role": "system", "content": list(texts.values())[-1]},
        *({"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts.values())),
        *user([{"type": "text", "text": text} for text in texts.values()]),
    ]
    call = {
        "id": CALL_ID,
        "type": "function",
        "function": {"name": "keep_texts", "arguments": json.dumps(texts, ensure_ascii=False)},
    }
    return {
        "messages": [
            *said,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": CALL_ID, "content": "\n".join(texts.values())},
            {"role": "assistant", "content": "Kept."},
            *user(HELLO),
        ],
        "tools": [tool({"text": HELLO})],
        "temperature": 0,
        "max_completion_tokens": LIMIT,
    }


def called(texts: dict[str, str]) -> Body:
    """A request for a call with these texts as its arguments."""
    asked = {"messages": user("Keep the texts."), "tools": [tool(texts)], "tool_choice": named("keep_texts")}
    return {**asked, "temperature": 0, "max_completion_tokens": ROOM}


def written(texts: dict[str, str]) -> Body:
    """A request for an object of these texts."""
    schema = tool(texts)["function"]["parameters"]
    return {"messages": user("Write the texts."), "response_format": strict("texts", schema), "temperature": 0,
            "max_completion_tokens": ROOM}  # fmt: skip


def _probe(name: str, body: Body, *intent: str, depth: Depth = "normal") -> Probe:
    return chat_probe(f"texts.{name}", body, intent={"texts", "edge", *intent}, depth=depth)


def _alone(name: str, body: Body, *intent: str) -> Probe:
    return Probe(f"texts.{name}", body, intent=frozenset({"texts", "edge", *intent}), depth="deep")


def _greeting(**more: object) -> Body:
    return {"messages": user(HELLO), "max_completion_tokens": 16, **more}


_IN_SCHEMAS = SAFE | NUMBERS
_AT_WILL = CONTROLS | HALVES
"""Texts that a server may refuse."""
_NAMES = ("emoji", "space", "quotes", "null", "high", "empty")

PROBES = (
    _probe("plain", history(dict.fromkeys(SAFE, "plain text")), "control"),
    _probe("history", history(SAFE), "harmless"),
    _probe("call", called(_IN_SCHEMAS)),
    Probe("texts.object", written(_IN_SCHEMAS), intent=frozenset({"texts", "edge"}), depth="deep"),
    _probe("halves", history({"high": HALVES["high"]}), depth="deep"),
    *(_alone(f"history-{name}", history({name: text}), *(["harmless"] if name in SAFE else []))
      for name, text in KINDS.items()),
    *(_alone(f"call-{name}", called({name: text})) for name, text in (SAFE | _AT_WILL).items()),
    *(_alone(f"stop-{n}", _greeting(stop=list(KINDS.values())[n : n + 4])) for n in range(0, len(KINDS), 4)),
    *(_alone(f"name-{name}", _greeting(messages=[{**user(HELLO)[0], "name": KINDS[name]}])) for name in _NAMES),
    *(_alone(f"metadata-{name}", _greeting(store=True, metadata=texts, user=next(iter(texts.values()))))
      for name, texts in {"safe": SAFE, "blank": BLANK, "controls": CONTROLS, "halves": HALVES}.items()),
    _alone("long", _greeting(messages=user(TOKEN))),
)  # fmt: skip
