"""Puts checks together that stem from the same thing. It must not order them, or say anything of them.

Equal symptoms are one group, then groups are joined (joining.py). What could not be read goes to what is wrong with it; what the
official client makes of answers goes to what is wrong with those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from conformance.exchange import Exchange
from conformance.report.causes.joining import (
    Group,
    by_neglect,
    by_request,
    errors,
    failing,
    faults,
    joined,
    lacking,
    proven,
    twins,
)
from conformance.report.causes.symptom import Symptom, symptoms
from conformance.report.rows import Row

COVERED, TELLING = 0.8, 0.25
"""The part of a client's exchanges that must be among those of what it follows from, and the part that they must be of those."""


def groups(
    table: Sequence[Row], exchanges: Mapping[str, Exchange], proofs: Sequence[frozenset[str]] = ()
) -> list[Group]:
    """The failing and untestable rows by cause. `proofs` are checks that a lie of the reference fails together, a set a lie."""
    seen = {row.id: symptoms(row, exchanges) for row in table}
    found: dict[tuple[str, ...], Group] = defaultdict(list)
    for row in table:
        if row.state == "fail" and row.area != "sdk":
            found[seen[row.id][0].key].append((row, seen[row.id][0]))
    roots = set(found)
    for row in table:
        if row.state == "untestable":
            symptom = next((each for each in seen[row.id] if each.key in roots), seen[row.id][0])
            found[symptom.key].append((row, symptom))
    whole = list(found.values())
    for same in (twins, faults, lacking, errors):
        whole = joined(whole, same)
    for row in table:
        if row.state == "fail" and row.area == "sdk":
            _follow((row, seen[row.id][0]), whole)
    return by_neglect(by_request(joined(whole, proven(proofs))))


def _follow(client: tuple[Row, Symptom], found: list[Group]) -> None:
    """What a client makes of answers follows from what is wrong with the fewest answers that include them."""
    symptom = client[1]
    mine = set(symptom.ids)
    fitting = [group for group in found if len(mine & failing(group)) >= COVERED * len(mine)]
    same = [group for group in fitting if any(each.key[2:] == symptom.key[2:] for _, each in group)]
    near = [group for group in fitting if len(mine) >= TELLING * len(failing(group))]
    if same or near:
        min(same or near, key=lambda group: len(failing(group))).append(client)
    else:
        found.append([client])
