"""Parameters: documented values are accepted, have their effect, and are refused beyond their bounds.

Checks: `param.*`.
"""

TURN = 40
