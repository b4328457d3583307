"""The legacy route /completions, where it is offered: prompts to continue, several at once, echoed, as tokens, streamed.

Checks: `completion.*`; `logprobs.legacy-*`, `finish.legacy` and `usage.*` judge its answers, too.
"""

TURN = 96
