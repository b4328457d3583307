"""The table of requirements is complete: every row has a check or a reason, and every check names rows that exist."""

from __future__ import annotations

import re

from conformance.areas import requirements as table
from conformance.areas.catalogue import catalogue
from conformance.areas.requirements import Requirement
from conformance.judge.condition import whole
from conformance.judge.verdicts import MUST, Check

AREAS = {"HTTP", "AUTH", "ERR", "RATE", "CHAT", "FIN", "STREAM", "USAGE", "TOOL", "MODEL"}


def test_the_table_is_complete():
    assert table.requirements(), "the table is empty"
    assert table.faults(catalogue().values()) == []


def test_every_area_of_the_core_is_there():
    assert {row.area for row in table.requirements().values()} >= AREAS


def test_every_row_is_a_sentence_of_its_own():
    rows = table.requirements().values()
    assert [row.id for row in rows if not re.fullmatch(r"[A-Z]+-\d{3}", row.id)] == []
    assert [row.id for row in rows if row.level not in ("must", "should", "may")] == []
    assert [row.id for row in rows if not row.text.endswith(".")] == []
    assert [row.id for row in rows if row.unseen is not None and len(row.unseen) < 20] == []


def test_every_fault_of_the_table_is_said(monkeypatch):
    rows = [
        Requirement("A-001", "must", "Answered."),
        Requirement("A-002", "must", "Forgotten."),
        Requirement("A-003", "must", "Both.", unseen="hidden"),
        Requirement("A-004", "must", "Unseen.", unseen="hidden"),
    ]
    monkeypatch.setattr(table, "requirements", lambda: {row.id: row for row in rows})
    check = Check("a.b", MUST, lambda x: iter(()), whole, None, (), (), ("A-001", "A-003", "A-005"))
    assert table.faults([check]) == [
        "A-002 has neither a check nor a reason why it cannot be seen",
        "A-003 is covered by a.b and yet said to be unseen",
        "a.b covers A-005, which is no row of the requirements",
    ]
