"""Lies about roles, parts and history: accepted messages turned down, stored completions that are lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body, each_message, messages, position, sent, turn_down


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
    return call.asking(store=None) if sent(call, "store") is True else call


@says("chat-store-changes")
def _(call: Call, reply: Reply) -> Reply:
    """What was stored comes back with another text."""
    return each_message(reply, lambda each: {**each, "content": "(archived)"}) if call.method == "GET" else reply


@says("chat-store-renames")
def _(call: Call, reply: Reply) -> Reply:
    """What was stored comes back under another id."""
    stored = call.method == "GET" and "/chat/completions/" in call.path and reply.status < 400
    return body(reply, id="chatcmpl-archived") if stored else reply


@says("chat-refuses-order", link="https://github.com/aws-samples/bedrock-access-gateway/issues/25")
def _(call: Call, reply: Reply) -> Reply:
    """Messages of the user and the assistant must take turns."""
    roles = [message.get("role") for message in messages(call) if isinstance(message, dict)]
    twice = any(one == other == "user" for one, other in pairwise(roles))
    text = "Conversation roles must alternate user/assistant/user/assistant/..."
    return turn_down(reply, text, "messages") if twice and reply.status < 400 else reply


@says(
    "chat-refuses-late-system",
    link=(
        "https://github.com/vllm-project/vllm/issues/41114",
        "https://github.com/gptme/gptme/issues/3779",
        "https://github.com/BerriAI/litellm/issues/26879",
        "https://github.com/peonist-ai/halogen-flash-server/issues/60",
    ),
    bugs="system-not-first-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """A system message must be the first."""
    n = position(call, lambda each: each.get("role") == "system")
    late = n is not None and n > 0 and reply.status < 400
    return turn_down(reply, "System message must be at the beginning.", "messages") if late else reply
