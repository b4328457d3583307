"""Turns what the script says into a response: its items, what it costs, and the settings that it repeats.

It reads a request that was let through (response_rules.py), and must not refuse, but for a conversation that is too long.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from conformance.reference import logprobs, strict, tokens
from conformance.reference.chat import Completion, complete
from conformance.reference.refusal import Refusal
from conformance.reference.response_items import chat_form
from conformance.reference.response_rules import SEAL
from conformance.reference.rules import CONTEXT, prompt_tokens

Json = dict[str, Any]
NewId = Callable[[str], str]
"""Makes an id that begins so: `new("msg_")`."""

_THOUGHT = ("The user wants an answer.", " A short one will do.")
"""What the model thinks before it answers, where it is asked to: the parts of the summary."""
_THINKING = len(tokens.encode("".join(_THOUGHT)))
_PREFIXES = {"function": "fc_", "custom": "ctc_"}


def respond(asked: Json, context: Sequence[Json], new: NewId, now: int, model: str) -> Json:
    """The finished response to a request; `context` are the items of the whole conversation. Raises Refusal."""
    chat = _fitting(asked, chat_form(asked, context))
    limit, thinking = asked.get("max_output_tokens"), _THINKING if _effort(asked) != "none" else 0
    id, said, cost = new("resp_"), None, thinking
    if limit is None or limit > thinking:
        room = None if limit is None else limit - thinking
        said = complete({**chat, "max_completion_tokens": room}, id, now, model)
        cost += said.turns[0].cost
    cut = said is None or said.turns[0].finish == "length"
    output = [*([_reasoning(asked, new)] if thinking else ()), *(_items(asked, said, new) if said else ())]
    return {
        "id": id,
        "object": "response",
        "created_at": now,
        "status": "incomplete" if cut else "completed",
        "background": bool(asked.get("background")),
        "billing": {"payer": "developer"},
        "completed_at": None if cut else now,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": model,
        "output": output,
        "usage": _usage(prompt_tokens(chat), cost if said else limit or 0, min(thinking, limit or thinking)),
        **settings(asked),
    }


def started(response: Json, status: str = "in_progress") -> Json:
    """The response as it was before anything was said."""
    return {
        **response,
        "status": status,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }


def unspoken(response: Json) -> Json:
    """The response of a request that was read and is not to be answered: its prompt waits for the turn that continues it."""
    usage = {**response["usage"], "output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 0}}
    usage["total_tokens"] = usage["input_tokens"]
    done = {"status": "completed", "completed_at": response["created_at"], "incomplete_details": None}
    return {**response, **done, "output": [], "usage": usage}


def _effort(asked: Json) -> str:
    return (asked.get("reasoning") or {}).get("effort") or "none"


def _usage(prompt: int, made: int, reasoning: int) -> Json:
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + made,
    }


def _fitting(asked: Json, chat: Json) -> Json:
    """The conversation, without its beginning where it is too long and may be cut. Raises Refusal."""
    left = CONTEXT - prompt_tokens({**chat, "messages": []})
    kept = 0
    for message in reversed(chat["messages"]):
        left -= prompt_tokens({"messages": [message]}) - prompt_tokens({"messages": []})
        if left < 0:
            break
        kept += 1
    if kept == len(chat["messages"]):
        return chat
    if asked.get("truncation") != "auto" or not kept:
        message = "Your input exceeds the context window of this model. Please adjust your input and try again."
        raise Refusal(400, message, param="input", code="context_length_exceeded")
    return {**chat, "messages": chat["messages"][-kept:]}


# ---------------------------------------------------------------------- items


def _reasoning(asked: Json, new: NewId) -> Json:
    wanted = asked["reasoning"].get("summary") or asked["reasoning"].get("generate_summary")
    item: Json = {"id": new("rs_"), "type": "reasoning", "content": []}
    if "reasoning.encrypted_content" in (asked.get("include") or ()):
        item["encrypted_content"] = base64.urlsafe_b64encode(SEAL + "".join(_THOUGHT).encode()).decode()
    return {**item, "summary": [{"type": "summary_text", "text": part} for part in _THOUGHT] if wanted else []}


def _items(asked: Json, said: Completion, new: NewId) -> list[Json]:
    turn = said.turns[0]
    unfinished = "incomplete" if turn.finish == "length" else "completed"
    if turn.calls:
        last = len(turn.calls) - 1
        return [_call(*call, "completed" if n < last else unfinished, new) for n, call in enumerate(turn.calls)]
    text = tokens.decode(turn.text or [])
    probable = logprobs.entries(turn.text or [], asked.get("top_logprobs") or 0) if said.asked.get("logprobs") else []
    part = {"type": "output_text", "annotations": [], "logprobs": probable, "text": text}
    return [message(new, part, unfinished)]


def message(new: NewId, part: Json, status: str = "completed") -> Json:
    """A message of one part."""
    return {
        "id": new("msg_"),
        "type": "message",
        "status": status,
        "content": [part],
        "phase": "final_answer",
        "role": "assistant",
    }


def _call(kind: str, call_id: str, name: str, given: list[bytes], status: str, new: NewId) -> Json:
    custom = kind == "custom"
    return {
        "id": new(_PREFIXES[kind]),
        "type": "custom_tool_call" if custom else "function_call",
        "status": status,
        "input" if custom else "arguments": tokens.decode(given),
        "call_id": call_id,
        "name": name,
    }


# ---------------------------------------------------------------------- settings


def settings(asked: Json) -> Json:
    """What a response repeats of its request, with the defaults of what was not sent."""

    def given(name: str, default: Any = None) -> Any:
        return default if asked.get(name) is None else asked[name]

    reasoning, text = given("reasoning", {}), given("text", {})
    tier = given("service_tier", "auto")
    return {
        "frequency_penalty": 0.0,
        "instructions": given("instructions"),
        "max_output_tokens": given("max_output_tokens"),
        "max_tool_calls": given("max_tool_calls"),
        "moderation": None,
        "parallel_tool_calls": given("parallel_tool_calls", True),
        "presence_penalty": 0.0,
        "previous_response_id": given("previous_response_id"),
        "prompt_cache_key": given("prompt_cache_key"),
        "prompt_cache_retention": given("prompt_cache_retention", "in_memory"),
        "reasoning": {
            "context": reasoning.get("context") or "current_turn",
            "effort": _effort(asked),
            "generate_summary": None,
            "mode": reasoning.get("mode") or "standard",
            "summary": reasoning.get("summary"),
        },
        "safety_identifier": given("safety_identifier"),
        "service_tier": "default" if tier == "auto" else tier,
        "store": given("store", True),
        "temperature": float(given("temperature", 1)),
        "text": {"format": _format(text.get("format")), "verbosity": text.get("verbosity") or "medium"},
        "tool_choice": given("tool_choice", "auto"),
        "tools": [_tool(tool) for tool in given("tools", [])],
        "top_logprobs": given("top_logprobs", 0),
        "top_p": float(given("top_p", 1)),
        "truncation": given("truncation", "disabled"),
        "user": given("user"),
        "metadata": given("metadata", {}),
    }


def _format(form: Json | None) -> Json:
    if not form or form["type"] != "json_schema":
        return form or {"type": "text"}
    return {"description": None, "strict": False, **form}


def _tool(tool: Json) -> Json:
    """A tool as it is repeated: a function is strict, unless it says otherwise or its schema is none for strict mode."""
    match tool["type"]:
        case "function":
            fits = next(strict.faults(tool.get("parameters") or {}), None) is None
            return {"description": None, "parameters": None, **tool, "strict": tool.get("strict", fits)}
        case "custom":
            return {"description": None, "format": {"type": "text"}, **tool}
        case _:
            return tool
