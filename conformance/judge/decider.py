"""From what single answers show to one word for each feature. A pure function of the exchanges; it keeps only a bounded part.

Plain and streamed answers are decided apart, and the worse of the two counts: what works plain and not streamed does not work.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from conformance.exchange import Exchange, NotRecorded, Unreadable, find
from conformance.judge.asked_with import Asking
from conformance.judge.condition import about_it, whole
from conformance.judge.conditions import reports_error
from conformance.judge.features import Decision, Feature, Finding, unclear, wrong
from conformance.judge.mistakes import BUSY, DENIED
from conformance.judge.outlines import Outlines
from conformance.judge.refusals import own_words
from conformance.judge.shown import Seen, Shown
from conformance.judge.tally import Place
from conformance.judge.ways import Ways

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
    """Takes exchanges one by one; `finish` decides each feature. `piece` is the number of the piece of traffic that they are from."""

    def __init__(self, wanted: Iterable[Feature], piece: int = 0, outlines: Outlines | None = None) -> None:
        self._wanted, self._outlines = list(wanted), outlines
        self._ways = Ways(((each.when, each) for each in self._wanted), outlines)
        self._beside = [each for each in self._wanted if each.beside is not None]
        self._shown = Shown()
        self.asking = Asking()
        self.begin(piece)

    def begin(self, piece: int) -> None:
        """What comes next is from this piece of the traffic."""
        self._at: Place = (piece, 0, 0)

    def add(self, x: Exchange) -> None:
        self._at = (self._at[0], self._at[1] + 1, 0)
        if not x.socket:
            with suppress(NotRecorded, Unreadable):
                self.asking.add(x, self._at)
        asking = set()

        def fault(features: Iterable[Feature]) -> None:
            for each in features:
                self._broke(each, x)

        for each, sure in self._ways.reached(x, fault):
            if sure and about_it(each.when, x):
                asking.add(each.name)
                self._ask(each, x)
        for each in self._beside:
            if each.name not in asking:
                self._stand_by(each, x)

    def _ask(self, each: Feature, x: Exchange) -> None:
        """Note what an exchange shows of a feature that it asks for."""
        try:
            self.asking.add_for(each.name, x, self._at)
            if (finding := self._found(each, x)) is not None:
                self._note(each, finding, x)
        except NotRecorded:
            return
        except Exception:  # ours
            self._broke(each, x)

    def _stand_by(self, each: Feature, x: Exchange) -> None:
        """Keep an exchange that does not ask for a feature where others are compared with it."""
        try:
            if about_it(each.when, x) and each.when(x) is not True and each.beside(x) is True:
                self._shown.keep(each.name, self._at, x)
        except NotRecorded:
            return
        except Exception:  # ours
            self._broke(each, x)

    def _broke(self, each: Feature, x: Exchange) -> None:
        """Note the exception at hand as our own fault; whatever an endpoint sent, the run goes on."""
        self._note(each, unclear(f"{OURS}: {type(sys.exc_info()[1]).__name__}"), x)

    def shown(self) -> tuple[Shown, Asking]:
        """What was shown so far: what another decider adds to its own."""
        return self._shown, self.asking

    def add_shown(self, shown: Shown, asking: Asking) -> None:
        """Add what was shown in other pieces."""
        self._shown.add(shown)
        self.asking.add_all(asking)

    def finish(self) -> list[Decided]:
        """Each feature decided, in the order of the table."""
        self.begin(sys.maxsize)  # what is found in all pieces together comes last
        for each in self._wanted:
            for group in _groups(each, self._shown.beside(each.name) if each.together else []):
                finding = _judged(each, *group)
                if finding is not None:
                    self._note(each, finding, *group)
        decided = {each.name: self._decide(each) for each in self._wanted}
        return [self._told_apart(each, decided) for each in decided.values()]

    # ------------------------------------------------------------------ one answer

    def _found(self, each: Feature, x: Exchange) -> Finding | None:
        outline = self._outlines.of(x) if self._outlines is not None and each.together is None else None
        if outline is not None:  # what is alike shows the same
            known: dict[str, object] = outline.made.setdefault(self, {})
            if each.name not in known:
                known[each.name] = outline.read(lambda: look(each, outline.hollow) or each.law(outline.hollow))
            if (told := known[each.name]) is None or isinstance(told, Finding):
                return told
        finding = look(each, x)
        if finding is None and each.together is None:
            return _judged(each, x)
        if finding is None:
            self._shown.keep(each.name, self._at, x)
        return finding

    def _note(self, each: Feature, finding: Finding, *group: Exchange) -> None:
        self._at = (*self._at[:2], self._at[2] + 1)
        ids = tuple([x.id for x in group])
        self._shown.note(each.name, group[-1].streaming, finding.state, finding.why, self._at, ids)

    # ------------------------------------------------------------------ all of them

    def _decide(self, each: Feature) -> Decided:
        modes = self._shown.of(each.name)
        counts: dict[str, int] = {}
        for states in modes.values():
            for state, seen in states.items():
                counts[state] = counts.get(state, 0) + seen.count
        found = {streamed: first for streamed, states in modes.items() if (first := _outweighing(states))}
        if not found:
            unsure = [seen for states in modes.values() if (seen := states.get("unclear"))]
            why = unsure[0].why if unsure else "nothing that was sent tells"
            return Decided(each, "undecided", why, tuple(id for seen in unsure for id in seen.named), counts)
        streamed, (decision, seen) = min(found.items(), key=lambda item: _WORST.index(item[1][0]))
        only = streamed and len(found) > 1 and found[False][0] != decision
        return Decided(each, decision, f"streamed: {seen.why}" if only else seen.why, tuple(seen.named), counts)

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


def _outweighing(states: dict[str, Seen]) -> tuple[Decision, Seen] | None:
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
