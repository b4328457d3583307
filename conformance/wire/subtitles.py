"""Subtitles: the cues of SubRip (SRT) and of WebVTT, as players read them. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

_SRT = re.compile(r"(\d{2,}):(\d\d):(\d\d),(\d{3}) --> (\d{2,}):(\d\d):(\d\d),(\d{3})")
_VTT = re.compile(
    r"(?:(\d{2,}):)?(\d\d):(\d\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?(\d\d):(\d\d)\.(\d{3})(?:[ \t].*)?"
)
_NOTES = ("NOTE", "STYLE", "REGION")


class Cue(NamedTuple):
    """One subtitle: seconds, and what is shown."""

    start: float
    end: float
    text: str


class Malformed(ValueError):
    """It is no such file; the message is `<what> is <seen>, expected <wanted>`."""


def srt(text: str) -> list[Cue]:
    """The cues of SubRip: a number, the times with a comma, and the text. Raises Malformed."""
    cues = []
    for n, block in enumerate(_blocks(text), 1):
        if not block[0].strip().isdigit():
            raise Malformed(f"the first line of cue {n} is {block[0][:40]!r}, expected its number")
        cues.append(_cue(n, _SRT, block[1:], "00:00:00,000 --> 00:00:01,000"))
    return cues


def vtt(text: str) -> list[Cue]:
    """The cues of WebVTT behind its first line; a cue may have a name. Raises Malformed."""
    head, *blocks = _blocks(text.removeprefix("\ufeff")) or [[""]]
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", head[0]):
        raise Malformed(f"the first line is {head[0][:40]!r}, expected 'WEBVTT'")
    cues = [block for block in blocks if not block[0].startswith(_NOTES)]
    return [
        _cue(n, _VTT, block if "-->" in block[0] else block[1:], "00:00:00.000 --> 00:00:01.000")
        for n, block in enumerate(cues, 1)
    ]


def _blocks(text: str) -> list[list[str]]:
    """The lines between empty ones."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n"))
    return [lines for block in blocks if (lines := block.strip("\n").split("\n")) and block.strip()]


def _cue(n: int, times: re.Pattern[str], lines: list[str], wanted: str) -> Cue:
    found = times.fullmatch(lines[0].rstrip()) if lines else None
    if found is None:
        raise Malformed(f"the times of cue {n} are {(lines or [''])[0][:60]!r}, expected as in {wanted!r}")
    hours, minutes, seconds, thousandths, *end = (int(part or 0) for part in found.groups())
    start = 3600 * hours + 60 * minutes + seconds + thousandths / 1000
    return Cue(start, 3600 * end[0] + 60 * end[1] + end[2] + end[3] / 1000, "\n".join(lines[1:]))
