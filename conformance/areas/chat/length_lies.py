"""Lies about what a chat request may hold: accepted things turned down, mistakes let through, limits that do not hold."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import each_message, each_part, is_chat, messages, position, turn_down


def _refuses_role(role: str) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        n = position(call, lambda each: each.get("role") == role and not each.get("tool_calls"))
        text = f"Invalid value: '{role}'. This role is not supported."
        return reply if n is None else turn_down(reply, text, f"messages[{n}].role", "invalid_value")

    refuse.__doc__ = f"Messages of the role {role} are turned down."
    return refuse


says("chat-refuses-developer", link="https://github.com/earendil-works/pi/issues/1048", bugs="developer-role-rejected")(
    _refuses_role("developer")
)
says("chat-refuses-system")(_refuses_role("system"))
says("chat-refuses-assistant")(_refuses_role("assistant"))


@says("chat-refuses-parts", link="https://github.com/oobabooga/textgen/pull/5277", bugs="multimodal-parts-rejected")
def _(call: Call, reply: Reply) -> Reply:
    """Content in text parts is turned down."""
    n = position(
        call, lambda each: isinstance(each.get("content"), list) and len(each["content"]) == 2 and reply.status < 400
    )
    return reply if n is None else turn_down(reply, "Input should be a valid string.", f"messages[{n}].content")


@lets("chat-drops-parts")
def _(call: Call) -> Call:
    """Of content in parts only the last is read."""
    if position(call, lambda each: isinstance(each.get("content"), list) and "text" in each["content"][-1]) is None:
        return call
    read = [
        {**m, "content": m["content"][-1]["text"]} if isinstance(m.get("content"), list) else m for m in messages(call)
    ]
    return call.asking(messages=read)


@says(
    "chat-refuses-null-content",
    link="https://github.com/TencentCloud/TencentDB-Agent-Memory/issues/1313",
    bugs="tool-history-content-null-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """An assistant message with calls and null content is turned down."""
    n = position(call, lambda each: each.get("tool_calls") and each.get("content", "") is None)
    return (
        reply
        if n is None or reply.status >= 400
        else turn_down(reply, "None is not a string", f"messages[{n}].content")
    )


@says("chat-refuses-own-message")
def _(call: Call, reply: Reply) -> Reply:
    """A message with the member annotations, which the server itself sends, is turned down."""
    n = position(call, lambda each: "annotations" in each)
    return reply if n is None else turn_down(reply, "Extra inputs are not permitted.", f"messages[{n}].annotations")


@lets("chat-takes-no-messages")
def _(call: Call) -> Call:
    """Empty messages are answered."""
    empty = call.json and call.json.get("messages") == []
    return call.asking(messages=[{"role": "user", "content": ""}]) if empty else call


@lets("chat-store-ignored")
def _(call: Call) -> Call:
    """Nothing is stored."""
    return call.asking(store=None) if call.json else call


@says("chat-store-changes")
def _(call: Call, reply: Reply) -> Reply:
    """What was stored comes back with another text."""
    return each_message(reply, lambda each: {**each, "content": "(archived)"}) if call.method == "GET" else reply


# ---------------------------------------------------------------------- limits


@says(
    "chat-refuses-new-limit",
    link="https://github.com/voideditor/void/issues/128",
    bugs="max-completion-tokens-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """max_completion_tokens is unknown beside a system message."""
    system = position(call, lambda each: each.get("role") == "system") is not None
    return reply if not system else turn_down(reply, "Unrecognized request argument supplied: max_completion_tokens")


@lets("chat-ignores-new-limit")
def _(call: Call) -> Call:
    """A small max_completion_tokens is ignored."""
    return call.asking(max_completion_tokens=None) if (call.json or {}).get("max_completion_tokens") == 5 else call


@lets("chat-ignores-old-limit")
def _(call: Call) -> Call:
    """max_tokens is ignored where several choices are asked for."""
    return call.asking(max_tokens=None) if (call.json or {}).get("n") == 2 else call


# ---------------------------------------------------------------------- stop sequences


@lets("chat-stop-ignored", link="https://github.com/Blaizzy/mlx-vlm/issues/1044", bugs="stop-ignored")
def _(call: Call) -> Call:
    """A stop string is ignored."""
    return call.asking(stop=None) if isinstance((call.json or {}).get("stop"), str) else call


@says("chat-stop-included", link="https://github.com/ggml-org/llama.cpp/issues/6859", bugs="stop-included-in-output")
def _(call: Call, reply: Reply) -> Reply:
    """The stop sequence ends the text, plain and streamed."""
    stop = (call.json or {}).get("stop")
    if not isinstance(stop, str):
        return reply
    if is_chat(reply):
        return each_message(reply, lambda each: {**each, "content": each["content"] + stop})
    pieces = [
        part["delta"]["content"]
        for chunk in reply.chunks or ()
        for part in chunk["choices"]
        if part["delta"].get("content")
    ]
    last = {"content": f"{pieces[-1]}{stop}"} if pieces else {}
    return each_part(
        reply, lambda part: {**part, "delta": last} if part["delta"].get("content") == pieces[-1] else part
    )


def _refuses_stop(message: str, test: Callable[[Json], bool]) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        wrong = reply.status < 400 and "stop" in (call.json or {}) and test(call.json["stop"])
        return turn_down(reply, message, "stop", "invalid_type") if wrong else reply

    return refuse


for _name, _message, _test in (
    ("string", "Input should be a valid list.", lambda stop: isinstance(stop, str)),
    ("list", "Input should be a valid string.", lambda stop: isinstance(stop, list)),
    ("null", "None is not an allowed value.", lambda stop: stop is None),
):
    _refuse = _refuses_stop(_message, _test)
    _refuse.__doc__ = f"A stop {_name} is turned down."
    says(f"chat-refuses-stop-{_name}")(_refuse)


@lets("chat-takes-five-stops")
def _(call: Call) -> Call:
    """Of five stop sequences four are heeded and nothing is said."""
    stop = (call.json or {}).get("stop")
    return call.asking(stop=stop[:4]) if isinstance(stop, list) else call
