"""Usage: the tokens that are counted, and that the counts agree.

Checks: `usage.*`.
"""
