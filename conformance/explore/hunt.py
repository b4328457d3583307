"""The hunt: Hypothesis makes examples up, and what fails is shrunk to the smallest request that still fails the same check.

It must not send or judge; `ask` does, for a whole example. One kind of problem is hunted down at a time: when it is found and shrunk,
it is left out and the hunt goes on, until the examples are used up. An example counts as failing only if it fails twice in a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
from hypothesis.database import ExampleDatabase
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from conformance.explore.court import Failure
from conformance.explore.made import Made

SHRINK = 200
"""Examples that shrinking one finding may send; with the reference, most need some fifty."""
MOST = 10_000
"""Examples that are tried again because they failed before."""
KINDS = 3
"""Kinds of problems of one check that are hunted down; then the check is left out."""
Kind = tuple[str, str]


@dataclass(frozen=True)
class Caught:
    """One kind of problem: its smallest example, the failure as last seen there, and how often it was seen of how many sendings."""

    made: Made
    failure: Failure
    seen: int
    sent: int


@dataclass(frozen=True)
class Stage:
    """What to make up until this share of all examples is used up, or there is no more of it; the last has the share 1."""

    name: str
    strategy: SearchStrategy[Made]
    share: float = 1.0
    database: ExampleDatabase | None = None
    """Where what failed is kept; each stage has its own, for what is kept means nothing to another."""


class _Fails(Exception):
    """Tells Hypothesis that an example fails."""


class _UsedUp(BaseException):
    """Ends a round, through Hypothesis: the stage has had its share of the examples."""


class _Added(ExampleDatabase):
    """A database to which is only added: an example may fail a check that is left out by now."""

    def __init__(self, database: ExampleDatabase) -> None:
        super().__init__()
        self._database = database

    def fetch(self, key: bytes) -> object:
        return self._database.fetch(key)

    def save(self, key: bytes, value: bytes) -> None:
        self._database.save(key, value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Keep it."""

    def move(self, src: bytes, dest: bytes, value: bytes) -> None:
        self._database.save(dest, value)


@dataclass(repr=False)
class Hunt:
    """One exploration. `stages` are what to make up, one after the other; `ask` sends an example and gives what fails.

    `worth` says whether an example can concern the chosen checks at all. `run` may be cut short by what `ask` raises beside Exceptions:
    what was caught until then is in `caught`.
    """

    stages: Sequence[Stage]
    ask: Callable[[Made], Sequence[Failure]]
    examples: int
    seed: int
    worth: Callable[[Made], bool] = lambda made: True
    on_caught: Callable[[Caught], None] = lambda caught: None
    on_example: Callable[[int], None] = lambda count: None
    caught: list[Caught] = field(default_factory=list)
    once: Counter[str] = field(default_factory=Counter)
    """How often each check failed and then did not fail again."""
    tried: int = 0
    """Examples made up, all different, those of shrinking left out."""

    def __post_init__(self) -> None:
        self._known: dict[str, Sequence[Failure]] = {}
        self._confirmed: dict[tuple[str, Kind], Failure] = {}
        self._left_out: set[Kind] = set()
        self._wanted: Kind | None = None
        self._best: Caught | None = None
        self._room = 0
        self._most = 0

    def run(self) -> None:
        """First what was found before, then what is new, a stage after the other. Raises KeyboardInterrupt, and what `ask` raises."""
        try:
            self._most = MOST
            for stage in self.stages:
                while stage.database is not None and self._round(stage, Phase.reuse, 0):
                    pass
            self.tried = 0
            for stage in self.stages:
                self._most, number = max(1, int(stage.share * self.examples)), 0
                while self.tried < self._most and self._round(stage, Phase.generate, number):
                    number += 1
        except BaseException:
            self._take()
            raise

    def _round(self, stage: Stage, phase: Phase, number: int) -> bool:
        """Look for one more kind of problem, and shrink it. Whether there was one."""
        made = self._search(stage, phase, f"{self.seed} {stage.name} {number}")
        if made is None:
            return False
        self._best = self._narrowed(made)
        self._take()
        return True

    def _search(self, stage: Stage, phase: Phase, random: str) -> Made | None:
        """The smallest example that fails, None where none does. As hypothesis.find, which keeps nothing where it has a seed."""
        database = stage.database and (_Added(stage.database) if self._left_out else stage.database)
        smallest: list[Made] = []

        @given(stage.strategy)
        def attempt(made: Made) -> None:
            if self._fails(made):
                smallest[:] = [made]
                raise _Fails

        most = MOST if phase is Phase.reuse else self.examples + len(self._known)  # what is known costs nothing
        how = settings(max_examples=most, phases=(phase, Phase.shrink), database=database,
                       deadline=None, verbosity=Verbosity.quiet, print_blob=False, report_multiple_bugs=False,
                       suppress_health_check=list(HealthCheck))  # fmt: skip
        with suppress(_Fails, _UsedUp, Unsatisfiable, SkipTest):  # SkipTest: the database is empty
            how(seed(random)(attempt))()  # in this order: a seed takes the database away
        return smallest[0] if smallest else None

    def _fails(self, made: Made) -> bool:
        """Whether the example fails the check that is hunted down; any check, as long as none is."""
        if self._wanted is not None:
            return self._fails_so(made)
        if made.key not in self._known:
            if self.tried >= self._most:
                raise _UsedUp
            if not self.worth(made):
                reject()
            self.tried += 1
            self.on_example(self.tried)
        return any(self._again(made, failure) for failure in self._look(made) if not self._passed_over(failure))

    def _fails_so(self, made: Made) -> bool:
        return any(failure.kind == self._wanted and self._again(made, failure) for failure in self._look(made))

    def _look(self, made: Made) -> Sequence[Failure]:
        """What it fails, asked once; nothing where shrinking has sent all it may."""
        if made.key not in self._known:
            if self._wanted is not None:
                if self._room <= 0:
                    return ()
                self._room -= 1
            self._known[made.key] = self.ask(made)
        return self._known[made.key]

    def _again(self, made: Made, failure: Failure) -> bool:
        """Whether it fails so a second time; then that is what is hunted down."""
        if (made.key, failure.kind) not in self._confirmed:
            second = _of_kind(self.ask(made), failure.kind)
            if second is None:
                self.once[failure.check.id] += 1
                self._known[made.key] = [each for each in self._known[made.key] if each.kind != failure.kind]
                return False
            self._confirmed[made.key, failure.kind] = second
        if self._wanted is None:
            self._wanted, self._room = failure.kind, SHRINK
        self._best = Caught(made, self._confirmed[made.key, failure.kind], 2, 2)
        return True

    def _passed_over(self, failure: Failure) -> bool:
        kinds = sum(caught.failure.check == failure.check for caught in self.caught)
        return failure.kind in self._left_out or kinds >= KINDS

    def _narrowed(self, made: Made) -> Caught:
        """The smallest example, sent in fewer ways where that suffices, and then a third time."""
        fewer = (replace(made, ways=(way,)) for way in made.ways if len(made.ways) > 1)
        made = next((each for each in fewer if self._fails_so(each)), made)
        third = _of_kind(self.ask(made), self._wanted)
        return Caught(made, third or self._confirmed[made.key, self._wanted], 2 + (third is not None), 3)

    def _take(self) -> None:
        """Note what was caught, and look for something else."""
        if self._best is not None:
            same = self._known.get(self._best.made.key, ())  # what else of this check fails on it has the same cause
            self._left_out |= {self._wanted, *(each.kind for each in same if each.check == self._best.failure.check)}
            self.caught.append(self._best)
            self.on_caught(self._best)
        self._wanted = self._best = None


def _of_kind(failures: Sequence[Failure], kind: Kind) -> Failure | None:
    return next((failure for failure in failures if failure.kind == kind), None)
