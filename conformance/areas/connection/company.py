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
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import completion
from conformance.judge.marks import marks
from conformance.judge.mistakes import BUSY
from conformance.judge.relations import probes


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


# SHOULD: a model may fail at the second what it did at the first, though it hardly does.
@check("connection.same-beginning", SHOULD, together=probes("connection.ruled-1", "connection.ruled-2"), when=completion,
       source=("https://github.com/tenstorrent/vllm/issues/415", "https://github.com/jundot/omlx/issues/2255"),
       breaks=("prefix-garbled", "prefix-of-another"), covers="CONNECTION-006")  # fmt: skip
def what_is_kept_of_a_prompt_changes_nothing(first: Exchange, x: Exchange) -> Problems:
    """A prompt that begins as an earlier one did is answered as well as that was.

    Servers keep what prompts begin with: where it is kept wrongly, every later turn of an agent is garbage, and the first is fine.
    """
    if mark_of(first) in said(first) and mark_of(x) not in said(x):
        yield differs("the answer to a prompt that begins as another did", said(x), f"{mark_of(x)}, as asked")


@check("connection.no-stranger", MUST, when=completion & repeats_a_mark,
       source=(rfc(9112, "9.3.2"), "https://github.com/ml-explore/mlx-lm/issues/965"), covers="CONNECTION-004",
       breaks=("answers-crossed", "answers-of-strangers", "prefix-of-another", "answers-by-last-message"))  # fmt: skip
def no_answer_holds_what_a_stranger_asked(x: Exchange) -> Problems:
    """An answer holds no mark that its own request does not hold.

    One user reads what another has asked, then or long before, and no error shows it.
    """
    own = marks_asked(x)
    for mark in marks(said(x)):
        if mark not in own:
            yield differs("the mark in the answer", mark, f"{' or '.join(own)}, as asked" if own else "none, as asked")
