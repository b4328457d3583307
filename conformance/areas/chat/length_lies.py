"""Lies about the limits of a chat completion: `max_tokens`, `stop` and `n` turned down, or not heeded."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import asked, each_message, each_part, is_chat, turn_down


@says(
    "chat-refuses-new-limit",
    link="https://github.com/voideditor/void/issues/128",
    bugs="max-completion-tokens-rejected",
)
def _(call: Call, reply: Reply) -> Reply:
    """max_completion_tokens is unknown."""
    known = reply.status >= 400 or asked(call).get("max_completion_tokens") is None
    return reply if known else turn_down(reply, "Unrecognized request argument supplied: max_completion_tokens")


@lets("chat-ignores-new-limit")
def _(call: Call) -> Call:
    """A small max_completion_tokens is ignored."""
    return call.asking(max_completion_tokens=None) if (call.json or {}).get("max_completion_tokens") == 5 else call


@lets("chat-ignores-old-limit")
def _(call: Call) -> Call:
    """max_tokens is ignored, beside its successor apart."""
    limit = asked(call).get("max_tokens")
    alone = isinstance(limit, int) and limit > 0 and not asked(call).get("max_completion_tokens")
    return call.asking(max_tokens=None) if alone else call


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


@lets("chat-stream-stop-ignored", link="https://github.com/paiml/aprender/pull/2019", bugs="stream-stop-ignored")
def _(call: Call) -> Call:
    """A stop sequence is ignored in streams."""
    return call.asking(stop=None) if call.streaming and isinstance(call.json.get("stop"), str) else call
