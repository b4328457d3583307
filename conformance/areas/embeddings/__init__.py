"""The route /embeddings, where it is offered: vectors of texts, as numbers and as bytes, one for each input and always the same.

Checks: `embedding.*`; `usage.*` judges what its answers cost.
"""

TURN = 92
PART = "embeddings"
