"""Content: text of every script, images, sound, and histories of any length and form.

Checks: `content.*`.
"""

TURN = 50
