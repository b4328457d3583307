"""Lies about the items of a list, or of a compacted conversation."""

from __future__ import annotations

import json
from collections.abc import Callable

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body


def _items(path: str, name: str, key: str, words: str, change: Callable[[Json], Json], *kinds: str) -> None:
    """Declare a lie about the items of these types under a key of the answer."""

    def lie(call: Call, reply: Reply) -> Reply:
        if not call.path.endswith(path) or reply.status != 200:
            return reply
        return body(reply, **{key: [change(item) if item["type"] in kinds else item for item in reply.body[key]]})

    lie.__doc__ = words
    says(name)(lie)


def _listed(name: str, words: str, change: Callable[[Json], Json], *kinds: str) -> None:
    _items("/input_items", name, "data", words, change, *kinds)


def _compacted(name: str, words: str, change: Callable[[Json], Json], *kinds: str) -> None:
    _items("/responses/compact", name, "output", words, change, *kinds)


def _without(key: str) -> Callable[[Json], Json]:
    return lambda item: {name: value for name, value in item.items() if name != key}


_listed("state-list-message-text", 'The parts of a message are of no type.', lambda item: {
    **item, "content": [_without("type")(part) for part in item["content"]]}, "message")  # fmt: skip
_listed("state-list-call-object", "The arguments of a call are an object.",
        lambda item: {**item, "arguments": json.loads(item["arguments"])}, "function_call")  # fmt: skip
_listed(
    "state-list-custom-call-nameless",
    "A call of a custom tool does not say of which.",
    _without("name"),
    "custom_tool_call",
)
_listed("state-list-result-lost", "The result of a call does not say of which.", _without("call_id"),
        "function_call_output", "custom_tool_call_output")  # fmt: skip
_compacted("state-compacted-untyped", "A message of a compacted conversation has no id.", _without("id"), "message")
_compacted("state-compacted-message-text", "The content of a compacted message is a text.",
           lambda item: {**item, "content": item["content"][0]["text"]}, "message")  # fmt: skip
_compacted(
    "state-compacted-empty",
    "What was compacted is an empty text.",
    lambda item: {**item, "encrypted_content": ""},
    "compaction",
)
