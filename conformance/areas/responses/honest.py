"""What the honest reference answers by the route of Responses."""

from __future__ import annotations

from conformance.areas.parameter_table import schemas
from conformance.reference import tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.replies import Call, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route
from conformance.reference.rules import check_schema
from conformance.reference.script import say


@route("POST", r"/responses")
def response(server: Server, call: Call) -> Reply:
    """The Responses form of one answer."""
    asked = server.read(call)
    check_bounds(asked, schemas("responses"))
    form = (asked.get("text") or {}).get("format") or {"type": "text"}
    if form["type"] == "json_schema":
        check_schema(form, "text.format")
    question = {"role": "user", "content": asked["input"]}
    text = say({"messages": [question], "response_format": {**form, "json_schema": form}}).content or ""
    used, made = tokens.count(asked["input"]) + 6, tokens.count(text)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    head = server.head("")
    message = {
        "id": f"msg_{head['id']}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }
    body = {
        "id": f"resp_{head['id']}",
        "object": "response",
        "created_at": head["created"],
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": asked.get("max_output_tokens"),
        "model": head["model"],
        "output": [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 1.0,
        "text": {"format": form},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": used,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": used + made,
        },
        "user": None,
        "metadata": {},
    }
    return Reply(200, (), body)
