"""Lies about what is handed back: items that a server gave out and does not take."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import crash
from conformance.reference.rewriting_responses import letting, refusing


def _items(asked: Json) -> list[Json]:
    return asked["input"] if isinstance(asked.get("input"), list) else []


def _with(test) -> object:
    return lambda asked: any(test(item) for item in _items(asked))


refusing(
    "response-items-refused",
    "A message in the place of a string is refused.",
    lambda asked: len(_items(asked)) == 1 and not asked.get("tools"),
    "Input should be a valid string.",
)
refusing("response-parts-refused", "Content that is a list of parts is refused, where nothing was said before.",
         lambda asked: len(_items(asked)) == 1 and not asked.get("tools") and isinstance(_items(asked)[0]["content"], list)
         and len(_items(asked)[0]["content"]) == 1, "Content should be a valid string.")  # fmt: skip
refusing("response-results-refused", "Results of calls are refused.",
         lambda asked: any(item.get("type") == "function_call_output" for item in _items(asked)) and len(_items(asked)) < 4
         and not asked.get("reasoning"), "Items of type function_call_output are not supported.")  # fmt: skip
refusing("response-given-items-refused", "Items are refused that have an id.",
         lambda asked: len(_items(asked)) < 4 and not asked.get("reasoning") and any(
             item.get("type") == "function_call" and "id" in item for item in _items(asked)),
         "Extra inputs are not permitted: id.")  # fmt: skip
refusing("response-messages-refused-back", "Messages of the assistant are refused.",
         _with(lambda item: item.get("role") == "assistant"), "Input should be 'user', 'system' or 'developer'.")  # fmt: skip
refusing("response-bare-items-refused", "Calls without a status are refused.",
         _with(lambda item: item.get("type") == "function_call" and "status" not in item), "Field required: status.",
         link="https://github.com/openai/codex/issues/8829", bugs="responses-input-items-rejected")  # fmt: skip
refusing("response-developer-refused", "Messages of the role developer are refused.",
         _with(lambda item: item.get("role") == "developer"), "Input should be 'user', 'system' or 'assistant'.",
         link="https://github.com/QuantumNous/new-api/issues/6616")  # fmt: skip
refusing("response-bare-answer-refused", "Messages of the assistant are refused where they have no id and a list of parts.",
         _with(lambda item: item.get("role") == "assistant" and "id" not in item and isinstance(item["content"], list)),
         "Field required: id.",
         link="https://github.com/MiaAI-Lab/DeepSeek-v4-Flash-DSpark-2x-DGX-Spark/issues/138")  # fmt: skip
refusing("response-result-parts-refused", "Results of calls that are lists of parts are refused.",
         _with(lambda item: item.get("type") == "function_call_output" and isinstance(item["output"], list)),
         "Output of tool call should be a string.",
         link=("https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2248",
               "https://github.com/ggml-org/llama.cpp/issues/23465"))  # fmt: skip
refusing("response-result-image-refused", "Results of calls that are pictures are refused.",
         _with(lambda item: item.get("type") == "function_call_output" and "input_image" in str(item["output"])),
         "Output of tool call should be 'Input text'.", link="https://github.com/ggml-org/llama.cpp/pull/28847")  # fmt: skip
refusing("response-developer-late-refused", "A message of the role developer is refused behind an answer.",
         lambda asked: "developer" in [item.get("role") for item in _items(asked)[2:]], "System message must be at the beginning.",
         link="https://github.com/BerriAI/litellm/pull/39852")  # fmt: skip
refusing("response-reasoning-refused", "Items of reasoning are refused.", _with(lambda item: item.get("type") == "reasoning"),
         "Items of type reasoning are not supported.")  # fmt: skip


@says("response-arguments-500", link="https://github.com/meituan-longcat/LongCat-2.0/issues/14")
def _(call: Call, reply: Reply) -> Reply:
    """Arguments of a call that are no JSON make the server fail when they are handed back."""
    given = _items(call.json or {}) if call.path.endswith("/responses") else []
    return crash(reply) if any(item.get("arguments") == "" for item in given) else reply


def _unread(asked: Json) -> Json:
    given = [{**item, "output": ""} if item.get("type") == "function_call_output" else item for item in _items(asked)]
    return {"input": given} if given else {}


letting("response-result-unread", "Results of calls come to the model empty.", _unread)
