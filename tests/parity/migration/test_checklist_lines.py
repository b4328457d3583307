"""Each line of the checklist, word for word: its verdict, why, what it rests on, and the page that shows all of it."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from conformance.exchange import Exchange
from conformance.parity.migration.checklist import (
    Line,
    answer,
    cold_path,
    features,
    gated,
    parameters,
    rate_limits,
    smoke,
)
from conformance.parity.migration.cutover import _bill, _worse
from conformance.run.run_file import Run

CHECKS, FEATURES, LIMITS = "checks/index.html", "checks/index.html#features", "parity/index.html#exchanges"
UNTOLD = "no limit is told (`run --burst N` provokes one)"


def checks(outcomes: str, gaps: dict[int, str], level: str = "must", **footer: object) -> Run:
    """A run with a check a letter: p(ass), f(ail), n(ot exercised)."""
    words = {"p": "pass", "f": "fail", "n": "not-exercised"}
    verdicts = [
        {"check": f"c.{n}", "level": level, "outcome": words[each], "requirement": f"It holds, {n}."}
        for n, each in enumerate(outcomes)
    ]
    return Run({}, verdicts=verdicts, gaps=[{"check": f"c.{n}", "gap": gap} for n, gap in gaps.items()], footer=footer)


def said(line: Line) -> tuple[object, ...]:
    return astuple(line)[1:]


IDLE = {"idle": [{"words": "streaming"}, {"words": "tools"}]}
HELD = "2 checks pass, 1 fail"


@pytest.mark.parametrize(
    ("run", "verdict", "why", "evidence"),
    [
        (checks("ppf", {0: "same", 2: "shared"}), "yes", f"no MUST fails that holds where you are ({HELD})", []),
        (checks("ppf", {0: "same", 2: "worse"}), "no", f"1 MUSTs hold where you are and fail here ({HELD})", ["c.2: It holds, 2."]),
        (checks("p" + "f" * 5, dict.fromkeys(range(1, 6), "worse")), "no",
         "5 MUSTs hold where you are and fail here (1 checks pass, 5 fail)", [f"c.{n}: It holds, {n}." for n in range(1, 6)]),
        (checks("p" + "f" * 7, dict.fromkeys(range(1, 8), "worse")), "no",
         "7 MUSTs hold where you are and fail here (1 checks pass, 7 fail)",
         [*(f"c.{n}: It holds, {n}." for n in range(1, 6)), "and 2 more"]),
        (checks("ppf", {0: "same", 2: "worse"}, level="should"), "untold", f"no MUST could be compared with where you are ({HELD})", []),
        (checks("ppf", {0: "not-compared", 2: "not-compared"}), "untold", f"no MUST could be compared with where you are ({HELD})", []),
        (checks("ppf", {}), "untold", f"no MUST could be compared with where you are ({HELD})", []),
        (checks("nnf", {2: "worse"}), "untold", "no check found anything to judge", []),
        (checks("ppf", {2: "worse"}, unusable="401"), "no", "it gave no usable answer: 401", []),
        (checks("ppf", {0: "same"}, exit_code=3, scope=IDLE), "untold", f"too little to judge in streaming, tools ({HELD})", []),
        (checks("ppf", {0: "same"}, exit_code=4, scope=None), "untold", f"not all could be judged ({HELD})", []),
        (checks("ppf", {0: "same"}, exit_code=1), "yes", f"no MUST fails that holds where you are ({HELD})", []),
        (checks("ppf", {2: "worse"}, exit_code=3), "no", f"1 MUSTs hold where you are and fail here ({HELD})", ["c.2: It holds, 2."]),
    ],
)  # fmt: skip
def test_the_smoke_test_says(run, verdict, why, evidence):
    assert said(smoke(run)) == (verdict, why, evidence, CHECKS)


def decided(**decisions: str) -> Run:
    return Run({}, features=[{"feature": f, "decision": d, "why": f"400: no {f}"} for f, d in decisions.items()])


MINE, THEIRS = "the golden prompts", "the recorded traffic"
MANY = {f"f{n}": [MINE] for n in range(7)}


@pytest.mark.parametrize(
    ("run", "used", "served", "before", "told"),
    [
        (decided(tools="supported", n="supported"), {"tools": [MINE], "n": [THEIRS, MINE], "models": [MINE]}, {}, {"tools": "supported"},
         ("yes", f"all 2 in use by {MINE}, {THEIRS} are served as where you are", [])),
        (decided(tools="ignored", n="supported"), {"tools": [MINE], "n": [MINE]}, {}, {"tools": "supported"},
         ("no", f"1 of 2 in use by {MINE} are not served: tools", ["tools: ignored (400: no tools); where you are: supported"])),
        (decided(), {"tools": [MINE]}, {"tools": "broken"}, {},
         ("no", f"1 of 1 in use by {MINE} are not served: tools",
          ["tools: broken (seen on the golden prompts); where you are: undecided"])),
        (decided(n="undecided", tools="refused"), {"n": [MINE], "tools": [MINE]}, {}, {"n": "supported"},
         ("no", f"1 of 2 in use by {MINE} are not served: tools",
          ["tools: refused (400: no tools); where you are: undecided", "n: undecided (400: no n); where you are: supported"])),
        (decided(n="undecided", tools="supported"), {"n": [MINE], "tools": [MINE]}, {}, {},
         ("untold", f"1 of 2 in use by {MINE} are undecided: n", ["n: undecided (400: no n); where you are: undecided"])),
        (decided(), MANY, dict.fromkeys(MANY, "refused"), {},
         ("no", f"7 of 7 in use by {MINE} are not served: f0, f1, f2, f3, f4",
          [*(f"f{n}: refused (seen on the golden prompts); where you are: undecided" for n in range(5)), "and 2 more"])),
        (decided(), MANY, {}, {},
         ("untold", f"7 of 7 in use by {MINE} are undecided: f0, f1, f2, f3, f4",
          [*(f"f{n}: undecided (seen on the golden prompts); where you are: undecided" for n in range(5)), "and 2 more"])),
        (decided(), {"models": [MINE]}, {}, {}, ("untold", "nothing that was asked uses a feature that is told apart", [])),
    ],
)  # fmt: skip
def test_features_in_use_are_said(run, used, served, before, told):
    assert said(features(run, used, served, before)) == (*told, FEATURES)


def test_why_a_feature_is_not_served_is_told_in_200_characters():
    run = Run({}, features=[{"feature": "n", "decision": "refused", "why": "x" * 300}])
    [evidence] = features(run, {"n": [MINE]}, {}, {}).evidence
    assert evidence == f"n: refused ({'x' * 200}); where you are: undecided"


ROWS = [[f"p{n}", "1", "2"] for n in range(6)]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"left": [], "seen": ["a"], "differ": []}, ("yes", "your prompts set every parameter whose default is known to differ", [])),
        ({"left": ["n"], "seen": [], "differ": []}, ("untold", "no answer told of a default", [])),
        ({"left": ["n"], "seen": ["a", "b"], "differ": []},
         ("yes", "no default was seen to differ that your prompts leave to the server", ["a; b"])),
        ({"left": ["n"], "seen": ["a", "b"], "differ": ROWS},
         ("no", "pin p0, p1, p2, p3, p4, p5: left out by your prompts, and the defaults differ",
          [*(f"p{n}: where you are 1; here 2" for n in range(5)), "a; b"])),
    ],
)  # fmt: skip
def test_parameters_to_pin_are_said(found, told):
    assert said(parameters(found)) == (*told, "defaults.jsonl")


def test_a_gate_says_what_was_seen_and_wanted():
    gate = {"gate": "--max-gap", "wanted": "at most 0", "seen": "1 worse", "holds": False}
    page = "parity/index.html"
    assert said(gated("x", gate, ["a"], "#golden")) == ("no", "1 worse, wanted at most 0", ["a"], f"{page}#golden")
    assert said(gated("x", gate | {"holds": None})) == ("untold", "1 worse, wanted at most 0", [], page)
    assert said(gated("x", None, ["a"])) == ("untold", "it was not asked", ["a"], page)


def asked(requests: str = "", tokens: str = "", status: int = 200) -> Exchange:
    told = (("X-RateLimit-Limit-Requests", requests), ("x-ratelimit-limit-tokens", tokens))
    headers = tuple((name, value) for name, value in told if value)
    return Exchange("target#a", "POST", "http://h/v1/chat/completions", (), b"{}", status, headers, b"{}")


def evidence(here: str, there: str, *more: str) -> list[str]:
    return [f"here: {here}", f"where you are: {there}", *more]


FINE = "none of {} requests was refused for its number, and no lower limit is told"
MONTH = "1,000,000 requests a month are 23.1 a minute, 231 in a busy one (10 times)"


@pytest.mark.parametrize(
    ("target", "baseline", "monthly", "told"),
    [
        ([], [asked("9")], None, ("untold", "nothing was asked", evidence(UNTOLD, "9 requests"))),
        ([asked("1000", "20"), asked("900", "30")], [asked("900", "20")], None,
         ("yes", FINE.format(2), evidence("900 requests, 20 tokens", "900 requests, 20 tokens"))),
        ([asked("899", "19")], [asked("900", "20")], None,
         ("no", "the limit on requests and tokens is lower than where you are",
          evidence("899 requests, 19 tokens", "900 requests, 20 tokens"))),
        ([asked("899", "2000")], [asked("900")], None,
         ("no", "the limit on requests is lower than where you are", evidence("899 requests, 2,000 tokens", "900 requests"))),
        ([asked(status=429), asked(status=429)], [asked(status=429)], None,
         ("no", "2 of 2 requests were refused with 429, where you are 1", evidence(UNTOLD, UNTOLD))),
        ([asked(status=429), asked()], [asked(status=429)], None, ("yes", FINE.format(2), evidence(UNTOLD, UNTOLD))),
        ([asked("231")], [asked("900")], 1_000_000,
         ("no", "231 requests are fewer than a busy minute has", evidence("231 requests", "900 requests", MONTH))),
        ([asked("232")], [asked("900")], 1_000_000, ("yes", FINE.format(1), evidence("232 requests", "900 requests", MONTH))),
        ([asked("432")], [asked("432")], 1_866_240,
         ("yes", FINE.format(1), evidence("432 requests", "432 requests",
                                          "1,866,240 requests a month are 43.2 a minute, 432 in a busy one (10 times)"))),
        ([asked("900", "19")], [asked("900", "20")], 1_000_000,
         ("no", "the limit on tokens is lower than where you are",
          evidence("900 requests, 19 tokens", "900 requests, 20 tokens", MONTH))),
        ([asked(tokens="20")], [asked("900", "20")], 1_000_000, ("yes", FINE.format(1), evidence("20 tokens", "900 requests, 20 tokens"))),
        ([asked("9" * 15)], [asked("9" * 16)], None, ("yes", FINE.format(1), evidence(f"{int('9' * 15):,} requests", UNTOLD))),
        ([asked("-5", "²")], [asked("9.5")], None, ("yes", FINE.format(1), evidence(UNTOLD, UNTOLD))),
    ],
)  # fmt: skip
def test_rate_limits_are_said(target, baseline, monthly, told):
    assert said(rate_limits(target, baseline, monthly)) == (*told, LIMITS)


def test_the_cold_path_is_said():
    sdks = {
        "openai-python": {"verdict": "untold", "why": "gave up"},
        "openai-node": {"verdict": "yes", "why": "waited"},
    }
    told = (
        "untold",
        "after 0.5 s without a request: slow",
        ["openai-python gave up", "openai-node waited"],
        "migration.json",
    )
    assert said(cold_path({"sdks": sdks}, "slow", 0.5)) == told


def test_the_answer_names_every_line_that_does_not_hold():
    yes, no, untold = (Line(name, name, "") for name in ("yes", "no", "untold"))
    assert answer([no, yes, no]) == ("No, do not cut over yet: no, no", 1)
    assert answer([untold, untold]) == ("Not told: untold, untold; all else holds", 3)


def test_what_it_costs_is_said_of_both_sides():
    bill = {"requests": 1000, "monthly": True, "baseline": 1234.5, "target": 0.126, "currency": "EUR"}
    said = "1,000 requests a month like these: 1,234.50 EUR where you are, 0.13 EUR here"
    assert _bill(Run({}, footer={"bill": bill})) == [said]
    once = bill | {"monthly": False, "currency": ""}
    assert _bill(Run({}, footer={"bill": once})) == ["1,000 requests like these: 1,234.50 where you are, 0.13 here"]
    assert _bill(Run({}, footer={})) == _bill(Run({}, footer=None)) == []


@pytest.mark.parametrize(("bad", "more"), [(0, []), (5, []), (6, ["and 1 more"]), (9, ["and 4 more"])])
def test_the_prompts_that_are_worse_are_named(bad, more):
    gaps = ["worse", "not-compared"]
    lines = [{"prompt": f"p{n}", "gap": gaps[n % 2], "why": "y" * 300} for n in range(bad)]
    lines.insert(1, {"prompt": "fine", "gap": "same", "why": ""})
    assert _worse(Run({}, golden=lines)) == [*(f"p{n}: {'y' * 200}" for n in range(min(bad, 5))), *more]
