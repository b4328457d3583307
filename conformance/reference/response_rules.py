"""What the reference server refuses in a Responses request, in the words in which OpenAI refuses it. It must not answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference.messages import check_image
from conformance.reference.refusal import Refusal
from conformance.reference.response_items import CALLS, OUTPUTS, flat, items
from conformance.reference.rules import TOOL_NAME, check_metadata, check_parameters, check_schema
from conformance.reference.script import text_of

Json = dict[str, Any]

SEAL = b"sealed:"
"""Begins what is encrypted here: it is no secret, but nobody else's either."""
_PARTS = {
    "assistant": ("output_text", "refusal"),
    "user": ("input_text", "input_image", "input_file", "input_audio"),
}
_ROLES = ("user", "assistant", "system", "developer")
_INCLUDED = (
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
)
_FORMS = ("text", "json_object", "json_schema")
_INSTEAD = ("previous_response_id", "prompt", "conversation")
"""What may stand where there is no input."""


def check_model(asked: Json, model: str) -> None:
    if not asked.get("model"):
        raise _missing("model")
    if asked["model"] != model:
        message = f"The requested model '{asked['model']}' does not exist."
        raise Refusal(400, message, param="model", code="model_not_found")


def check_response(asked: Json, known: Mapping[str, Any]) -> None:
    """Every rule of a request whose parameters have their types, but those of its conversation; `known` are the parameters that
    there are. Raises Refusal."""
    for name in asked:
        if name not in known:
            raise Refusal(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    if asked.get("input") in (None, []) and not any(asked.get(name) for name in _INSTEAD):
        message = "One of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided."
        raise Refusal(400, message, param="input", code="missing_required_parameter")
    if asked.get("prompt"):
        message = f"Prompt with id '{asked['prompt'].get('id')}' not found."
        raise Refusal(404, message, param="prompt", code="prompt_not_found")
    if asked.get("background") and asked.get("store") is False:
        raise Refusal(400, "A response in the background must be stored: 'store' may not be false.", param="store")
    if asked.get("stream_options") and not asked.get("stream"):
        raise Refusal(
            400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    check_metadata(asked)
    for n, wanted in enumerate(asked.get("include") or ()):
        if wanted not in _INCLUDED:
            raise _value(f"include[{n}]", wanted, _INCLUDED)
    _tools(asked)
    for n, item in enumerate(asked["input"] if isinstance(asked.get("input"), list) else ()):
        check_item(item, f"input[{n}]")
    _form((asked.get("text") or {}).get("format") or {"type": "text"}, items(asked.get("input") or []))


def check_conversation(context: Sequence[Json]) -> None:
    """Each call of the conversation has its output, and each output its call. Raises Refusal."""
    waiting: dict[str, str] = {}
    for item in context:
        kind = item["type"]
        if kind in CALLS:
            waiting[item["call_id"]] = kind
        elif kind in OUTPUTS and waiting.pop(item["call_id"], None) is None:
            message = f"No tool call found for {OUTPUTS[kind].replace('_', ' ')} output with call_id {item['call_id']}."
            raise Refusal(400, message, param="input")
    for call_id, kind in waiting.items():
        raise Refusal(400, f"No tool output found for {kind.replace('_', ' ')} {call_id}.", param="input")


def check_item(item: Any, path: str) -> None:
    """One item of an input, or of a conversation. Raises Refusal."""
    if not isinstance(item, dict):
        raise _mistyped(path, "an object")
    kind = item.get("type") or "message"
    if kind == "message":
        if item.get("role") not in _ROLES:
            raise _value(f"{path}.role", item.get("role"), _ROLES)
        _content(item.get("content"), f"{path}.content", "assistant" if item["role"] == "assistant" else "user")
    for name in ("call_id", "output") if kind in OUTPUTS else ("call_id", "name", CALLS[kind]) if kind in CALLS else ():
        if item.get(name) is None:
            raise _missing(f"{path}.{name}")
        if not isinstance(item[name], (str, list) if name == "output" else str):
            raise _mistyped(f"{path}.{name}", "a string")
    if kind in OUTPUTS:
        _content(item["output"], f"{path}.output", "user")
    if kind == "reasoning" and (sealed := item.get("encrypted_content")) is not None and not unsealed(sealed):
        message = f"The encrypted content for item {item.get('id')} could not be verified."
        raise Refusal(400, message, param="input", code="invalid_encrypted_content")


def unsealed(sealed: str) -> bytes:
    """What this server encrypted; nothing where it did not."""
    try:
        text = base64.urlsafe_b64decode(sealed)
    except (binascii.Error, ValueError):
        return b""
    return text.removeprefix(SEAL) if text.startswith(SEAL) else b""


def _content(content: Any, path: str, who: str) -> None:
    if content is None:
        raise _missing(path)
    if not isinstance(content, (str, list)):
        raise _mistyped(path, "one of an array of objects or string")
    for n, part in enumerate(content if isinstance(content, list) else ()):
        here = f"{path}[{n}]"
        if not isinstance(part, dict):
            raise _mistyped(here, "an object")
        kind = part.get("type")
        if kind not in _PARTS[who]:
            raise _value(here, kind, _PARTS[who]) if "type" in part else _missing(f"{here}.type")
        if kind in ("input_text", "output_text") and not isinstance(part.get("text"), str):
            raise _mistyped(f"{here}.text", "a string") if "text" in part else _missing(f"{here}.text")
        if kind == "input_image" and not part.get("file_id"):
            check_image(part.get("image_url") or "", f"{here}.image_url")


def _tools(asked: Json) -> None:
    names = []
    for n, tool in enumerate(asked.get("tools") or ()):
        path = f"tools[{n}]"
        if not isinstance(tool, dict) or not isinstance(tool.get("type"), str):
            raise _missing(f"{path}.type") if isinstance(tool, dict) else _mistyped(path, "an object")
        for own in flat([tool]):
            if own["type"] in ("function", "custom"):
                _tool(own, path)
                names.append(own["name"])
    choice = asked.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") in ("function", "custom") and choice.get("name") not in names:
        message = f"Tool choice '{choice.get('name')}' not found in 'tools' parameter."
        raise Refusal(400, message, param="tool_choice")
    if choice == "required" and not asked.get("tools"):
        raise Refusal(400, "Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice")


def _tool(tool: Json, path: str) -> None:
    name = tool.get("name")
    if name is None:
        raise _missing(f"{path}.name")
    if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        message = (
            f"Invalid '{path}.name': string does not match pattern. Expected a string that matches '^[a-zA-Z0-9_-]+$'."
        )
        raise Refusal(400, message, param=f"{path}.name", code="invalid_value")
    check_parameters(tool, f"{path}.parameters")


def _form(form: Json, given: Sequence[Json]) -> None:
    if form.get("type") not in _FORMS:
        raise _value("text.format.type", form.get("type"), _FORMS)
    said = " ".join(text_of(item) for item in given if item["type"] == "message").lower()
    if form["type"] == "json_object" and "json" not in said:
        message = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
        raise Refusal(400, message, param="input")
    if form["type"] == "json_schema":
        if not isinstance(form.get("schema"), dict):
            raise _missing("text.format.schema")
        check_schema(form, "text.format")


def _missing(path: str) -> Refusal:
    return Refusal(400, f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def _mistyped(path: str, wanted: str) -> Refusal:
    return Refusal(400, f"Invalid type for '{path}': expected {wanted}.", param=path, code="invalid_type")


def _value(path: str, value: Any, known: Sequence[str]) -> Refusal:
    message = f"Invalid value: {value!r}. Supported values are: {', '.join(map(repr, known))}."
    return Refusal(400, message, param=path, code="invalid_value")
