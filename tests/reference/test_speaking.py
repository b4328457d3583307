"""The voice of the reference: real sound in every form, and a clear answer where the library for it is missing."""

from __future__ import annotations

import base64
import re
import sys

import pytest

from conformance.areas.speech.conditions import sound_bytes
from conformance.areas.speech.probes import SHORT
from conformance.exchange import Exchange
from conformance.reference.refusal import Refusal
from conformance.reference.speaking import TYPES, coded
from conformance.send.embedded import Reference
from conformance.wire.sound import look, pcm_seconds
from tests.support.command import command, elsewhere


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("speed", [0.5, 1, 2.0])
def test_each_form_is_real_and_as_long_as_the_text(form, speed):
    whole = b"".join(coded(SHORT, speed, form))
    sound = look(whole)
    assert (sound.kind if sound else "pcm") == form
    long = pcm_seconds(whole) if sound is None else sound.seconds
    assert long == pytest.approx(0.04 * len(SHORT) / speed, abs=0.12)


@pytest.fixture
def without_av(monkeypatch):
    """An installation without the extra `media`."""
    monkeypatch.setitem(sys.modules, "av", None)
    coded.cache_clear()
    yield
    coded.cache_clear()


@pytest.mark.usefixtures("without_av")
@pytest.mark.parametrize("form", TYPES)
def test_wav_and_bare_samples_need_no_library(form):
    if form in ("wav", "pcm"):
        assert coded(SHORT, 1, form)
        return
    with pytest.raises(Refusal, match=r"pip install 'openai-conformance\[media\]'") as refused:
        coded(SHORT, 1, form)
    assert refused.value.status == 501


@pytest.mark.usefixtures("without_av")
def test_without_the_library_speech_is_absent_and_nothing_fails(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    with Reference() as server:
        _, out, _ = command(monkeypatch, capsys)("run", "--endpoints", "speech", "--report", "out", server=server)
    assert re.search(r"absent +speech", out), out
    assert "openai-conformance[media]" in out
    assert not re.search(r"(MUST|SHOULD|MAY) +\d+ +[1-9]", out), out


def test_bytes_that_a_recorder_kept_as_base64_are_bytes(sound):
    assert sound_bytes(sound) == b"".join(coded(SHORT, 1, "wav"))


@pytest.fixture
def sound():
    """Speech as recorders of text keep it: without the times of its portions."""
    body = base64.b64encode(b"".join(coded(SHORT, 1, "wav")))
    return Exchange(
        "a", "POST", "http://x.invalid/v1/audio/speech", (), b"{}", 200, (("content-type", "audio/wav"),), body
    )
