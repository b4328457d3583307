"""The options of parity: bounds hold at their edges, a mistake is one line that says what was expected, a replay keeps what it was told."""

from __future__ import annotations

import pytest

from conformance.parity.parity_options import ParityOptions
from conformance.run.user_error import UserError

URL = {"base_url": "http://localhost:8000/v1"}


def made(**given):
    return ParityOptions.make(URL | given)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("samples", "1", 1), ("samples", "100", 100),
        ("alpha", "0.001", 0.001), ("alpha", "0.5", 0.5),
        ("max_gap", "0", 0), ("max_gap", "12", 12),
        ("min_tool_success", "0", 0.0), ("min_tool_success", "1", 1.0), ("min_tool_success", "0.98", 0.98),
        ("min_schema_valid", "0", 0.0), ("min_schema_valid", "1", 1.0),
        ("concurrency", "1", 1), ("timeout", "0.5", 0.5), ("wait", "0", 0.0),
    ],
)  # fmt: skip
def test_what_is_within_bounds_is_taken(name, typed, value):
    assert getattr(made(**{name: typed}), name) == value


@pytest.mark.parametrize(
    ("name", "typed", "wanted"),
    [
        ("samples", "0", "a whole number from 1 to 100"), ("samples", "101", "a whole number from 1 to 100"),
        ("samples", "2.5", "a whole number"), ("samples", "-1", "a whole number"),
        ("alpha", "0.0009", "a number from 0.001 to 0.5"), ("alpha", "0.51", "a number from 0.001 to 0.5"),
        ("alpha", "x", "a number from 0.001 to 0.5"), ("alpha", "nan", "a number from 0.001 to 0.5"),
        ("max_gap", "-1", "a whole number"), ("max_gap", "few", "a whole number"),
        ("min_tool_success", "1.01", "a number from 0 to 1"), ("min_tool_success", "-0.01", "a number from 0 to 1"),
        ("min_schema_valid", "98%", "a number from 0 to 1"), ("min_schema_valid", "inf", "a number from 0 to 1"),
        ("concurrency", "0", "a whole number"), ("timeout", "0", "seconds"), ("timeout", "-1", "seconds"), ("wait", "-1", "seconds"),
        ("base_url", "localhost:8000", "http"),
    ],
)  # fmt: skip
def test_what_is_not_is_a_line_that_names_the_option_and_what_it_wants(name, typed, wanted):
    with pytest.raises(UserError) as mistake:
        made(**{name: typed})
    said = str(mistake.value)
    assert f"--{name.replace('_', '-')}" in said
    assert wanted in said
    assert "\n" not in said


def test_without_a_target_or_a_recording_there_is_nothing_to_do():
    with pytest.raises(UserError, match="--base-url URL"):
        ParityOptions.make({})


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("base_url", "http://x/v1"),
        ("baseline", "vllm"),
        ("model", "m"),
        ("baseline_model", "m"),
        ("golden", "g"),
        ("samples", "3"),
    ],
)
def test_a_replay_takes_nothing_that_is_about_sending(name, typed):
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} has no meaning"):
        ParityOptions.make({"replay": "run.jsonl", name: typed})


def test_a_replay_keeps_the_recorded_gates_but_for_those_given_again():
    said = {
        "alpha": 0.05,
        "max_gap": 3,
        "min_tool_success": 0.5,
        "min_schema_valid": None,
        "same_model": True,
        "samples": 4,
        "timeout": 9,
    }
    given = {"replay": "run.jsonl", "max_gap": "1"}
    kept = ParityOptions.make(given).as_recorded(said, given)
    assert (kept.alpha, kept.max_gap, kept.min_tool_success, kept.same_model, kept.samples) == (0.05, 1, 0.5, True, 4)
    assert (kept.timeout, kept.report) == (60.0, "reports/latest-parity")


def test_the_defaults_are_those_of_the_documents():
    options = made()
    assert (options.samples, options.alpha, options.max_gap, options.concurrency) == (2, 0.01, 0, 8)
    assert (options.timeout, options.wait, options.same_model, options.quiet) == (60.0, 60.0, False, False)
    assert (options.min_tool_success, options.min_schema_valid, options.baseline, options.golden) == (None,) * 4
