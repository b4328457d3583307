"""Log probabilities of what the reference "model" said, as chat and legacy completions show them.

They are made up from the tokens: the same every time, and probabilities all the same (no sum is above 1). It must not decide
what is said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from conformance.reference import tokens

Json = dict[str, Any]


def entries(said: Sequence[bytes], top: int, start: int = 0) -> list[Json]:
    """The entry of each token, with `top` alternatives; `start` is the position of the first."""
    found = []
    for n, token in enumerate(said, start):
        ranked = _ranked(token, n, max(1, top))
        found.append({**ranked[0], "top_logprobs": ranked[:top]})
    return found


def legacy(said: Sequence[bytes], top: int, offset: int) -> Json:
    """The four lists of a legacy completion; `offset` is the length of the prompt in characters."""
    spelt = [tokens.spell(token) for token in said]
    ranked = [_ranked(token, n, max(1, top)) for n, token in enumerate(said)]
    return {
        "tokens": spelt,
        "token_logprobs": [best[0]["logprob"] for best in ranked],
        "top_logprobs": [{each["token"]: each["logprob"] for each in best} for best in ranked] if top else None,
        "text_offset": list(accumulate(map(len, spelt), initial=offset))[:-1],
    }


def _ranked(token: bytes, position: int, count: int) -> list[Json]:
    """The token and its alternatives, most likely first: each has three quarters of what is left by those before it."""
    first = 0.8 + (len(token) + 3 * position) % 16 / 80
    shares = [first, *((1 - first) * 0.75 * 0.25**n for n in range(count - 1))]
    others = (b" %c" % (97 + n) for n in range(26))
    ranked = [token, *(other for other in others if other != token)]
    return [_entry(raw, math.log(share)) for raw, share in zip(ranked, shares, strict=False)]


def _entry(raw: bytes, logprob: float) -> Json:
    return {"token": tokens.spell(raw), "logprob": round(logprob, 6), "bytes": list(raw)}
