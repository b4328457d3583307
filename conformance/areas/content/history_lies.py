"""Lies about histories: long, odd or foreign ones turned down, cut, or read in another order."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import is_chat, is_stream, messages, turn_down


def _refuses(message: str, param: str | None, test: Callable[[Json], object]) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        wrong = is_chat(reply) and any(test(each) for each in messages(call))
        return turn_down(reply, message, param, "invalid_value") if wrong else reply

    return refuse


for _name, _message, _param, _test, _link in (
    ("refuses-system-parts", "Input should be a valid string.", "messages.[0].content",
     lambda m: m["role"] == "system" and isinstance(m["content"], list), ()),
    ("refuses-names", "Extra inputs are not permitted.", "messages.[199].name", lambda m: "name" in m, ()),
    ("refuses-empty", "The message must not be empty.", "messages.[0]", lambda m: m == {"role": "user", "content": ""}, ()),
    ("foreign-ids-refused", "Tool call ids must be 9 characters.", "messages.[1].tool_calls",
     lambda m: m.get("tool_call_id", "").startswith("call_bQ7s"), "https://github.com/anomalyco/opencode/issues/1680"),
    ("absent-content-refused", "Field required.", "messages.[1].content",
     lambda m: m["role"] == "assistant" and "content" not in m, ()),
    ("empty-content-refused", "Content must not be blank.", "messages.[4].content",
     lambda m: m.get("tool_calls") and m.get("content") == "", ()),
    ("result-parts-refused", "Input should be a valid string.", "messages.[5].content",
     lambda m: m["role"] == "tool" and isinstance(m["content"], list), ()),
):  # fmt: skip
    _refuse = _refuses(_message, _param, _test)
    _refuse.__doc__ = f"A history is turned down ({_name})."
    says(f"content-{_name}", link=_link)(_refuse)


@says("content-history-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A conversation of more than a hundred turns is refused."""
    return turn_down(reply, "Too many turns in messages: at most 100.") if len(messages(call)) > 100 else reply


@lets("content-history-cut")
def _(call: Call) -> Call:
    """Of a long conversation the last ten messages are read."""
    return call.asking(messages=messages(call)[-10:]) if len(messages(call)) > 100 else call


@lets("content-results-by-place")
def _(call: Call) -> Call:
    """Results are taken in the order in which they come, their ids not looked at."""
    if not any(each.get("tool_call_id") == "a1B2c3D4e" for each in messages(call)):
        return call
    swapped = list(messages(call))
    swapped[2], swapped[3] = (
        {**a, "content": b["content"]} for a, b in ((swapped[2], swapped[3]), (swapped[3], swapped[2]))
    )
    return call.asking(messages=swapped)


@says(
    "content-signature-demanded",
    link=(
        "https://github.com/can1357/oh-my-pi/issues/10172",
        "https://github.com/can1357/oh-my-pi/issues/10630",
        "https://github.com/lbjlaq/Antigravity-Manager/issues/3202",
    ),
    bugs="thought-signature-required",
)
def _(call: Call, reply: Reply) -> Reply:
    """A history is turned down whose calls lack a member of the vendor's own."""
    bare = any(each.get("tool_calls") and "extra_content" not in str(each) for each in messages(call))
    text = "Function call is missing a thought_signature in functionCall parts."
    return turn_down(reply, text, "messages") if (bare and is_chat(reply)) or (bare and is_stream(reply)) else reply
