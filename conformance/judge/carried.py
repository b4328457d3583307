"""What a chat request carries that an endpoint may turn down by itself, and the same request without it.

A part is a member in one of its forms (`stop: null`), or a form of the messages (content in parts). It is found in the request alone
and taken out so that what is left is still valid. Nothing here sends or judges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from conformance.exchange import Exchange, find, is_a, remembered
from conformance.judge.carried_tools import Body, Part, tool_parts
from conformance.wire.jsontext import show

Message = dict[str, Any]

MANY = 100
"""Messages from which their number is something that a server may refuse."""
CHOSEN = ("tool_choice", "function_call", "reasoning_effort", "service_tier", "verbosity", "prompt_cache_retention")
"""Members whose text is one of a few, each of which may be refused alone."""
WITH = {"tools": ("tool_choice", "parallel_tool_calls"), "functions": ("function_call",), "logprobs": ("top_logprobs",),
        "stream": ("stream_options",)}  # fmt: skip
"""What makes no sense without the member."""
SAID = "Well."
"""Stands for a content that was null, absent or empty."""
SHORT = 4
"""Letters of a word that longer ones may well begin with."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\u2028\u202e]")


@remembered
def parts(x: Exchange) -> dict[str, Part]:
    """Everything that the request carries, by name; nothing where its body is no JSON object with messages."""
    return parts_of(x.asked)


def parts_of(body: Body) -> dict[str, Part]:
    if not isinstance(body.get("messages"), list):
        return {}
    found = (*_members(body), *tool_parts(body, _less), *_forms([m for m in body["messages"] if isinstance(m, dict)]))
    return {part.name: part for part in found}


def without(body: Body, *taken: Part) -> Body:
    for part in taken:
        body = part.without(body)
    return body


def named_by(words: Iterable[str]) -> re.Pattern[str]:
    """Finds a word where one begins, spelled with any of space, dash and underscore; short ones (`n`) end there, too, but for a plural."""
    ways = []
    for word in words:
        spelt = re.sub("(\\\\?[ _-])+", "[ _-]?", re.escape(word))
        ways.append(spelt + (r"s?(?![a-z0-9])" if word.isalpha() and len(word) <= SHORT else ""))
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(ways)})", re.IGNORECASE)


# ---------------------------------------------------------------------- members


def _members(body: Body) -> Iterator[Part]:
    for name, value in body.items():
        if name in ("model", "messages"):
            continue
        if name == "stream_options" and isinstance(value, dict):
            for each in value:
                yield Part(f"{name}.{each}", (each, name), _less_option(each))
        else:
            words = (
                (name, "null", "none")
                if value is None
                else (name, *([value] if name in CHOSEN and is_a(value, str) else ()))
            )
            yield Part(f"{name}: {_form(name, value)}", words, _less(name, *WITH.get(name, ())))


def _form(name: str, value: Any) -> str:
    if isinstance(value, str) and name not in CHOSEN:
        return "a text"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        kind = find(value, "type")
        return f"an object of type {kind}" if isinstance(kind, str) else "an object"
    return show(value, 40)


def _less(*names: str) -> Callable[[Body], Body]:
    def less(body: Body) -> Body:
        if names[0] == "max_completion_tokens" and "max_tokens" not in body:
            body = body | {"max_tokens": body[names[0]]} if is_a(body.get(names[0]), int) else body
        kept = {name: value for name, value in body.items() if name not in names}
        return _less_history(kept) if names[0] == "tools" else kept

    return less


def _less_option(name: str) -> Callable[[Body], Body]:
    def less(body: Body) -> Body:
        left = {key: value for key, value in (body.get("stream_options") or {}).items() if key != name}
        return {**body, "stream_options": left} if left else _less("stream_options")(body)

    return less


# ---------------------------------------------------------------------- messages


def _forms(messages: list[Message]) -> Iterator[Part]:
    """What the messages hold, beside texts of the user."""
    roles = [m.get("role") for m in messages]
    for role in ("developer", "system"):
        if role in roles:
            yield Part(f"the role {role}", (role, "role"), _only(lambda m, role=role: m.get("role") != role))
    if any(m.get("role") == "assistant" and not m.get("tool_calls") for m in messages):
        yield Part("an earlier answer", ("assistant", "role", "history", "[1]", ".1."), _less_history)
    if any(m.get("tool_calls") or m.get("role") == "tool" for m in messages):
        yield Part("tool calls in the history", ("tool_calls", "tool", "tool_call_id", "role"), _less_history)
    for length in sorted({len(id) for m in messages for id in _call_ids(m)}):
        yield Part(f"tool call ids of {length} characters", ("tool call id", "ids", "tool_calls"), _less_history)
    if len(messages) >= MANY:
        yield Part("many messages", ("turns", "history", "too many", "number of messages"), _few)
    if _out_of_turn(roles):
        yield Part("messages in any order", ("alternate", "order", "role", "system", "template"), _in_turn)
    for name, words, has, change in _CHANGES:
        for role in dict.fromkeys(str(m.get("role")) for m in messages if has(m)):
            yield Part(f"{name} ({role})", words, _each(role, has, change))
    for kind in dict.fromkeys(kind for m in messages for kind in _kinds(m)):
        what = kind.removeprefix("input_").removesuffix("_url")
        words = (what, kind, "multimodal", "content type", "vision", "content")
        yield Part(f"a part of type {kind}", words, _each_part(lambda part, kind=kind: find(part, "type") != kind))


def _call_ids(message: Message) -> list[str]:
    calls = message.get("tool_calls")
    ids = [find(call, "id") for call in (calls if isinstance(calls, list) else ())]
    return [id for id in ids if isinstance(id, str)]


def _kinds(message: Message) -> list[str]:
    content = message.get("content")
    kinds = [find(part, "type") for part in content] if isinstance(content, list) else []
    return [kind for kind in kinds if isinstance(kind, str) and kind != "text"]


def _out_of_turn(roles: list[Any]) -> bool:
    """The first to speak is no user, two in a row are one role's, or a system message comes late."""
    spoken = [role for role in roles if role not in ("system", "developer", "tool")]
    late = any(role in ("system", "developer") for role in roles[1:])
    return spoken[:1] == ["assistant"] or any(a == b == "user" for a, b in pairwise(roles)) or late


def _texts_alone(message: Message) -> bool:
    content = message.get("content")
    return isinstance(content, list) and all(is_a(find(part, "text"), str) for part in content)


def _has_more(message: Message) -> bool:
    return bool(message.keys() - {"role", "content", "name", "tool_calls", "tool_call_id"})


_CHANGES: tuple[tuple[str, tuple[str, ...], Callable[[Message], bool], Callable[[Message], Message]], ...] = (
    ("content in parts", ("content", "string", "str"), _texts_alone,
     lambda m: {**m, "content": "".join(part["text"] for part in m["content"])}),
    ("content: null", ("content", "null", "none"), lambda m: "content" in m and m["content"] is None,
     lambda m: {**m, "content": SAID}),
    ("no content", ("content", "required", "missing"), lambda m: "content" not in m, lambda m: {**m, "content": SAID}),
    ("an empty content", ("empty", "blank", "length", "content", "[0]"), lambda m: m.get("content") == "",
     lambda m: {**m, "content": SAID}),
    ("a name", ("name",), lambda m: "name" in m, lambda m: {key: value for key, value in m.items() if key != "name"}),
    ("control characters", ("character", "control", "unicode", "utf", "encod"),
     lambda m: is_a(m.get("content"), str) and _CONTROLS.search(m["content"]) is not None,
     lambda m: {**m, "content": _CONTROLS.sub("", m["content"])}),
    ("further members of a message", ("extra", "refusal", "annotations", "audio", "[1]", ".1."), _has_more,
     lambda m: {key: m[key] for key in ("role", "content", "name", "tool_calls", "tool_call_id") if key in m}),
)  # fmt: skip
"""A form of one message: its name, words for it, how it is seen, and the message without it."""


def _each(role: str, has: Callable[[Message], bool], change: Callable[[Message], Message]) -> Callable[[Body], Body]:
    def changed(m: Any) -> Any:
        return change(m) if isinstance(m, dict) and str(m.get("role")) == role and has(m) else m

    return lambda body: {**body, "messages": [changed(m) for m in body["messages"]]}


def _each_part(keep: Callable[[Any], bool]) -> Callable[[Body], Body]:
    def changed(m: Any) -> Any:
        content = find(m, "content")
        return {**m, "content": [part for part in content if keep(part)]} if isinstance(content, list) else m

    return lambda body: {**body, "messages": [changed(m) for m in body["messages"]]}


def _only(keep: Callable[[Message], bool]) -> Callable[[Body], Body]:
    def less(body: Body) -> Body:
        left = [m for m in body["messages"] if not isinstance(m, dict) or keep(m)]
        return {**body, "messages": left or body["messages"]}

    return less


def _few(body: Body) -> Body:
    """The first message where the system or the developer says it, and the last three."""
    head, rest = _split(body["messages"])
    return {**body, "messages": [*head[:1], *rest[-3:]]}


def _in_turn(body: Body) -> Body:
    """The system first, then a word of the user, an answer, another word."""
    head, rest = _split([m for m in body["messages"] if isinstance(m, dict)])
    users, answers = ([m for m in rest if m.get("role") == role] for role in ("user", "assistant"))
    return {**body, "messages": [*head, *users[:1], *answers[: len(users) > 1], *users[1:][-1:]] or rest}


def _split(messages: list[Message]) -> tuple[list[Message], list[Message]]:
    """What the system and the developer say, and the rest."""
    above = [m for m in messages if m.get("role") in ("system", "developer")]
    return above, [m for m in messages if m not in above]


def _less_history(body: Body) -> Body:
    """What the system or the developer says, and the last word of the user."""
    messages = [m for m in body["messages"] if isinstance(m, dict)]
    head, rest = _split(messages)
    return {**body, "messages": [*head, *[m for m in rest if m.get("role") == "user"][-1:]] or messages}
