"""Pairs: features that are supported alone, asked for together.

Checks: `pair.*`.
"""

TURN = 95
