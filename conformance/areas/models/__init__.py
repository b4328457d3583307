"""Models: their list, and one alone.

Checks: `model.*`.
"""

TURN = 10
