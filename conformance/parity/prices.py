"""What the tokens of both sides cost: the user's file of prices, and a month of requests like the golden prompts. Sends nothing.

currency = "USD"      # optional

[target]
input = 0.15          # for a million tokens
output = 0.60

[baseline]
input = 2.50
output = 10.00
"""

from __future__ import annotations

import math
from typing import Any

from conformance.record.run_lines import Record
from conformance.run.toml_lines import parsed
from conformance.run.user_error import UserError, nearest, typed
from conformance.wire.jsontext import printable

SIDES, KINDS = ("target", "baseline"), ("input", "output")
MILLION = 1_000_000
MOST = 1_000_000.0
"""A price for a million tokens, and no slip of the keyboard."""


def load(path: str) -> Record:
    """The prices of a file: `currency`, and of each side those of a million tokens. Raises UserError."""
    said = f"--prices {path}"
    _, content = parsed(path, said)
    _known(content, ("currency", *SIDES), said)
    currency = content.get("currency", "")
    if not isinstance(currency, str) or len(currency) > 10:
        raise UserError(f"{said}: currency is no short text, such as USD")
    return {"currency": currency, **{side: _side(content.get(side), f"{said}: [{side}]") for side in SIDES}}


def _side(table: Any, said: str) -> Record:
    if not isinstance(table, dict):
        raise UserError(f"{said} is missing, expected a table with input and output")
    _known(table, KINDS, said)
    for kind in KINDS:
        price = table.get(kind)
        good = isinstance(price, int | float) and not isinstance(price, bool) and math.isfinite(price)
        if not good or not 0 <= price <= MOST:
            shown = "missing" if price is None else typed(str(price), 40)
            raise UserError(f"{said}: {kind} is {shown}, expected the price of a million tokens, such as 0.15")
    return {kind: float(table[kind]) for kind in KINDS}


def _known(table: Record, names: tuple[str, ...], said: str) -> None:
    odd = next((key for key in table if key not in names), None)
    if odd is not None:
        raise UserError(f"{said}: {typed(printable(odd), 60)} has no meaning here{nearest(odd, names)}")


def bill(prices: Record, tokens: Record, requests: int | None) -> Record | None:
    """What so many requests cost at both sides, each like the golden prompts on average; a thousand where no number is given.
    None where no tokens were counted."""
    if not tokens["prompts"]:
        return None
    number = requests or 1000

    def cost(side: str) -> float | None:
        used = tokens[side]
        if used is None:
            return None
        each = used["in"] * prices[side]["input"] + used["out"] * prices[side]["output"]
        return round(each / tokens["prompts"] * number / MILLION, 6)

    return {
        "requests": number,
        "monthly": requests is not None,
        "currency": prices["currency"],
        "prompts": tokens["prompts"],
        "of": tokens["of"],
        **{side: cost(side) for side in SIDES},
    }
