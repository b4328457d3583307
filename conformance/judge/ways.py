"""Which of many conditions hold of an exchange, found by what they have in common: one that says no decides for all that begin alike.

What a condition asks of one fact (the route, a parameter, an intent, the status) is looked up instead of asked. Of exchanges with one
outline (outlines.py) the way is found once, as far as the outline tells. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from conformance.exchange import Exchange, NotRecorded
from conformance.judge.condition import NOTHING, OPEN, Answer, Condition, Fact, whole
from conformance.judge.outlines import Outline, Outlines

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


@dataclass
class _Step(Generic[T]):
    """Items that are reached for certain, and then what must be asked of each exchange: a condition, and what is behind it."""

    items: list[tuple[T, bool]]
    condition: Condition | None = None
    node: _Node[T] = field(default_factory=_Node)
    sure: bool = True
    behind: dict[Answer, list[_Step[T]]] = field(default_factory=dict)
    """The way on by its answer."""


class Ways(Generic[T]):
    """Items, each behind a condition. `reached` gives those whose condition does not say no."""

    def __init__(self, items: Iterable[tuple[Condition, T]], outlines: Outlines | None = None) -> None:
        self._outlines = outlines
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
        outline = self._outlines.of(x) if self._outlines is not None else None
        way = self._way(outline) if outline is not None else None
        if outline is None or way is None:
            return self._walked(x, fault)
        found: list[tuple[T, bool]] = []
        self._follow(way, outline, x, found, fault)
        return found

    def _walked(self, x: Exchange, fault: Callable[[Iterable[T]], None]) -> list[tuple[T, bool]]:
        """`reached`, asking all the way."""
        found: list[tuple[T, bool]] = []
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
                answer = _asked(condition, x, further, fault)
                if answer is not False:
                    left.append((further, sure and answer is True))
        return found

    def _way(self, outline: Outline) -> list[_Step[T]] | None:
        """The way that all exchanges with this outline go; None where it does not tell even the facts."""
        if self not in outline.made:
            known = outline.read(lambda: _facts(outline.hollow))
            outline.made[self] = None if known is OPEN else self._steps(self._root, True, outline)
        found: list[_Step[T]] | None = outline.made[self]
        return found

    def _steps(self, node: _Node[T], sure: bool, outline: Outline) -> list[_Step[T]]:
        """The way on from a node as far as the outline tells, in the order of `_walked`."""
        facts, _ = _facts(outline.hollow)
        steps: list[_Step[T]] = [_Step([])]
        left: list[tuple[Condition | None, _Node[T], bool]] = [(None, node, sure)]
        while left:
            condition, node, sure = left.pop()
            if condition is not None:
                steps[-1].condition, steps[-1].node, steps[-1].sure = condition, node, sure
                steps.append(_Step([]))
                continue
            steps[-1].items += [(item, sure) for item in node.items]
            left += [(None, further, sure) for fact in facts for _, further in node.known.get(fact, ())]
            for condition, further in node.asked:
                answer = outline.ask(condition.test)
                if answer is OPEN:
                    left.append((condition, further, sure))
                elif answer is not NOTHING and answer is not False:
                    left.append((None, further, sure and answer is True))
        return steps

    def _follow(
        self,
        way: list[_Step[T]],
        outline: Outline,
        x: Exchange,
        found: list[tuple[T, bool]],
        fault: Callable[[Iterable[T]], None],
    ) -> None:
        for step in way:
            found += step.items
            if step.condition is None:
                return
            answer = _asked(step.condition, x, step.node, fault)
            if answer is not False:
                further = step.behind.get(answer)
                if further is None:
                    further = step.behind[answer] = self._steps(step.node, step.sure and answer is True, outline)
                self._follow(further, outline, x, found, fault)


def _asked(condition: Condition, x: Exchange, behind: _Node[T], fault: Callable[[Iterable[T]], None]) -> Answer:
    """The answer of a condition; no where its recorder did not keep what it asks for, or it fails."""
    answer = x.memo.get(condition, _UNASKED)
    if answer is _UNASKED:
        try:
            answer = x.memo[condition] = condition.test(x)
        except NotRecorded:
            return False
        except Exception:  # ours
            fault(behind.all())
            return False
    return answer  # type: ignore[return-value]


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
