"""What the reference server refuses, and the words in which OpenAI refuses it: status, message, param, code.

Rules look at one request and raise Refusal; they must not answer, and their order is that of the API: key, JSON, model, parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from conformance.reference import strict, tokens
from conformance.reference.messages import check_messages
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call
from conformance.reference.script import named, text_of

CONTEXT = 16_384
"""Tokens that a prompt and its answer may have together."""

INTEGER, NUMBER, STRING, BOOL, LIST, OBJECT, ANY = (int,), (int, float), (str,), (bool,), (list,), (dict,), (object,)
PARAMETERS: dict[str, tuple[tuple[type, ...], tuple[float, float] | None]] = {
    "model": (STRING, None),
    "messages": (LIST, None),
    "audio": (OBJECT, None),
    "frequency_penalty": (NUMBER, (-2, 2)),
    "function_call": ((str, dict), None),
    "functions": (LIST, None),
    "logit_bias": (OBJECT, None),
    "logprobs": (BOOL, None),
    "max_completion_tokens": (INTEGER, (1, 10**9)),
    "max_tokens": (INTEGER, (1, 10**9)),
    "metadata": (OBJECT, None),
    "modalities": (LIST, None),
    "moderation": (ANY, None),
    "n": (INTEGER, (1, 128)),
    "parallel_tool_calls": (BOOL, None),
    "prediction": (OBJECT, None),
    "presence_penalty": (NUMBER, (-2, 2)),
    "prompt_cache_key": (STRING, None),
    "prompt_cache_retention": (STRING, None),
    "reasoning_effort": (STRING, None),
    "response_format": (OBJECT, None),
    "safety_identifier": (STRING, None),
    "seed": (INTEGER, (-(2**63), 2**63 - 1)),
    "service_tier": (STRING, None),
    "stop": ((str, list), None),
    "store": (BOOL, None),
    "stream": (BOOL, None),
    "stream_options": (OBJECT, None),
    "temperature": (NUMBER, (0, 2)),
    "tool_choice": ((str, dict), None),
    "tools": (LIST, None),
    "top_logprobs": (INTEGER, (0, 20)),
    "top_p": (NUMBER, (0, 1)),
    "user": (STRING, None),
    "verbosity": (STRING, None),
    "web_search_options": (OBJECT, None),
}
_WORDS = {
    "function_call": ("none", "auto"),
    "prompt_cache_retention": ("in_memory", "24h"),
    "verbosity": ("low", "medium", "high"),
}
_NAMES = {int: "an integer", float: "a number", str: "a string", bool: "a boolean", list: "an array", dict: "an object"}
_FORMATS = ("text", "json_object", "json_schema")
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_COSTS = {"image_url": 85, "input_audio": 10}
"""Tokens of a part that is no text: what a small image costs at low detail, and a second of sound."""


def check_key(call: Call, key: str) -> None:
    """The credential: `Authorization: Bearer KEY`, the scheme in any case."""
    if call.trusted:
        return
    scheme, _, given = call.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise Refusal(401, "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY.")
    if given.strip() != key:
        masked = f"{given[:8]}{'*' * 8}{given[-4:]}"
        raise Refusal(401, f"Incorrect API key provided: {masked}.", code="invalid_api_key")


def check_json(call: Call) -> dict[str, Any]:
    """The body as a JSON object."""
    media_type = call.header("content-type").partition(";")[0].strip().lower()
    if media_type != "application/json" and not call.socket:
        raise Refusal(415, f"Unsupported content type {media_type!r}: send application/json.")
    if call.json is None:
        raise Refusal(400, "We could not parse the JSON body of your request.")
    if _ESCAPED_HALF.search(call.body) and not _is_text(call.json):
        raise Refusal(400, "A text of your request is no Unicode: it holds half of a surrogate pair.")
    return call.json


def _is_text(value: dict[str, Any]) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def check_model(asked: dict[str, Any], model: str) -> None:
    if not asked.get("model"):
        raise Refusal(400, "you must provide a model parameter")
    if asked["model"] != model:
        raise Refusal(404, f"The model `{asked['model']}` does not exist.", code="model_not_found")


def check_chat(asked: dict[str, Any]) -> None:
    """Every rule of a chat request, in order."""
    for rule in CHAT_RULES:
        rule(asked)


def _parameters(asked: dict[str, Any]) -> None:
    for name, value in asked.items():
        if name not in PARAMETERS:
            raise Refusal(400, f"Unrecognized request argument supplied: {name}")
        kinds, bounds = PARAMETERS[name]
        if value is None or kinds is ANY:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(_NAMES[kind] for kind in kinds)
            raise Refusal(400, f"Invalid type for '{name}': expected {wanted}.", param=name, code="invalid_type")
        if isinstance(value, str) and value not in _WORDS.get(name, (value,)):
            raise Refusal(400, f"Invalid value: {value!r}.", param=name, code="invalid_value")
        if bounds and not bounds[0] <= value <= bounds[1]:
            side, bound = ("below_min", bounds[0]) if value < bounds[0] else ("above_max", bounds[1])
            kind = "integer" if kinds is INTEGER else "decimal"
            message = f"Invalid '{name}': {kind} {side.replace('_', ' ')}imum value. Got {value}, the bound is {bound}."
            raise Refusal(400, message, param=name, code=f"{kind}_{side}_value")


def _unsupported(asked: dict[str, Any]) -> None:
    if asked.get("reasoning_effort") is not None:
        message = "Unsupported parameter: 'reasoning_effort' is not supported with this model."
        raise Refusal(400, message, param="reasoning_effort", code="unsupported_parameter")
    if asked.get("service_tier") not in (None, "auto", "default", "priority"):
        message = "Unsupported value: 'service_tier' does not support this value with this model."
        raise Refusal(400, message, param="service_tier", code="unsupported_value")


def _stop(asked: dict[str, Any]) -> None:
    if isinstance(asked.get("stop"), list) and len(asked["stop"]) > 4:
        message = "Invalid 'stop': array too long. Expected an array with maximum length 4."
        raise Refusal(400, message, param="stop", code="array_above_max_length")


def _maps(asked: dict[str, Any]) -> None:
    for token, bias in (asked.get("logit_bias") or {}).items():
        if not token.isdigit() or isinstance(bias, (str, bool)) or not -100 <= bias <= 100:
            message = f"Invalid 'logit_bias': token {token!r} with {bias!r}. Expected ids of tokens, and -100 to 100."
            raise Refusal(400, message, param="logit_bias", code="invalid_value")
    check_metadata(asked)


def check_metadata(asked: dict[str, Any]) -> None:
    """The pairs that a request attaches. Raises Refusal."""
    metadata = asked.get("metadata") or {}
    if len(metadata) > 16:
        message = "Invalid 'metadata': too many properties. Expected an object with at most 16 properties."
        raise Refusal(400, message, param="metadata", code="object_above_max_properties")
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise Refusal(400, f"Invalid type for 'metadata.{key}': expected a string.", param=f"metadata.{key}",
                          code="invalid_type")  # fmt: skip


def _response_format(asked: dict[str, Any]) -> None:
    form = asked.get("response_format") or {"type": "text"}
    if form.get("type") not in _FORMATS:
        message = f"Invalid value: {form.get('type')!r}. Supported values are: 'text', 'json_object', 'json_schema'."
        raise Refusal(400, message, param="response_format.type", code="invalid_value")
    if form["type"] == "json_object" and "json" not in " ".join(map(text_of, asked["messages"])).lower():
        message = (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        )
        raise Refusal(400, message, param="messages")
    if form["type"] == "json_schema" and not isinstance(form.get("json_schema"), dict):
        path = "response_format.json_schema"
        raise Refusal(400, f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")
    if form["type"] == "json_schema":
        check_schema(form["json_schema"], "response_format.json_schema")


def check_schema(named: dict[str, Any], path: str) -> None:
    """The name of a response format and, where it is strict, its schema."""
    name = named.get("name")
    if name is None:
        message = f"Missing required parameter: '{path}.name'."
        raise Refusal(400, message, param=f"{path}.name", code="missing_required_parameter")
    if not strict.NAME.fullmatch(name):
        message = f"Invalid '{path}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        raise Refusal(400, message, param=f"{path}.name", code="invalid_value")
    fault = next(strict.faults(named.get("schema") or {}), None) if named.get("strict") else None
    if fault is not None:
        param = path.partition(".json_schema")[0]
        raise Refusal(400, f"Invalid schema for response_format '{name}': {fault}", param=param)


def check_parameters(tool: dict[str, Any], path: str) -> None:
    """The schema of a function's arguments, where it is strict."""
    fault = next(strict.faults(tool.get("parameters") or {}), None) if tool.get("strict") else None
    if fault is not None:
        message = f"Invalid schema for function '{tool['name']}': {fault}"
        raise Refusal(400, message, param=path, code="invalid_function_parameters")


def _logprobs(asked: dict[str, Any]) -> None:
    if asked.get("top_logprobs") is not None and not asked.get("logprobs"):
        message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
        raise Refusal(400, message, param="top_logprobs")


def _tools(asked: dict[str, Any]) -> None:
    for n, tool in enumerate(asked.get("tools") or ()):
        if isinstance(kind := tool.get("type"), str) and kind not in tool:
            message = f"Missing required parameter: 'tools[{n}].{kind}'."
            raise Refusal(400, message, param=f"tools[{n}].{kind}", code="missing_required_parameter")
    names = [named(tool) for tool in asked.get("tools") or ()]
    for n, name in enumerate(names):
        if not TOOL_NAME.fullmatch(name):
            message = f"Invalid 'tools[{n}].function.name': string does not match '^[a-zA-Z0-9_-]+$'."
            raise Refusal(400, message, param=f"tools[{n}].function.name", code="invalid_value")
    choice = asked.get("tool_choice")
    if choice not in (None, "none") and not names:
        raise Refusal(400, "'tool_choice' is only allowed when 'tools' are specified.", param="tool_choice")
    if isinstance(choice, str) and choice not in ("none", "auto", "required"):
        message = f"Invalid value: '{choice}'. Supported values are: 'none', 'auto', and 'required'."
        raise Refusal(400, message, param="tool_choice", code="invalid_value")
    if isinstance(choice, dict) and choice["type"] in ("function", "custom") and named(choice) not in names:
        raise Refusal(400, f"Tool choice '{named(choice)}' not found in 'tools' parameter.", param="tool_choice")
    forced = asked.get("function_call")
    if isinstance(forced, dict) and forced["name"] not in [each["name"] for each in asked.get("functions") or ()]:
        message = f"Invalid value for 'function_call': no function named {forced['name']} was specified in the 'functions' parameter."
        raise Refusal(400, message, param="function_call")


def _stream_options(asked: dict[str, Any]) -> None:
    if asked.get("stream_options") and not asked.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise Refusal(400, message, param="stream_options")


def _context(asked: dict[str, Any]) -> None:
    used = prompt_tokens(asked)
    if used > CONTEXT:
        message = f"This model's maximum context length is {CONTEXT} tokens. Your messages resulted in {used} tokens."
        raise Refusal(400, message, param="messages", code="context_length_exceeded")


def prompt_tokens(asked: dict[str, Any]) -> int:
    """Tokens of the conversation and its tools: three a message, and three that open the answer."""
    total = 3
    for message in asked["messages"]:
        total += 3 + tokens.count(message["role"]) + tokens.count(text_of(message))
        total += sum(tokens.count(repr(call)) for call in message.get("tool_calls") or ())
        parts = message["content"] if isinstance(message.get("content"), list) else ()
        total += sum(_COSTS.get(part.get("type"), 0) for part in parts)
    return total + sum(tokens.count(repr(tool)) for tool in (asked.get("tools") or asked.get("functions") or ()))


CHAT_RULES: tuple[Callable[[dict[str, Any]], None], ...] = (
    _parameters,
    _unsupported,
    check_messages,
    _stop,
    _maps,
    _response_format,
    _logprobs,
    _tools,
    _stream_options,
    _context,
)
