"""Which mistake a request holds: seen in the request itself wherever that can be, so that recordings are judged too.

What only the sender knows (that no model has this name, that no such route exists) is the probe's intent. Nothing here judges,
and each mistake is taken narrowly: where OpenAI might accept it after all, it is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any

from conformance.exchange import ABSENT, Exchange, Unreadable, find, is_a, need
from conformance.judge.condition import Answer, Condition, request, whole
from conformance.judge.conditions import MISTAKES, chat_request
from conformance.wire import jsontext

BUSY = frozenset({408, 429, 502, 503, 504})
"""Statuses of limits and outages: they say nothing about the request."""
DENIED = frozenset({401, 402, 403, 407})
"""Statuses of the key and the account, which are looked at before the request is."""
UNTOLD_BY = (401, 403, 406, 415, 429, 500, 502, 503, 504)
"""Statuses that say nothing of what a body asks for: they are about the key, the headers, a limit or a fault."""

BOUNDS: dict[str, tuple[float, float | None]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_tokens": (1, None),
    "max_completion_tokens": (1, None),
}
"""The numbers of a chat request with their smallest and largest value (openapi.yaml, CreateChatCompletionRequest)."""
PARAMETERS = {
    *BOUNDS, "model", "messages", "audio", "function_call", "functions", "logit_bias", "logprobs", "metadata", "modalities",
    "moderation", "parallel_tool_calls", "prediction", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
    "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
    "stream_options", "tool_choice", "tools", "user", "verbosity", "web_search_options",
}  # fmt: skip
"""Every parameter of a chat request (openapi.yaml, CreateChatCompletionRequest)."""
FORMATS = ("text", "json_object", "json_schema")
NO_IMAGE = 8
"""Characters of base64 in which no image fits: the signature of a PNG alone takes more."""


def _examined(x: Exchange) -> Answer:
    if not whole(x) or x.status in BUSY:
        return None
    return x.status not in DENIED and x.status < 500 and not (x.ok and _holds_error(x))


def _holds_error(x: Exchange) -> bool:
    for read in (lambda: x.messages[0][1], lambda: x.answer) if x.streaming else (lambda: x.answer,):
        with suppress(Unreadable):
            error = find(read(), "error")
            return error is not ABSENT and bool(error)
    return False


def _refused(x: Exchange) -> Answer:
    return None if (seen := examined(x)) is None else seen and x.status >= 400


examined = Condition("whose request was looked at", _examined)
"""Undecided under a limit or an outage. False for a 500 and for an error under a 2xx status: each is a failure of its own."""
refused = Condition("that was refused", _refused)


def in_chat(name: str) -> Callable[[Callable[[Exchange], Any]], Condition]:
    """A condition on the request of a chat completion."""

    def make(test: Callable[[Exchange], Any]) -> Condition:
        return Condition(f"of a chat request {name}", (chat_request & request(name, special=True)(test)).test)

    return make


# ---------------------------------------------------------------------- parameters


def required(x: Exchange) -> str:
    """The parameter that the route cannot do without, beside the model."""
    return "input" if x.route == "embeddings" else "messages"


@request("without a parameter that the route requires", special=True)
def no_input(x: Exchange) -> bool:
    # A recording that kept no body has no model either; Ollama's own route for embeddings takes a prompt.
    if x.route not in ("chat", "embeddings") or x.method != "POST" or "model" not in x.asked or "prompt" in x.asked:
        return False
    return required(x) not in x.asked


@in_chat("that names no model")
def no_model(x: Exchange) -> bool:
    # Azure names the model in the path.
    return "messages" in x.asked and "model" not in x.asked and "/deployments/" not in x.url


def wrong_types(x: Exchange) -> list[str]:
    """The parameters whose JSON type is wrong. A boolean for a number is left out: languages differ there."""
    wrong = [name for name in BOUNDS if isinstance(x.asked.get(name), (str, list, dict))]
    return wrong + ["messages"] * isinstance(x.asked.get("messages"), (str, dict))


wrong_type = in_chat("with a parameter of the wrong type")(wrong_types)


def _number(x: Exchange, name: str, default: float) -> float:
    value = x.asked.get(name)
    return value if is_a(value, float) else default


def too_big(x: Exchange) -> list[str]:
    """The numbers that exceed their maximum."""
    return [name for name, (least, top) in BOUNDS.items() if top is not None and _number(x, name, least) > top]


def too_small(x: Exchange) -> list[str]:
    """The numbers that fall short of their minimum."""
    return [name for name, (least, _) in BOUNDS.items() if _number(x, name, least) < least]


above = in_chat("with a number above its maximum")(too_big)
below = in_chat("with a number below its minimum")(too_small)


@in_chat("that sets a made-up parameter")
def made_up(x: Exchange) -> bool:
    return any(name.startswith("conformance_") for name in x.asked)


@in_chat("that sets a response_format of no known type")
def bad_format(x: Exchange) -> bool:
    kind = find(x.asked, "response_format.type")
    return isinstance(kind, str) and kind not in FORMATS


@in_chat("whose strict schema leaves other properties open")
def loose_schema(x: Exchange) -> bool:
    form = x.asked.get("response_format")
    schema = find(form, "json_schema.schema")
    strict = find(form, "type") == "json_schema" and find(form, "json_schema.strict") is True
    return strict and find(schema, "type") == "object" and find(schema, "additionalProperties") is not False


@in_chat("for JSON mode whose messages do not say JSON")
def json_unsaid(x: Exchange) -> bool:
    if find(x.asked, "response_format.type") != "json_object" or not _messages(x):
        return False
    return "json" not in json.dumps(_messages(x)).lower()


# ---------------------------------------------------------------------- shapes


ROLES = ("developer", "system", "user", "assistant", "tool", "function")


def misshapen(x: Exchange) -> frozenset[str]:
    """Which parts have a wrong shape: a role that is none, content that is a number, a tool without function, `stream` a text."""
    tools = x.asked.get("tools")
    wrong = {
        "role": any(isinstance(role := find(m, "role"), str) and role not in ROLES for m in _messages(x)),
        "content": any(is_a(find(m, "content"), float) for m in _messages(x)),
        "tools": isinstance(tools, list) and any(find(t, "type") == "function" and "function" not in t for t in tools),
        "stream": isinstance(x.asked.get("stream"), str),
    }
    return frozenset(part for part, is_wrong in wrong.items() if is_wrong)


bad_shape = in_chat("with a part of a wrong shape")(misshapen)

# ---------------------------------------------------------------------- messages


def _messages(x: Exchange) -> list[Any]:
    messages = x.asked.get("messages")
    return messages if isinstance(messages, list) else []


def _calls(message: Any) -> bool:
    calls = find(message, "tool_calls")
    return find(message, "role") == "assistant" and isinstance(calls, list) and bool(calls)


def orphan_at(x: Exchange) -> int | None:
    """The position of the first tool message that comes before any assistant message with tool calls."""
    for n, message in enumerate(_messages(x)):
        if _calls(message):
            return None
        if find(message, "role") == "tool":
            return n
    return None


def unanswered_at(x: Exchange) -> int | None:
    """The position of the first message with tool calls that another message than a tool's follows."""
    for n, (message, following) in enumerate(pairwise(_messages(x))):
        if _calls(message) and find(following, "role") != "tool":
            return n
    return None


orphan = in_chat("with a tool message that answers no call")(lambda x: orphan_at(x) is not None)
unanswered = in_chat("with a tool call left unanswered")(lambda x: unanswered_at(x) is not None)


@in_chat("with image data that is none")
def bad_image(x: Exchange) -> bool:
    for message in _messages(x):
        parts = find(message, "content")
        for part in parts if isinstance(parts, list) else ():
            url = find(part, "image_url.url")
            if isinstance(url, str) and url.startswith("data:") and len(url.partition(",")[2]) <= NO_IMAGE:
                return True
    return False


def words(x: Exchange) -> int:
    """Words of the messages' texts: no tokenizer in use makes fewer than half as many tokens of them."""
    texts = (find(message, "content") for message in _messages(x))
    return sum(len(text.split()) for text in texts if isinstance(text, str))


SMALLEST_WINDOW = 512
"""Tokens: who counts fewer of a long prompt has not cut but miscounted it."""
SAID = 2_000
"""Characters of each text of a refusal that are read."""
WINDOW = re.compile(r"context[_ ](length|window|size)|maximum context|prompt is too long", re.IGNORECASE)


def _too_long(x: Exchange) -> Answer:
    """The probe's, unless all of it was read after all, or one that the answer calls so."""
    if not chat_request(x):
        return False
    meant, seen = "too-long" in x.intent, examined(x)
    if not seen:
        return seen if meant else False
    try:
        if x.ok:
            return meant and SMALLEST_WINDOW <= need(x.usage, "prompt_tokens", int) < words(x) // 2
        said = " ".join(str(find(x.error, key))[:SAID] for key in ("code", "type", "message"))
        return bool(WINDOW.search(said)) or (meant and "max_completion_tokens" not in said)
    except Unreadable:
        return None if meant else False


too_long = Condition("of a chat request with a prompt beyond the context window", _too_long, special=True)


# ---------------------------------------------------------------------- the whole request


@in_chat("whose body is not JSON")
def malformed(x: Exchange) -> bool:
    if not x.request_body.strip() or x.asked:
        return False
    try:
        jsontext.parse(x.request_body)
    except jsontext.NotJSON:
        return True
    return False


def _unknown_model(x: Exchange) -> Answer:
    """The probe's, or one of which the answer says so."""
    if not chat_request(x) or "unknown-model" in x.intent:
        return bool(chat_request(x))
    try:
        return bool(refused(x)) and find(x.error, "code") == "model_not_found"
    except Unreadable:
        return False


unknown_model = Condition("of a chat request for a model that does not exist", _unknown_model, special=True)

_IN_THE_BODY = (no_input, no_model, wrong_type, above, below, made_up, bad_format, loose_schema, json_unsaid,
                orphan, unanswered, bad_image, bad_shape)  # fmt: skip


@request("with a mistake in its parameters or messages", special=True)
def parameter_mistake(x: Exchange) -> bool:
    return any(mistake(x) for mistake in _IN_THE_BODY)


def mistakes(x: Exchange) -> list[str]:
    """The mistakes that a request shows by itself, in words: "of a chat request with a number above its maximum"."""
    return [mistake.name for mistake in _IN_THE_BODY if mistake(x) is True]


@request("with a mistake in it", special=True)
def mistaken(x: Exchange) -> bool:
    return bool(x.intent & MISTAKES) or parameter_mistake(x) is True
