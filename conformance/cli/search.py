"""Finds checks by a user's own words, as in "tool call index missing". SQLite's full-text index stems and ranks them; what is searched
is what is said of a check: its id, its requirement, what breaks without it, and how its lies break it.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing

from conformance.areas.catalogue import area_of, lies
from conformance.exchange.documented import ENDPOINTS
from conformance.judge.verdicts import MAY, MUST, SHOULD, Check

COLUMNS = {"id": 4.0, "requirement": 6.0, "impact": 1.5, "lies": 4.0}
"""What is searched, and what a word in it weighs."""
LEVELS = {MUST: 1.25, SHOULD: 1.0, MAY: 0.8}
"""Who looks for a failure rather looks for a MUST."""
SAID = {
    "hang": "close end", "hangs": "close end", "never": "close end", "ends": "close end", "duplicate": "once twice unique",
    "missing": "absent without", "empty": "empty blank", "wrong": "wrong other", "ignored": "ignored heed", "key": "key token",
    "order": "order index", "thinking": "reasoning", "think": "reasoning", "crash": "500 failure", "truncated": "cut length",
    "ndjson": "event data", "cors": "preflight origin browser", "sum": "total", "add": "total", "vector": "embedding",
    "throttled": "429 rate", "string": "text string", "null": "null", "ms": "milliseconds",
}  # fmt: skip
"""Words of users for what is called otherwise here; they weigh half."""
WITNESS = "sdk"
"""The area of checks that judge what follows from a fault; who looks for the fault means another."""
SILENT = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "how", "i", "in", "into",
    "is", "it", "its", "my", "of", "on", "or", "our", "should", "that", "the", "there", "they", "this", "to", "was", "we",
    "what", "when", "where", "which", "why", "with", "you",
))  # fmt: skip


def search(words: str, checks: Sequence[Check]) -> list[Check]:
    """The checks that the words are about, best first; none where no word is known."""
    terms = {word: 1.0 for word in re.findall(r"\w+", words.lower()) if word not in SILENT}
    terms = {other: 0.5 for word in terms for other in SAID.get(word, "").split()} | terms
    by_id = {check.id: check for check in checks}
    ranks, held = Counter(), Counter()
    for term, found in ranked(checks, terms).items():
        for id, rank in found.items():
            ranks[id] += terms[term] * rank
            held[id] += terms[term]
    whole = sum(terms.values())
    scores = {
        id: rank
        * LEVELS[by_id[id].level]
        * (held[id] / whole) ** 1.5
        * (1 + _named(id, terms))
        * _near(by_id[id], terms)
        for id, rank in ranks.items()
    }
    return [by_id[id] for id in sorted(scores, key=lambda id: -scores[id])]


def ranked(checks: Sequence[Check], terms: Iterable[str]) -> dict[str, dict[str, float]]:
    """By term, how much each check that holds it is about it."""
    weights = ", ".join(map(str, COLUMNS.values()))
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute(f"create virtual table said using fts5({', '.join(COLUMNS)}, tokenize='porter unicode61')")
        index.executemany("insert into said values (?, ?, ?, ?)", map(_row, checks))
        asked = f"select id, bm25(said, {weights}) from said where said match ?"
        return {
            term: {id.partition(" ")[0]: -rank for id, rank in index.execute(asked, (f'"{term}"',))} for term in terms
        }


def words_of(check: Check) -> set[str]:
    """The words that a check is found by."""
    return {*re.findall(r"\w+", " ".join(_row(check)).lower())}


def others(check: Check) -> list[str]:
    """The endpoints beside chat that a check is about, by its id and its area."""
    words = {*re.findall(r"\w+", check.id), area_of(check)}
    return [name for name in ENDPOINTS if name != "chat" and words & {name, name.removesuffix("s")}]


def _named(id: str, terms: Collection[str]) -> float:
    """How much of an id was said, its area counting little: who says all of it means this check, not one that only begins so."""
    area, _, name = id.partition(".")
    own = re.findall(r"\w+", name)
    said = [word for word in own if any(term == word or term == f"{word}s" or word == f"{term}s" for term in terms)]
    return (len(said) / len(own)) ** 2 + (0.3 if any(term.removesuffix("s") == area for term in terms) else 0)


def _near(check: Check, terms: Collection[str]) -> float:
    """Less for what is about another endpoint than chat that nobody named, and for what only follows from other checks."""
    other = others(check)
    unsaid = other and not any(term.rstrip("s") == name.rstrip("s") for term in terms for name in other)
    return (0.5 if unsaid else 1.0) * (0.5 if check.area == WITNESS else 1.0)


def _row(check: Check) -> tuple[str, str, str, str]:
    told = [f"{name} {lies()[name].says}" for name in check.breaks if name in lies()]
    return f"{check.id} {re.sub('[.-]', ' ', check.id)}", check.requirement, check.impact, " ".join(told)
