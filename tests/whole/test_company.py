"""What is held against a server that a client left, or that several asked at once: only what cannot have another reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST

GONE = {"status": None, "headers": (), "body": b"", "arrivals": ()}
STALLED = "no answer came within 60 s (limit: first byte)"


def outcome(check, *odd):
    run = HONEST | {x.id: x for x in odd}
    return judge([replace(x, memo={}) for x in run.values()], [catalogue()[check]])[0].outcome


def after_left(took=0.5, **change):
    usual = replace(HONEST["chat.hello"], arrivals=((took, len(HONEST["chat.hello"].body)),))
    return outcome("connection.after-left", usual, replace(HONEST["connection.after-left"], **change))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, "pass"),
        ({**GONE, "ended": "refused", "failure": "nothing listens"}, "fail"),
        ({**GONE, "ended": "cut", "failure": "closed"}, "fail"),
        ({**GONE, "ended": "timeout", "failure": STALLED}, "fail"),
        ({**GONE, "ended": "timeout", "failure": STALLED, "took": 3.0}, "not-exercised"),
        ({"status": 500}, "fail"),
        ({"status": 503}, "pass"),
    ],
)
def test_after_a_client_left_only_what_is_no_queue_is_held_against_the_server(change, found):
    assert after_left(**change) == found


def test_a_server_that_was_silent_before_is_not_blamed_on_who_left():
    left = [replace(x, **GONE, ended="left") for x in HONEST.values() if "leaves" in x.intent]
    after = replace(HONEST["connection.after-left"], **GONE, ended="cut", failure="closed")
    assert outcome("connection.after-left", *left, after) == "not-exercised"


MARKED = [x for x in HONEST.values() if "marked" in x.intent]


def test_a_model_that_repeats_no_mark_tells_nothing():
    mute = [replace(x, body=HONEST["chat.hello+stream" if x.streaming else "chat.hello"].body) for x in MARKED]
    assert outcome("connection.own-answer", *mute) == "not-exercised"


def test_the_words_of_another_are_found_though_the_others_tell_nothing():
    amber, birch = (HONEST[f"connection.three-{name}"] for name in ("amber", "birch"))
    assert outcome("connection.own-answer", replace(amber, body=birch.body)) == "fail"
