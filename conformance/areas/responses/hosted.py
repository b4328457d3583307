"""RESP: what a stream says beside its items: how far a call of the server's own is, and padding that can be declined."""

from __future__ import annotations

from conformance.areas.citations import oas
from conformance.areas.responses.conditions import has_event, unbroken
from conformance.areas.responses.items_streamed import ORDERLY
from conformance.areas.responses.lives import ADDED, lives
from conformance.areas.responses.response_reading import events
from conformance.areas.responses.sources import STREAM_OPTIONS
from conformance.exchange import Exchange, find
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.condition import request, response

SEARCHES = oas("ResponseWebSearchCallInProgressEvent", 60390)
HOSTED = ("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_list_tools")
"""Items of tools that the server itself runs, whose events tell how far it is."""


@response("with a call of the server's own tools")
def hosted(x: Exchange) -> bool:
    return any(life.kind in HOSTED for life in lives(x))


@check("response.hosted-progress", SHOULD, when=ORDERLY & has_event(ADDED) & hosted,
       source=SEARCHES, breaks="response-search-silent", covers="RESP-051")  # fmt: skip
def calls_of_the_server_tell_their_progress(x: Exchange) -> Problems:
    """A search or another call of the server's own comes with events of its progress: in progress first, completed last.

    Interfaces show "searching" by them, and nothing for as long as it takes without.
    """
    for life in lives(x):
        kinds = [
            event.type.rpartition(".")[2] for event in life.inner() if event.type.startswith(f"response.{life.kind}.")
        ]
        if life.kind in HOSTED and life.done and kinds[:1] != ["in_progress"]:
            yield differs(f"the first event of item {life.index} behind its beginning", kinds[0] if kinds else None,
                          f'"response.{life.kind}.in_progress"')  # fmt: skip


@request("that declines obfuscation")
def declines_obfuscation(x: Exchange) -> bool:
    return find(x.asked, "stream_options.include_obfuscation") is False


@check("response.obfuscation", SHOULD, when=unbroken & declines_obfuscation, source=STREAM_OPTIONS,
       breaks=("response-obfuscation-kept", "stream-always-obfuscated"), covers="RESP-049")  # fmt: skip
def obfuscation_can_be_declined(x: Exchange) -> Problems:
    """With include_obfuscation false no event has `obfuscation`.

    Who trusts the way there saves a third of the bytes.
    """
    for event in events(x):
        if "obfuscation" in event.data:
            yield differs(f"obfuscation of event {event.at}", event.data["obfuscation"], "none")
            return
