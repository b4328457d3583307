"""Conversations: items that the server keeps under an id of their own, and responses that are made in them.

Checks: `conversation.*`.
"""

TURN = 96
"""Behind the responses that are made in them."""
