"""Texts: one table of what people, tools and files write, sent in by every way there is, and asked back.

Checks: `text.*`.
"""

TURN = 52
