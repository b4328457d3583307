"""RESP: what is handed back: every item that a server gave out, results of calls, and reasoning, sealed or not."""

from __future__ import annotations

from conformance.areas.responses.conditions import ended, judged, served
from conformance.areas.responses.probes import RESULT_WORD
from conformance.areas.responses.response_reading import said
from conformance.areas.responses.sources import CALL_OUTPUT, INPUT, INPUT_CONTENT, REASONING
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import intent
from conformance.judge.refusals import not_taken
from conformance.judge.relations import accepted


@check("response.item-accepted", MUST, when=judged, together=accepted("responses.hello", "responses.item"), source=INPUT,
       breaks="response-items-refused", covers="RESP-008")  # fmt: skip
def a_message_is_accepted(_: Exchange, x: Exchange) -> Problems:
    """The input may be a list of messages."""
    yield from not_taken(x, "a message without a type is accepted")


@check("response.typed-item-accepted", MUST, when=judged, together=accepted("responses.hello", "responses.typed-item"), source=INPUT,
       breaks="response-items-refused", covers="RESP-008")  # fmt: skip
def a_typed_message_is_accepted(_: Exchange, x: Exchange) -> Problems:
    """A message may say its type, and have its content as a string."""
    yield from not_taken(x, "a message with its type is accepted")


@check("response.parts-accepted", MUST, when=judged, together=accepted("responses.hello", "responses.parts"), source=INPUT_CONTENT,
       breaks=("response-parts-refused", "response-items-refused"), covers="RESP-009")  # fmt: skip
def parts_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """The content of a message may be a list of parts "input_text".

    It is how every agent sends it.
    """
    yield from not_taken(x, "parts of type input_text are accepted")


@check("response.turn-accepted", MUST, when=judged, together=accepted("responses.turn-1", "responses.turn-2"),
       source=(INPUT, CALL_OUTPUT),
       breaks=("response-results-refused", "response-given-items-refused"),
       covers=("RESP-012", "RESP-009"))  # fmt: skip
def what_was_given_out_is_taken_back(_: Exchange, x: Exchange) -> Problems:
    """The items of a streamed answer are accepted as they came, each call with its result behind it.

    Every agent does so in its second request: refused here, no agent works at all.
    """
    yield from not_taken(x, "the items of the first answer are accepted, with the results")


@check("response.third-turn-accepted", MUST, when=judged, together=accepted("responses.turn-2", "responses.turn-3"), source=INPUT,
       breaks="response-messages-refused-back", covers="RESP-009")  # fmt: skip
def messages_are_taken_back(_: Exchange, x: Exchange) -> Problems:
    """The message of an answer is accepted as it came, too: with its id, status and parts of type "output_text"."""
    yield from not_taken(x, "the message of the second answer is accepted")


@check("response.bare-items-accepted", MUST, when=judged, together=accepted("responses.turn-1", "responses.bare-items"),
       source=(INPUT, CALL_OUTPUT, "https://github.com/openai/codex/issues/8829"),
       breaks=("response-bare-items-refused", "response-results-refused"), covers="RESP-012")  # fmt: skip
def what_is_optional_may_be_absent(_: Exchange, x: Exchange) -> Problems:
    """A call that is handed back need have no id and no status.

    Codex sends it so: a validator of unions answers with twenty errors, and the second turn never comes.
    """
    yield from not_taken(x, "a call without id and status is accepted")


@check("response.developer-accepted", MUST, when=judged, together=accepted("responses.hello", "responses.developer"),
       source=(INPUT, "https://github.com/QuantumNous/new-api/issues/6616"), breaks="response-developer-refused",
       covers="RESP-008")  # fmt: skip
def developers_are_heard(_: Exchange, x: Exchange) -> Problems:
    """A message may be of the role "developer".

    Codex begins every conversation with one.
    """
    yield from not_taken(x, "a message of the role developer is accepted")


@check("response.bare-answer-accepted", MUST, when=judged, together=accepted("responses.hello", "responses.bare-answer"),
       source=(INPUT, "https://github.com/MiaAI-Lab/DeepSeek-v4-Flash-DSpark-2x-DGX-Spark/issues/138"),
       breaks=("response-bare-answer-refused", "response-messages-refused-back"), covers="RESP-009")  # fmt: skip
def a_bare_answer_is_taken_back(_: Exchange, x: Exchange) -> Problems:
    """A message of the assistant need have no id and no status when it is handed back.

    Agents keep its words alone: who demands the rest refuses every second question.
    """
    yield from not_taken(x, "a message of the assistant without id and status is accepted")


@check("response.result-parts-accepted", MUST, when=judged, together=accepted("responses.bare-items", "responses.result-parts"),
       source=(CALL_OUTPUT, "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2248"),
       breaks="response-result-parts-refused", covers="RESP-012")  # fmt: skip
def results_may_be_parts(_: Exchange, x: Exchange) -> Problems:
    """The result of a call may be a list of parts, as content may.

    It is how tools give back images, and how agents send any result of such a tool.
    """
    yield from not_taken(x, "a result that is a list of parts is accepted")


@check("response.result-image-accepted", SHOULD, when=judged, together=accepted("responses.image", "responses.result-image"),
       source=(CALL_OUTPUT, "https://github.com/ggml-org/llama.cpp/pull/28847"),
       breaks=("response-result-image-refused", "response-bare-items-refused", "response-result-parts-refused"),
       covers="RESP-012")  # fmt: skip
def results_may_be_pictures(_: Exchange, x: Exchange) -> Problems:
    """Where the model sees pictures, the result of a call may be one.

    Codex looks at files and browsers at pages so: refused, the conversation cannot go on.
    """
    yield from not_taken(x, "a picture as the result of a call is accepted")


@check("response.developer-late", SHOULD, when=judged, together=accepted("responses.developer", "responses.developer-late"),
       source=(INPUT, "https://github.com/BerriAI/litellm/pull/39852"),
       breaks=("response-developer-late-refused", "response-bare-answer-refused", "response-messages-refused-back"),
       covers="RESP-008")  # fmt: skip
def developers_are_heard_at_any_time(_: Exchange, x: Exchange) -> Problems:
    """A message of the role "developer" may stand anywhere in the conversation.

    Codex says so what changed since; templates that want one message of the system, and first, refuse the whole conversation.
    """
    yield from not_taken(x, "a message of the role developer behind an answer is accepted")


@check("response.result-used", SHOULD, when=served & ended("completed") & intent("tool-result"), source=CALL_OUTPUT,
       breaks="response-result-unread", covers="RESP-012")  # fmt: skip
def the_result_is_used(x: Exchange) -> Problems:
    """The answer that follows a result makes use of it.

    A template without results lets the model invent what the tool said.
    """
    if (text := said(x)) and RESULT_WORD not in text.lower():
        yield differs("the text", text, f'an answer with the word "{RESULT_WORD}"')


@check("response.reasoning-accepted", MUST, when=judged, together=accepted("responses.thinking", "responses.thought-back"),
       source=(REASONING, INPUT), breaks="response-reasoning-refused", covers="RESP-022")  # fmt: skip
def reasoning_is_taken_back(_: Exchange, x: Exchange) -> Problems:
    """An item of reasoning is accepted as it came, before the call that followed it.

    Agents hand back everything: with `store: false` it is the only memory of the model.
    """
    yield from not_taken(x, "the item of reasoning is accepted")
