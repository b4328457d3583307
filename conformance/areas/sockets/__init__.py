"""WebSocket mode of Responses: turn after turn over one connection, which remembers what is not stored, and outlives errors.

Checks: `socket.*`. What a turn says is judged as the stream of a response is (`response.*`).
"""

TURN = 97
"""Behind Responses by HTTP."""
