"""What stands in the ids of exchanges that are no probe's own."""

REFUSED = "~refused"
"""Stands after the id of an exchange whose request was sent once more, its answer not being the last word (send/retries.py)."""
SERVED = "~served"
"""The same where it was served, and something else was sent in its place."""

APART = "~apart"
"""Stands in the id of an exchange that tells for what a request was refused, behind that one's id (send/apart.py)."""
