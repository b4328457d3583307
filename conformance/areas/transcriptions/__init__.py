"""The routes /audio/transcriptions and /audio/translations, where they are offered: sound becomes text.

Checks: `transcription.*`. How long a file sounds is read from its headers (wire/sound.py); words are compared loosely.
"""

TURN = 95
