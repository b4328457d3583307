"""From what single answers show to one word for each feature. A pure function of the exchanges; it keeps only a bounded part.

Plain and streamed answers are decided apart, and the worse of the two counts: what works plain and not streamed does not work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from conformance.exchange import Exchange, NotRecorded, Unreadable, find
from conformance.judge.asked_with import Asking
from conformance.judge.condition import about_it, whole
from conformance.judge.conditions import reports_error
from conformance.judge.features import Decision, Feature, Finding, unclear, wrong
from conformance.judge.mistakes import BUSY, DENIED
from conformance.judge.refusals import own_words

KEPT, KEPT_BYTES = 200, 64 * 1024
"""Exchanges kept of one feature for those that belong together, and how big one may be."""
IDS = 5
OURS = "the suite itself failed here, please report it"

_STATES: tuple[tuple[str, Decision], ...] = (
    ("wrong", "broken"),
    ("ignored", "ignored"),
    ("supported", "supported"),
    ("unseen", "ignored"),
    ("refused", "refused"),
    ("absent", "absent"),
    ("crashed", "broken"),
)
"""What an answer shows, by what outweighs what among answers of one kind: one that is ignored for certain outweighs any number that
are honoured; an effect not seen does not. What any request carried with success is not refused."""
_WORST: tuple[Decision, ...] = ("broken", "ignored", "refused", "absent", "supported")


@dataclass
class _Seen:
    """Answers that show the same: how many, the first ids, and why the first does."""

    why: str
    count: int = 0
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Decided:
    """What the endpoint does with a feature. `counts` are the answers by what they show, plain and streamed together."""

    feature: Feature
    decision: Decision
    why: str = ""
    exchanges: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Any exchange asked for it."""
        return bool(self.counts)


class Decider:
    """Takes exchanges one by one; `finish` decides each feature."""

    def __init__(self, wanted: Iterable[Feature]) -> None:
        self._wanted = list(wanted)
        self._seen: dict[str, dict[bool, dict[str, _Seen]]] = {each.name: {} for each in self._wanted}
        self._kept: dict[str, list[Exchange]] = {each.name: [] for each in self._wanted if each.together}
        self.asking = Asking()

    def add(self, x: Exchange) -> None:
        if not x.socket:
            with suppress(NotRecorded, Unreadable):
                self.asking.add(x)
        for each in self._wanted:
            try:
                if not about_it(each.when, x):
                    continue
                if each.when(x) is True:
                    self.asking.add_for(each.name, x)
                    if (finding := self._found(each, x)) is not None:
                        self._note(each, finding, x)
                elif each.beside is not None and each.beside(x) is True:
                    self._keep(each, x)
            except NotRecorded:
                continue
            except Exception as fault:  # ours; whatever an endpoint sent, the run goes on
                self._note(each, unclear(f"{OURS}: {type(fault).__name__}"), x)

    def finish(self) -> list[Decided]:
        """Each feature decided, in the order of the table."""
        for each in self._wanted:
            for group in _groups(each, self._kept.get(each.name, [])):
                finding = _judged(each, *group)
                if finding is not None:
                    self._note(each, finding, *group)
        decided = {each.name: self._decide(each) for each in self._wanted}
        return [self._told_apart(each, decided) for each in decided.values()]

    # ------------------------------------------------------------------ one answer

    def _found(self, each: Feature, x: Exchange) -> Finding | None:
        finding = look(each, x)
        if finding is None and each.together is None:
            return _judged(each, x)
        if finding is None:
            self._keep(each, x)
        return finding

    def _keep(self, each: Feature, x: Exchange) -> None:
        if len(x.body) + len(x.request_body) <= KEPT_BYTES:
            kept = self._kept[each.name]
            kept.append(x)
            del kept[:-KEPT]

    def _note(self, each: Feature, finding: Finding, *group: Exchange) -> None:
        mode = self._seen[each.name].setdefault(group[-1].streaming, {})
        seen = mode.setdefault(finding.state, _Seen(finding.why))
        seen.count += 1
        if len(seen.ids) < IDS:
            seen.ids += [x.id for x in group]

    # ------------------------------------------------------------------ all of them

    def _decide(self, each: Feature) -> Decided:
        modes = self._seen[each.name]
        counts: dict[str, int] = {}
        for states in modes.values():
            for state, seen in states.items():
                counts[state] = counts.get(state, 0) + seen.count
        found = {streamed: first for streamed, states in modes.items() if (first := _first(states))}
        if not found:
            unsure = [seen for states in modes.values() if (seen := states.get("unclear"))]
            why = unsure[0].why if unsure else "nothing that was sent tells"
            return Decided(each, "undecided", why, tuple(id for seen in unsure for id in seen.ids), counts)
        streamed, (decision, seen) = min(found.items(), key=lambda item: _WORST.index(item[1][0]))
        only = streamed and len(found) > 1 and found[False][0] != decision
        return Decided(each, decision, f"streamed: {seen.why}" if only else seen.why, tuple(seen.ids), counts)

    def _told_apart(self, mine: Decided, decided: dict[str, Decided]) -> Decided:
        """What is supported only because another feature never shows is not decided; a part of what is refused is refused with it."""
        whole = decided.get(mine.feature.part_of or "")
        if mine.asked and mine.decision == "undecided" and whole and whole.decision in ("refused", "absent"):
            why = f"{whole.feature.name} is {whole.decision}: {whole.why}"
            return Decided(mine.feature, whole.decision, why, mine.exchanges, mine.counts)
        other = decided.get(mine.feature.needs or "")
        if mine.decision != "supported" or other is None or other.decision == "supported":
            return mine
        why = f"it makes no difference where {other.feature.name} is {other.decision}"
        return Decided(mine.feature, "undecided", why, mine.exchanges, mine.counts)


def unmet(decided: Iterable[Decided], wanted: Iterable[str]) -> list[Decided]:
    """Those that are required and not supported."""
    names = set(wanted)
    return [each for each in decided if each.feature.name in names and each.decision != "supported"]


def _groups(each: Feature, kept: list[Exchange]) -> list[tuple[Exchange, ...]]:
    try:
        return list(each.together.groups(kept)) if each.together else []
    except Exception:  # ours
        return []


def _first(states: dict[str, _Seen]) -> tuple[Decision, _Seen] | None:
    return next(((decision, states[state]) for state, decision in _STATES if state in states), None)


def _judged(each: Feature, *group: Exchange) -> Finding | None:
    """What the law finds; an answer that it cannot read was not what was asked for."""
    try:
        return each.law(*group)
    except Unreadable as reason:
        return wrong(str(reason))
    except NotRecorded:
        raise
    except Exception as fault:  # ours; whatever an endpoint sent, the run goes on
        return unclear(f"{OURS}: {type(fault).__name__}")


def look(each: Feature, x: Exchange) -> Finding | None:
    """What the status alone shows; None where the answer is to be read."""
    if not whole(x):
        return unclear(x.failure or "the answer is not whole")
    if x.socket and x.status != 101 and x.status not in DENIED | BUSY:
        return Finding("absent", f"the handshake of a WebSocket was answered {x.status}")
    if x.ok:
        return Finding("crashed", f"an error under status {x.status}: {own_words(x)}") if _holds_error(x) else None
    said = own_words(x)
    if x.status in BUSY:
        return unclear(f"answered {x.status}: {said}")
    if each.route and (x.status in (405, 501) or (x.status == 404 and not _about_model(x))):
        return Finding("absent", f"answered {x.status}: {said}")
    if x.status >= 500:
        return Finding("crashed", f"answered {x.status}: {said}")
    if x.status >= 400:
        named = x.status not in DENIED - {403} and not _about_data(x) and names(each, x)
        return Finding("refused", f"{x.status}: {said}") if named else unclear(f"answered {x.status}: {said}")
    return unclear(f"answered {x.status}")


def names(each: Feature, x: Exchange) -> bool:
    """The refusal says a word of this feature."""
    parts = [_at(x, path) for path in ("error.param", "error.message", "error.code")]
    text = " ".join(part for part in parts if isinstance(part, str)) or x.body[:4000].decode("utf-8", "replace")
    return spells(each, text)


def spells(each: Feature, text: str) -> bool:
    """A text says a word of this feature, spelled with any of space, dash and underscore; one of a letter stands alone."""
    spelled = (re.sub("[_ -]", "[_ -]?", word) if len(word) > 1 else rf"\b{word}\b" for word in each.names)
    return any(re.search(word, text, re.IGNORECASE) for word in spelled)


def _about_data(x: Exchange) -> bool:
    """The refusal is about the model's name or the bytes of an image, not about the feature."""
    code = _at(x, "error.code")
    return isinstance(code, str) and code.startswith(("model_not_found", "invalid_image"))


def _about_model(x: Exchange) -> bool:
    return _at(x, "error.code") == "model_not_found" or _at(x, "error.param") == "model"


def _holds_error(x: Exchange) -> bool:
    if x.streaming:
        return reports_error(x) is True
    error = _at(x, "error")
    return isinstance(error, (dict, str)) and bool(error)


def _at(x: Exchange, path: str) -> object:
    return find(x.json, path) if x.not_json is None else None
