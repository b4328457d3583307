"""Sending: the same request as clients of all kinds send it - their headers, their offers, and bodies in portions.

Checks: `sending.*`.
"""

TURN = 97
