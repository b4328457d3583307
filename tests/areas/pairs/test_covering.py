"""The covering array covers: every pair that may stand together does, in few rows, each of which is a request that may be sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conformance.areas.pairs import covering
from conformance.areas.pairs.factors import APART, FACTORS, NEEDS, asked_in, body_of, fits
from conformance.areas.pairs.probes import ROWS, WIDTH, planned, supported
from tests.support import proving


def valid(names):
    return {pair for pair in covering.pairs(names) if fits(covering.whole(pair, NEEDS))}


def covered(rows):
    return set().union(*map(covering.pairs, rows))


def test_every_valid_pair_is_asked_for_in_some_ten_requests():
    assert valid(FACTORS) <= covered(ROWS)
    assert len(ROWS) <= 14


def test_a_row_is_a_request_that_asks_for_just_that():
    for row in ROWS:
        assert fits(row), row
        assert len(row) <= WIDTH
        assert asked_in(body_of(row)) == row


def test_whatever_is_supported_every_pair_of_it_is_left():
    """Rows lose what an endpoint lacks, and with it only pairs that cannot be asked for."""
    for lacking in FACTORS:
        left = {name for name in FACTORS if lacking not in covering.whole([name], NEEDS)}
        assert valid(left) <= covered(row & left for row in ROWS)


def test_the_reference_is_asked_for_every_pair_of_what_it_supports():
    """All but reasoning_effort, which its model lacks."""
    ours = [x for x in proving.honest().values() if "pairs" in x.intent]
    alone = supported([x for x in proving.honest().values() if "pairs" not in x.intent])
    assert alone == FACTORS.keys() - {"reasoning_effort"}
    assert valid(alone) <= covered(asked_in(x.asked) for x in ours)


def test_what_was_never_served_is_not_asked_for():
    chats = [x for x in proving.honest().values() if not x.intent & {"pairs"} and "image_url" not in str(x.asked)]
    bodies = [planned(row, chats) for row in ROWS]
    assert bodies
    assert not any("an image" in asked_in(body) for body in bodies if body)
    assert planned(ROWS[0], []) is None


def test_a_pair_left_out_is_of_known_features_and_has_a_reason():
    assert all(pair <= FACTORS.keys() and len(reason) > 20 for pair, reason in APART.items())


NAMES = st.sets(st.sampled_from("abcdefghijkl"), min_size=2)


@given(names=NAMES, apart=st.sets(st.frozensets(st.sampled_from("abcdefghijkl"), min_size=2, max_size=2)),
       width=st.integers(2, 6))  # fmt: skip
def test_any_features_are_covered(names, apart, width):
    rows = covering.rows(names, {}, lambda row: not any(pair <= row for pair in apart), width)
    assert covering.pairs(names) - apart <= covered(rows)
    assert not any(pair <= row for row in rows for pair in apart)
    assert max((len(row) for row in rows), default=0) <= width
