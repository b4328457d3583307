"""RESP: the response object: what it is, when it was made, how it ended, and what it must not lack."""

from __future__ import annotations

from conformance.areas.responses.conditions import ended, finished, plain, served
from conformance.areas.responses.response_reading import final
from conformance.areas.responses.sources import INCOMPLETE, RESPONSE, RESPONSE_ERROR
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import asked
from conformance.judge.objects import misfits

at_once = request("that does not ask for background mode")(lambda x: not x.asked.get("background"))


@check("response.id", MUST, when=served, source=RESPONSE, breaks="response-without-id", covers="RESP-001")
def has_an_id(x: Exchange) -> Problems:
    """A response has an `id` of its own.

    It is what `previous_response_id` and every later request name; Rust and Go clients fail on its absence.
    """
    yield from misfits(x, "response", "id")


@check("response.object", MUST, when=served, source=RESPONSE, breaks="response-object-chat", covers="RESP-001")
def says_what_it_is(x: Exchange) -> Problems:
    """`object` is "response"."""
    yield from misfits(x, "response", "object")


@check(
    "response.created", MUST, when=served, source=RESPONSE, breaks="response-created-milliseconds", covers="RESP-001"
)
def created_is_in_seconds(x: Exchange) -> Problems:
    """`created_at` is a Unix time in seconds."""
    yield from misfits(x, "response", "created_at")


@check("response.status", MUST, when=served, source=RESPONSE, breaks="response-status-done", covers="RESP-002")
def status_is_a_known_word(x: Exchange) -> Problems:
    """`status` is one of the documented words.

    Agents go on at "completed" alone: any other word is an answer that never comes.
    """
    yield from misfits(x, "response", "status")


@check(
    "response.finished",
    MUST,
    when=plain & at_once,
    source=RESPONSE,
    breaks="response-left-in-progress",
    covers="RESP-002",
)
def a_plain_answer_is_finished(x: Exchange) -> Problems:
    """A response that was waited for is completed, incomplete or failed, not still in progress."""
    if (seen := find(x.answer, "status")) in ("in_progress", "queued"):
        yield differs("status", seen, '"completed", "incomplete" or "failed"')


@check("response.model", MUST, when=served, source=RESPONSE, breaks="response-without-model", covers="RESP-001")
def names_its_model(x: Exchange) -> Problems:
    """`model` names the model that answered."""
    yield from misfits(x, "response", "model")


@check("response.output", MUST, when=served, source=RESPONSE, breaks="response-output-null", covers="RESP-001")
def output_is_an_array(x: Exchange) -> Problems:
    """`output` is an array, never null or absent.

    openai-node's create() itself rejects ("rsp.output is not iterable"); `.output_text` raises TypeError in Python.
    """
    yield from misfits(x, "response", "output")


@request("that is to be answered")
def to_be_answered(x: Exchange) -> bool:
    """Over a WebSocket `generate: false` asks for nothing but to be read."""
    return x.asked.get("generate") is not False


@check("response.not-empty", MUST, when=served & to_be_answered & ended("completed"), source=RESPONSE,
       breaks=("response-output-empty", "response-completed-empty", "state-background-waits"), covers="RESP-001")  # fmt: skip
def a_completed_response_says_something(x: Exchange) -> Problems:
    """A completed response holds at least one item, also in the event that ends its stream.

    Clients take the answer from there: what they accumulated before is thrown away, and the answer is empty.
    """
    path, response = final(x)
    if need(response, "output", list) == []:
        yield differs(f"{path}output", [], "the items of the answer")


@check("response.settings-present", SHOULD, when=served, source=RESPONSE, breaks=("response-bare", "response-tools-null"),
       covers="RESP-001")  # fmt: skip
def settings_are_there(x: Exchange) -> Problems:
    """What a response always has is there, be it null: error, instructions, metadata, tools, tool_choice and the like.

    Generated clients (Go, Java, Rust) decode the object as documented and fail on an absent member.
    """
    yield from misfits(x, "response", "error", "incomplete_details", "instructions", "metadata", "tools", "tool_choice",
                       "parallel_tool_calls", "temperature", "top_p")  # fmt: skip


@check("response.error", MUST, when=served & finished, source=(RESPONSE, RESPONSE_ERROR), breaks="response-error-of-success",
       covers="RESP-004")  # fmt: skip
def success_has_no_error(x: Exchange) -> Problems:
    """`error` is null in a response that did not fail.

    Clients look there first, and report a failure of a good answer.
    """
    path, response = final(x)
    if response.get("error"):
        yield differs(f"{path}error", response["error"], "null")


@check("response.failure", MUST, when=served & ended("failed"), source=RESPONSE_ERROR, breaks="response-failed-bare",
       covers=("RESP-004", "RESP-046"))  # fmt: skip
def failure_says_why(x: Exchange) -> Problems:
    """A failed response says in `error` what happened: a code and a message.

    Without it users read "unknown error", and nobody knows whether to try again.
    """
    path, response = final(x)
    for name in ("code", "message"):
        if not isinstance(found := find(response, f"error.{name}"), str) or not found:
            yield differs(f"{path}error.{name}", found, "a string")


@check("response.incomplete", MUST, when=served & ended("incomplete"), source=(RESPONSE, INCOMPLETE),
       breaks=("response-incomplete-unexplained", "response-stop-reason-length"), covers=("RESP-005", "RESP-006"))  # fmt: skip
def incomplete_says_why(x: Exchange) -> Problems:
    """An incomplete response says why in `incomplete_details.reason`: "max_output_tokens" or "content_filter".

    Agents raise the limit for the one and give up for the other.
    """
    path, response = final(x)
    known = ("max_output_tokens", "content_filter", "max_messages", "steered")
    if (seen := find(response, "incomplete_details.reason")) not in known:
        yield differs(f"{path}incomplete_details.reason", seen, '"max_output_tokens" or "content_filter"')


@check("response.incomplete-only", SHOULD, when=served & ended("completed"), source=RESPONSE, breaks="response-complete-with-reason",
       covers="RESP-005")  # fmt: skip
def only_incomplete_has_details(x: Exchange) -> Problems:
    """`incomplete_details` is null where the response is complete."""
    path, response = final(x)
    if response.get("incomplete_details"):
        yield differs(f"{path}incomplete_details", response["incomplete_details"], "null")


@check("response.cut-at-limit", MUST, when=served & asked("max_output_tokens") & finished, source=RESPONSE,
       breaks="response-cut-completed", covers="RESP-005")  # fmt: skip
def what_was_cut_is_incomplete(x: Exchange) -> Problems:
    """A response that used up all of max_output_tokens in the middle of a text says so: it is incomplete.

    Half a text, or half a call, is taken for the whole.
    """
    path, response = final(x)
    cut = any(find(item, "status") == "incomplete" for item in need(response, "output", list))
    if response.get("status") == "completed" and (cut or "cut-text" in x.intent):
        yield differs(f"{path}status", response["status"], '"incomplete"')
