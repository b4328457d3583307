"""Lies about calls of the client's tools, and about what tool_choice says of them."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import each_item, in_both, in_plain


def setting(**changes: object):
    return lambda item: {**item, **changes}


def _answers(response: Json) -> Json:
    """The response with words in the place of its calls."""
    text = {"type": "output_text", "text": "I would call a tool.", "annotations": [], "logprobs": []}
    told = {
        "id": f"msg_{response['id'][5:]}",
        "type": "message",
        "status": "completed",
        "content": [text],
        "role": "assistant",
    }
    return {**response, "output": [told]}


def _chosen(kind: str, change):
    """Of responses to requests with that tool_choice."""

    def of(response: Json) -> Json:
        choice = response["tool_choice"]
        return change(response) if (choice["type"] if isinstance(choice, dict) else choice) == kind else response

    return of


CALL = "function_call"
in_plain("response-call-without-call-id", "A call has no call_id, but its id.",
         _chosen("function", each_item(setting(call_id=...), CALL)))  # fmt: skip


def _nested(item: Json) -> Json:
    return {**item, "name": ..., "arguments": ..., "function": {"name": item["name"], "arguments": item["arguments"]}}


in_plain("response-call-nested", "A call has its name and arguments within `function`, as in chat.",
         _chosen("allowed_tools", each_item(_nested, CALL)))  # fmt: skip
in_plain("response-arguments-object", "Arguments are an object.",
         _chosen("allowed_tools", each_item(lambda item: {**item, "arguments": {"city": "Paris"}}, CALL)))  # fmt: skip
in_both("response-call-status-odd", 'The status of a call is "done".',
        _chosen("allowed_tools", each_item(setting(status="failed"), CALL)))  # fmt: skip
in_both("response-call-ids-same", "Calls at once share one call_id.", each_item(setting(call_id="call_1"), CALL))
in_both("response-call-unknown-tool", "A call names a tool that nobody offered.",
        lambda r: each_item(lambda item: {**item, "name": f"functions.{item['name']}"}, CALL)(r)
        if r["tool_choice"] == "auto" and len(r["output"]) == 2 else r)  # fmt: skip
in_both("response-arguments-broken", "Arguments lack their last brace.",
        _chosen("required", each_item(lambda item: {**item, "arguments": item["arguments"][:-1]}, CALL)))  # fmt: skip
in_both(
    "response-arguments-empty",
    "Arguments are an empty text.",
    _chosen("required", each_item(setting(arguments=""), CALL)),
)
in_both("response-arguments-listed", "Arguments are a list of values.",
        _chosen("required", each_item(setting(arguments='["Paris"]'), CALL)))  # fmt: skip
in_both("response-arguments-misfit", "Arguments have other names than the parameters.",
        each_item(setting(arguments='{"town": "Paris"}'), CALL))  # fmt: skip
in_plain("response-custom-arguments", "A call of a custom tool has arguments in the place of input.",
         each_item(lambda item: {**item, "input": ..., "arguments": item["input"]}, "custom_tool_call"))  # fmt: skip
in_both("response-required-ignored", 'tool_choice "required" is not obeyed.', _chosen("required", _answers))


def _calling(response: Json) -> Json:
    call = {"id": f"fc_{response['id'][5:]}", "type": CALL, "status": "completed", "call_id": "call_1", "name": "get_weather",
            "arguments": '{"city": "Paris"}'}  # fmt: skip
    return {**response, "output": [call]}


in_both("response-none-ignored", 'tool_choice "none" is not obeyed.', _chosen("none", _calling))
in_both("response-named-ignored", "A tool_choice that names a function is not obeyed.", _chosen("function", _answers),
        link=("https://github.com/vllm-project/vllm/issues/49712", "https://github.com/Blaizzy/mlx-vlm/issues/1045"),
        bugs="responses-named-tool-ignored")  # fmt: skip
in_both("response-named-other", "The first tool is called, whichever tool_choice names.",
        _chosen("function", lambda r: each_item(setting(name=r["tools"][0]["name"]), CALL)(r)))  # fmt: skip
in_both("response-allowed-ignored", "A tool is called that tool_choice does not allow.",
        _chosen("allowed_tools", each_item(lambda item: {**item, "name": "get_weather"}, CALL)))  # fmt: skip


def _twice(response: Json) -> Json:
    first = response["output"][0]
    more = {**first, "id": f"{first['id'][:-1]}x", "call_id": f"{first['call_id'][:-1]}x"}
    return (
        {**response, "output": [first, more]}
        if response["parallel_tool_calls"] is False and response["tools"]
        else response
    )


in_both("response-parallel-anyway", "Two calls come where one alone was wanted.", _twice)
