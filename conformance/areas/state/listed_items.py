"""STATE: the items of a list, or of a compacted conversation, have the members of their kind."""

from __future__ import annotations

from functools import cache

from conformance.areas.citations import oas
from conformance.areas.state.conditions import listing
from conformance.areas.state.counted_prompts import COMPACTED, compacting
from conformance.areas.state.input_lists import LIST
from conformance.exchange import Exchange
from conformance.judge import MUST, Problems, check
from conformance.judge.condition import Condition, response
from conformance.judge.objects import OBJECTS, misfits

MESSAGE = oas("InputMessageResource", 42389)
CALL = oas("FunctionToolCallResource", 40800)
RESULT = oas("FunctionToolCallOutputResource", 40779)
CUSTOM_CALL = oas("CustomToolCallResource", 37705)
CUSTOM_RESULT = oas("CustomToolCallOutputResource", 37683)
COMPACTED_ITEM = oas("CompactionBody", 69389)


@cache
def holds(kind: str, words: str) -> Condition:
    """The answer has an object of that kind."""
    return response(f"with {words}")(lambda x: next(OBJECTS[kind](x), None) is not None)


@check("state.list-message", MUST, when=listing & holds("response-input-part", "a message in parts"), source=(LIST, MESSAGE),
       breaks="state-list-message-text", covers="RESP-019")  # fmt: skip
def listed_messages_have_their_parts(x: Exchange) -> Problems:
    """A message of the list has its role, and its content as an array of parts, each with its type.

    Who shows a conversation again loops over the parts, and tells texts from images by their type.
    """
    yield from misfits(x, "response-input-message", "role", "content", "status")
    yield from misfits(x, "response-input-part")
    yield from misfits(
        x, "response-input-part", "type", "text", "image_url", "file_id", "detail", "filename", "file_data", "file_url"
    )


@check("state.list-call", MUST, when=listing & holds("response-input-call", "a call of a function"), source=(LIST, CALL),
       breaks="state-list-call-object", covers="RESP-019")  # fmt: skip
def listed_calls_have_their_members(x: Exchange) -> Problems:
    """A call of a function in the list has call_id, name and arguments, a string of JSON text.

    Who goes on with a conversation runs what was called, and answers by its call_id.
    """
    yield from misfits(x, "response-input-call", "call_id", "name", "arguments", "status")


@check("state.list-custom-call", MUST, when=listing & holds("response-input-custom-call", "a call of a custom tool"),
       source=(LIST, CUSTOM_CALL), breaks="state-list-custom-call-nameless", covers="RESP-019")  # fmt: skip
def listed_custom_calls_have_their_members(x: Exchange) -> Problems:
    """A call of a custom tool in the list has call_id, name and input, a string."""
    yield from misfits(x, "response-input-custom-call", "call_id", "name", "input", "status")


@check("state.list-result", MUST, when=listing & holds("response-input-result", "the result of a call"),
       source=(LIST, RESULT, CUSTOM_RESULT), breaks="state-list-result-lost", covers="RESP-019")  # fmt: skip
def listed_results_have_their_members(x: Exchange) -> Problems:
    """The result of a call in the list has the call_id of its call, and its output."""
    yield from misfits(x, "response-input-result", "call_id", "output", "status")


@check("state.compacted-item", MUST, when=compacting & holds("compaction-item", "items"), source=(COMPACTED, COMPACTED_ITEM),
       breaks="state-compacted-untyped", covers="RESP-053")  # fmt: skip
def compacted_items_are_items(x: Exchange) -> Problems:
    """Each item of a compacted conversation has an id and a type.

    Typed clients tell messages from what is sealed by it.
    """
    yield from misfits(x, "compaction-item")
    yield from misfits(x, "compaction-item", "id", "type")


@check("state.compacted-message", MUST, when=compacting & holds("compaction-message", "a message"), source=COMPACTED,
       breaks="state-compacted-message-text", covers="RESP-053")  # fmt: skip
def compacted_messages_have_their_members(x: Exchange) -> Problems:
    """A message of a compacted conversation has its role, and its content as an array of parts."""
    yield from misfits(x, "compaction-message", "role", "content", "status")


@check("state.compacted-seal", MUST, when=compacting & holds("compaction-sealed", "what was compacted"),
       source=(COMPACTED, COMPACTED_ITEM), breaks="state-compacted-empty", covers="RESP-053")  # fmt: skip
def what_was_compacted_is_sealed(x: Exchange) -> Problems:
    """An item of type "compaction" has what was compacted in `encrypted_content`.

    It is all that is left of the conversation: without it the next turn knows nothing.
    """
    yield from misfits(x, "compaction-sealed", "encrypted_content")
