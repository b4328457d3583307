"""Forms: what is written is read back, by our reader and by that of the reference server; what is no form is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Exchange
from conformance.reference.forms import read_form
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call
from conformance.wire.multipart import BOUNDARY, Field, fields, form, texts

NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
CONTENTS = st.binary(max_size=60).filter(lambda content: BOUNDARY.encode() not in content)
PLAIN = st.tuples(NAMES, CONTENTS).map(lambda pair: Field(*pair))
FILES = st.builds(Field, NAMES, CONTENTS, st.sampled_from(["a.wav", "b c.mp3", "ü.flac"]), st.just("audio/wav"))


def _call(kind: str, body: bytes) -> Call:
    return Call("POST", "/v1/files", (("Content-Type", kind),), body, None)


@given(st.lists(PLAIN | FILES, min_size=1, max_size=5))
def test_a_form_is_read_as_it_was_written(sent):
    kind, body = form(sent)
    assert fields(kind, body) == sent
    got = read_form(_call(kind, body))
    assert [(file.field, file.name, file.content) for file in got.files] == [
        (each.name, each.filename, each.content) for each in sent if each.filename is not None
    ]
    assert sum(map(len, got.fields.values())) + len(got.files) == len(sent)


def test_plain_fields_are_texts_and_several_of_one_name_a_list():
    sent = [
        Field("model", b"m"),
        Field("include[]", b"logprobs"),
        Field("n", b"1"),
        Field("n", b"2"),
        Field("file", b"", "f"),
    ]
    assert texts(sent) == {"model": "m", "include": ["logprobs"], "n": ["1", "2"]}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"no form"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=\xff", b"--\xff\r\n\r\n"),
    ],
)
def test_what_is_no_form_has_no_fields(kind, body):
    assert fields(kind, body) == []


def test_a_form_says_what_it_asks_for():
    kind, body = form(
        [Field("model", b"whisper"), Field("stream", b"true"), Field("file", b"RIFF", "a.wav", "audio/wav")]
    )
    x = Exchange("x", "POST", "http://h/v1/audio/transcriptions", (("content-type", kind),), body, 200, (), b"")
    assert (x.asked, x.streaming, x.route) == ({"model": "whisper", "stream": "true"}, True, "transcriptions")


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=other"])
def test_the_reference_refuses_what_is_no_form(kind):
    with pytest.raises(Refusal):
        read_form(_call(kind, form([Field("model", b"m")])[1]))
