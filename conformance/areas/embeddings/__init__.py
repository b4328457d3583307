"""The route /embeddings, where it is offered.

Checks: None of its own yet: `usage.*` judges its answers.
"""

TURN = 92
