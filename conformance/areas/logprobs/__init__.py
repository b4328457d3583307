"""Log probabilities of tokens, of chat and of legacy completions.

Checks: `logprobs.*`.
"""

TURN = 70
PART = "logprobs"
