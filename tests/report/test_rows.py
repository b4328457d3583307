"""What is said of the official client under a failure is of that failure."""

from __future__ import annotations

import pytest

from conformance.report.rows import feature_rows, rows
from conformance.run.run_file import Run


def verdict(check, failing, judged):
    return {"check": check, "level": "must", "outcome": "fail", "exchanges": list(judged),
            "problems": [{"exchanges": [id], "message": f"{id} is 1, expected 2"} for id in failing]}  # fmt: skip


def told(**breaks):
    return {id: {"client": "openai-python 3", "breaks": list(said)} for id, said in breaks.items()}


@pytest.mark.parametrize(
    ("sdk", "said"),
    [
        (told(a=["TypeError in create()"], b=["TypeError in create()"]), "openai-python 3: TypeError in create()"),
        (told(a=["TypeError in create()"]), "openai-python 3: TypeError in create()"),
        (told(a=["TypeError in create()"], c=["TypeError in create()"]), ""),  # also where the check passed
        (told(a=["TypeError in create()", "lost text"], c=["lost text"]), "openai-python 3: TypeError in create()"),
        (told(c=["TypeError in create()"]), ""),
    ],
)
def test_what_befalls_the_client_where_a_check_passed_too_is_not_said_of_its_failure(sdk, said):
    [row] = rows(Run({}, verdicts=[verdict("chat.id", ["a", "b"], ["a", "b", "c"])], sdk=sdk))
    assert row.client == said


@pytest.mark.parametrize(
    ("red", "unmet"),
    [(None, ["tools"]), ([], []), (["logprobs"], ["logprobs"]), (["seed", "tools"], ["seed", "tools"])],
)
def test_the_features_that_make_a_run_red_are_said_to(red, unmet):
    """As the gate says; where an older version wrote the file, those that were required and are not supported."""
    features = [
        {"feature": name, "decision": decision, "why": "", "exchanges": ["x"], "required": required, "answers": {"a": 1}}
        for name, decision, required in (
            ("seed", "ignored", False), ("tools", "refused", True), ("logprobs", "supported", True), ("stop", "supported", False),
        )
    ]  # fmt: skip
    footer = {"gate": {"fail_on": "must", "conforms": False} | ({} if red is None else {"red_features": red})}
    found = feature_rows(Run({}, features=features, footer=footer))
    assert [row.name for row in found if row.unmet] == unmet
    assert [row.name for row in found] == ["seed", "tools", "logprobs", "stop"]


def test_a_few_of_the_clients_that_such_answers_break_are_named():
    lines = {f"client {n}": "fails at plain: E" for n in range(5)}
    run = Run({"target": {}}, verdicts=[verdict("a.b", ["x"], ["x"]) | {"breaks": lines}, verdict("a.c", ["x"], ["x"])])
    first, other = rows(run)
    said = "; ".join(f"client {n} fails at plain: E" for n in range(3))
    assert (first.breaks_in, other.breaks_in) == (f"{said}; and 2 more clients", "")
