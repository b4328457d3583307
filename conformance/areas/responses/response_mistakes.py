"""RESP: requests that should be refused, and how they are."""

from __future__ import annotations

from conformance.areas.citations import ERROR_CODES, issue
from conformance.areas.responses.conditions import responses
from conformance.areas.responses.sources import CALL_OUTPUT, FUNCTION_TOOL, INPUT, RESPONSE_REQUEST
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition
from conformance.judge.conditions import intent
from conformance.judge.mistakes import examined, refused
from conformance.judge.refusals import accepted, code_is_not, param_names_none


def of(name: str) -> Condition:
    """The request holds this mistake, and was looked at."""
    return responses & intent(name) & examined


unknown = responses & intent("unknown-model") & refused


@check(
    "response.unknown-model",
    MUST,
    when=of("unknown-model"),
    source=ERROR_CODES,
    breaks="response-any-model",
    covers="RESP-001",
)
def an_unknown_model_is_refused(x: Exchange) -> Problems:
    """A model that does not exist is refused.

    The bill, and the quality, are of another.
    """
    yield from accepted(x)


@check(
    "response.unknown-model-status",
    SHOULD,
    when=unknown,
    source=ERROR_CODES,
    breaks="response-unknown-model-422",
    covers="RESP-001",
)
def an_unknown_model_is_the_clients_mistake(x: Exchange) -> Problems:
    """It is refused with 400, as OpenAI does here, or with 404, as in chat.

    Both SDKs send it again after a 5xx or a 429.
    """
    if x.status not in (400, 404):
        yield differs("status", x.status, "400")


@check(
    "response.unknown-model-code",
    SHOULD,
    when=unknown,
    source=ERROR_CODES,
    breaks="response-unknown-model-uncoded",
    covers="RESP-001",
)
def an_unknown_model_has_its_code(x: Exchange) -> Problems:
    """The error has the code "model_not_found"."""
    yield from code_is_not(x, "model_not_found")


@check(
    "response.unknown-model-param",
    SHOULD,
    when=unknown,
    source=ERROR_CODES,
    breaks="response-unknown-model-param",
    covers="RESP-001",
)
def an_unknown_model_is_named(x: Exchange) -> Problems:
    """The error names "model" as its param."""
    yield from param_names_none(x, "model")


@check(
    "response.no-input",
    MUST,
    when=of("no-input"),
    source=RESPONSE_REQUEST,
    breaks="response-no-input-served",
    covers="RESP-008",
)
def without_input_it_is_refused(x: Exchange) -> Problems:
    """A request without input, prompt or conversation is refused."""
    yield from accepted(x)


@check(
    "response.input-type",
    MUST,
    when=of("input-number"),
    source=INPUT,
    breaks="response-input-number-served",
    covers="RESP-008",
)
def input_of_another_type_is_refused(x: Exchange) -> Problems:
    """Input that is neither a string nor a list is refused."""
    yield from accepted(x)


@check(
    "response.above",
    MUST,
    when=of("temperature-above"),
    source=RESPONSE_REQUEST,
    breaks="response-temperature-clamped",
    covers="RESP-001",
)
def values_above_are_refused(x: Exchange) -> Problems:
    """A temperature above 2 is refused, not bent to what it may be."""
    yield from accepted(x)


# The next three are no MUST: no genuine answer to them is recorded.
@check(
    "response.nested-tool",
    SHOULD,
    when=of("nested-tool"),
    source=FUNCTION_TOOL,
    breaks="response-nested-tool-served",
    covers="RESP-010",
)
def tools_of_chat_are_refused(x: Exchange) -> Problems:
    """A tool as chat has it, within `function`, is refused.

    Taken as it is, it has no name: the model never sees it.
    """
    yield from accepted(x)


@check("response.lost-result", SHOULD, when=of("lost-result"), source=(CALL_OUTPUT, issue("continuedev/continue", 10092)),
       breaks="response-lost-result-served", covers="RESP-012")  # fmt: skip
def results_of_no_call_are_refused(x: Exchange) -> Problems:
    """A result whose call_id no call has is refused.

    Agents that drop a call by mistake learn it at once.
    """
    yield from accepted(x)


@check("response.open-call", SHOULD, when=of("open-call"), source=(CALL_OUTPUT, issue("openai/openai-agents-python", 673)),
       breaks="response-open-call-served", covers="RESP-013")  # fmt: skip
def calls_without_result_are_refused(x: Exchange) -> Problems:
    """A call that is left without its result is refused."""
    yield from accepted(x)
