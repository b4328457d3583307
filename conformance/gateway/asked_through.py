"""What is asked through a gateway: each part of a request that it may lose, mistakes, and situations that its upstream is put into.

A probe's stage is told to the upstream beside the request. It sends nothing.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from typing import Any

from conformance.areas.questions import ENDLESS, HELLO, LIMIT, TIME, WEATHER, WITH_USAGE, closed, named, strict
from conformance.exchange.probe import UNKNOWN_MODEL, Body, Manner, Probe, chat_probe, user
from conformance.exchange.shipped import encoded
from conformance.gateway.media_asked import MEDIA, OPTIONAL
from conformance.reference.upstream_stages import STATUSES

PREFIX = "gateway"
SHORT: Body = {"temperature": 0, "max_completion_tokens": LIMIT}
COMBINING = "e\u0301 and \u00e9, \u212b, \ufb01, \u200d\U0001f469\u200d\U0001f4bb"
"""Letters that look alike and are not the same, a ligature, a joiner: what normalising changes."""
SPACED = "  two before, a tab\there, a line\r\nend and a blank after "
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
ORDERED = closed(
    zulu={"type": "string"}, alpha={"type": "integer", "minimum": 1}, mike={"type": "string", "enum": ["b", "a"]}
)


def png(width: int, height: int) -> bytes:
    """A picture that is grey, not packed: as large as it may be."""
    rows = b"".join(b"\0" + b"\x80" * 3 * width for _ in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    )
    whole = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


def _chat(name: str, *messages: Any, streamed: Body | None = None, **body: Any) -> Probe:
    """Plain and streamed."""
    conversation = list(messages) or user(HELLO)
    return chat_probe(f"{PREFIX}.{name}", {"messages": conversation, **SHORT, **body}, streamed=streamed or {})


def _once(name: str, body: Body | bytes, **more: Any) -> Probe:
    more["intent"] = frozenset(more.pop("intent", ()))
    return Probe(f"{PREFIX}.{name}", body, **more)


def _optional(name: str, *messages: Any, **body: Any) -> Probe:
    """What many a gateway does not have; where it has, nothing of it may be lost."""
    return _once(name, {"messages": list(messages) or user(HELLO), **SHORT, **body}, intent={OPTIONAL})


def _said(role: str, content: Any, **more: Any) -> Body:
    return {"role": role, "content": content, **more}


def _call(id: str, name: str, arguments: str) -> Body:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _mistake(name: str, body: Body | bytes, **more: Any) -> Probe:
    return _once(name, body, intent={"mistake"}, **more)


def _staged(stage: str, name: str, *, both: bool = True, **body: Any) -> Probe:
    asked: Body = {"messages": user(HELLO), **SHORT, **body}
    intent = frozenset({"staged"})
    return Probe(f"{PREFIX}.{name}", asked, streamed={} if both else None, stage=stage, intent=intent)


HEADERS = (
    ("OpenAI-Organization", "org-conformance"),
    ("OpenAI-Project", "proj_conformance"),
    ("X-Client-Request-Id", "conformance-1"),
    ("Idempotency-Key", "conformance-key-1"),
    ("X-Conformance-Note", "kept"),
)
"""What one request carries beside what all do."""

STRICT: Body = {"type": "function", "function": WEATHER["function"] | {"strict": True}}
FLAT: Body = {"type": "function", **WEATHER["function"], "strict": False}
"""As /responses wants it."""
RICH: Body = {
    "type": "function",
    "function": {
        "name": "get-weather_2",
        "description": "Weather, by city.",
        "parameters": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Weather",
            "type": "object",
            "properties": {
                "city": {
                    "type": "string",
                    "description": "Its name.",
                    "minLength": 1,
                    "pattern": "^[A-Z]",
                    "examples": ["Paris"],
                },
                "days": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 7, "default": 1}, {"type": "null"}]},
                "unit": {"$ref": "#/$defs/unit"},
            },
            "required": ["city"],
            "additionalProperties": False,
            "$defs": {"unit": {"type": "string", "enum": ["C", "F"], "default": "C"}},
        },
    },
}
"""A schema with the keywords that gateways take out for providers that do not know them."""
FILLING = f"{'x' * 999} " * 70
"""70,000 characters, a long text, within the window of the model."""
PHOTO = f"data:image/png;base64,{b64encode(png(300, 250)).decode()}"
"""300,000 characters, more than a server of web pages takes unless it is told to."""
TURNS = (
    _said("user", "What is the weather in Paris and Oslo?"),
    {"role": "assistant", "content": None,
     "tool_calls": [_call("call_one", "get_weather", '{"city": "Paris"}'), _call("call_two", "get_weather", '{ "city":"Oslo" }')]},
    {"role": "tool", "tool_call_id": "call_one", "content": '{"sky": "clear"}'},
    {"role": "tool", "tool_call_id": "call_two", "content": [{"type": "text", "text": '{"sky": '}, {"type": "text", "text": '"grey"}'}]},
)  # fmt: skip
ITEMS = (
    {
        "type": "message",
        "role": "developer",
        "content": [{"type": "input_text", "text": "You answer exactly as asked."}],
    },
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is the weather in Paris?"}]},
    {"type": "function_call", "call_id": "call_one", "name": "get_weather", "arguments": '{ "city":"Paris"}'},
    {"type": "function_call_output", "call_id": "call_one", "output": '{"sky": "clear"}'},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It is clear."}]},
    {"type": "message", "role": "user", "content": HELLO},
)
"""A turn of an agent, as /responses has it."""
NOTE: Body = {"type": "custom", "name": "write_note", "description": "Write a note."}
CUSTOM: Body = {"type": "custom", "custom": {"name": "write_note", "description": "Write a note."}}
ALLOWED: Body = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [named("get_weather")]}}
EVERY_PART: list[Body] = [
    {"type": "text", "text": ""},
    {"type": "text", "text": HELLO},
    {"type": "input_audio", "input_audio": {"data": encoded("tone.wav"), "format": "wav"}},
    {"type": "file", "file": {"filename": "note.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQK"}},
]

VALID = (
    _chat("hello"),
    _chat("usage", streamed=WITH_USAGE),
    _chat("sampling", top_p=0.95, frequency_penalty=0.5, presence_penalty=-0.25, seed=7),
    _chat("exact", seed=9007199254740993),
    _chat("stop", stop=["END", "\n\n"]),
    _chat("choices", n=2),
    _chat("logprobs", logprobs=True, top_logprobs=2),
    _chat("bias", logit_bias={"50256": -100}),
    _chat("service", service_tier="auto", user="user-1", safety_identifier="user-1", prompt_cache_key="cache-1"),
    _chat("stored", store=False, metadata={"purpose": "gateway"}),
    _chat("effort", reasoning_effort="low", verbosity="low"),
    _chat("nulls", stop=None, seed=None),
    _chat("zeros", frequency_penalty=0, presence_penalty=0.0, seed=0, logprobs=False, n=1, top_p=1),
    _once("unstreamed", {"messages": user(HELLO), **SHORT, "stream": False}),
    _once("old-limit", {"messages": user(HELLO), "temperature": 0, "max_tokens": LIMIT}),
    _once("stop-text", {"messages": user(HELLO), **SHORT, "stop": "END"}),
    _once("json-mode", {"messages": user("Say hello as JSON."), **SHORT, "response_format": {"type": "json_object"}}),
    _chat("unobfuscated", streamed={"stream_options": {"include_usage": True, "include_obfuscation": False}}),
    _chat("tools", *user("What is the weather in Paris?"), tools=[STRICT, TIME], tool_choice="auto", parallel_tool_calls=False),
    _chat("calls", *user("What is the weather in Paris and Oslo?"), tools=[WEATHER]),
    _chat("named-tool", *user("Tell me about Oslo."), tools=[WEATHER, TIME], tool_choice=named("get_weather")),
    _chat("rich-schema", *user("What is the weather in Paris?"), tools=[RICH], tool_choice="required"),
    _chat("tool-results", *TURNS, tools=[WEATHER]),
    _chat("history", _said("system", "You answer exactly as asked."), _said("user", "My name is Ada.", name="ada"),
          _said("user", "I like the sea."), _said("assistant", "Hello, Ada."), *user(HELLO)),
    _chat("thoughts", *user("Hello."), _said("assistant", "Hello.", reasoning_content="The user greets."), *user(HELLO)),
    _once("long-request", {"messages": user(f"{HELLO} {FILLING}"), **SHORT}),
    _once("large-request", {"messages": user([{"type": "text", "text": HELLO}, {"type": "image_url", "image_url": {"url": PHOTO}}]),
                            **SHORT}),
    _chat("developer", _said("developer", "You answer exactly as asked."), *user(HELLO)),
    _chat("letters", *user(f"Repeat exactly this line and nothing else: {COMBINING}")),
    _chat("spaces", *user(f"Repeat exactly this line and nothing else: {SPACED}")),
    _chat("parts", *user([{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}])),
    _chat("picture", *user([{"type": "text", "text": HELLO},
                            {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}}])),
    _chat("schema", *user("Fill in the form."), response_format=strict("form", ORDERED)),
    chat_probe(f"{PREFIX}.headers", {"messages": user(HELLO), **SHORT}, headers=HEADERS),
    _once("query", {"messages": user(HELLO), **SHORT}, path="/chat/completions?conformance=a%20b&order=1"),
    chat_probe(f"{PREFIX}.completions", {"prompt": HELLO, "max_tokens": 16, "temperature": 0}, path="/completions"),
    _once("embeddings", {"input": ["one", "two"], "encoding_format": "float", "dimensions": 8}, path="/embeddings", task="embedding"),
    _once("embedding-text", {"input": "one", "encoding_format": "base64"}, path="/embeddings", task="embedding"),
    chat_probe(f"{PREFIX}.responses", {"input": HELLO, "max_output_tokens": LIMIT, "store": False}, path="/responses", task="responses"),
    chat_probe(f"{PREFIX}.response-tools", {"input": "What is the weather in Paris?", "tools": [FLAT], "store": False}, path="/responses",
               task="responses"),
    chat_probe(f"{PREFIX}.response-turn",
               {"input": list(ITEMS), "instructions": "Be brief.", "tools": [FLAT, NOTE], "tool_choice": "none",
                "max_output_tokens": LIMIT, "include": ["message.output_text.logprobs"], "top_logprobs": 2, "truncation": "disabled",
                "text": {"format": {"type": "text"}}, "metadata": {"purpose": "gateway"}, "store": False}, path="/responses",
               task="responses"),
    _optional("newer-tools", tools=[WEATHER, CUSTOM], tool_choice=ALLOWED),
    _optional("functions", functions=[WEATHER["function"]], function_call={"name": "get_weather"}),
    _optional("parts-of-all-kinds", *user(EVERY_PART), _said("assistant", None, refusal="No."), *user(HELLO), modalities=["text"],
              prediction={"type": "content", "content": HELLO}),
    _once("models", b"", method="GET", path="/models"),
    *MEDIA,
)  # fmt: skip
MISTAKES = (
    _mistake("no-messages", {"temperature": 0}),
    _mistake("unknown-role", {"messages": [_said("robot", HELLO)]}),
    _mistake("beyond-range", {"messages": user(HELLO), "temperature": 5}),
    _mistake("wrong-type", {"messages": user(HELLO), "max_completion_tokens": "many"}),
    _mistake("unknown-member", {"messages": user(HELLO), "x_conformance": {"note": 1}}),
    _mistake("unknown-model", {"model": UNKNOWN_MODEL, "messages": user(HELLO)}),
    _mistake("no-json", b'{"model": "{model}", "messages": ['),
    _mistake("orphan", {"messages": [*user(HELLO), {"role": "tool", "tool_call_id": "call_none", "content": "x"}]}),
)
LETTERED: Body = {"messages": user(f"Repeat exactly this line and nothing else: {COMBINING}"), **SHORT}
PORTIONED = "portioned"
"""The intent of a request whose upstream pauses after each portion, so that none is joined with the next on the way."""
STAGED = (
    _staged("rate-limited", "rate-limited"),
    _staged("quota-exhausted", "quota-exhausted", both=False),
    _staged("overloaded", "overloaded", both=False),
    _staged("internal-error", "internal-error"),
    _staged("no-max-tokens", "no-max-tokens", both=False),
    _staged("filtered", "filtered", both=False),
    _staged("refused", "refused"),
    _staged("rich", "rich", both=False),
    _staged("upstream-marked", "marked", both=True),
    _staged("upstream-breaks", "breaks", both=True),
    _staged("upstream-breaks-counted", "breaks-counted", both=False),
    _staged("upstream-gone", "gone", both=False),
    _staged("upstream-long", "upstream-long"),
    *(_staged(f"upstream-{status}", f"status-{status}", both=False) for status in STATUSES),
    Probe(
        f"{PREFIX}.portions",
        LETTERED | {"stream": True},
        stage="upstream-portions",
        intent=frozenset({"staged", PORTIONED}),
    ),
    Probe(f"{PREFIX}.gathered", LETTERED | {"stream": True}, stage="upstream-gathered", intent=frozenset({"staged"})),
    _staged("stream-error", "stream-error", both=False, stream=True),
    _staged("upstream-unfinished", "unfinished", both=False, stream=True),
    _staged("busy-stream", "busy", both=False, stream=True),
    Probe(f"{PREFIX}.long", ENDLESS | {"stream": True}, intent=frozenset({"paced"})),
    Probe(
        f"{PREFIX}.leaves-waiting",
        {"messages": user(HELLO), **SHORT},
        manner=Manner(leaves="waiting"),
        intent=frozenset({"leaves"}),
    ),
    Probe(f"{PREFIX}.leaves", ENDLESS | {"stream": True}, manner=Manner(leaves="midway"), intent=frozenset({"leaves"})),
)
PROBES: tuple[Probe, ...] = (*VALID, *MISTAKES, *STAGED)
