"""No recording, whoever made it, raises, hangs or fills the memory, and none costs those beside it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from conformance.exchange import Exchange
from conformance.record import recognition
from conformance.record.entries import Skipped
from conformance.record.run_lines import RunFileError, records
from tests.support.checkout import ROOT
from tests.support.recorded_bombs import good, hostile

BOMBS = dict(hostile())
MEMORY, ADDRESSES, SECONDS = 400, 3 << 30, 120
"""MiB that judging all of them may take, bytes of addresses and seconds of CPU that the system allows it."""


def test_there_are_enough():
    assert len(BOMBS) >= 150


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_recording_is_read_or_said(name, tmp_path):
    (tmp_path / "one").write_bytes(BOMBS[name])
    found, amiss, _ = recognition.find([str(tmp_path / "one")])
    assert len(found) + len(amiss) == 1
    for each in (x for recording in found for x in recognition.exchanges(recording)):
        assert isinstance(each, Exchange | Skipped)
        said = each.reason if isinstance(each, Skipped) else "read"
        assert said.isprintable(), said
        assert len(said) < 500


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_all_of_them_at_once_cost_the_good_one_nothing(tmp_path):
    folder = tmp_path / "traffic"
    folder.mkdir()
    for n, content in enumerate(BOMBS.values()):
        (folder / f"{n:03}").write_bytes(content)
    (folder / "good.har").write_bytes(good())
    os.mkfifo(folder / "a pipe")

    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    arguments = [
        sys.executable,
        "-m",
        "conformance",
        "judge",
        str(folder),
        "--report",
        str(tmp_path / "out"),
        "--sdk",
        "off",
    ]
    # By way of a small process: the peak of a child counts from the memory of whoever started it.
    small = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stderr=subprocess.STDOUT)"
    small += "; print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-c", small, *arguments]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, preexec_fn=bounded).stdout.decode("utf-8", "replace")
    code, peak = map(int, text.splitlines()[-1].split())
    assert "Traceback" not in text
    footer = [json.loads(line) for line in (tmp_path / "out" / "run.jsonl").read_bytes().splitlines()][-1]
    assert footer["type"] == "footer"
    assert (code, footer["exit_code"]) == (1, 1), text[-2000:]
    assert footer["exchanges"] >= 2
    assert peak / 1024 < MEMORY, f"{peak / 1024:.0f} MiB"


def test_a_pipe_and_a_device_are_refused_in_a_line(tmp_path, call, elsewhere):
    os.mkfifo(tmp_path / "pipe")
    for place in (str(tmp_path / "pipe"), "/dev/zero", "/dev/null"):
        _, amiss, _ = recognition.find([place])
        assert amiss == [f"{place} is no regular file"]
        with pytest.raises(RunFileError, match="no regular file"):
            list(records(place))
    code, _, err = call("--replay", str(tmp_path / "pipe"))
    assert (code, err.count("\n")) == (2, 1)
    assert "no regular file" in err


def test_a_name_that_no_file_can_have_is_a_mistake(call, elsewhere):
    code, _, err = call("judge", "x" * 5000)
    assert (code, err.count("\n")) == (2, 1)


def test_what_is_plain_is_read_as_it_was_written(tmp_path):
    """Text where text is meant: dates, numbers of any length and times stay what they were."""
    parts = {
        "date": "2024-02-30",
        "long": "9" * 5000,
        "clock": "1:30",
        "octal": "0777",
        "int": "12",
        "float": "1.5",
        "yes": "yes",
    }
    lines = "".join(f"        {name}: {text}\n" for name, text in parts.items())
    text = ("interactions:\n- request:\n    method: POST\n    uri: http://h/v1/chat/completions\n    body: '{}'\n    headers:\n"
            f"{lines}  response:\n    status: {{code: 200}}\n    body: {{string: '{{}}'}}\n    headers: {{}}\n")  # fmt: skip
    (tmp_path / "one.yaml").write_text(text)
    (recording,), _, _ = recognition.find([str(tmp_path / "one.yaml")])
    (x,) = recognition.exchanges(recording)
    sent = dict(vars(x)["request_headers"])
    assert sent == parts
