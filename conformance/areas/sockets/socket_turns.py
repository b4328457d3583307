"""SOCKET: turn after turn over one connection: how messages come, what is remembered, and that none mixes with another."""

from __future__ import annotations

from conformance.areas.citations import oas
from conformance.areas.sockets.conditions import (
    connected,
    continued,
    declined,
    first,
    followed,
    lost_before,
    messages,
    over_socket,
    prewarmed_and_continued,
    spoke,
)
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import intent
from conformance.judge.final_response import ENDS, final_response

EVENTS = oas("ResponsesServerEvent", 60578)
CREATE = oas("ResponsesClientEventResponseCreate", 60519)
LANE = oas("ResponsesClientEventResponseCreate.stream_id", 60530)
GUIDE = "https://developers.openai.com/api/docs/guides/websocket-mode"
PREWARM = "https://github.com/router-for-me/CLIProxyAPI/issues/6006"
CODEX = (
    "https://github.com/openai/codex (codex-api/src/endpoint/responses_websocket.rs: unexpected binary websocket event)"
)


@check("socket.framed", MUST, when=over_socket & spoke, source=(EVENTS, CODEX),
       breaks=("socket-binary", "socket-framed-as-stream", "socket-says-done"), covers=("SOCKET-001", "SOCKET-002"))  # fmt: skip
def messages_are_objects_in_text(x: Exchange) -> Problems:
    """Each message is one JSON object in a frame of text: no lines of a stream, no [DONE].

    Codex gives up at a binary frame; the SDKs parse each message by itself.
    """
    for message in messages(x):
        if message.binary:
            yield f"message {message.at} came in a binary frame, expected a frame of text"
        elif not isinstance(message.value, dict):
            yield differs(f"message {message.at}", message.text, "a JSON object")


@check(
    "socket.stays",
    MUST,
    together=followed,
    when=over_socket,
    source=GUIDE,
    breaks="socket-one-turn",
    covers="SOCKET-003",
)
def connection_carries_the_next_turn(before: Exchange, x: Exchange) -> Problems:
    """A connection that carried a response carries the next.

    That is what it is for; and with it goes all that was not stored.
    """
    if before.ok and lost_before(x):
        yield f"{x.failure} ({before.id} was served), expected an open connection"


@check("socket.outlives-error", MUST, together=followed, when=over_socket, source=GUIDE, breaks="socket-error-closes",
       covers="SOCKET-003")  # fmt: skip
def connection_outlives_a_refusal(before: Exchange, x: Exchange) -> Problems:
    """A connection outlives a turn that was refused: the next is answered.

    One mistake of an agent, and the conversation that only this connection remembers is gone.
    """
    if not before.ok and lost_before(x):
        yield f"{x.failure} ({before.id} was refused), expected an open connection"


@check("socket.continues", MUST, together=continued, when=over_socket & spoke, source=GUIDE,
       breaks=("socket-continued-refused", "socket-result-refused"), covers="SOCKET-004")  # fmt: skip
def unstored_response_is_continued(before: Exchange, x: Exchange) -> Problems:
    """A response with `store: false` is continued by its id over its own connection, by a text or by the results of its calls.

    Agents send nothing but what is new: refused, they have to send all of it again, at every turn.
    """
    if not x.ok:
        yield differs(f"the answer to a turn that continues {before.id}", first(x), "a response")


@check("socket.history", MUST, together=continued, when=over_socket & spoke, source=GUIDE, breaks="socket-history-lost",
       covers="SOCKET-004")  # fmt: skip
def prompt_holds_the_turn_before(before: Exchange, x: Exchange) -> Problems:
    """The prompt of a turn that continues another holds what was said before: it has more input tokens.

    The model answers confidently, and knows nothing of the conversation.
    """
    if x.ok:
        old, new = (need(final_response(each), "usage.input_tokens", int) for each in (before, x))
        if new <= old:
            yield differs("usage.input_tokens", new, f"more than the {old} of {before.id}, which it continues")


prewarmed = over_socket & intent("prewarm") & spoke & ~declined


@check(
    "socket.prewarm",
    SHOULD,
    when=prewarmed,
    source=(GUIDE, PREWARM),
    breaks="socket-prewarm-speaks",
    covers="SOCKET-010",
)
def nothing_is_said_where_nothing_is_to_be(x: Exchange) -> Problems:
    """`generate: false` has the request read and nothing said: the response is completed with an empty output, and no output tokens.

    Codex sends it while its user still types: an answer to it is paid for and shown to nobody.
    """
    end = final_response(x)
    if (output := need(end, "output", list)) != []:
        yield differs("output", output, "an empty array, as nothing was to be generated")
    if (made := find(end, "usage.output_tokens")) != 0:
        yield differs("usage.output_tokens", made, "0, as nothing was to be generated")


@check("socket.prewarmed", SHOULD, together=prewarmed_and_continued, when=over_socket & spoke, source=(GUIDE, PREWARM),
       breaks=("socket-prewarm-forgotten", "socket-continued-refused"), covers="SOCKET-010")  # fmt: skip
def what_was_read_is_answered_next(before: Exchange, x: Exchange) -> Problems:
    """A turn that continues what was only read is answered, also where it adds nothing of its own."""
    if not x.ok:
        yield differs(f"the answer to a turn that continues {before.id}", first(x), "a response")


two = over_socket & intent("two") & connected


@check("socket.unmixed", MUST, when=two, source=(LANE, GUIDE), breaks="socket-mixed", covers="SOCKET-007")
def responses_do_not_mix(x: Exchange) -> Problems:
    """Of two messages sent at once, no event of the second response comes before the end of the first.

    Deltas name no response: what mixes cannot be told apart.
    """
    begun = None
    for message in messages(x):
        if message.type == "response.created" and begun is not None:
            yield f"message {message.at} begins a response before that of message {begun} has ended, expected one after the other"
            return
        begun = message.at if message.type == "response.created" else None if message.type in ENDS else begun


@check("socket.both-answered", SHOULD, when=two, source=(LANE, GUIDE), breaks="socket-second-lost", covers="SOCKET-007")
def both_messages_are_answered(x: Exchange) -> Problems:
    """Of two messages sent at once both are answered: the second when the first response is over, or by an error.

    Who sent it waits for good.
    """
    ends = sum(message.type in ENDS or message.type == "error" for message in messages(x))
    if ends < 2:
        yield differs("how many of two messages at once were answered", str(ends), f"2 ({x.failure or x.ended})")
