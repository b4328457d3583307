"""Files and batches: uploads that are listed, read and deleted, and requests that are answered later.

Checks: `file.*`. What a run uploads it deletes at its end.
"""

TURN = 100
