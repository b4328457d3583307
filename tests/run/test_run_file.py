"""The run file: everything comes back as it was, whatever was complete survives a kill, and a foreign file is named as one."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import signal
import sys
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance
from conformance.areas.catalogue import catalogue, judge
from conformance.exchange import Exchange
from conformance.record import run_lines
from conformance.record.run_lines import RunFileError, exchange_of, exchange_record
from conformance.run.run_file import RunWriter, read
from conformance.send import inprocess
from tests.support.hostile import FOREVER, serve, whole

ABOUT = {"options": {"concurrency": 8}, "target": {"base_url": "http://x/v1", "model": "m"}}
END = {"counts": {"must": {"pass": 1}}, "exit_code": 0, "skipped": [["chat.stored", "nothing to send"]]}
SCHEMA = json.loads((Path(conformance.__file__).parent / "record" / "run.json").read_text("utf-8"))

texts = st.text(st.characters())  # lone surrogates too
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
finite = st.floats(allow_nan=False, allow_infinity=False)
bodies = st.binary() | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
exchanges = st.builds(
    Exchange,
    id=texts,
    method=texts,
    url=texts,
    request_headers=headers,
    request_body=bodies,
    status=st.none() | st.integers(0, 999),
    headers=headers,
    body=bodies,
    arrivals=st.lists(st.tuples(finite, st.integers(0, 1 << 40)), max_size=3).map(tuple),
    ended=st.sampled_from(["complete", "refused", "timeout", "cut", "limit", "undecodable"]),
    failure=st.none() | texts,
    intent=st.frozensets(texts, max_size=3),
    headers_known=st.booleans(),
    started=st.none() | finite,
    memo=st.just({}),
)


def write(path, these=(), verdicts=(), end=END):
    with RunWriter(path) as run:
        run.header(ABOUT)
        for x in these:
            run.exchange(x)
        for v in verdicts:
            run.verdict(v)
        if end:
            run.footer(end)
    return path


@pytest.fixture(scope="module")
def some():
    return inprocess.exchanges()[:6]


@settings(max_examples=200, deadline=None)
@given(exchanges)
def test_every_field_of_an_exchange_comes_back_exactly(x):
    line = json.dumps(exchange_record(x))
    assert "\n" not in line
    back = exchange_of(json.loads(line))
    assert back == x
    assert {type(getattr(back, f.name)) for f in fields(back)} == {type(getattr(x, f.name)) for f in fields(x)}


@settings(max_examples=50, deadline=None)
@given(exchanges)
def test_every_line_of_an_exchange_fits_the_schema(x):
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(exchange_record(x))))


def test_a_whole_run_comes_back_and_its_lines_fit_the_schema(tmp_path, some):
    verdicts = judge(some)
    path = write(tmp_path / "run.jsonl", some, verdicts)
    run = read(path)
    assert run.exchanges == some
    assert list(run_lines.exchanges(path)) == some
    assert (run.header["target"], run.header["options"], run.remark) == (ABOUT["target"], ABOUT["options"], None)
    assert run.header["version"] == conformance.__version__
    assert run.footer["exit_code"] == 0
    assert [v["check"] for v in run.verdicts] == list(catalogue())
    for row, verdict in zip(run.verdicts, verdicts, strict=True):
        assert (row["level"], row["outcome"]) == (verdict.check.level, verdict.outcome)
        assert row["requirement"] == verdict.check.requirement
        assert [(tuple(p["exchanges"]), p["message"]) for p in row["problems"]] == list(verdict.problems)
        assert row.get("reason") == verdict.reason
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    raw = path.read_bytes()
    assert raw.isascii()
    for line in raw.splitlines():
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(line))


def test_a_gzipped_run_file_is_read(tmp_path, some):
    path = write(tmp_path / "run.jsonl", some)
    zipped = tmp_path / "run.jsonl.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert read(zipped) == read(path)
    assert run_lines.about(zipped) == run_lines.about(path)
    zipped.write_bytes(gzip.compress(path.read_bytes())[:-20])
    with pytest.raises(RunFileError, match="cannot be read: Compressed file ended"):
        read(zipped)


def test_a_replayed_file_gives_the_same_verdicts(tmp_path):
    these = inprocess.exchanges()
    replayed = judge(run_lines.exchanges(write(tmp_path / "run.jsonl", these, end=None)))
    assert [(v.check.id, v.outcome, v.problems, v.exchanges) for v in replayed] == [
        (v.check.id, v.outcome, v.problems, v.exchanges) for v in judge(these)
    ]


def test_a_body_is_text_where_it_is_utf_8_and_base64_where_not():
    x = Exchange("x", "GET", "u", (), b"", 200, (), "Grüße".encode())
    assert exchange_record(x)["body"] == "Grüße"
    y = Exchange("x", "GET", "u", (), b"", 200, (), b"\xff\x00")
    assert exchange_record(y)["body"] == {"base64": base64.b64encode(b"\xff\x00").decode()}


@pytest.mark.parametrize("body", [b"\0", b"\x1b\0 ", b"\x7f\x7f", b"\0" * 100_000])
def test_a_body_of_control_characters_is_no_longer_than_in_base64(body):
    """As text each takes six characters: one answer of 4 MiB would be a line of 24."""
    record = exchange_record(Exchange("x", "GET", "u", (), b"", 200, (), body))
    assert record["body"] == {"base64": base64.b64encode(body).decode()}
    assert exchange_of(record).body == body


def test_a_file_cut_at_any_byte_keeps_every_line_that_was_complete(tmp_path, some):
    small = [Exchange(f"x{n}", "GET", "u", (), b"", 200, (), bytes([200, n])) for n in range(3)]
    raw = write(tmp_path / "run.jsonl", small, end=None).read_bytes()
    first = raw.index(b"\n")
    cut = tmp_path / "cut.jsonl"
    for length in range(first + 1, len(raw) + 1):
        cut.write_bytes(raw[:length])
        run = read(cut)
        # Without its line end, a line that is whole all the same counts.
        lines = raw[:length].count(b"\n") - 1 + (raw[length : length + 1] == b"\n")
        assert run.exchanges == small[:lines]
        assert run.footer is None
        assert run.remark.startswith("the run was cut off")
        assert ("half written" in run.remark) == (raw[length - 1] != 10 and raw[length : length + 1] != b"\n")


HEADER = b'{"type":"header","format":1,"version":"1","python":"3","started":"now","options":{},"target":{}}\n'
FOOTER = b'{"type":"footer","counts":{},"exit_code":0,"finished":"now","skipped":[]}\n'
BROKEN = [
    (b"", "is empty"),
    (b"\n", "line 1 is not the header of a run file (not JSON: empty)"),
    (b'{\n  "log": {}\n}\n', "line 1 is not the header of a run file (not JSON"),
    (b'{"log": {"entries": []}}', "line 1 is not the header"),
    (b"[1]\n", "line 1 is not the header"),
    (b"\x1f\x8b\x08\x00\xff", "cannot be read: Compressed file ended"),
    (b"\xff\xfe", "line 1 is not the header of a run file (not JSON: not UTF-8"),
    (b"[" * 100_000, "nested deeper"),
    (FOOTER, "line 1 is not the header"),
    (HEADER.replace(b'"format":1', b'"format":2'), "format 2, this version reads format 1"),
    (HEADER.replace(b'"target":{}', b'"target":7'), "target does not fit the schema"),
    (HEADER + b"garbage\n" + FOOTER, "line 2 is broken (not JSON"),
    (HEADER + b"\n" + FOOTER, "line 2 is broken (not JSON: empty)"),
    (HEADER + b'{"type":"exchange"}\n', "line 2 is broken (the line does not fit the schema"),
    (HEADER + b'{"type":"gossip"}\n', "line 2 is broken"),
    (HEADER + HEADER, "line 2 is broken (a second header)"),
    (HEADER + FOOTER + b'{"ty', "line 3 is broken"),
    (HEADER + FOOTER + FOOTER, "line 3 is broken (a line after the footer)"),
    (HEADER + b'{"type":"verdict","check":"a.b","level":"must","outcome":"great","exchanges":[],"problems":[]}\n',
     "line 2 is broken (outcome does not fit the schema"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "words"), BROKEN)
def test_a_foreign_or_broken_file_is_named_with_its_line(tmp_path, raw, words):
    path = tmp_path / "some.jsonl"
    path.write_bytes(raw)
    for reader in (read, lambda path: list(run_lines.exchanges(path))):
        with pytest.raises(RunFileError) as told:
            reader(path)
        assert words in str(told.value)
        assert str(told.value).startswith(str(path))
        assert str(told.value).isprintable()
        assert len(str(told.value)) < 400


def test_a_bad_body_is_a_broken_line(tmp_path, some):
    path = write(tmp_path / "run.jsonl", [Exchange("x", "GET", "u", (), b"", 200, (), b"\xff\x00")], end=None)
    path.write_bytes(path.read_bytes().replace(b'"/wA="', b'"/wA"'))
    with pytest.raises(RunFileError, match=r"line 2 is broken \(body does not fit"):
        read(path)


def test_what_cannot_be_opened_is_one_line(tmp_path):
    for call in (read, lambda path: list(run_lines.exchanges(path)), RunWriter):
        with pytest.raises(RunFileError, match="directory"):
            call(tmp_path)
    with pytest.raises(RunFileError, match="cannot be read: No such file"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(RunFileError, match="cannot be written: No such file"):
        RunWriter(tmp_path / "none" / "run.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line():
    with RunWriter("/dev/full") as run, pytest.raises(RunFileError, match="No space left"):
        run.header(ABOUT)


RECORD = """
import asyncio, sys
from conformance.exchange.probe import Probe
from conformance.run.run_file import RunWriter
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.target import Target

def keep(x):
    run.exchange(x)
    print(x.id, flush=True)

with RunWriter(sys.argv[2]) as run:
    run.header({"options": {}, "target": {}})
    many = [Probe(f"p{n}", {"padding": "x" * 20_000}) for n in range(60)]
    asyncio.run(fetch(many, Target(sys.argv[1], "m"), Limits(), concurrency=4, on_exchange=keep))
"""


async def test_killing_a_run_loses_no_exchange_that_was_complete(tmp_path):
    answered = 0

    async def answer(writer, request):
        nonlocal answered
        answered += 1
        if answered > 40:
            await asyncio.sleep(FOREVER)
        writer.write(whole(b"x" * 20_000))

    path = tmp_path / "run.jsonl"
    async with serve(answer) as url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", RECORD, url, path, stdout=asyncio.subprocess.PIPE
        )
        complete = [(await process.stdout.readline()).decode().strip() for _ in range(25)]
        process.send_signal(signal.SIGKILL)
        complete += (await process.stdout.read()).decode().split()
        await process.wait()
    run = read(path)
    assert process.returncode == -signal.SIGKILL
    assert "" not in complete
    assert set(complete) <= {x.id for x in run.exchanges}
    assert {(x.ended, len(x.body)) for x in run.exchanges} == {("complete", 20_000)}
    assert run.remark.startswith("the run was cut off")
