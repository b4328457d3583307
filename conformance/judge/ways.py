"""Which of many conditions hold of an exchange, found by what they have in common: one that says no decides for all that begin alike.

What a condition asks of one fact (the route, a parameter, an intent, the status) is looked up instead of asked. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from conformance.exchange import Exchange, NotRecorded
from conformance.judge.condition import Condition, Fact, whole

T = TypeVar("T")
_UNASKED = object()
_FACTS = object()
"""The place in an exchange's memo for what is known of it."""


@dataclass
class _Node(Generic[T]):
    """The items whose condition is the way to here, and the ways on."""

    items: list[T] = field(default_factory=list)
    ways: dict[Condition, _Node[T]] = field(default_factory=dict)
    known: dict[Fact, list[tuple[Condition, _Node[T]]]] = field(default_factory=dict)
    """The ways whose condition is a fact."""
    heads: list[tuple[Condition, _Node[T]]] = field(default_factory=list)
    """Those whose fact is undecided until the answer is whole."""
    asked: list[tuple[Condition, _Node[T]]] = field(default_factory=list)

    def all(self) -> Iterator[T]:
        """The items from here on."""
        yield from self.items
        for node in self.ways.values():
            yield from node.all()

    def sort(self) -> None:
        """Put the ways where they are looked for."""
        for way in self.ways.items():
            for fact in way[0].facts:
                self.known.setdefault(fact, []).append(way)
            if way[0].facts and way[0].by_head:
                self.heads.append(way)
            elif not way[0].facts:
                self.asked.append(way)
            way[1].sort()


class Ways(Generic[T]):
    """Items, each behind a condition. `reached` gives those whose condition does not say no."""

    def __init__(self, items: Iterable[tuple[Condition, T]]) -> None:
        self._root: _Node[T] = _Node()
        for condition, item in items:
            node = self._root
            for part in condition.parts:
                node = node.ways.setdefault(part, _Node())
            node.items.append(item)
        self._root.sort()

    def reached(self, x: Exchange, fault: Callable[[Iterable[T]], None]) -> list[tuple[T, bool]]:
        """(item, whether its condition says yes, not only that it cannot tell). What its recorder did not keep reaches nothing; where a
        condition itself fails, `fault` is told, within the exception, of all items behind it."""
        memo, found = x.memo, []
        try:
            facts, is_whole = _facts(x)
        except Exception:  # ours
            fault(self._root.all())
            return found
        left: list[tuple[_Node[T], bool]] = [(self._root, True)]
        while left:
            node, sure = left.pop()
            for item in node.items:
                found.append((item, sure))
            if node.known:
                for fact in facts:
                    for _, further in node.known.get(fact, ()):
                        left.append((further, sure))
            for condition, further in node.asked if is_whole or not node.heads else [*node.asked, *node.heads]:
                answer = memo.get(condition, _UNASKED)
                if answer is _UNASKED:
                    try:
                        answer = memo[condition] = condition.test(x)
                    except NotRecorded:
                        continue
                    except Exception:  # ours
                        fault(further.all())
                        continue
                if answer is not False:
                    left.append((further, sure and answer is True))
        return found


def _facts(x: Exchange) -> tuple[list[Fact], bool]:
    """All that is known of an exchange without a question, and whether its answer is whole: else its status is no fact."""
    known = x.memo.get(_FACTS)
    if known is None:
        is_whole = _kept(lambda: whole(x)) is True
        facts: list[Fact] = [("intent", name) for name in x.intent]
        facts += [("route", route)] if (route := _kept(lambda: x.route)) is not None else []
        facts += [("asked", name) for name, value in (_kept(lambda: x.asked) or {}).items() if value is not None]
        facts += [("status", status)] if is_whole and (status := _kept(lambda: x.status)) is not None else []
        known = x.memo[_FACTS] = facts, is_whole
    return known


def _kept(read: Callable[[], T]) -> T | None:
    """What is read, None where the recorder did not keep it."""
    try:
        return read()
    except NotRecorded:
        return None
