"""Responses: the route of new agents: its object, items, calls and events, what is handed back, and what it refuses.

Checks: `response.*`.
"""

TURN = 94
"""Behind all that chat is asked, with which it is compared."""
