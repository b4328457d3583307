"""Laws on the choices of a plain answer: what the model said, what it called, why it stopped."""

from __future__ import annotations

from conformance.areas.citations import COMPLETION, MESSAGE, TOKEN_LOGPROB, TOOL_CALL
from conformance.gateway.laws import about, answered, law
from conformance.gateway.pair import Pair
from conformance.judge import MUST, Problems

chosen = about("plain answer with choices")(lambda pair: pair.plain and b'"choices"' in pair.answered.body)
calling = about("plain answer with calls")(lambda pair: pair.plain and b'"tool_calls"' in pair.answered.body)


@law("gateway.choices", MUST, about=chosen, source=COMPLETION, breaks=("choice-lost", "choices-renumbered", "choices-emptied"),
     fix="Hand every choice on, with its index.")  # fmt: skip
def every_choice_is_kept(pair: Pair) -> Problems:
    """Every choice is handed on, in its place, with its index."""
    yield from answered(pair, "choices")


@law("gateway.text", MUST, about=chosen, source=MESSAGE, breaks=("answer-trimmed", "long-answer-cut"),
     fix="Do not look into texts.")  # fmt: skip
def text_of_the_answer_is_kept(pair: Pair) -> Problems:
    """The text is what the upstream said, letter by letter."""
    yield from answered(pair, "text")


@law("gateway.refusal", MUST, about=chosen, source=MESSAGE, breaks=("refusal-emptied", "refusal-blank"),
     fix="Hand `refusal` on where it stands.")  # fmt: skip
def refusal_of_the_model_is_kept(pair: Pair) -> Problems:
    """A refusal of the model is handed on in its place."""
    yield from answered(pair, "refusal")


@law("gateway.role", MUST, about=chosen, source=MESSAGE, breaks="role-model",
     fix="Hand the role on.")  # fmt: skip
def role_of_the_answer_is_kept(pair: Pair) -> Problems:
    """The role of the message is kept."""
    yield from answered(pair, "role")


@law("gateway.finish", MUST, about=chosen, source=COMPLETION, breaks="finish-stop",
     fix="Hand finish_reason on as it is.")  # fmt: skip
def reason_for_the_end_is_kept(pair: Pair) -> Problems:
    """`finish_reason` is the upstream's.

    An agent that reads "stop" where calls are to be made makes none; what was cut looks whole.
    """
    yield from answered(pair, "finish")


@law("gateway.calls", MUST, about=calling, source=TOOL_CALL, breaks=("call-lost", "call-renamed"),
     fix="Hand every call on, with its type and name.")  # fmt: skip
def every_call_is_kept(pair: Pair) -> Problems:
    """Every call is handed on, in its place, with its name."""
    yield from answered(pair, "calls")


@law("gateway.call-arguments", MUST, about=calling, source=TOOL_CALL, breaks="call-arguments-parsed",
     fix="Arguments are a text: do not parse them.")  # fmt: skip
def arguments_are_kept(pair: Pair) -> Problems:
    """The arguments of a call are the very text that the model wrote."""
    yield from answered(pair, "call-arguments")


@law("gateway.call-id", MUST, about=calling, source=TOOL_CALL, breaks="call-id-made-up",
     fix="Hand ids of calls on: results name them in the next turn.")  # fmt: skip
def id_of_a_call_is_kept(pair: Pair) -> Problems:
    """A call keeps its id."""
    yield from answered(pair, "call-id")


@law("gateway.logprobs", MUST, about=chosen, source=TOKEN_LOGPROB, breaks=("logprobs-thinned", "logprobs-blank"),
     fix="Hand log probabilities on.")  # fmt: skip
def log_probabilities_are_kept(pair: Pair) -> Problems:
    """The log probabilities are the upstream's, token by token."""
    yield from answered(pair, "logprobs")
