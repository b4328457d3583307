"""Edges: documented parameters at their bounds, just beyond them, empty, huge and of another type, made of their tables.

Checks: `edge.*`.
"""

TURN = 86
