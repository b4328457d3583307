"""CONNECTION: clients beside each other - one that goes away, and several that ask at the same moment."""

from __future__ import annotations

from conformance.areas.citations import rfc
from conformance.areas.connection.conditions import (
    beside,
    left_if_meant,
    mark_of,
    marks_asked,
    repeats_a_mark,
    said,
    survived,
)
from conformance.exchange import Exchange
from conformance.judge import MUST, Problems, check, differs
from conformance.judge.conditions import completion
from conformance.judge.marks import marks
from conformance.judge.mistakes import BUSY


@check("connection.after-left", MUST, together=survived, when=left_if_meant,
       source=(rfc(9112, "9.5"), "https://github.com/sgl-project/sglang/issues/39216"),
       breaks=("left-server-dead", "left-server-fails"), covers="CONNECTION-003")  # fmt: skip
def servers_outlive_their_clients(usual: Exchange, left: Exchange, x: Exchange) -> Problems:
    """After a client went away, before its answer or in the middle of it, the next request is served as before.

    One user who presses "stop" is an outage for all the others.
    """
    if not x.answered:
        yield differs("the answer to the next request after a client went away", x.failure, "an answer as before")
    elif not x.ok and x.status not in BUSY:
        yield differs("the status of the next request after a client went away", x.status, f"{usual.status}, as before")


@check("connection.own-answer", MUST, together=beside, when=repeats_a_mark,
       source=(rfc(9112, "9.3.2"), "https://github.com/ml-explore/mlx-lm/issues/965"), breaks="answers-crossed",
       covers="CONNECTION-004")  # fmt: skip
def everybody_gets_his_own_answer(x: Exchange, other: Exchange) -> Problems:
    """Of several requests at the same moment each gets the answer to its own question.

    One user reads what another has asked, and no error shows it.
    """
    if mark_of(other) in said(x):
        yield differs(f"the answer to a request to repeat {mark_of(x)}", mark_of(other), "no word of another request")


@check("connection.no-stranger", MUST, when=completion & repeats_a_mark,
       source=(rfc(9112, "9.3.2"), "https://github.com/ml-explore/mlx-lm/issues/965"), breaks=("answers-crossed", "answers-of-strangers"),
       covers="CONNECTION-004")  # fmt: skip
def no_answer_holds_what_a_stranger_asked(x: Exchange) -> Problems:
    """An answer holds no mark that its own request does not hold.

    One user reads what another has asked, then or long before, and no error shows it.
    """
    own = marks_asked(x)
    for mark in marks(said(x)):
        if mark not in own:
            yield differs("the mark in the answer", mark, f"{' or '.join(own)}, as asked" if own else "none, as asked")
