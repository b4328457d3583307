"""Keys: who sends none or a wrong one is refused, in words and statuses that clients know.

Checks: `auth.*`. Its questions are those of errors/ and models/ that carry no good key.
"""
