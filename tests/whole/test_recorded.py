"""What the judge says of the reference stays what was reviewed: which answers each check judges, and which it leaves alone.

A condition that is too wide makes no lie pass: the check then judges what it is not about, and passes where nothing was exercised. Where a
change is meant, `nox -s snapshots` writes the files again, and their diff is reviewed.
"""

from __future__ import annotations

import pytest

from conformance.areas.catalogue import catalogue, lies
from tests.support import digests, proving, snapshots


def test_each_check_judges_the_recorded_answers_and_no_others():
    recorded, found = snapshots.recorded_applied(), snapshots.applied()
    assert {check: ids for check, ids in found.items() if recorded.get(check) != ids} == {}
    assert set(recorded) == set(catalogue())


def test_no_check_judges_everything_there_is():
    everything = set(proving.honest())
    assert [check for check, ids in snapshots.applied().items() if everything <= set(ids)] == []


def test_what_is_said_of_every_lie_is_recorded():
    assert set(snapshots.recorded_words()) == set(lies())


@pytest.mark.parametrize("table", digests.TABLES)
def test_what_comes_of_answers_and_damage_is_recorded(table):
    recorded, found = digests.recorded(table), digests.TABLES[table]()
    changed = {name: (recorded.get(name), held) for name, held in found.items() if recorded.get(name) != held}
    assert (changed, set(recorded) - set(found)) == ({}, set()), "if meant: nox -s snapshots"


@pytest.mark.parametrize("area", digests.AREAS)
@pytest.mark.parametrize("table", digests.BY_AREA)
def test_what_comes_of_lies_and_of_damage_in_an_area_is_recorded(table, area):
    recorded, found = digests.recorded(table), digests.BY_AREA[table](area)
    assert {name: (recorded.get(name), held) for name, held in found.items() if recorded.get(name) != held} == {}, (
        "if meant: nox -s snapshots"
    )


@pytest.mark.parametrize(("table", "every"), [("judged", catalogue), ("told", lies)])
def test_nothing_is_recorded_that_is_gone(table, every):
    assert set(digests.recorded(table)) == set(every())


def test_no_message_about_a_damaged_answer_shows_our_own_objects():
    verdicts = (v for area in digests.AREAS for each in digests.verdicts(area).values() for v in each)
    said = {message for v in verdicts for _, message in v.problems}
    assert [message for message in said if " object at 0x" in message or "<class " in message] == []


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ("", ""),
        ("a.x", "a.x"),
        ("a.x a.y", "a.*"),
        ("a.x a.y b.one-1 b.one-2 b.two", "*"),
        ("a.x b.one-2 b.one-1", "a.x b.one-*"),
        ("a.x+stream a.x", "a.x a.x+stream"),
        ("b.one-1+stream b.one-2+stream", "b.one-*+stream"),
    ],
)
def test_answers_are_written_by_what_they_begin_with(held, line):
    plain = ["a.x", "a.y", "b.one-1", "b.one-2", "b.two"]
    streams = ["a.x+stream", "b.one-1+stream", "b.one-2+stream", "b.two+stream", "c+stream"]
    assert " ".join(snapshots.short(held.split(), plain + streams)) == line
