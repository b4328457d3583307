"""Chat completions: what an answer holds, what a request may hold, plain and streamed alike.

Checks: `chat.*`.
"""

TURN = 20
PART, CORE = "chat", True
