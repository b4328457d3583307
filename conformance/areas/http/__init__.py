"""HTTP: methods, statuses, headers, connections, and what browsers ask before.

Checks: `http.*`.
"""

TURN = 90
