"""PARAM: what chat endpoints are asked for daily is accepted: several choices, max_tokens, logprobs.

A refusal is a warning here, not a failure: the table of features says that it is refused. Models of OpenAI that lack one of them
say so by the code unsupported_parameter, and are not judged.
"""

from __future__ import annotations

from conformance.areas.citations import REQUEST, parameter
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check
from conformance.judge.blame import carrying
from conformance.judge.condition import request
from conformance.judge.conditions import asked, choices_asked
from conformance.judge.refusals import not_taken

asks_logprobs = request("that asks for logprobs")(lambda x: x.asked.get("logprobs") is True)
several = request("for several choices")(lambda x: choices_asked(x) > 1)


@check("param.n", SHOULD, together=carrying(several), source=(REQUEST, parameter(234)), breaks="param-refuses-n")
def takes_n(x: Exchange) -> Problems:
    """`n` above 1 is accepted.

    Who samples several answers to choose from, or to compare, gets none.
    """
    yield from not_taken(x, "n is accepted")


@check("param.max-tokens", SHOULD, together=carrying(asked("max_tokens")), source=(REQUEST, parameter(196)),
       breaks="param-refuses-max-tokens")  # fmt: skip
def takes_max_tokens(x: Exchange) -> Problems:
    """The deprecated `max_tokens` is accepted.

    Most clients of compatible endpoints send it still.
    """
    yield from not_taken(x, "max_tokens is accepted")


@check("param.logprobs", SHOULD, together=carrying(asks_logprobs), source=(REQUEST, parameter(182)),
       breaks="param-refuses-logprobs")  # fmt: skip
def takes_logprobs(x: Exchange) -> Problems:
    """`logprobs` is accepted.

    Evaluations and classifiers that read the probabilities do not run at all.
    """
    yield from not_taken(x, "logprobs is accepted")
