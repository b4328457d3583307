"""Kills at random: what a run that is ended at any moment loses, and what it leaves behind. `nox -s kills -- [N] [SEED]`.

Each kill is drawn by the seed: one of the commands, a moment of its life, SIGKILL, SIGTERM or SIGINT. Fails where an exchange is lost
that was whole in the run file before the kill, where a file is left over that no reader of a report knows, where a child lives on,
or where what the file holds cannot be read.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.matrix.fleet import UNFINISHED
from conformance.record.run_lines import RunFileError
from conformance.run.report_names import RUN, VIEWS
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT

MANY = 200
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MARK = "CONFORMANCE_KILL"
"""A variable of the environment that everything has which a command started, in whatever session it is."""
ENDS, LINGERS = 60.0, 10.0
"""Seconds that a command has to end after SIGTERM or SIGINT, and its children after it."""
KNOWN = {RUN, *VIEWS, UNFINISHED}
"""Files of a report that are whole, and the mark of a comparison that is not done."""
KEPT = {"requests", "examples"}
"""Folders of a report: the bodies of requests, and what Hypothesis remembers."""
QUICK = ("--only=chat", "--sdk=off", "--quiet")


def commands(url: str, work: Path) -> dict[str, list[str]]:
    """Each with a folder to report to, which it gets at the end."""
    targets, recording = work / "targets.toml", work / "recording" / "run.jsonl"
    targets.write_text(
        "".join(
            f'[[target]]\nname = "{name}"\nbase_url = "{url}"\napi_key_env = "OPENAI_API_KEY"\n\n'
            for name in ("one", "two")
        )
    )
    return {
        "run": ["run", f"--base-url={url}", *QUICK],
        "judge": ["judge", str(recording), "--sdk=off", "--quiet"],
        "matrix": ["matrix", str(targets), "--only=chat", "--sdk=off"],
        "parity": ["parity", f"--base-url={url}", f"--baseline={url}", "--baseline-key-env=OPENAI_API_KEY", "--quiet"],
        "explore": ["explore", f"--base-url={url}", "--examples=20", "--seed=1", "--quiet"],
    }


def start(words: list[str], folder: Path, mark: str) -> subprocess.Popen:
    (folder / "tmp").mkdir(parents=True)
    surrounding = os.environ | {MARK: mark, "TMPDIR": str(folder / "tmp"), "OPENAI_API_KEY": "sk-reference"}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    command = [sys.executable, "-m", "conformance", *words, "--report", str(folder / "out")]
    return subprocess.Popen(command, cwd=ROOT, env=surrounding, start_new_session=True, **silent)


def alive(mark: str) -> list[int]:
    """The processes that carry this mark, zombies left out."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                carries = f"{MARK}={mark}\0".encode() in (each / "environ").read_bytes()
                state = (each / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if carries and state not in "ZX":
                found.append(int(each.name))
    return found


def whole_lines(folder: Path) -> dict[Path, bytes]:
    """Of each run file, what is whole: up to its last line end."""
    files = {file: file.read_bytes() for file in folder.rglob("run.jsonl")}
    return {file: data[: data.rfind(b"\n") + 1] for file, data in files.items()}


def faults(process: subprocess.Popen, folder: Path, mark: str, number: signal.Signals) -> Iterator[tuple[str, str]]:
    """(kind, what) of all that is amiss after this signal, sent now."""
    before = whole_lines(folder)
    process.send_signal(number)
    try:
        process.wait(ENDS)
    except subprocess.TimeoutExpired:
        yield "hangs", f"it goes on {ENDS:g} s after {number.name}"
        process.kill()
        process.wait()
    until = time.monotonic() + LINGERS
    while (left := alive(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    for each in left:
        yield "orphan", Path(f"/proc/{each}/cmdline").read_text().replace("\0", " ")[:200]
        os.kill(each, signal.SIGKILL)
    for file, was in before.items():
        lines = was.count(b"exchange")  # a file without any goes where nothing was judged
        if lines and not (file.exists() and file.read_bytes().startswith(was)):
            yield "lost", f"{file.relative_to(folder)} had {lines} lines that are no longer there"
    for file in folder.rglob("run.jsonl"):
        try:
            read(file)
        except RunFileError as error:
            if before.get(file):  # before its first line is whole there is nothing to be read
                yield "lost", str(error)
    for file in folder.rglob("*"):
        if file.is_file() and file.name not in KNOWN and not KEPT & {*file.parts}:
            yield "leftover", str(file.relative_to(folder))


def life(words: list[str], folder: Path) -> float:
    """Seconds that this command takes undisturbed."""
    began = time.monotonic()
    process = start(words, folder, "undisturbed")
    if process.wait() not in (0, 1):
        sys.exit(f"{words[0]} ends with {process.returncode}")
    return time.monotonic() - began


def main(many: int = MANY, seed: int = 1) -> int:
    draw, counted = random.Random(seed), Counter()
    with tempfile.TemporaryDirectory(prefix="kills-") as name, Reference(key="sk-reference") as server:
        work = Path(name)
        (work / "recording").mkdir()
        recorded = [f"--base-url={server.base_url}", *QUICK, f"--record={work / 'recording' / 'run.jsonl'}"]
        life(["run", *recorded], work / "made")
        lives = {which: life(words, work / which) for which, words in commands(server.base_url, work).items()}
        print(", ".join(f"{which} takes {seconds:.1f} s" for which, seconds in lives.items()), flush=True)
        for n in range(many):
            which, number = draw.choice([*lives]), draw.choice(SIGNALS)
            moment, folder = draw.uniform(0, lives[which]), work / str(n)
            process = start(commands(server.base_url, work)[which], folder, f"{os.getpid()}-{n}")
            time.sleep(moment)
            amiss = [*faults(process, folder, f"{os.getpid()}-{n}", number)]
            counted.update(kind for kind, _ in amiss)
            counted[which] += 1
            for kind, what in amiss:
                print(
                    f"kill {n} of seed {seed}: {which}, {number.name} after {moment:.2f} s: {kind}: {what}", flush=True
                )
    found = {kind: counted[kind] for kind in ("lost", "leftover", "orphan", "hangs")}
    of = ", ".join(f"{counted[which]} {which}" for which in lives)
    print(f"{many} kills ({of}): " + ", ".join(f"{kind} {count} (0)" for kind, count in found.items()))
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
