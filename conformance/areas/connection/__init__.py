"""Connection: used again, left in the middle of an answer, and one among several at the same time.

Checks: `connection.*`.
"""

TURN = 98
