"""Servers that refuse some valid things, or break on a mistake, as real ones were seen to: the reference with a reply of its own.

None of them is a lie that proves a check: what they turn red, and what they do not, is what tests of blame are about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.areas.content.probes import REPEAT
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import messages, turn_down

FLAGS = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
VAGUE = "Your request could not be processed."


def refusing(name: str, test: Callable[[Json], object], say: Callable[[Reply], Reply]) -> Lie:
    """A server that turns down every chat request of which this is true, where the reference would serve it."""

    def reply(call: Call, reply: Reply) -> Reply:
        refused = call.path.endswith("/chat/completions") and reply.status == 200 and call.json and test(call.json)
        return say(reply) if refused else reply

    return Lie(name, name, reply=reply)


def detail(*places: Any) -> Callable[[Reply], Reply]:
    """A refusal as FastAPI says it: 422, and where in the body."""
    problem = {"type": "string_type", "loc": ["body", *places], "msg": "Input should be a valid string"}
    return lambda reply: replace(turn_down(reply, ""), status=422, body={"detail": [problem]})


def says(message: str, param: str | None = None) -> Callable[[Reply], Reply]:
    return lambda reply: turn_down(reply, message, param)


def in_parts(body: Json) -> bool:
    return any(isinstance(each.get("content"), list) for each in body["messages"] if isinstance(each, dict))


def null_stream(body: Json) -> bool:
    return "stream" in body and body["stream"] is None


def open_choice(body: Json) -> bool:
    return bool(body.get("tools")) and body.get("tool_choice") in (None, "auto")


def any_tools(body: Json) -> bool:
    return bool(body.get("tools") or body.get("functions")) or body.get("tool_choice") is not None


def strict(body: Json) -> bool:
    tools = body.get("tools")
    return any("strict" in each.get("function", {}) for each in tools) if isinstance(tools, list) else False


BUNDLES = refusing("parts and a null stream", lambda body: in_parts(body) or null_stream(body), says(VAGUE))
"""Takes the developer, `stop: null` and two hundred messages, each alone, and says nothing of what it does not take."""
FASTAPI = refusing("parts as FastAPI refuses them", in_parts, detail("messages", 0, "content"))
ALL_OF_MESSAGES = refusing("parts, told of messages", in_parts, detail("messages"))
NO_PARSER = refusing("vLLM without a tool parser", open_choice, says(FLAGS))
NO_TOOLS = refusing("no tools", any_tools, says("This model does not support tools."))
NO_STRICT = refusing("no strict tools", strict, says("strict: Extra inputs are not permitted"))
SHORT = refusing(
    "a small window", lambda body: len(body["messages"]) > 50, says("This request exceeds the available context size.")
)
N_AND_ZERO = refusing(
    "n beside temperature 0", lambda body: body.get("n") and body.get("temperature") == 0, says("n must be 1")
)


LACKING = ("tools", "functions", "logprobs", "response_format", "n", "stop", "logit_bias", "store", "prediction")


def _bare(call: Call, reply: Reply) -> Reply:
    headers = tuple(pair for pair in reply.headers if not pair[0].startswith("x-ratelimit"))
    lacks = next((name for name in LACKING if (call.json or {}).get(name) is not None), None)
    refused = call.path.endswith("/chat/completions") and reply.status == 200 and lacks
    return turn_down(reply, f"{lacks} is not supported", lacks) if refused else replace(reply, headers=headers)


HARD = ("tools", "functions", "response_format", "logprobs")


def _lean(call: Call, reply: Reply) -> Reply:
    asked = call.json or {}
    lacks = next((name for name in HARD if asked.get(name) not in (None, {"type": "text"})), None)
    refused = call.path.endswith("/chat/completions") and reply.status == 200 and lacks
    return turn_down(reply, f"{lacks} is not supported", lacks) if refused else reply


LEAN = Lie("lean", "chats and streams, and refuses politely whatever is hard", reply=_lean)
NO_STREAMS = refusing(
    "no streams", lambda body: body.get("stream") is True, says("stream: streaming is not supported", "stream")
)
BARE = Lie("bare", "has messages and little else", reply=_bare)


def _breaks(say: Callable[[Reply], Reply]) -> Lie:
    def reply(call: Call, reply: Reply) -> Reply:
        return say(reply) if messages(call) == [] and (call.json or {}).get("messages") == [] else reply

    return Lie("breaks", "breaks on a request without messages", reply=reply)


def _crash(reply: Reply) -> Reply:
    return replace(reply, status=500, body=b"Internal Server Error", chunks=None).with_headers(
        content_type="text/plain"
    )


CRASHES = _breaks(_crash)
"""An exception that nobody caught, on a request without messages."""
HANGS_UP = _breaks(lambda reply: replace(_crash(reply), ending="cut"))
BROKEN_STREAM = _breaks(
    lambda reply: replace(reply, status=200, chunks=None, body=b'data: {"cho\n\n').with_headers(
        content_type="text/event-stream"
    )
)
PAGE = _breaks(
    lambda reply: replace(reply, status=200, chunks=None, body=b"<html><h1>Oops</h1></html>").with_headers(
        content_type="text/html"
    )
)


def _echo(call: Call) -> Call:
    """What is asked without a forced tool is asked as if it were to be repeated."""
    asked = messages(call)
    if not asked or not isinstance(asked[-1], dict) or call.json.get("tool_choice"):
        return call
    said = asked[-1].get("content")
    if isinstance(said, list):
        said = " ".join(str(part.get("text")) for part in said)
    if not isinstance(said, str):
        return call
    return call.asking(messages=[{"role": "user", "content": f"{REPEAT}{said}"}], response_format=None, tools=None)


ECHO = Lie("echo", "repeats what it is told", ask=_echo)
