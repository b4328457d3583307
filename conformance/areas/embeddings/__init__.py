"""The route /embeddings, where it is offered.

Checks: `embedding.*`; `usage.*` judges what its answers cost.
"""

TURN = 92
PART = "embeddings"
