"""Puts checks together that stem from the same thing. It must not order them, or say anything of them.

Equal symptoms are one group. Then groups are joined where the answers or the proofs say that they are one: a request that is
a fault plain and cut off when streamed; members that the very same answers lack; checks that fail together wherever the reference
tells one lie; what the official client makes of answers, with what is wrong with those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from conformance.exchange import Exchange
from conformance.report.causes.symptom import FAULT, GONE, LOST, MEMBER, Symptom, symptoms
from conformance.report.rows import Row

Group = list[tuple[Row, Symptom]]
"""Checks with one cause, each with what it saw of it."""
COVERED, TELLING = 0.8, 0.25
"""The part of a client's exchanges that must be among those of what it follows from, and the part that they must be of those."""


def groups(
    table: Sequence[Row], exchanges: Mapping[str, Exchange], proven: Sequence[frozenset[str]] = ()
) -> list[Group]:
    """The failing and untestable rows by cause. `proven` are checks that a lie of the reference fails together, a set a lie."""
    seen = {row.id: symptoms(row, exchanges) for row in table}
    found: dict[tuple[str, ...], Group] = defaultdict(list)
    for row in table:
        if row.state == "fail" and row.area != "sdk":
            found[seen[row.id][0].key].append((row, seen[row.id][0]))
    roots = set(found)
    clients = []
    for row in table:
        mine = seen[row.id]
        if row.state == "fail" and row.area == "sdk":
            clients.append((row, mine[0]))
        elif row.state == "untestable":
            symptom = next((each for each in mine if each.key in roots), mine[0])
            found[symptom.key].append((row, symptom))
    joined = _same_members(_twins(list(found.values())))
    for client in clients:
        _follow(client, joined)
    return _by_proof(joined, proven)


def _twins(found: list[Group]) -> list[Group]:
    """What is cut off when streamed joins the fault of the same request when it is plain."""
    faults = [group for group in found if group[0][1].kind == FAULT]
    kept = []
    for group in found:
        if group[0][1].kind == LOST and (fault := _plain(group, faults)) is not None:
            fault += group
        else:
            kept.append(group)
    return kept


def _plain(group: Group, faults: list[Group]) -> Group | None:
    asked = {_base(id) for id in _ids(group)}
    return next((fault for fault in faults if asked <= {_base(id) for id in _ids(fault)}), None)


def _base(id: str) -> str:
    return id.removesuffix("+stream")


def _ids(group: Group) -> set[str]:
    return {id for _, symptom in group for id in symptom.ids}


def _same_members(found: list[Group]) -> list[Group]:
    """Members that the very same answers lack are lacking for one reason."""
    kept: dict[tuple, Group] = {}
    for n, group in enumerate(found):
        kind, scope, *_, wrong = (*group[0][1].key, "", "")[:4]
        lacking = kind == MEMBER and wrong == GONE
        key = (scope, frozenset(_ids(group))) if lacking else (n,)
        kept.setdefault(key, []).extend(group)
    return list(kept.values())


def _follow(client: tuple[Row, Symptom], found: list[Group]) -> None:
    """What a client makes of answers follows from what is wrong with the fewest answers that include them."""
    symptom = client[1]
    mine = set(symptom.ids)
    fitting = [group for group in found if len(mine & _failing(group)) >= COVERED * len(mine)]
    same = [group for group in fitting if any(each.key[2:] == symptom.key[2:] for _, each in group)]
    near = [group for group in fitting if len(mine) >= TELLING * len(_failing(group))]
    if same or near:
        min(same or near, key=lambda group: len(_failing(group))).append(client)
    else:
        found.append([client])


def _failing(group: Group) -> set[str]:
    """The exchanges in which a group's checks failed; none of one that could not be tested."""
    return {id for row, symptom in group if row.state == "fail" for id in symptom.ids}


def _by_proof(found: list[Group], proven: Sequence[frozenset[str]]) -> list[Group]:
    """Groups that one lie of the reference fails together, and that were seen in a common answer, are one; where a group has
    more to it than the lie, it stays."""
    for checks in proven:
        hit = [group for group in found if _mostly(group, checks)]
        first = hit[:1]
        for group in hit[1:]:
            if _failing(first[0]) & _failing(group):
                first[0].extend(group)
                found = [each for each in found if each is not group]
    return found


def _mostly(group: Group, checks: frozenset[str]) -> bool:
    failing = [row.id in checks for row, _ in group if row.state == "fail"]
    return sum(failing) * 2 > len(failing)
