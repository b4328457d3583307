"""Tools: calls chosen, sent in pieces, typed, and answered.

Checks: `tool.*`.
"""

TURN = 30
PART = "tools"
