"""Levels follow what was measured of real clients, or a check says why its own does not."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.clients.levels import faults, felt, unfelt
from conformance.areas.catalogue import catalogue, lies
from conformance.areas.levels import reasons
from conformance.clients.breaks import measured
from conformance.judge.verdicts import MUST, SHOULD

CHECKS, REACHED = [*catalogue().values()], measured()["reached"]


def test_each_level_that_the_clients_speak_against_has_its_reason_and_no_other():
    assert faults(CHECKS, REACHED, reasons()) == []
    assert set(REACHED) <= {*lies()}


def test_a_level_that_clients_speak_against_needs_a_reason():
    lowered = [replace(check, level=SHOULD) if check.id == "chat.choices" else check for check in CHECKS]
    assert "chat.choices" in {check.id for check, _, _ in felt(lowered)}
    assert faults(lowered, REACHED, reasons()) == ["chat.choices has no reason for its level"]
    raised = [replace(check, level=MUST) if check.id == "error.flat-tool-refused" else check for check in CHECKS]
    assert "error.flat-tool-refused needs no reason any more" in faults(raised, REACHED, reasons())


def test_a_must_that_is_felt_or_that_nobody_asks_for_needs_none():
    assert "chat.created-seconds" in {check.id for check in unfelt(CHECKS, REACHED)}
    assert "chat.created-seconds" not in {check.id for check in unfelt(CHECKS, ())}


def test_a_reason_is_a_sentence_of_its_own():
    said = list(reasons().values())
    assert [why for why in said if not 60 < len(why) < 300 or not why.endswith(".")] == []
    assert [id for id, why in reasons().items() if why == catalogue()[id].impact] == []
