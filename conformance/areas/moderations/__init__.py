"""The route /moderations, where it is offered: what is found in texts and images, category by category.

Checks: `moderation.*`.
"""

TURN = 97
