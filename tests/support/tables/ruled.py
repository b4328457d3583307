"""What a run makes of verdicts and decisions, drawn at random: scope, gate, known deviations, diagnosis, what can be declined, the gap."""

from __future__ import annotations

import datetime
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from conformance.areas.catalogue import catalogue, features, lies
from conformance.judge.decider import Decided, Decider
from conformance.judge.verdicts import Verdict
from conformance.run import gap, gate, known, known_first
from conformance.run.declining import declines
from conformance.run.diagnosis import diagnose
from conformance.run.known_pruned import pruned
from conformance.run.options import PROFILES, Options
from conformance.run.scope import scope
from conformance.run.selection import required
from conformance.run.user_error import UserError
from tests.support.digests import Held, digest, honest
from tests.support.tables import outcome

ROUNDS = 40
OUTCOMES = ("pass", "fail", "broken", "untestable", "not-exercised")
DECISIONS = ("supported", "refused", "ignored", "broken", "absent", "undecided")
TODAY = datetime.date(2026, 6, 15)
SAID = (
    "id is absent, expected a text",
    "n is 1, expected 2",
    "status is 200, expected 400",
    'role is "model", expected "assistant"',
)


def made() -> Held:
    """By what is made of them, all rounds."""
    found: dict[str, list[object]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for n in range(ROUNDS):
            draw = random.Random(f"ruled {n}")
            verdicts, decided = _verdicts(draw), _decided(draw)
            before = _verdicts(draw)
            options = _options(draw)
            found["scope"].append(asdict(about := scope(options, verdicts, decided)))
            found["unjudged"].append([about.unjudged(each) for each in (True, False)])
            found["diagnosis"].append(diagnose(draw.choice([verdicts, _lied(draw)])))
            found["declines"].append(declines(verdicts, decided, _decider().asking))
            found["counts"].append(gate.counts(verdicts))
            path = Path(folder) / f"{n}.toml"
            runs = [before, *([_verdict(draw, v.check, (9, 1, 0, 1, 1)) for v in before] for _ in range(n % 3))]
            marked, complaints = _known(draw, path, runs, verdicts, found)
            found["known"].append([v.known and v.known.replace(folder, "") for v in marked])
            found["complaints"].append([each.message.replace(folder, "") for each in complaints])
            if draw.random() < 0.5:
                left, said = pruned(str(path), complaints)
                found["pruned"].append(
                    (len(left), said.replace(folder, ""), path.read_text("utf-8").replace(folder, ""))
                )
            found["rule"].append(_ruled(draw, marked, complaints, decided, before))
            then = {record["check"]: record for record in _records(before)}
            for one in _records(verdicts):
                other = then.get(one["check"])
                found["gap"].append(gap.compared(draw.choice([one, None]), draw.choice([other, other, None])))
    return {name: f"{len({str(each) for each in all})}/{len(all)} {digest(all)}" for name, all in found.items()}


def _verdicts(draw: random.Random) -> list[Verdict]:
    """One of each check, or of those of some areas; of one outcome mostly."""
    areas = sorted({check.area for check in catalogue().values()})
    some = areas if draw.random() < 0.5 else draw.sample(areas, draw.randint(1, 4))
    weights = draw.choice(
        [(30, 1, 0, 1, 3), (5, 1, 0, 0, 10), (20, 5, 0.01, 2, 2), (1, 1, 0, 1, 60), (0, 0, 0, 0, 1), (1, 0, 0, 0, 0)]
    )
    return [_verdict(draw, check, weights) for check in catalogue().values() if check.area in some]


def _verdict(draw: random.Random, check, weights: Sequence[float]) -> Verdict:
    word, ids = draw.choices(OUTCOMES, weights)[0], _ids()
    judged = tuple(draw.sample(ids, 4)) + ((f"{ids[0]} + {ids[1]}",) if draw.random() < 0.2 else ())
    if word != "fail":
        return Verdict(
            check, word, judged if word == "pass" else (), reason=None if word == "pass" else "for a reason", judged=4
        )
    wrong = tuple(draw.sample(judged, draw.randint(1, 3)))
    more = draw.choice([(), (), (len(wrong) + 1,)])
    return Verdict(check, word, judged, ((wrong, draw.choice(SAID)),), judged=5, failed=len(wrong), counts=more)


@cache
def _ids() -> list[str]:
    return [x.id for x in honest()[0]]


def _lied(draw: random.Random) -> list[Verdict]:
    """What some lies do."""
    told = draw.sample(sorted(lies()), 2)
    return [
        replace(_verdict(draw, check, (0, 1, 0, 0, 0) if {*told} & {*check.breaks} else (1, 0, 0, 0, 0)))
        for check in catalogue().values()
    ]


@cache
def _decider() -> Decider:
    decider = Decider(features().values())
    for x in honest()[0]:
        decider.add(x)
    return decider


@cache
def _honestly() -> list[Decided]:
    return _decider().finish()


def _decided(draw: random.Random) -> list[Decided]:
    weights = draw.choice([(20, 1, 1, 0, 0, 1), (1, 1, 1, 1, 1, 1), (1, 0, 0, 0, 0, 0), (3, 3, 0, 0, 2, 0)])
    return [replace(each, decision=draw.choices(DECISIONS, weights)[0], why="so it was") for each in _honestly()]


def _options(draw: random.Random) -> Options:
    given = draw.choice([
        {}, {}, {"profile": draw.choice(PROFILES)}, {"endpoints": [draw.choice(["chat", "embeddings", "responses"])]},
        {"depth": "quick"}, {"asked_by": draw.choice(["program", "load", "gateway"])}, {"exclude": ["chat"]}, {"recordings": ("f",)},
    ])  # fmt: skip
    return replace(
        Options(), **{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    )


def _known(draw, path, runs, verdicts, found):
    """What of the verdicts is expected by a file that was written of other runs, with some of its entries changed."""
    found["write-known"].append(
        known_first.write_known(str(path), runs, "http://x", draw.choice(known_first.LEVELS)).replace(str(path), "")
    )
    text = path.read_text("utf-8")
    changes = [
        "sometimes = true",
        "expires = 2026-06-14",
        "expires = 2026-06-15",
        'feature = "tools"',
        f'exchange = ["{draw.choice(_ids())}"]',
    ]
    lines = []
    for line in text.splitlines():
        lines.append(line)
        if line.startswith("reason = ") and draw.random() < 0.3:
            lines.append(draw.choice(changes))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found["written"].append(path.read_text("utf-8"))
    entries = outcome(lambda: known.load(str(path)), UserError)
    found["loaded"].append(str(entries).replace(str(path), ""))
    if isinstance(entries, tuple):
        path.write_text(text, "utf-8")
        entries = known.load(str(path))
    found["unexplained"].append([line.replace(str(path), "") for line in known.unexplained(entries)])
    asking = {"tools": draw.sample(_ids(), 400)}
    return known.apply(entries, verdicts, TODAY, asking, lambda check: len(check.id) % 3 > 0)


def _ruled(draw, verdicts, complaints, decided, before) -> object:
    earlier = gate.Earlier(
        "e", {r["check"]: r for r in _records(before)}, {each.feature.name: draw.choice(DECISIONS) for each in decided}
    )
    told = {
        "fail_on": draw.choice(["must", "should", "regression", "gap"]), "earlier": draw.choice([earlier, None]),
        "wanted": draw.choice([(), required((), draw.choice(PROFILES))]), "complete": draw.random() < 0.9, "judged": draw.random() < 0.9,
        "idle": draw.choice([(), (), ("chat",)]),
    }  # fmt: skip
    ruling = gate.rule(verdicts, complaints if draw.random() < 0.3 else [], decided, **told)
    return ruling, ruling.record(told["fail_on"], told["earlier"]), gate.worst([ruling.code, draw.choice([0, 3, 4, 2])])


def _records(verdicts: Sequence[Verdict]) -> list[dict]:
    return [
        {
            "check": v.check.id, "outcome": v.outcome, "exchanges": list(v.exchanges), "reason": v.reason,
            "problems": [{"exchanges": list(ids), "message": said} for ids, said in v.problems],
        }
        for v in verdicts
    ]  # fmt: skip
