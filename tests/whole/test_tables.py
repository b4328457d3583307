"""What the rooms make of damaged and drawn inputs stays what it was (tests/support/tables/). If it is meant: `nox -s snapshots`."""

from __future__ import annotations

import pytest

from tests.support import tables


@pytest.mark.parametrize("name", tables.NAMES)
def test_what_a_room_makes_of_what_it_is_given_is_recorded(name):
    recorded, found = tables.recorded(name), tables.made(name)
    changed = {key: (recorded.get(key), held) for key, held in found.items() if recorded.get(key) != held}
    assert (changed, set(recorded) - set(found)) == ({}, set()), "if meant: nox -s snapshots"


def test_no_law_of_gateways_breaks_on_what_it_is_given():
    assert [law for law, held in tables.recorded("gateway").items() if "broken" in held] == []
