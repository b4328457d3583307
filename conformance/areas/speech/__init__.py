"""The route /audio/speech, where it is offered: a text becomes sound.

Checks: `speech.*`. What the bytes are is read from their headers (wire/sound.py), with no library.
"""

TURN = 94
PART = "speech"
