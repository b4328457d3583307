"""RESP: tools that an endpoint which takes functions takes, too: many of them, any names and schemas, and the mix that agents send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import issue
from conformance.areas.responses.conditions import judged
from conformance.areas.responses.sources import FUNCTION_TOOL, RESPONSE_REQUEST
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, Relation, check
from conformance.judge.blame import names
from conformance.judge.mistakes import WINDOW
from conformance.judge.refusals import lacking, not_taken, own_words
from conformance.judge.relations import accepted, probes

CODEX = ("tool", "custom", "web_search", "function", "client_metadata", "prompt_cache_key", "parallel_tool_calls", "store",
         "developer", "system message", "role")  # fmt: skip
"""What a request of Codex holds and no plain one does, but for what a model may lack: reasoning, and what is included of it."""


BOTH = accepted("responses.named", "responses.many-tools")


def _fitting(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The many tools beside few, unless they are more than the model's window holds."""
    for few, many in BOTH.groups(exchanges):
        if many.ok or not WINDOW.search(own_words(many)):
            yield few, many


@check("response.many-tools", SHOULD, when=judged, together=Relation(BOTH.name, _fitting),
       source=(FUNCTION_TOOL, issue("vishalmysore/Tools4AI", 16)),
       breaks=("response-many-refused", "response-keywords-refused"))  # fmt: skip
def any_functions_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """As many as 128 functions are accepted, with names of letters, digits, underscores and dashes, and any schema.

    Clients that are connected to several servers of MCP offer all that these have, as it is.
    """
    yield from not_taken(
        x, "128 functions, one of them with const, oneOf, allOf, formats, bounds and defaults, are accepted"
    )


def _mixed(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """An answer to functions alone with that to the mix, where this was served, or was refused for what it holds by its own words."""
    for alone, mix in probes("responses.turn-1", "responses.codex").groups(exchanges):
        if alone.ok and (mix.ok or (not lacking(mix) and names(mix, *CODEX))):
            yield alone, mix


@check("response.mixed-tools", SHOULD, when=judged, together=Relation("request of Codex, sent to an endpoint that takes functions", _mixed),
       source=(RESPONSE_REQUEST, issue("CommandCodeAI/command-code", 885), "https://github.com/Neroued/ninfer/pull/45"),
       breaks=("response-mixed-refused", "response-hints-refused", "response-two-systems-refused",
               "tool-choice-auto-refused", "tool-parallel-refused"))  # fmt: skip
def a_request_of_codex_is_accepted(_: Exchange, x: Exchange) -> Problems:
    """A request as Codex sends it is accepted: a custom and a hosted tool beside functions, instructions beside a message of the developer,
    and hints of its own. What an endpoint does not run or know itself, it need not offer to the model.

    Codex cannot be told to leave any of it out: refused here, it has no first turn.
    """
    yield from not_taken(
        x, "functions, a custom tool, web_search and hints such as prompt_cache_key are accepted together"
    )
