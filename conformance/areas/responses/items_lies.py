"""Lies about the items of an answer: their ids, members and parts."""

from __future__ import annotations

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import Change, each_item, each_part, in_both, in_plain


def setting(**changes: object):
    return lambda item: {**item, **changes}


def _asked_coldly(change: Change) -> Change:
    """Of answers at temperature 0, which nobody fetches again."""
    return lambda response: response if response["temperature"] else change(response)


in_plain("response-item-untyped", "Messages have no type.", each_item(lambda item: {**item, "type": ...}
         if item["status"] == "incomplete" else item, "message"))  # fmt: skip
in_plain("response-item-without-id", "Messages have no id.", _asked_coldly(each_item(setting(id=...), "message")))
in_plain("response-item-id-empty", 'The id of a message is "".', _asked_coldly(each_item(setting(id=""), "message")))
in_plain("response-item-ids-same", "Calls at once share the id of the first.",
         lambda r: {**r, "output": [{**item, "id": r["output"][0]["id"]} for item in r["output"]]})  # fmt: skip
in_plain(
    "response-item-status-done",
    'The status of a search is "done".',
    each_item(setting(status="done"), "web_search_call"),
)
in_plain("response-item-in-progress", "A finished message is in progress.",
         each_item(lambda item: {**item, "status": "in_progress"} if item["status"] == "completed" else item, "message"))  # fmt: skip


def _first(response: Json) -> Json:
    """The first of several items is incomplete, and so is the response."""
    first, *rest = response["output"] or [{}]
    if not rest or first["type"] != "function_call":
        return response
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "completed_at": None}
    return {**response, **cut, "output": [{**first, "status": "incomplete"}, *rest]}


def _called_whole(response: Json) -> Json:
    return (
        each_item(setting(status="completed"), "message")(response) if response["status"] == "incomplete" else response
    )


in_both("response-incomplete-first", "Of two calls the first is called incomplete.", _first)
in_both("response-cut-item-completed", "What max_output_tokens cut is called completed.", _called_whole,
        link="https://github.com/vllm-project/vllm/issues/57998")  # fmt: skip
in_plain("response-message-user", 'The answer has the role "user".', each_item(setting(role="user"), "message"))
in_plain("response-message-without-role", "The answer has no role.", each_item(setting(role=...), "message"))
in_plain("response-message-text", "The content of an incomplete message is a string.",
         lambda r: each_item(lambda item: {**item, "content": item["content"][0]["text"]}, "message")(r)
         if r["incomplete_details"] == {"reason": "content_filter"} else r)  # fmt: skip
in_plain(
    "response-message-without-status", "A message does not say its status.", each_item(setting(status=...), "message")
)
in_both("response-phase-odd", 'The phase of a message is "final".', each_item(setting(phase="final"), "message"))
in_plain(
    "response-part-text",
    'A refusal is of type "text".',
    each_part(setting(type="text", text="", annotations=[]), "refusal"),
)
in_plain("response-text-null", "The text of a filtered answer is null.",
         lambda r: each_part(setting(text=None))(r) if r["incomplete_details"] == {"reason": "content_filter"} else r)  # fmt: skip
in_both("response-text-empty", "The answer is an empty text.",
        lambda r: each_part(setting(text=""))(r) if r["temperature"] == 0.5 else r)  # fmt: skip
in_plain("response-annotations-null", "`annotations` is null.", each_part(setting(annotations=None)))
in_plain("response-annotations-absent", "A text has no `annotations`.", each_part(setting(annotations=...)))
in_plain("response-logprobs-null", "`logprobs` is null where nobody asked for it.",
         each_part(lambda part: part if part["logprobs"] else {**part, "logprobs": None}))  # fmt: skip
in_plain("response-logprobs-absent", "A text has no `logprobs` where nobody asked for them.",
         each_part(lambda part: part if part["logprobs"] else {**part, "logprobs": ...}))  # fmt: skip
in_plain("response-refusal-text", "A refusal has its words in `text`.",
         each_part(lambda part: {"type": "refusal", "text": part["refusal"]}, "refusal"))  # fmt: skip
in_plain("response-summary-null", "The summary of reasoning is null.", each_item(setting(summary=None), "reasoning"))
in_plain(
    "response-summary-string",
    "The summary of reasoning is one string.",
    each_item(setting(summary="I thought."), "reasoning"),
)
in_plain("response-output-text-differs", "`output_text` is there and empty.", setting(output_text=""))
