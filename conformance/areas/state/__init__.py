"""State: responses that the server keeps, continued, fetched, listed, cancelled and deleted, and conversations counted and compacted.

Checks: `state.*`.
"""

TURN = 95
"""Whether what was answered is still there."""
