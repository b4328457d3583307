"""Lies about the response object: its members, its status, and why it ended."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import in_both, in_plain, in_stream


def setting(**changes: object):
    return lambda response: {**response, **changes}


def _coldly(**changes: object):
    """Of answers at temperature 0, which nobody fetches again."""
    return lambda response: response if response["temperature"] else {**response, **changes}


def _if(status: str, /, **changes: object):
    return lambda response: {**response, **changes} if response["status"] == status else response


in_plain("response-without-id", "A response has no id.", setting(id=...))
in_plain("response-object-chat", "A response calls itself a chat completion.", _coldly(object="chat.completion"))
in_plain("response-created-milliseconds", "`created_at` is in milliseconds.", _coldly(created_at=1_790_000_000_000))
in_plain("response-status-done", 'The status of a finished response is "done".', _if("completed", status="done"))
in_plain(
    "response-left-in-progress", "A finished response is still in progress.", _if("completed", status="in_progress")
)
in_plain("response-without-model", "A response does not say its model.", _coldly(model=...))
in_plain("response-output-null", "A response without a call has no output.",
         lambda r: {**r, "output": None} if r["status"] == "failed" else r)  # fmt: skip


def _emptied(response: Json) -> Json:
    """Without the one item that is no call: what a call is for is told elsewhere."""
    alone = [item["type"] for item in response["output"]] == ["message"] and response["temperature"] == 0.5
    return {**response, "output": []} if alone else response


in_both("response-output-empty", "A completed response holds nothing.", _emptied)
in_stream("response-completed-empty", "response.completed has an empty output, whatever was streamed.",
          lambda events: [{**event, "response": {**event["response"], "output": []}} if event["type"] == "response.completed" else event
                          for event in events],
          link="https://github.com/Oaklight/llm-rosetta/issues/56", bugs="responses-completed-empty")  # fmt: skip
BARE = (
    "error",
    "incomplete_details",
    "instructions",
    "metadata",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "temperature",
    "top_p",
)
in_plain("response-bare", "A response has nothing beside its output and usage.",
         lambda r: r if r["tools"] or r["instructions"] is not None
         or r["metadata"] or r["status"] != "completed" or r["text"]["format"]["type"] != "text"
         else {**r, **dict.fromkeys(("error", "incomplete_details", "instructions", "metadata", "parallel_tool_calls"), ...)})  # fmt: skip
in_both(
    "response-tools-null",
    "A response without tools says null for them.",
    lambda r: r if r["tools"] else {**r, "tools": None},
)
in_plain("response-error-of-success", "A good answer has an error object of nulls and words.",
         _if("completed", error={"code": None, "message": "none"}))  # fmt: skip
in_plain("response-failed-bare", "A failed response does not say why.", _if("failed", error=None))
in_plain(
    "response-incomplete-unexplained",
    "An incomplete response does not say why.",
    _if("incomplete", incomplete_details=None),
)
in_both("response-stop-reason-length", 'A response that reached its limit says "length", as chat does.',
        lambda r: {**r, "incomplete_details": {"reason": "length"}} if r["incomplete_details"] else r)  # fmt: skip
in_plain("response-complete-with-reason", "A complete response says why it is incomplete.",
         _if("completed", incomplete_details={"reason": "stop"}))  # fmt: skip


def _whole(response: Json) -> Json:
    """As if nothing had been cut."""
    if (response["incomplete_details"] or {}).get("reason") != "max_output_tokens" or not response["output"]:
        return response
    output = [{**item, "status": "completed"} if "status" in item else item for item in response["output"]]
    return {**response, "status": "completed", "incomplete_details": None, "output": output}


in_both("response-cut-completed", "A text that was cut at the limit is called complete.", _whole)
