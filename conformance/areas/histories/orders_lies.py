"""Lies about histories: roles in an order that is turned down, results that are not taken, contents that make the server fail."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from conformance.reference.lies import says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import crash, is_error, messages, turn_down


def _roles(call: Call) -> list[str]:
    return [str(message.get("role")) for message in messages(call) if isinstance(message, dict)]


def _refuses(message: str, test: Callable[[list[str]], object]) -> Callable[[Call, Reply], Reply]:
    def refuse(call: Call, reply: Reply) -> Reply:
        wrong = not is_error(reply) and _roles(call) and test(_roles(call))
        return turn_down(reply, message, "messages") if wrong else reply

    return refuse


def _second_system(roles: list[str]) -> bool:
    """A system message behind the first, in a conversation that does not begin with the assistant (chat.order is one)."""
    return "system" in roles[1:-1] and roles[0] != "assistant"


for _name, _says, _message, _test, _link, _bug in (
    ("history-prefill-refused", "A conversation that ends with the assistant is turned down.",
     "Assistant response prefill is incompatible with enable_thinking.", lambda roles: roles[-1] == "assistant",
     ("https://github.com/aula-id/koma/pull/41", "https://github.com/HKUDS/nanobot/issues/2376",
      "https://github.com/sgl-project/sglang/issues/3579"), "trailing-assistant-rejected"),
    ("history-system-alone-refused", "A conversation without a message of the user is turned down.",
     "No user message found in messages.", lambda roles: roles == ["system"], (), ()),
    ("history-second-system-refused", "A system message that is not the first is turned down.",
     "System message must be at the beginning.", _second_system, (), ()),
    ("history-assistants-refused", "Two messages of the assistant in a row are turned down.",
     "Conversation roles must alternate.",
     lambda roles: ("assistant", "assistant") in pairwise(roles) and roles[-1] != "assistant", (), ()),
):  # fmt: skip
    _lie = _refuses(_message, _test)
    _lie.__doc__ = _says
    says(_name, link=_link, bugs=_bug)(_lie)


def _result(call: Call) -> object:
    """What the tool said that a conversation ends with; None for any other."""
    last = messages(call)[-1] if messages(call) else None
    return last.get("content") if isinstance(last, dict) and last.get("role") == "tool" else None


@says("history-empty-result-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A tool that said nothing is taken for one that was not called."""
    return turn_down(reply, "messages: tool content must not be empty", "messages") if _result(call) == "" else reply


@says("history-json-result-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A result that is JSON, but no object, is parsed and then turned down."""
    odd = _result(call) in ("[1, 2]", "17", "null")
    return turn_down(reply, "messages: 'list' object has no attribute 'items'", "messages") if odd else reply


@says("history-null-500")
def _(call: Call, reply: Reply) -> Reply:
    """Content that is null, where no call stands beside it, makes the server fail."""
    null = any(isinstance(m, dict) and m.get("content", "") is None and not m.get("tool_calls") for m in messages(call))
    return crash(reply) if null else reply


@says("history-part-500")
def _(call: Call, reply: Reply) -> Reply:
    """A part that is no object makes the server fail."""
    contents = [m.get("content") for m in messages(call) if isinstance(m, dict)]
    odd = any(not isinstance(part, dict) for content in contents if isinstance(content, list) for part in content)
    return crash(reply) if odd else reply
