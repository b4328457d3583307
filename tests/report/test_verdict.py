"""The words and the colour of a verdict have its scope: also those beside another run, and those of a quick one."""

from __future__ import annotations

import pytest

from conformance.report.badge import COLOURS, write_badge
from conformance.report.verdict import headline, tone, verdict
from conformance.run.run_file import RunWriter, read

WHOLE = {
    "asked": "all", "whole": True, "known": 0, "within": ["chat", "streaming"], "lacking": [], "profile": "full", "short_of": None,
    "idle": [], "wanted": None, "exercised": 4, "musts": 4, "quick": False, "refused": [],
}  # fmt: skip
LEAN = WHOLE | {"whole": False, "lacking": [{"feature": "tools", "words": "tools", "decision": "refused"}]}


@pytest.fixture
def ran(tmp_path):
    def run(scope, **gate):
        with RunWriter(tmp_path / "run.jsonl") as writer:
            writer.header({"options": {}, "target": {}})
            said = {"fail_on": "must", "conforms": not gate, "red_features": []} | gate
            about = {"counts": {}, "exit_code": 0, "red": [], "skipped": [], "gate": said}
            writer.footer(about | ({"scope": scope} if scope else {}))
        return read(tmp_path / "run.jsonl")

    return run


BESIDE = {"against": "old.jsonl", "worse": [], "better": [], "not_compared": []}


@pytest.mark.parametrize(("scope", "gate", "word", "answer", "colour"), [
    (WHOLE, {}, "CONFORMS", "Yes, a drop-in replacement", "yes"),
    (WHOLE | {"quick": True}, {}, "CONFORMS IN A QUICK RUN", "Yes, as far as a quick run asks", "yes"),
    (LEAN | {"quick": True}, {}, "CONFORMS IN CHAT AND STREAMING", "Conforms in chat and streaming; does not offer tools", "part"),
    (WHOLE, BESIDE, "NO REGRESSION", "No regression: nothing is worse than before", "yes"),
    (LEAN, BESIDE, "NO REGRESSION IN CHAT AND STREAMING",
     "No regression in chat and streaming: nothing is worse than before; does not offer tools", "part"),
    (LEAN, BESIDE | {"fail_on": "gap"}, "NO GAP IN CHAT AND STREAMING",
     "No gap in chat and streaming: nothing is worse than the baseline; does not offer tools", "part"),
    ({}, BESIDE, "NO REGRESSION", "No regression: nothing is worse than before", "yes"),
])  # fmt: skip
def test_what_is_said_and_in_which_colour(ran, tmp_path, scope, gate, word, answer, colour):
    run = ran(scope, **gate)
    said, why = verdict(run)
    assert (said, headline(run, said), tone(run, said)) == (word, answer, colour)
    assert ("does not offer tools" in why) == bool(scope and scope["lacking"])
    write_badge(run, tmp_path / "badge.svg")
    badge = (tmp_path / "badge.svg").read_text()
    assert f"OpenAI API: {word.lower()}, " in badge
    assert [name for name, each in COLOURS.items() if each in badge] == [colour]
