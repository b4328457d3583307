"""The beginnings of conversations: turns in every order, calls and their results of every form, names, empty messages, images."""

from __future__ import annotations

import json
from typing import NamedTuple

from hypothesis import strategies as st

from conformance.areas.questions import TIME, WEATHER
from conformance.exchange.probe import Body, user
from conformance.exchange.shipped import encoded
from conformance.explore.sayings import SAID, SPOKEN, one_of, values

MANY = 100
"""Messages from which a history is a long one."""


class History(NamedTuple):
    """The messages before the last, what else the body then needs, and what is meant."""

    messages: list[Body]
    body: Body
    intent: frozenset[str]


def _history(*messages: Body, intent: tuple[str, ...] = (), **body: object) -> History:
    return History(list(messages), body, frozenset(intent))


def _said(role: str, content: object, **more: object) -> Body:
    return {"role": role, "content": content, **more}


def image(**more: str) -> Body:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded('yellow.png')}", **more}}


def _round(contents: Body, results: dict[str, object], *, done: bool = False, city: str = "Paris") -> History:
    """A round of calls, one a result; the results come in the other order. `contents` are those of the calling message."""
    calls = [{"id": id, "type": "function",
              "function": {"name": "get_weather", "arguments": json.dumps({"city": city}, ensure_ascii=False)}}
             for id in results]  # fmt: skip
    answers = [_said("tool", result, tool_call_id=id) for id, result in reversed(results.items())]
    closing = [_said("assistant", "It is fine.")] * done
    called = {"role": "assistant", **contents, "tool_calls": calls}
    return _history(*user("What is the weather?"), called, *answers, *closing, tools=[WEATHER, TIME])


def _long(turns: int) -> History:
    """A conversation of a hundred messages and more, of every form that a message in words may have."""
    first = _said("system", [{"type": "text", "text": "Answer in one word."}])
    middle = [_said("assistant", "ok") if n % 2 else _said("user", str(n)) for n in range(2 * turns)]
    last = [_said("user", "Hello.", name="Ada"), _said("assistant", [{"type": "text", "text": "ok"}])]
    return _history(first, *middle, *last, intent=("long-history",))


_IDS = ("call_1", "call_bQ7sKX2vLw9TzR4mNc8YpH3d", "a1B2c3D4e", "toolu_01A09q90qw90lq917835lq9", "x" * 40)
_CONTENTS: tuple[Body, ...] = ({"content": None}, {"content": ""}, {}, {"content": "Let me see."})
NONE = _history()
SIMPLE = (
    NONE,
    _history(_said("system", "You answer exactly as asked.")),
    _history(_said("developer", "Answer in one word.")),
    _history(*user("I am Ada."), _said("assistant", "Hello, Ada.")),
    _history(_said("assistant", "Welcome."), *user("I am Ada."), *user("I like teal."), _said("system", "Be brief."),
             intent=("any-order",)),
    _history(*user(""), _said("assistant", "Yes?"), intent=("odd-text",)),
    *(_round(contents, {_IDS[n]: "17 degrees", _IDS[n + 1]: [{"type": "text", "text": "18 degrees"}]}, done=n % 2 == 1)
      for n, contents in enumerate(_CONTENTS)),
    _history(_said("user", [{"type": "text", "text": "Look."}, image(detail="low")]), _said("assistant", "A yellow square."),
             intent=("optional",)),
    _long(MANY // 2),
)  # fmt: skip
"""One of each kind, the simplest first."""


@st.composite
def _message(draw: st.DrawFn, role: str) -> Body:
    """A message in words: a string or parts, some with a name."""
    text = draw(SAID)
    content = draw(st.sampled_from((text, text, [{"type": "text", "text": text}])))
    name = {"name": "Ada"} if role != "assistant" and draw(st.sampled_from((False, False, True))) else {}
    return _said(role, content, **name)


@st.composite
def _talk(draw: st.DrawFn) -> History:
    """Turns in any order, as agents, group chats and memories have them; some take turns."""
    if draw(st.booleans()):
        roles = draw(st.integers(1, 3)) * ["user", "assistant"]
        return _history(*(draw(_message(role)) for role in roles))
    roles = draw(st.lists(st.sampled_from(("user", "assistant", "system", "developer")), min_size=1, max_size=5))
    return _history(*(draw(_message(role)) for role in roles), intent=("any-order",))


@st.composite
def _results(draw: st.DrawFn) -> History:
    """A round of tool calls of another server, one to three, with results of any form."""
    results = {}
    for id in draw(st.lists(st.sampled_from(_IDS), min_size=1, max_size=3, unique=True)):
        text = draw(SPOKEN | values().map(json.dumps))
        results[id] = draw(st.sampled_from((text, text, [{"type": "text", "text": text or "nothing"}])))
    contents, city = draw(st.sampled_from(_CONTENTS)), draw(st.sampled_from(("Paris", "Köln", "東京")))
    return _round(contents, results, done=draw(st.booleans()), city=city)


@st.composite
def _seen(draw: st.DrawFn) -> History:
    """Images among words, described by the assistant."""
    picture = image(**draw(st.sampled_from(({"detail": "low"}, {"detail": "auto"}, {}))))
    content = [{"type": "text", "text": draw(SAID)}, *[picture] * draw(st.integers(1, 2))]
    return _history(_said("user", content), _said("assistant", "A yellow square."), intent=("optional",))


HISTORIES = st.one_of(st.just(NONE), st.just(NONE), st.just(NONE), one_of(SIMPLE[:-1]), _talk(), _results(), _seen())
