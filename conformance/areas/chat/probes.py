"""Plain conversations: natural ends, limits, stop sequences, several choices, roles, parts, Unicode, usage, history."""

from __future__ import annotations

import json

from conformance.areas.questions import COUNT, COUNTED, DIGITS, GREETING, HELLO, LIMIT, UNICODE, WITH_USAGE, staged
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import PATIENT, Body, Probe, chat_probe, user

AGAIN = "Say it again."
INDEED = "Indeed"
"""The word with which the developer wants an answer to begin: no model would by itself."""

SDK_HEADERS = (
    ("X-Stainless-Lang", "python"),
    ("X-Stainless-Package-Version", "3.51.0"),
    ("X-Stainless-Retry-Count", "0"),
    ("X-Client-Request-Id", "conformance-0001"),
    ("X-Conformance-Unknown", "1"),
)


def _again(earlier: Exchange | None) -> Body | None:
    """The first answer's own message, unchanged, as history (of a streamed one: what the client put together)."""
    if earlier is None:
        return None
    try:
        message = (
            {"role": "assistant", "content": earlier.choices[0].content}
            if earlier.streaming
            else earlier.answer["choices"][0]["message"]
        )
    except (Unreadable, LookupError, TypeError):
        return None
    return {"messages": [*user(HELLO), message, *user(AGAIN)], "temperature": 0, "max_completion_tokens": LIMIT}


def _stored(earlier: Exchange | None) -> str | None:
    try:
        return str(earlier.answer["id"]) if earlier is not None and earlier.ok else None
    except (Unreadable, LookupError):
        return None


PROBES = (
    GREETING,
    chat_probe("chat.count", COUNTED, intent={"natural-end", "long-answer"}, streamed=WITH_USAGE),
    chat_probe("chat.cut", {"messages": user(COUNT), "temperature": 0, "max_completion_tokens": 5},
         intent={"long-answer", "sdk-headers"}, streamed=WITH_USAGE, headers=SDK_HEADERS),
    chat_probe("chat.two", {"messages": user(COUNT), "n": 2, "temperature": 1, "max_completion_tokens": 5},
         intent={"long-answer"}, streamed=WITH_USAGE),
    chat_probe("chat.stop", {"messages": user(DIGITS), "stop": "5", "temperature": 0, "max_completion_tokens": LIMIT},
         intent={"stop-inside"}, streamed=WITH_USAGE),
    chat_probe("chat.parts",
         {"messages": [
             {"role": "user", "content": [{"type": "text", "text": "What is the capital "},
                                          {"type": "text", "text": "of France?"}]}],
          "stop": ["@@", "##", "%%", "~~"], "temperature": 0, "max_completion_tokens": LIMIT},
         intent={"natural-end"}, streamed=WITH_USAGE),
    # By itself, so that who refuses parts or stop sequences is not taken to refuse the role.
    Probe("chat.developer",
          {"messages": [{"role": "developer", "content": f"Answer in one short sentence that begins with the word {INDEED}."},
                        *user("What is the capital of France?")], "temperature": 0, "max_completion_tokens": LIMIT},
          intent=frozenset({"natural-end"}), depth="normal"),
    chat_probe("chat.unicode", {"messages": user(UNICODE), "stop": None, "stream": None, "n": None, "temperature": 0,
                          "max_completion_tokens": LIMIT},
         intent={"natural-end", "unicode"}, streamed=WITH_USAGE),
    # The same conversation as chat.unicode, byte for byte another JSON text.
    Probe("chat.escaped",
          json.dumps({"model": "{model}", "messages": user(UNICODE), "temperature": 0,
                      "max_completion_tokens": LIMIT}).encode(), intent=frozenset({"escaped"})),
    # As agents and group chats have them.
    Probe("chat.order",
          {"messages": [{"role": "assistant", "content": "Welcome."}, *user("I am Ada."), *user("I like teal."),
                        {"role": "system", "content": "You answer in one short sentence."}, *user(HELLO)],
           "temperature": 0, "max_completion_tokens": LIMIT},
          intent=frozenset({"any-order"})),
    chat_probe("chat.again", {}, intent={"history"}, after="chat.hello", build=_again),
    chat_probe("chat.tier", {"messages": user(HELLO), "service_tier": "default", "store": True, "user": "conformance",
                       "metadata": {"suite": "conformance"}, "safety_identifier": "conformance",
                       "prompt_cache_key": "conformance", "temperature": 0, "max_completion_tokens": LIMIT},
         intent={"optional", "parameters"}, streamed={"stream_options": {"include_usage": True, "include_obfuscation": False}}),
    Probe("chat.stored", method="GET", path="/chat/completions/{built}", after="chat.tier", build=_stored,
          intent=frozenset({"optional", PATIENT})),
    chat_probe("chat.effort", {"messages": user(HELLO), "reasoning_effort": "low", "max_completion_tokens": LIMIT},
         intent={"optional"}, streamed=WITH_USAGE),
    staged("rich"),  # annotations and audio
)  # fmt: skip
