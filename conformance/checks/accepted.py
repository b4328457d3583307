"""PARAM and TOOL: what chat endpoints are asked for daily is accepted: several choices, max_tokens, logprobs, tools.

A refusal is a warning here, not a failure: the table of features says that it is refused. Models of OpenAI that lack one of them
say so by the code unsupported_parameter, and are not judged.
"""

from __future__ import annotations

import re
from functools import cache

from conformance.catalogue import SHOULD, Problems, check
from conformance.checks.chat_requests import LACKING, TURNED_DOWN, refused, right
from conformance.citations import FUNCTION_CALLING, REQUEST, parameter
from conformance.conditions import Condition, asked, chat_request, response, streaming
from conformance.exchange import Exchange, find


@cache
def taken_or_blamed(name: str) -> Condition:
    """A request of the suite that sets this parameter, and was taken, or turned down in words that name it."""
    quoted = re.compile(rf"""(['"`]|: ?){name}(\\?['"`.,]|\s|$)""")

    @response(f"taken, or turned down for {name}")
    def decide(x: Exchange) -> bool:
        if x.ok or x.status not in TURNED_DOWN or x.status >= 500:
            return x.ok
        error = x.json if x.not_json is None else None
        if find(error, "error.code") in LACKING:
            return False
        param = find(error, "error.param")
        if isinstance(param, str) and param:
            return param.partition(".")[0].partition("[")[0] == name
        return quoted.search(x.body[:2000].decode("utf-8", "replace")) is not None

    return chat_request & asked(name) & right & decide


@check("param.n", SHOULD, when=taken_or_blamed("n"), source=(REQUEST, parameter(234)), breaks="param-refuses-n")
def takes_n(x: Exchange) -> Problems:
    """`n` above 1 is accepted.

    Who samples several answers to choose from, or to compare, gets none.
    """
    yield from refused(x, "n is accepted")


@check("param.max-tokens", SHOULD, when=taken_or_blamed("max_tokens"), source=(REQUEST, parameter(196)),
       breaks="param-refuses-max-tokens")  # fmt: skip
def takes_max_tokens(x: Exchange) -> Problems:
    """The deprecated `max_tokens` is accepted.

    Most clients of compatible endpoints send it still.
    """
    yield from refused(x, "max_tokens is accepted")


@check("param.logprobs", SHOULD, when=taken_or_blamed("logprobs"), source=(REQUEST, parameter(182)),
       breaks="param-refuses-logprobs")  # fmt: skip
def takes_logprobs(x: Exchange) -> Problems:
    """`logprobs` is accepted.

    Evaluations and classifiers that read the probabilities do not run at all.
    """
    yield from refused(x, "logprobs is accepted")


@check("tool.accepted", SHOULD, when=taken_or_blamed("tools") & ~streaming, source=(REQUEST, parameter(414), FUNCTION_CALLING),
       breaks="tools-refused")  # fmt: skip
def takes_tools(x: Exchange) -> Problems:
    """`tools` is accepted.

    Agents send it with every request, needed or not.
    """
    yield from refused(x, "tools is accepted")
