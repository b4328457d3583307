"""SOCKET: what is refused over a WebSocket, and how: in the handshake, or by an event of type error."""

from __future__ import annotations

from conformance.areas.citations import ERROR_CODES, oas
from conformance.areas.sockets.conditions import connected, declined, first, over_socket, spoke
from conformance.exchange import Exchange, find, is_a
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import answered, intent
from conformance.wire.jsontext import show

ERROR = oas("ResponseWsError", 60466)
PAYLOAD = oas("ErrorPayload", 73781)
GUIDE = "https://developers.openai.com/api/docs/guides/websocket-mode"
MATCHES = "https://github.com/Soju06/codex-lb/issues/1529"
UNSAID = (
    "https://github.com/openai/codex (codex-api/src/endpoint/responses_websocket.rs: map_wrapped_websocket_error_event)"
)
TOO_OLD = "https://github.com/earendil-works/pi/issues/6268"
LIMIT_REACHED = "websocket_connection_limit_reached"
NOT_FOUND = "previous_response_not_found"
lost = over_socket & intent("lost") & spoke


@check("socket.lost-refused", SHOULD, when=lost, source=(GUIDE, ERROR_CODES),
       breaks=("socket-unknown-continued", "socket-unstored-shared"), covers="SOCKET-005")  # fmt: skip
def lost_response_is_not_continued(x: Exchange) -> Problems:
    """A `previous_response_id` that is unknown, or of a response that only another connection remembers, is refused.

    Served without a word, the conversation is lost and nobody is told.
    """
    if x.ok:
        yield differs(
            "the first message of a turn that continues a response that is not there", find(first(x), "type"), '"error"'
        )


@check("socket.lost-code", MUST, when=lost & declined, source=(ERROR_CODES, GUIDE, MATCHES),
       breaks=("socket-lost-unsaid", "socket-error-flat"), covers="SOCKET-005")  # fmt: skip
def lost_response_is_called_so(x: Exchange) -> Problems:
    """The error has the code previous_response_not_found.

    Agents know by it alone that they have to send the whole conversation; of any other error they give up.
    """
    if (code := find(first(x), "error.code")) != NOT_FOUND:
        yield differs("error.code", code, show(NOT_FOUND))


@check("socket.error", MUST, when=over_socket & declined, source=(ERROR, PAYLOAD), breaks=("socket-error-flat", "socket-error-wordless"),
       covers="SOCKET-006")  # fmt: skip
def error_has_its_object(x: Exchange) -> Problems:
    """A refusal has `error`, an object with a message and a type, as by HTTP.

    Clients read code and message there: flat, as within a stream, they show nothing and know nothing.
    """
    error = find(first(x), "error")
    if not isinstance(error, dict):
        yield differs("error", error, "an object")
        return
    for name in ("message", "type"):
        if not is_a(error.get(name), str):
            yield differs(f"error.{name}", find(error, name), "a text")


@check("socket.error-status", SHOULD, when=over_socket & declined, source=(ERROR, UNSAID),
       breaks=("socket-error-without-status", "socket-error-status-text", "socket-error-flat"), covers="SOCKET-006")  # fmt: skip
def error_has_its_status(x: Exchange) -> Problems:
    """A refusal has `status`, the number that HTTP would have: 4xx or 5xx.

    Codex takes an error without it for nothing, and waits until it gives the connection up.
    """
    status = find(first(x), "status")
    if not is_a(status, int) or not 400 <= status < 600:
        yield differs("status", status, "a number from 400 to 599")


@check("socket.bad-message", SHOULD, when=over_socket & intent("bad-message") & connected, source=(ERROR, GUIDE),
       breaks=("socket-bad-message-ignored", "socket-bad-message-closes", "socket-bad-message-untyped"), covers="SOCKET-006")  # fmt: skip
def bad_message_is_refused(x: Exchange) -> Problems:
    """A message that is no JSON, or of a type that is none, is refused by an event of type error.

    Who sent it waits for an answer, or loses the connection and all that it remembers.
    """
    if (said := first(x)) is None:
        yield differs("the answer to a message that makes no sense", x.failure or "nothing", "an event of type error")
    elif said.get("type") != "error":
        yield differs("the type of the answer to a message that makes no sense", find(said, "type"), '"error"')


@check("socket.wrong-key", SHOULD, when=over_socket & intent("wrong-key") & answered, source=(GUIDE, ERROR_CODES),
       breaks=("socket-wrong-key-let-in", "key-unchecked"), covers="SOCKET-008")  # fmt: skip
def wrong_key_is_refused_in_the_handshake(x: Exchange) -> Problems:
    """The handshake with a wrong key is refused with 401 (or 403).

    Clients renew their key at a 401 there; behind it they send, and lose, a turn.
    """
    if x.status not in (401, 403):
        yield differs("the status of a handshake with a wrong key", x.status, "401")


@response("that says that its connection is too old")
def too_old(x: Exchange) -> bool:
    message = find(first(x), "error.message")
    return isinstance(message, str) and "connection limit" in message.lower()


@check("socket.limit-code", MAY, when=over_socket & declined & too_old, source=(GUIDE, TOO_OLD), breaks="socket-limit-unsaid",
       covers="SOCKET-011")  # fmt: skip
def too_old_a_connection_is_called_so(x: Exchange) -> Problems:
    """A connection that has been open for too long (60 minutes) is told so with the code websocket_connection_limit_reached.

    Agents connect again at this code, and end the task at any other.
    """
    if (code := find(first(x), "error.code")) != LIMIT_REACHED:
        yield differs("error.code", code, show(LIMIT_REACHED))
