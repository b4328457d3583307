"""A parity run as a decision: may I switch, and if not, why not, for my prompts; by category, the worst first. Decides nothing: the run
file says what is worse, and which gates hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.record.run_lines import Record
from conformance.report.claim import Tone
from conformance.run.run_file import Run

NAMED = 3
"""Categories, or undecided gates, named in the sentence."""
GATES = {
    "--max-ttft-p95": "the first token's p95 is {seen}, wanted {wanted}",
    "--max-tokens-ratio": "tokens are {seen}, wanted {wanted}",
    "--min-tool-success": "{seen} tool calls are right, wanted {wanted}",
    "--min-schema-valid": "{seen} answers are the JSON that was asked for, wanted {wanted}",
    "--same-model": "the test for the same model says {seen}, wanted {wanted}",
}
"""What a gate says in a sentence; --max-gap is told by category."""


@dataclass(frozen=True)
class Category:
    """The prompts of one category: how many, and of them those that are worse, broken on both sides, not compared, differing."""

    name: str
    prompts: int
    worse: int
    both: int
    uncompared: int
    differs: int
    better: int
    why: str

    @property
    def rank(self) -> tuple[float, ...]:
        """The worse, the smaller."""
        shares = (-self.worse / self.prompts, -self.worse, -self.both / self.prompts, -self.both)
        return (*shares, -self.uncompared, -self.differs)

    @property
    def state(self) -> str:
        bad = (
            ("worse", self.worse),
            ("broken", self.both),
            ("not-compared", self.uncompared),
            ("differs", self.differs),
        )
        return next((state for state, number in bad if number), "better" if self.better else "same")


@dataclass(frozen=True)
class Decision:
    """The answer, how good the news is, and what it rests on. `both` are (prompt, what of its `must` both sides break)."""

    run: Run

    @property
    def code(self) -> int | None:
        return (self.run.footer or {}).get("exit_code")

    @property
    def alone(self) -> bool:
        return (self.run.header.get("baseline") or {}).get("kind") == "none"

    @cached_property
    def both(self) -> list[tuple[str, str]]:
        found = [(line["prompt"], broken_on_both(line)) for line in self.run.golden]
        return [(id, why) for id, why in found if why]

    @property
    def prompts(self) -> str:
        """Whose prompts, and how many."""
        number = len(self.run.golden)
        own = bool(self.run.header["options"].get("golden"))
        words = f"prompt{'s' * (number != 1)}"
        return f"your {number} {words}" if own else f"the {number} shipped {words}"

    @cached_property
    def categories(self) -> list[Category]:
        named = {each["id"]: each.get("category") for each in self.run.header.get("golden", ())}
        groups: dict[str, list[Record]] = defaultdict(list)
        for line in self.run.golden:
            groups[named.get(line["prompt"]) or line["prompt"].partition(".")[0]].append(line)
        return sorted((_category(name, lines) for name, lines in groups.items()), key=lambda c: (c.rank, c.name))

    @property
    def tone(self) -> Tone:
        if self.code == 0 and not self.alone:
            return "part" if self.both else "yes"
        return "no" if self.code == 1 else "unknown"

    @property
    def headline(self) -> str:
        """May I switch? In a few words."""
        if self.code == 1:
            return "No, do not switch"
        if self.code != 0:
            return "Not told"
        if self.alone:
            return "Recorded, with no other side to compare with"
        return "You may switch, but both sides break what must hold" if self.both else "Yes, you may switch"

    @property
    def why(self) -> str:
        """Why, in a sentence without its full stop."""
        if self.run.footer is None:
            return "the run was cut off before its verdict"
        if self.code == 1:
            said = self.reasons
        elif self.code == 0 and self.alone:
            said = [f"{self.prompts} {'was' if len(self.run.golden) == 1 else 'were'} asked, of the target alone"]
        elif self.code == 0:
            worse, number = sum(line["gap"] == "worse" for line in self.run.golden), len(self.run.golden)
            kept = f"{worse} of {number} answered worse, no more than you allow" if worse else "none is answered worse"
            said = [f"of {self.prompts} {kept}"]
        else:
            said = self.undecided or ["the target gave no usable answer"]
        if self.both:
            said = [f"{len(self.both)} of {self.prompts} break what must hold on both sides", *said]
        return "; ".join(said)

    @property
    def answer(self) -> str:
        """Both, as one sentence."""
        return f"{self.headline}: {self.why}"

    @property
    def reasons(self) -> list[str]:
        """Why not: what is worse by category, and each gate that is missed."""
        bad = [each for each in self.categories if each.worse]
        worse, said = sum(each.worse for each in bad), []
        missed = {gate["gate"]: gate for gate in self.run.footer.get("gates", ()) if gate["holds"] is False}
        if bad and ("--max-gap" in missed or not missed):
            named = ", ".join(f"{each.name} ({each.worse} of {each.prompts})" for each in bad[:NAMED])
            rest = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
            said.append(f"of {self.prompts} {worse} {'is' if worse == 1 else 'are'} answered worse, in {named}{rest}")
        return said + [_gate(gate) for name, gate in missed.items() if name != "--max-gap"]

    @property
    def undecided(self) -> list[str]:
        """What could not be judged: prompts that were not compared, and gates with too little to go by."""
        left = sum(each.uncompared for each in self.categories)
        said = [f"{left} of {self.prompts} could not be compared"] if left else []
        open_ = [gate for gate in (self.run.footer or {}).get("gates", ()) if gate["holds"] is None]
        return said + [_gate(gate) for gate in open_ if gate["gate"] != "--max-gap"]


def broken_on_both(line: Record) -> str:
    """What of its `must` a prompt's answers break on both sides; "" where one side holds it."""
    mine, theirs = (_violations(line[side]) for side in ("target", "baseline"))
    if not (mine and theirs and all(mine) and any(theirs)):
        return ""
    said = [mine[0][0], next(filter(None, theirs))[0]]
    return said[0] if said[0] == said[1] else f"{said[0]}; the baseline: {said[1]}"


def _violations(side: Record | None) -> list[list[str]]:
    """Those of each usable answer."""
    if side is None:
        return []
    return [each for each, reason in zip(side["violations"], side["finish_reasons"], strict=False) if reason]


def _category(name: str, lines: Sequence[Record]) -> Category:
    gaps = Counter(line["gap"] for line in lines)
    both = [broken_on_both(line) for line in lines]
    why = next((line["why"] for line in lines if line["gap"] == "worse"), "") or next(filter(None, both), "")
    why = why or next((line["why"] for line in lines if line["gap"] == "not-compared"), "")
    differs = sum(line["outcome"] == "differs" and line["gap"] == "same" for line in lines)
    return Category(
        name, len(lines), gaps["worse"], sum(map(bool, both)), gaps["not-compared"], differs, gaps["better"], why
    )


def _gate(gate: Record) -> str:
    return GATES.get(gate["gate"], gate["gate"] + ": {seen}, wanted {wanted}").format(**gate)
