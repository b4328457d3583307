"""Forms: what a probe says is what the server reads, what the run file keeps, and what is read of it there, byte for byte."""

from __future__ import annotations

import random

import pytest

from conformance.areas.catalogue import routes
from conformance.areas.transcriptions.probes import PROBES, TYPES, silent, spoken
from conformance.exchange.shipped import place
from conformance.record.recognition import exchanges, find
from conformance.reference.forms import read_form
from conformance.reference.replies import Call
from conformance.reference.respond import Server
from conformance.send.embedded import Reference
from conformance.send.requests import requests
from conformance.wire import multipart
from conformance.wire.multipart import Field
from conformance.wire.sound import look
from tests.support.command import command, elsewhere


def test_what_is_sent_is_what_the_run_file_holds(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    with Reference() as server:
        arguments = ("run", "--endpoints", "transcriptions", "--depth", "deep", "--report", "out")
        code, _, err = command(monkeypatch, capsys)(*arguments, server=server)
        sent = {r.id: r for probe in PROBES for r in requests(probe, "reference/scripted-transcription")}
    assert code == 0, err
    (recording,), _, _ = find([str(tmp_path / "out" / "run.jsonl")])
    kept = {x.name: x for x in exchanges(recording) if x.name in sent}
    assert kept.keys() == sent.keys()
    for id, x in kept.items():
        assert x.request_body == sent[id].body, id
        assert x.form, id
        files = [field.content for field in x.form if field.name == "file"]
        assert all(look(content) for content in files if id not in ("transcriptions.noise", "transcriptions.empty"))


def written(fields, boundary=multipart.BOUNDARY, *, quoted=False):
    """The call that a form makes."""
    kind, body = multipart.form(fields, boundary)
    kind = kind.replace(boundary, f'"{boundary}"') if quoted else kind
    return Call("POST", "/v1/audio/transcriptions", (("content-type", kind),), body, None)


CONTENTS = {
    **{form: place(f"fixtures/audio/morning.{form}").read_bytes() for form in TYPES},
    "silence": silent(0.2),
    "empty": b"",
    "line ends": b"\r\n\r\n--\r\n\n\r",
    "nearly the boundary": f"\r\n--{multipart.BOUNDARY[:-1]}\r\n".encode(),
    "every byte": bytes(range(256)) * 3,
    "noise": random.Random(5).randbytes(9000),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("first", [True, False], ids=["file first", "file last"])
@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "bare"])
@pytest.mark.parametrize("name", ["a.wav", 'Früh "neu" 1.wav', "日本.mp3", "a;b=c.ogg"])
def test_both_readers_find_what_was_written(content, first, quoted, name):
    file, model = Field("file", content, name, "application/octet-stream"), Field("model", "größe-1".encode())
    call = written((file, model) if first else (model, file), quoted=quoted)
    ours = multipart.fields(call.header("content-type"), call.body)
    assert [each.content for each in ours] == ([content, model.content] if first else [model.content, content])
    theirs = read_form(call)
    assert (theirs.file().content, theirs.text("model")) == (content, "größe-1")
    named = next(each.filename for each in ours if each.name == "file")
    assert named == theirs.file().name == name.replace('"', "%22")


def test_the_reference_knows_a_file_by_what_is_in_it():
    """Whatever it is called; and hears nothing in what it does not know."""
    server, said = Server(routes()), {}
    files = {
        "renamed": spoken("mp3", "x.bin", "text/plain"),
        "silent": Field("file", silent(1), "morning.wav", "audio/wav"),
    }
    for name, field in files.items():
        kind, body = multipart.form((Field("model", server.models["transcription"].encode()), field))
        headers = (("content-type", kind), ("authorization", f"Bearer {server.key}"))
        said[name] = server.respond(Call("POST", "/v1/audio/transcriptions", headers, body, None)).body["text"]
    assert said == {"renamed": "Good morning. Tea is ready.", "silent": ""}
