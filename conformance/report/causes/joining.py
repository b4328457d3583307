"""Which groups of checks are one, where answers or proofs say so. Each rule is sure of what it says.

twins      a request that is a fault plain, and cut off when streamed
lacking    members that the very same answers lack
errors     members of the error object, wrong in the same errors
request    what is wrong in one request alone, plain and streamed
ignored    what is taken and not looked at, where that is several members of requests
proven     checks that fail together wherever the reference tells one lie, seen in a common answer
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.report.causes.symptom import FAULT, GONE, LOST, MEMBER, SERVED, Symptom
from conformance.report.rows import Row

Group = list[tuple[Row, Symptom]]
"""Checks with one cause, each with what it saw of it."""
Same = Callable[[Group, Group], bool]
ALIKE, WITHIN = 0.9, 0.8
"""How much of all answers that lack either member must lack both; how much of the fewer errors must be among the more."""
SEVERAL = 3
"""Ignored members from which on ignoring is one cause."""
RECORDED = "#"
"""In the id of an exchange of a recording: there one exchange is no request that was made for one purpose."""


def joined(found: list[Group], same: Same) -> list[Group]:
    """The groups, those that are the same put together, in the place of the first."""
    kept: list[Group] = []
    for group in found:
        home = next((each for each in kept if same(each, group) or same(group, each)), None)
        if home is None:
            kept.append(list(group))
        else:
            home += group
    return kept


def twins(fault: Group, cut: Group) -> bool:
    asked = {base(id) for id in _ids(fault)}
    return _kind(fault) == FAULT and _kind(cut) == LOST and {base(id) for id in _ids(cut)} <= asked


def lacking(one: Group, other: Group) -> bool:
    first, second = one[0][1].key, other[0][1].key
    if not first[0] == second[0] == MEMBER or not first[3] == second[3] == GONE or first[1] != second[1]:
        return False
    mine, theirs = _ids(one), _ids(other)
    return len(mine & theirs) >= ALIKE * len(mine | theirs) > 0


def faults(one: Group, other: Group) -> bool:
    return _kind(one) == _kind(other) == FAULT and _within(one, other)


def errors(one: Group, other: Group) -> bool:
    return all(_of_error_form(group[0][1].key) for group in (one, other)) and _within(one, other)


def _of_error_form(key: tuple[str, ...]) -> bool:
    return key[:2] == (MEMBER, "error") and (key[3] == GONE or key[3].startswith(("a ", "an ")))


def _within(one: Group, other: Group) -> bool:
    mine, theirs = failing(one), failing(other)
    return len(mine & theirs) >= WITHIN * min(len(mine), len(theirs)) > 0


def by_request(found: list[Group]) -> list[Group]:
    """The groups, those put together whose checks fail on one request alone, and on the same."""
    kept: dict[object, Group] = {}
    for n, group in enumerate(found):
        asked = {base(id) for id in failing(group)}
        alone = len(asked) == 1 and _kind(group) == MEMBER and not any(RECORDED in id for id in asked)
        kept.setdefault(asked.pop() if alone else n, []).extend(group)
    return list(kept.values())


def by_neglect(found: list[Group]) -> list[Group]:
    """The groups, those put together that fail on nothing but members which the endpoint ignores: it ignores what it does not know."""
    home, kept = None, []
    neglected = [group for group in found if neglects(group)]
    if len({name for group in neglected for name in neglects(group)}) < SEVERAL:
        return found
    for group in found:
        if not neglects(group):
            kept.append(group)
        elif home is None:
            kept.append(home := list(group))
        else:
            home += group
    return kept


def neglects(group: Group) -> list[str]:
    """The ignored members that all failing checks of a group are about; none where any is about something else, or where what is wrong
    is that a mistake was served."""
    failing = [(row, symptom) for row, symptom in group if row.state == "fail" and row.area != "sdk"]
    if not all(row.decline and symptom.kind != SERVED for row, symptom in failing):
        return []
    return list(dict.fromkeys(row.decline for row, _ in failing))


def proven(proofs: Sequence[frozenset[str]]) -> Same:
    def together(one: Group, other: Group) -> bool:
        fits = any(_mostly(one, checks) and _mostly(other, checks) for checks in proofs)
        return fits and bool(failing(one) & failing(other))

    proofs = [checks for checks in proofs if len(checks) > 1]
    return together


def _mostly(group: Group, checks: frozenset[str]) -> bool:
    """Whether most of what fails in a group is of these checks: where it has more to it, it stays."""
    found = [row.id in checks for row, _ in group if row.state == "fail"]
    return sum(found) * 2 > len(found)


def base(id: str) -> str:
    """The request, whether plain or streamed."""
    return id.removesuffix("+stream")


def failing(group: Group) -> set[str]:
    """The exchanges in which a group's checks failed; none of one that could not be tested."""
    return {id for row, symptom in group if row.state == "fail" for id in symptom.ids}


def _ids(group: Group) -> set[str]:
    return {id for _, symptom in group for id in symptom.ids}


def _kind(group: Group) -> str:
    return group[0][1].kind
