"""The legacy route /completions, where it is offered.

Checks: None of its own yet: `logprobs.legacy-*` and `usage.*` judge its answers.
"""

TURN = 96
