"""CONNECTION: a connection that is used again - after a stream, after a refusal, after silence."""

from __future__ import annotations

from conformance.areas.citations import COMPLETION, rfc
from conformance.areas.connection.conditions import reused
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import anything, chat_stream, greedy, looked_at
from conformance.judge.mistakes import BUSY
from conformance.judge.shared import same_texts


# What has no answer is told apart (connection.kept).
@check("connection.reused", MUST, together=reused, when=looked_at, source=rfc(9112, "9.3"),
       breaks=("reuse-body-left-over", "reuse-type-forgotten"), covers="CONNECTION-001")  # fmt: skip
def kept_connections_serve(usual: Exchange, x: Exchange) -> Problems:
    """A request over a connection that was kept is answered as over a new one, whatever was answered over it before.

    All clients keep connections: a body that was refused unread is taken for the next request, which is refused in turn.
    """
    if not x.ok and x.status not in BUSY:
        yield differs("the status over a connection that was kept", x.status, f"{usual.status}, as over a new one")
    elif x.ok and x.media_type != usual.media_type:
        yield differs(
            "the Content-Type over a connection that was kept", x.media_type, f"{usual.media_type}, as over a new one"
        )


# SHOULD: a server may close at any time, and the official clients try again.
@check("connection.kept", SHOULD, together=reused, when=anything, source=(rfc(9112, "9.6"), rfc(9112, "9.5")),
       breaks=("closed-after-stream", "closed-in-silence", "reuse-after-stream-hangs"), covers="CONNECTION-002")  # fmt: skip
def connections_end_with_a_word(usual: Exchange, x: Exchange) -> Problems:
    """A connection that an answer did not call closed takes the next request, or was seen to be closed before.

    Clients with a pool (Node's agents, httpx) send the next request into it and get a reset: "socket hang up", and nobody repeats a
    POST by itself.
    """
    if not x.answered and x.ended != "refused":
        yield differs(
            "the answer over a connection that was kept", x.failure, "an answer, or `Connection: close` before"
        )


@check("connection.same-stream", SHOULD, together=reused, when=chat_stream & greedy, source=COMPLETION,
       breaks="stream-again-shorter", covers="CONNECTION-005")  # fmt: skip
def streams_say_the_same_again(usual: Exchange, x: Exchange) -> Problems:
    """At temperature 0 the same stream has the same text the second time.

    What one stream leaves behind (a parser's state, a half character) is missing from the next.
    """
    for first, again in same_texts(usual, x):
        if first.content != again.content:
            yield differs(
                f"the text of choice {first.index} the second time", again.content, f"{first.content!r} as before"
            )
