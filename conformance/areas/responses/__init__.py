"""The route /responses, where it is offered.

Checks: None of its own yet: `structured.responses`, `usage.*` and `http.*` judge its answers.
"""

TURN = 94
