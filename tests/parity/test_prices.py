"""Prices: the file is checked, and the bill is that of the tokens both sides count."""

from __future__ import annotations

import pytest

from conformance.parity.gates import gates
from conformance.parity.prices import bill, load
from conformance.parity.totals import totals
from conformance.run.user_error import UserError
from tests.parity.test_comparing import OPTIONS, answer, line

GOOD = 'currency = "EUR"\n[target]\ninput = 1\noutput = 2.5\n[baseline]\ninput = 10\noutput = 20\n'
MISTAKES = [
    ("[target]\ninput = 1\noutput = 2\n", "[baseline] is missing"),
    (GOOD.replace("output = 2.5\n", ""), "[target]: output is missing, expected the price of a million tokens"),
    (GOOD.replace("2.5", "-1"), "[target]: output is '-1'"),
    (GOOD.replace("2.5", "nan"), "[target]: output is 'nan'"),
    (GOOD.replace("2.5", "true"), "[target]: output is 'True'"),
    (GOOD.replace("2.5", '"2.5"'), "[target]: output is '2.5'"),
    (GOOD.replace("output = 2.5", "outptu = 2.5"), "'outptu' has no meaning here - did you mean output?"),
    (GOOD + "[tagret]\n", "'tagret' has no meaning here - did you mean target?"),
    (GOOD.replace('"EUR"', "3"), "currency is no short text"),
    ("target = 3\n", "[target] is missing"),
    ("[target", "not TOML"),
    (f"currency = {'9' * 5000}", "not TOML"),
    (f"[target]\ninput = 0x{'f' * 3000}", "an integer of more than 64 bits"),
    (f"[target]\ninput = 0x{'f' * 9000}", "an integer of more than 64 bits"),
    (f"[target]\ninput = {'[' * 2000}{']' * 2000}", "not TOML"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_a_mistake_in_the_file_is_one_line(tmp_path, text, words):
    (tmp_path / "prices.toml").write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        load(str(tmp_path / "prices.toml"))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        load(str(tmp_path / "none.toml"))
    (tmp_path / "prices.toml").write_bytes(b"\xff")
    with pytest.raises(UserError, match="UTF-8"):
        load(str(tmp_path / "prices.toml"))


def test_a_month_costs_what_its_tokens_do(tmp_path):
    (tmp_path / "prices.toml").write_text(GOOD, "utf-8")
    prices = load(str(tmp_path / "prices.toml"))
    lines = [line([answer(tokens=100)], [answer(tokens=50)]), line([answer(tokens=300)], [answer(tokens=150)])]
    found = bill(prices, totals(lines)["tokens"], 1_000_000)
    # 5 in and 200 out on average, at 1 and 2.5 a million; 5 and 100 at 10 and 20
    assert (found["target"], found["baseline"], found["currency"]) == (505.0, 2050.0, "EUR")
    assert bill(prices, totals(lines)["tokens"], None)["requests"] == 1000
    assert bill(prices, totals([line([answer(status=500)], [answer()])])["tokens"], 1) is None


def tokens_gate(lines, most):
    return next(
        row
        for row in gates(OPTIONS | {"max_tokens_ratio": most}, totals(lines), None)
        if row["gate"] == "--max-tokens-ratio"
    )


def test_the_gate_on_tokens_takes_the_greater_ratio_and_only_what_both_count():
    more = line([answer(tokens=13)], [answer(tokens=10)])
    assert tokens_gate([more], 1.2)["holds"] is False
    assert tokens_gate([more], 1.3)["holds"] is True
    assert "1.30 times as many out (on 1 of 1" in tokens_gate([more], 1.3)["seen"]
    silent = line([answer(tokens=None)], [answer(tokens=10)])
    assert tokens_gate([silent], 1.3)["holds"] is None
    assert tokens_gate([more, silent], 1.3)["holds"] is None  # half of it was not counted
    assert tokens_gate([more, silent], 1.2)["holds"] is False
    assert tokens_gate([], 1.2)["holds"] is None
