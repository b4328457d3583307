"""Files that the user names, in every option and argument that reads one, found by what the command line declares: whatever lies there,
one line and the exit code of a mistake, in bounded time and memory."""

from __future__ import annotations

import os
import resource
import signal
import sys

import click
import pytest

from conformance.cli.main import cli
from conformance.run.run_file import RunWriter
from tests.support.command import command, elsewhere

MISTAKE, NOT_JUDGED = 2, 3
SOON, ROOM = 30, 1 << 30
"""Seconds of CPU and bytes that one mistake may take beyond what the process has."""
NOWHERE = "--base-url http://127.0.0.1:9/v1 --wait 0"

READS = {
    "run --config": "run --config {}",
    "run --against": f"run {NOWHERE} --against {{}}",
    "run --known": f"run {NOWHERE} --known {{}}",
    "run --replay": "run --replay {}",
    "run --baseline": f"run {NOWHERE} --baseline {{}}",
    "judge --against": "judge {} --against {}",
    "judge --known": "judge {} --known {}",
    "judge --mapping": "judge {} --mapping {}",
    "judge recordings": "judge {}",
    "checks --specification": "checks --specification {}",
    "clients --against": "clients --against {}",
    "clients --known": "clients --known {}",
    "cold --against": f"cold {NOWHERE} --against {{}}",
    "cold --known": f"cold {NOWHERE} --known {{}}",
    "compare runs": "compare {} {}",
    "curl --run": "curl chat.usage --run {}",
    "explore --known": f"explore {NOWHERE} --known {{}}",
    "gateway --against": f"gateway {NOWHERE} --upstream-listen 127.0.0.1:0 --against {{}}",
    "gateway --known": f"gateway {NOWHERE} --upstream-listen 127.0.0.1:0 --known {{}}",
    "golden check folder": "golden check {}",
    "load --against": f"load {NOWHERE} --against {{}}",
    "load --known": f"load {NOWHERE} --known {{}}",
    "matrix targets": "matrix {}",
    "merge runs": "merge {} {}",
    "migrate --golden": "migrate --from http://127.0.0.1:9/v1 --to http://127.0.0.1:9/v1 --wait 0 --golden {}",
    "migrate --traffic": "migrate --from http://127.0.0.1:9/v1 --to http://127.0.0.1:9/v1 --wait 0 --traffic {}",
    "migrate --prices": "migrate --from http://127.0.0.1:9/v1 --to http://127.0.0.1:9/v1 --wait 0 --prices {}",
    "parity --baseline": f"parity {NOWHERE} --baseline {{}}",
    "parity --golden": f"parity {NOWHERE} --golden {{}}",
    "parity --prices": f"parity {NOWHERE} --prices {{}}",
    "parity --replay": "parity --replay {}",
    "report --baseline": "report {} --baseline {}",
    "report runs": "report {}",
    "watch --against": f"watch {NOWHERE} --against {{}} -- true",
    "watch --known": f"watch {NOWHERE} --known {{}} -- true",
}  # fmt: skip
"""By command and option, a command line that reads {}."""
ELSE = ("--write-known", "--record", "--report", "--rows", "--out", "--database", "--vllm-python", "--python", "--watch-file",
        "reference --model")  # fmt: skip
"""Options whose file is written, run or only looked at."""
WRITES = {
    "run --write-known": f"run {NOWHERE} --write-known {{}}",
    "run --record": f"run {NOWHERE} --record {{}}",
    "run --report": f"run {NOWHERE} --report {{}}",
    "run --failed": f"run {NOWHERE} --failed --report {{}}",
    "explore --database": f"explore {NOWHERE} --database {{}}",
    "merge --out": "merge run.jsonl --out {}",
    "compare --out": "compare run.jsonl run.jsonl --out {}",
    "report --out": "report run.jsonl --out {}",
}
"""Of those the ones that are written, each by a command line."""
FILES = ("FILE", "RUN", "DIR", "PATH", ".toml")


def _declared(group: click.Group = cli, words: tuple[str, ...] = ()) -> list[str]:
    found = []
    for name, each in group.commands.items():
        if isinstance(each, click.Group):
            found += _declared(each, (*words, name))
            continue
        told = [(p.opts[0], p.make_metavar(click.Context(each))) for p in each.params]
        found += [
            " ".join((*words, name, option)) for option, metavar in told if any(word in metavar for word in FILES)
        ]
    return found


def test_every_option_that_takes_a_file_is_tried():
    declared = {name for name in _declared() if not name.endswith(ELSE)}
    assert declared == {*READS}


def _pipe(path):
    os.mkfifo(path)


def _loop(path):
    path.symlink_to(path.name)


def _huge(path):
    with path.open("wb") as file:
        file.truncate(5 << 30)


AT = {
    "device": lambda path: path.symlink_to("/dev/zero"),
    "pipe": _pipe,
    "link to itself": _loop,
    "5 GiB": _huge,
    "not there": lambda path: None,
    "empty folder": lambda path: path.mkdir(),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "empty": lambda path: path.write_bytes(b""),
    "UTF-16": lambda path: path.write_bytes("[[deviation]]\ncheck = 'x'\n".encode("utf-16")),
    "nested": lambda path: path.write_bytes(b"a = " + b"[" * 100_000),
    "nested JSON": lambda path: path.write_bytes(b'{"a":' * 100_000),
    "long key": lambda path: path.write_bytes(b".".join([b"a"] * 100_000) + b" = 1"),
    "twice the same key": lambda path: path.write_bytes(b'a = 1\na = 1\n{"a": 1, "a": 1}'),
    "a wrong type": lambda path: path.write_bytes(b"deviation = 1\ntarget = 2\ncurrency = []\nanswers = 1\nknown = 3\n"),
    "many entries": lambda path: path.write_bytes(b'[[deviation]]\n[[target]]\nx = """\n"""\n' * 20_000),
}  # fmt: skip
"""What may lie at a path. Each makes it."""


@pytest.fixture
def bounded():
    """Fails what takes longer, or more memory, than a mistake may."""
    if sys.platform != "linux":
        pytest.skip("the memory of a process is bounded by its limit on Linux alone")
    before, timer = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGVTALRM)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()

    def late(number, frame):
        raise AssertionError(f"more than {SOON} s of CPU")

    signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, SOON)
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, timer)


OF_A_KIND = (
    "run --config",
    "run --known",
    "judge --mapping",
    "checks --specification",
    "matrix targets",
    "parity --prices",
)
"""One option of every way to read what a person wrote: all others are tried with a device, which alone takes no end."""
TRIED = [(option, lies) for option in READS for lies in AT if lies == "device" or option in OF_A_KIND]


@pytest.mark.parametrize(("option", "lies"), TRIED)
def test_whatever_lies_there_is_a_mistake_in_one_line(option, lies, tmp_path, monkeypatch, capsys, bounded):
    elsewhere(monkeypatch, tmp_path)
    path = tmp_path / ("it.jsonl" if "traffic" in option else "it.toml")
    AT[lies](path)
    code, said, wrong = command(monkeypatch, capsys)(*(word.replace("{}", path.name) for word in READS[option].split()))
    if (option, lies) == ("run --config", "empty"):
        assert code == 0  # nothing is set
        return
    assert code in (MISTAKE, NOT_JUDGED), wrong[-500:]
    assert "the suite itself failed" not in wrong
    if option == "judge recordings":
        assert "NOT JUDGED" in said or wrong
    else:
        last = wrong.splitlines()[-1]
        assert last.startswith(("openai-conformance: ", path.name))  # `golden check` says where, as compilers do
        assert len(last) < 1000


@pytest.mark.parametrize("option", READS | WRITES)
def test_a_name_that_no_file_can_have_is_a_mistake_in_one_line(option, tmp_path, monkeypatch, capsys):
    elsewhere(monkeypatch, tmp_path)
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {}})
    words = (READS | WRITES)[option].split()
    code, said, wrong = command(monkeypatch, capsys)(*(word.replace("{}", "n" * 5000) for word in words))
    assert code in (MISTAKE, NOT_JUDGED), wrong[-500:]
    assert "the suite itself failed" not in wrong
    assert wrong or "NOT JUDGED" in said


@pytest.mark.parametrize("folder", ["/", ".", ""])
def test_a_page_is_not_written_onto_a_folder(folder, tmp_path, monkeypatch, capsys):
    elsewhere(monkeypatch, tmp_path)
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.header({"options": {}, "target": {}})
    code, _, wrong = command(monkeypatch, capsys)("report", "run.jsonl", "--out", folder)
    assert code == MISTAKE
    assert wrong.endswith("cannot be written: Is a directory\n")
