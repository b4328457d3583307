"""Subtitles: what players read, and what they do not."""

from __future__ import annotations

import pytest

from conformance.wire.subtitles import Cue, Malformed, srt, vtt

SRT = "1\n00:00:00,000 --> 00:00:02,000\nHello.\n\n2\n00:00:02,000 --> 01:00:03,500\nTwo\nlines.\n\n\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nHello.\n\nnamed\n00:00:02.000 --> 01:00:03.500 align:left\nTwo\nlines.\n"
CUES = [Cue(0, 2, "Hello."), Cue(2, 3603.5, "Two\nlines.")]


@pytest.mark.parametrize("text", [SRT, SRT.replace("\n", "\r\n"), SRT.strip()])
def test_cues_of_subrip(text):
    assert srt(text) == CUES


@pytest.mark.parametrize(
    "text", [VTT, VTT.replace("\n", "\r\n"), f"\ufeff{VTT}", VTT.replace("WEBVTT\n", "WEBVTT - x\n\nNOTE\nno cue\n")]
)
def test_cues_of_webvtt(text):
    assert vtt(text) == CUES


def test_nothing_said_is_no_cue():
    assert srt("") == srt("\n") == vtt("WEBVTT\n\n") == []


@pytest.mark.parametrize("text", ["Hello.", "1\nHello.", "1", SRT.replace(",", "."), SRT.replace("1\n", "", 1)])
def test_what_is_no_subrip(text):
    with pytest.raises(Malformed, match="expected"):
        srt(text)


@pytest.mark.parametrize(
    "text", ["", "Hello.", VTT.removeprefix("WEBVTT\n\n"), "WEBVTT\n\nHello.", "WEBVTTX\n", VTT.replace(".000", ",000")]
)
def test_what_is_no_webvtt(text):
    with pytest.raises(Malformed, match="expected"):
        vtt(text)
