"""What a server would do that fails just these checks: the fewest lies of the reference that explain them, a diagnosis and no verdict.

    diagnose(verdicts)   the lies, the one that explains most first

The proofs say which lie fails which checks (`breaks=` of every check). A lie fits where the checks that name it fail, and speaks
against itself where one of them passes; what could not be tested says nothing. Lies that fail the same checks are told apart by
the words of the problems: what was asked, which member, what kind of value. It must not judge, and changes no verdict.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from conformance.judge.verdicts import Verdict

MOST = 100
"""Lies of one diagnosis; who tells more has other worries."""
LEAST = 0.5
"""What a lie must explain, in checks, each counted as far as the lie fits."""
WITNESS = 0.5
"""What an `sdk.` check counts: it tells what a client makes of an answer, and most lies are noticed there in one way or another."""
APART = 0.7
"""Of two lies that explain the same, the one whose words are nearer is meant, unless the other's are as near as that."""
_WORD = re.compile(r"[a-z]+|\d+")
_STEM = 5
"""Letters of a word that are compared."""
_KINDS = {
    r'["\']': "text string quoted",
    r"\{": "object",
    r"\[\]": "empty list array",
    r"\[": "list array",
    r"\d+\.\d": "float fraction number",
    r"-?\d": "number",
    "null": "null absent without missing no",
    "absent": "absent without missing no",
}
"""Words for the kind of value that a message has seen."""


@dataclass(frozen=True)
class AsIf:
    """One lie that explains failing checks, and which of them."""

    lie: str
    says: str
    checks: tuple[str, ...]
    likeness: float = 1.0
    """How near its words are to those of the problems, from 0 to 1."""
    rivals: tuple[str, ...] = ()
    """What other lies say that explain the same, and that the words of the problems do not tell apart."""


def diagnose(verdicts: Sequence[Verdict]) -> list[AsIf]:
    """The fewest lies that would give what fails and is not known, the one that explains most first."""
    failed = {v.check.id: problem_words(v.problems) for v in verdicts if v.outcome == "fail" and not v.known}
    if not failed:
        return []
    from conformance.areas.catalogue import catalogue, lies  # only for this are lies loaded beside a run

    told: dict[str, set[str]] = defaultdict(set)
    for check in catalogue().values():
        for name in check.breaks:
            told[name].add(check.id)
    passed = {v.check.id for v in verdicts if v.outcome == "pass"}
    return explain(failed, passed, {name: (lie.says, told[name]) for name, lie in lies().items()})


def explain(
    failed: Mapping[str, Counter[str]], passed: set[str], lies: Mapping[str, tuple[str, set[str]]]
) -> list[AsIf]:
    """Greedily, the lie first that explains most of what is left; of equal ones, the one whose words are nearest.

    `failed` are checks with the words of their problems, `lies` by name what each says and which checks it fails.
    """
    alike = _Likeness({name: f"{name} {says}" for name, (says, _) in lies.items()})
    fits = {name: _fits(checks, failed.keys(), passed) for name, (_, checks) in lies.items() if checks & failed.keys()}
    left, found = set(failed), []
    while left and fits and len(found) < MOST:
        worth = {name: fit * sum(_weight(id) for id in lies[name][1] & left) for name, fit in fits.items()}
        most = max(worth.values())
        if most < LEAST * WITNESS:
            break
        equal = {n: alike(n, _together(failed, lies[n][1])) for n in worth if worth[n] == most}
        best = max(equal, key=equal.__getitem__)
        explained = lies[best][1] & left
        near = [n for n in equal if n != best and lies[n][1] & left == explained and equal[n] > APART * equal[best]]
        found.append(
            AsIf(
                best,
                lies[best][0],
                checks=tuple(id for id in failed if id in explained),
                likeness=round(alike.share(best, _together(failed, lies[best][1])), 2),
                rivals=tuple(lies[n][0] for n in near),
            )
        )
        left -= explained
        fits = {n: fit for n, fit in fits.items() if lies[n][1] & left}
    return found


def _weight(id: str) -> float:
    return WITNESS if id.startswith("sdk.") else 1.0


def _fits(checks: set[str], failed: Iterable[str], passed: set[str]) -> float:
    """How far what was seen of a lie's checks is what the lie does, squared: half a fit is worth a quarter."""
    right, against = len(checks.intersection(failed)), len(checks & passed)
    return (right / (right + against)) ** 2


def _together(failed: Mapping[str, Counter[str]], checks: set[str]) -> Counter[str]:
    words: Counter[str] = Counter()
    for id in checks & failed.keys():
        words += failed[id]
    return words


def problem_words(problems: Iterable[tuple[Sequence[str], str]]) -> Counter[str]:
    """The words of problems: of the messages, of what was asked, and of the kinds of values that were seen."""
    words: Counter[str] = Counter()
    for ids, message in problems:
        seen = message.partition(" is ")[2]
        kind = next((words for pattern, words in _KINDS.items() if re.match(pattern, seen)), "")
        streamed = "stream streamed" if any("+stream" in id for id in ids) else ""
        words.update(_words(f"{' '.join(ids)} {message} {kind} {streamed}"))
    return words


def _words(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower())}


class _Likeness:
    """How near what a lie says is to the words of problems: rare words tell more."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._words = {name: _words(text) for name, text in said.items()}
        often = Counter(word for words in self._words.values() for word in words)
        self._rare = {word: log(1 + len(said) / number) for word, number in often.items()}

    def __call__(self, lie: str, words: Counter[str]) -> float:
        """To tell lies apart: much that is common counts for more than a short lie of which all is common."""
        return self.share(lie, words) * sqrt(self._all(lie))

    def share(self, lie: str, words: Counter[str]) -> float:
        """The part of what the lie says that stands in the problems, from 0 to 1."""
        return sum(self._rare[word] for word in self._words[lie] if word in words) / self._all(lie)

    def _all(self, lie: str) -> float:
        return sum(self._rare[word] for word in self._words[lie]) or 1.0
