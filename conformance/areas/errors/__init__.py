"""Errors: mistakes are refused, with the status, the envelope and the words that clients read.

Checks: `error.*`.
"""

TURN = 80
