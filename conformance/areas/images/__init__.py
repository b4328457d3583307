"""Images: made of words, edited and varied, where that is offered.

Checks: `image.*`. Every request here is dear: `--cheap` leaves the area out.
"""

TURN = 99
