"""Structured output: JSON mode and strict schemas.

Checks: `structured.*`.
"""

TURN = 60
PART = "structured output"
