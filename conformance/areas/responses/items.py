"""RESP: the items of an answer: their ids, and what messages, texts, refusals and reasoning are made of."""

from __future__ import annotations

from collections import Counter

from conformance.areas.responses.conditions import LOGPROBS, ended, finished, hands_back, has_part, holds, served, since
from conformance.areas.responses.response_reading import final, items, parts
from conformance.areas.responses.sources import GRAMMAR, OUTPUT_ITEM, OUTPUT_MESSAGE, OUTPUT_TEXT, REASONING, REFUSAL
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.objects import misfits


@response("with an item in its output")
def has_items(x: Exchange) -> bool:
    return bool(items(x))


CUTTABLE = ("message", "function_call", "custom_tool_call")
"""Items that always say their status."""
written = served & holds("message")
texts = served & has_part("output_text")


@check(
    "response.item-type",
    MUST,
    when=served & has_items,
    source=OUTPUT_ITEM,
    breaks="response-item-untyped",
    covers="RESP-003",
)
def items_say_what_they_are(x: Exchange) -> Problems:
    """Every item has a `type`.

    Both SDKs and every agent tell calls from messages by it alone.
    """
    yield from misfits(x, "response-item", "type")


@check("response.item-id", MUST, when=served & has_items, source=OUTPUT_ITEM,
       breaks=("response-item-without-id", "response-item-id-empty"), covers="RESP-003")  # fmt: skip
def items_have_ids(x: Exchange) -> Problems:
    """Every item has an `id`.

    What streams hangs on it, and handed back without one, reasoning is refused.
    """
    yield from misfits(x, "response-item", "id")


@check(
    "response.item-ids-differ",
    MUST,
    when=served & has_items,
    source=OUTPUT_ITEM,
    breaks="response-item-ids-same",
    covers="RESP-003",
)
def items_have_ids_of_their_own(x: Exchange) -> Problems:
    """No two items of an answer share an id.

    Clients that keep items by id lose the first of two calls.
    """
    ids = Counter(found for _, item in items(x) if isinstance(found := item.get("id"), str) and found)
    for id, count in ids.items():
        if count > 1:
            yield differs("the items' ids", f"{id} {count} times", "each once")


@check("response.item-status", MUST, when=served & has_items, source=(OUTPUT_ITEM, GRAMMAR), breaks="response-item-status-done",
       covers="RESP-052")  # fmt: skip
def item_status_is_a_known_word(x: Exchange) -> Problems:
    """The `status` of an item, where it has one, is a documented word."""
    yield from misfits(x, "response-item", "status")


@check("response.item-finished", MUST, when=served & ended("completed") & holds("message", "function_call", "custom_tool_call"),
       source=GRAMMAR, breaks="response-item-in-progress", covers="RESP-052")  # fmt: skip
def items_of_a_completed_response_are_finished(x: Exchange) -> Problems:
    """The messages and calls of a completed response are completed themselves.

    Agents skip a call that is still in progress, and wait for one that nobody will send.
    """
    for path, item in items(x, "message", "function_call", "custom_tool_call"):
        if (seen := item.get("status")) == "in_progress" and "caller" not in item:  # a program of the server's calls on
            yield differs(f"{path}.status", seen, '"completed"')


@check("response.incomplete-last", MUST, when=served & finished & has_items, source=GRAMMAR, breaks="response-incomplete-first",
       covers="RESP-052")  # fmt: skip
def an_incomplete_item_is_the_last(x: Exchange) -> Problems:
    """An item that was cut short is the last one.

    Nothing is generated behind what was not finished: a cut call before others is run as if it were whole.
    """
    found = items(x)
    for path, item in found[:-1]:
        if item.get("status") == "incomplete":
            yield f'{path}.status is "incomplete" of {len(found)} items, expected the last alone to be so'


@response("that max_output_tokens cut")
def cut_by_its_limit(x: Exchange) -> bool:
    return find(final(x)[1], "incomplete_details.reason") == "max_output_tokens"


# SHOULD: all 12 recorded of OpenAI are, and a limit that falls behind a whole item would leave it complete.
@check("response.cut-item", SHOULD, when=served & ended("incomplete") & cut_by_its_limit & has_items,
       source=(OUTPUT_MESSAGE, "https://github.com/vllm-project/vllm/issues/57998"), breaks="response-cut-item-completed",
       covers="RESP-052")  # fmt: skip
def the_item_that_was_cut_is_incomplete(x: Exchange) -> Problems:
    """The message or the call that max_output_tokens cut is incomplete itself, as its response is.

    Agents look at the item: a call that was cut and is called completed is run with half of its arguments.
    """
    path, item = items(x)[-1]
    told = any(each.get("status") == "incomplete" for _, each in items(x))
    if item.get("type") in CUTTABLE and item.get("status") == "completed" and not told:
        yield differs(f"{path}.status", item["status"], '"incomplete"')


@check("response.message", MUST, when=written, source=OUTPUT_MESSAGE,
       breaks=("response-message-user", "response-message-without-role", "response-message-text"), covers="RESP-003")  # fmt: skip
def messages_have_their_members(x: Exchange) -> Problems:
    """A message has the role "assistant" and its content as an array of parts.

    openai-node's create() rejects ("output.content is not iterable"), Python's `.output_text` raises TypeError.
    """
    yield from misfits(x, "response-message", "role", "content")


@check("response.message-status", MUST, when=written, source=OUTPUT_MESSAGE, breaks="response-message-without-status",
       covers=("RESP-003", "RESP-052"))  # fmt: skip
def messages_say_their_status(x: Exchange) -> Problems:
    """A message has a `status`."""
    yield from misfits(x, "response-message", "status")


@check("response.phase", SHOULD, when=written, source=OUTPUT_MESSAGE, breaks="response-phase-odd", covers="RESP-003")
def phase_is_a_known_word(x: Exchange) -> Problems:
    """`phase`, where a message has one, is "commentary" or "final_answer".

    Agents show the one in passing and end their turn at the other.
    """
    yield from misfits(x, "response-message", "phase")


@check("response.part-type", MUST, when=written, source=OUTPUT_MESSAGE, breaks="response-part-text", covers="RESP-003")
def parts_are_texts_or_refusals(x: Exchange) -> Problems:
    """The parts of a message are of type "output_text" or "refusal".

    `.output_text` of both SDKs adds up the parts of that type and passes over all others: a text of type "text" is lost.
    """
    for path, item in items(x, "message"):
        for n, part in enumerate(need(item, "content", list)):
            if (kind := find(part, "type")) not in ("output_text", "refusal"):
                yield differs(f"{path}.content.{n}.type", kind, '"output_text" or "refusal"')


@check("response.text", MUST, when=texts, source=OUTPUT_TEXT, breaks="response-text-null", covers="RESP-003")
def texts_are_texts(x: Exchange) -> Problems:
    """The `text` of a part is a string."""
    yield from misfits(x, "response-text", "text")


@check(
    "response.text-empty",
    SHOULD,
    when=texts & ended("completed") & ~hands_back,
    source=OUTPUT_TEXT,
    breaks="response-text-empty",
    covers="RESP-003",
)
def texts_are_not_empty(x: Exchange) -> Problems:
    """The text of a completed answer is not empty.

    But after what a tool gave OpenAI may have nothing to say.
    """
    found, kinds = parts(x), {str(item.get("type")) for _, item in items(x)}
    if kinds <= {"message", "reasoning"} and all(part.get("text") == "" for _, part in found):
        yield differs(f"{found[0][0]}.text", "", "some text")


@check("response.annotations", MUST, when=texts, source=OUTPUT_TEXT, breaks=("response-annotations-null", "response-annotations-absent"),
       covers=("RESP-054", "RESP-003"))  # fmt: skip
def annotations_are_an_array(x: Exchange) -> Problems:
    """`annotations` of a text is an array, empty where there are none.

    Clients loop over it: null raises TypeError in Python, and an absent key AttributeError.
    """
    yield from misfits(x, "response-text", "annotations")


@check("response.logprobs-array", SHOULD, when=texts & since(LOGPROBS), source=OUTPUT_TEXT, breaks=("response-logprobs-null",
       "response-logprobs-absent"), covers="RESP-003")  # fmt: skip
def logprobs_are_an_array(x: Exchange) -> Problems:
    """`logprobs` of a text is an array, empty where nobody asked for them."""
    yield from misfits(x, "response-text", "logprobs")
    for path, part in parts(x):
        if "logprobs" not in part:
            yield f"{path}.logprobs is absent, expected an array, empty where there are none"


@check(
    "response.refusal",
    MUST,
    when=served & has_part("refusal"),
    source=REFUSAL,
    breaks="response-refusal-text",
    covers="RESP-043",
)
def refusals_say_why(x: Exchange) -> Problems:
    """A part of type "refusal" has its words in `refusal`."""
    yield from misfits(x, "response-refusal", "refusal")


@check("response.reasoning", MUST, when=served & holds("reasoning"), source=REASONING,
       breaks=("response-summary-null", "response-summary-string"), covers="RESP-022")  # fmt: skip
def reasoning_has_its_members(x: Exchange) -> Problems:
    """An item of reasoning has `summary`, an array of texts, empty where there is none; `content`, where it has it, is one, too.

    Agents loop over the summary, and hand the item back as it is: the next turn is refused for what is missing.
    """
    yield from misfits(x, "response-reasoning", "summary", "content", "encrypted_content")


@check(
    "response.sdk-only",
    SHOULD,
    when=served & finished,
    source=OUTPUT_TEXT,
    breaks="response-output-text-differs",
    covers="RESP-024",
)
def output_text_is_what_the_items_say(x: Exchange) -> Problems:
    """`output_text`, which the SDKs make themselves and no server need send, is the text of the items where it is sent.

    Clients that read it beside the items show something else than those that use an SDK.
    """
    path, response = final(x)
    if "output_text" in response:
        text = "".join(str(find(part, "text")) for _, part in parts(x))
        if response["output_text"] != text:
            yield differs(f"{path}output_text", response["output_text"], "the text of the output, or nothing")
