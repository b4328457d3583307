"""STREAM: a request that is served plain is served streamed."""

from __future__ import annotations

from conformance.areas.citations import REQUEST, STREAM_OPTIONS
from conformance.areas.stream.ending import stream_null
from conformance.exchange import Exchange, find
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import chat_request, reports_error, status
from conformance.judge.mistakes import BUSY, DENIED, mistaken
from conformance.judge.relations import streamed_twin


@response("not refused for its wish for a stream")
def streams_at_all(x: Exchange) -> bool:
    """OpenAI streams some models to verified organisations only (chatboxai/chatbox#2263), and says so."""
    return not (x.status == 400 and find(x.json if x.not_json is None else None, "error.param") == "stream")


# SHOULD: genuine endpoints have outages, and each of the two may meet one.
@check("stream.served-alike", SHOULD, together=streamed_twin, source=(REQUEST, STREAM_OPTIONS),
       when=chat_request & ~mistaken & ~stream_null & ~status(*DENIED, *BUSY) & streams_at_all,
       breaks=("stream-with-tools-refused", "stream-options-refused", "valid-500-batch",
               "param-refuses-obfuscation"))  # fmt: skip
def both_are_served(plain: Exchange, streamed: Exchange) -> Problems:
    """A request that is served plain is served streamed, and the other way round.

    Applications are written with one of the two and switched to the other, where the feature then is gone.
    """
    if plain.ok != (streamed.ok and not reports_error(streamed)):
        yield differs("status with stream: true", streamed.status, f"{plain.status} as without")
