"""Lies about the tools of Responses, which are turned down."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import refusing


def _kinds(asked: Json) -> set[str]:
    return {tool.get("type") for tool in asked.get("tools") or ()}


refusing("response-many-refused", "More than 64 tools are refused.", lambda asked: len(asked.get("tools") or ()) > 64,
         "Too many tools: at most 64 are supported.")  # fmt: skip
refusing("response-keywords-refused", "A schema with oneOf is refused.", lambda asked: "'oneOf'" in str(asked),
         "Unsupported keyword in a schema: oneOf")  # fmt: skip
refusing("response-mixed-refused", "All tools must be functions where one of them is.",
         lambda asked: {"function", "custom"} <= _kinds(asked), 'Only `type:"function"` tools are supported on this endpoint.',
         link=("https://github.com/CommandCodeAI/command-code/issues/885", "https://github.com/ikawrakow/ik_llama.cpp/pull/1964",
               "https://github.com/Neroued/ninfer/pull/45"))  # fmt: skip
refusing("response-hints-refused", "A prompt_cache_key is not known.", lambda asked: asked.get("prompt_cache_key"),
         "Unknown field: prompt_cache_key", link="https://github.com/Neroued/ninfer/pull/45")  # fmt: skip
refusing("response-two-systems-refused", "Instructions beside a message of the developer are refused.",
         lambda asked: asked.get("instructions") and "'role': 'developer'" in str(asked.get("input")),
         "System message must be at the beginning.", link="https://github.com/can1357/oh-my-pi/issues/958")  # fmt: skip
