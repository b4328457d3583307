"""What the reference server refuses in the messages of a chat request, in the words in which OpenAI refuses it.

Where its words are not known, they are those of a like refusal. It must not answer.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from conformance.reference.refusal import Refusal

Json = dict[str, Any]

ROLES = ("developer", "system", "user", "assistant", "tool", "function")
_NAME = re.compile(r"[^\s<|\\/>]{1,64}")
_PNG, _JPEG, _GIF, _WEBP, _WAV = b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"RIFF"
_HELD = {"text": str, "image_url": dict, "input_audio": dict, "refusal": str}
"""What a part of each type holds under its own name."""


def check_messages(asked: Json) -> None:
    """Every rule of the messages, in order. Raises Refusal."""
    if asked.get("messages") is None:
        message = "Missing required parameter: 'messages'."
        raise Refusal(400, message, param="messages", code="missing_required_parameter")
    if not asked["messages"]:
        raise _empty("messages")
    waiting: list[str] = []
    for n, message in enumerate(asked["messages"]):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise Refusal(400, "Invalid value for a role.", param=f"messages[{n}].role", code="invalid_value")
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                text = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                raise Refusal(400, text, param=f"messages.[{n}].role")
            waiting.remove(message["tool_call_id"])
        elif waiting:
            text = "An assistant message with 'tool_calls' must be followed by tool messages for each 'tool_call_id'."
            raise Refusal(400, text, param=f"messages.[{n}].role")
        waiting += _calls(message, f"messages[{n}].tool_calls")
        _content(message, n)
        if (name := message.get("name")) is not None and not _NAME.fullmatch(name):
            text = f"Invalid 'messages[{n}].name': string does not match pattern '^[^\\s<|\\\\/>]+$'."
            raise Refusal(400, text, param=f"messages[{n}].name", code="invalid_value")


def _calls(message: Json, path: str) -> list[str]:
    """The ids of the calls in a message."""
    if message.get("tool_calls") == []:
        raise _empty(path)
    calls = message.get("tool_calls") or ()
    for n, call in enumerate(calls):
        for name in ("id", "type"):
            if name not in call:
                raise _missing(f"{path}[{n}].{name}")
        if call["type"] == "function" and not isinstance(call["function"].get("arguments"), str):
            raise _mistyped(f"{path}[{n}].function.arguments", "a string")
    return [call["id"] for call in calls]


def _content(message: Json, n: int) -> None:
    content = message.get("content")
    if content is None and not any(message.get(other) for other in ("tool_calls", "function_call", "refusal", "audio")):
        raise Refusal(400, "Invalid value for 'content': expected a string, got null.", param=f"messages.[{n}].content")
    if not isinstance(content, (str, list, type(None))):
        raise _mistyped(f"messages[{n}].content", "a string or an array of objects")
    if content == []:
        raise _empty(f"messages[{n}].content")
    for m, part in enumerate(content if isinstance(content, list) else ()):
        _part(part, n, m)


def _part(part: Any, n: int, m: int) -> None:
    path = f"messages[{n}].content[{m}]"
    if not isinstance(part, dict):
        raise _mistyped(path, "an object")
    if "type" not in part:
        raise _missing(f"{path}.type")
    kind = part["type"]
    if kind in _HELD and kind not in part:
        raise _missing(f"{path}.{kind}")
    if kind in _HELD and not isinstance(part[kind], _HELD[kind]):
        raise _mistyped(f"{path}.{kind}", "an object" if _HELD[kind] is dict else "a string")
    if kind == "image_url":
        check_image(part["image_url"]["url"], f"messages.[{n}].content.[{m}].image_url")
    if kind == "input_audio" and _decoded(part["input_audio"]["data"])[:4] != _WAV:
        text = "The audio data is not of a supported format."
        raise Refusal(400, text, param=f"{path}.input_audio.data", code="invalid_value")


def check_image(url: str, path: str) -> None:
    """Refuse a URL that leads to no image: nothing can be fetched here."""
    head, _, data = url.partition(",")
    if url.startswith(("http://", "https://")):
        raise Refusal(400, f"Error while downloading {url}.", code="invalid_image_url")
    if not head.startswith("data:image/") or not _decoded(data).startswith((_PNG, _JPEG, _GIF, _WEBP)):
        text = "Invalid image: the data is not an image of a supported format."
        raise Refusal(400, text, param=path, code="invalid_image_format")


def _decoded(data: str) -> bytes:
    """The bytes of a base64 text; none where it is no such text."""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return b""


def _empty(path: str) -> Refusal:
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return Refusal(400, message, param=path, code="empty_array")


def _missing(path: str) -> Refusal:
    return Refusal(400, f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def _mistyped(path: str, wanted: str) -> Refusal:
    return Refusal(400, f"Invalid type for '{path}': expected {wanted}.", param=path, code="invalid_type")
