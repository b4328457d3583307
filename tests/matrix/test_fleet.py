"""Many targets: judged at once within limits for a host, compared on one page, and after a kill not asked again."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.matrix.targets import load
from conformance.reference.lies import Lie
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.checkout import ROOT
from tests.support.command import elsewhere
from tests.support.lying import WITHOUT_DONE

ONLY = ("--only", "stream.done", "--only", "finish.length", "--sdk", "off")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def entry(url: str, more: str = "") -> str:
    return f'[[target]]\nbase_url = "{url}"\n{more}\n'


def keyed(server, variable: str, monkeypatch, more: str = "") -> str:
    monkeypatch.setenv(variable, server.key)
    return entry(server.base_url, f'api_key_env = "{variable}"\n{more}')


# ---------------------------------------------------------------------- the file

GOOD = "http://localhost:1/v1"
MISTAKES = {
    "nothing": ("", "t.toml names no target"),
    "not toml": ("[[target]]\nbase_url = \n", "t.toml: not TOML: Invalid value (at line 2"),
    "no url": ('[[target]]\nname = "x"\n', "t.toml, line 1: base_url is missing or no text"),
    "bad url": (entry("localhost"), "t.toml, line 2: base_url is 'localhost', expected http:// or https://"),
    "odd key": (entry(GOOD, 'model = "x"'), "t.toml, line 3: 'model' has no meaning here - did you mean models?"),
    "models a text": (entry(GOOD, 'models = "x"'), "t.toml, line 3: models is no list of names"),
    "no models": (entry(GOOD, "models = []"), "t.toml, line 3: models is no list of names"),
    "empty model": (entry(GOOD, 'models = ["a", " "]'), "t.toml, line 3: models is no list of names"),
    "key itself": (entry(GOOD, 'api_key_env = "sk-secret-1"'), "line 3: api_key_env takes the name of an environment"),
    "key unset": (entry(GOOD, 'api_key_env = "NOT_SET"'), "line 3: the environment variable NOT_SET is not set"),
    "no known": (entry(GOOD, 'known = "no.toml"'), "t.toml, line 3: no.toml: No such file"),
    "bad known": (entry(GOOD, 'known = "known.toml"'), "t.toml, line 3: known.toml, line 2: there is no check 'x'"),
    "twice": (entry(GOOD) + entry(GOOD), "t.toml, line 4: localhost:1 is there already at line 1; give it a name"),
    "other table": (f"{entry(GOOD)}[options]\n", "t.toml, line 4: 'options' has no meaning here"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_file_is_one_line_that_names_its_line(call, name):
    text, said = MISTAKES[name]
    Path("t.toml").write_text(text)
    Path("known.toml").write_text('[[deviation]]\ncheck = "x"\nreason = "y"\n')
    code, out, err = call("matrix", "t.toml")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert said in err
    assert "sk-secret" not in err
    assert not Path("reports").exists()


def test_a_mistake_in_the_options_is_that_of_the_call(call):
    Path("t.toml").write_text(entry(GOOD))
    code, _, err = call("matrix", "t.toml", "--budget-requests", "0")
    assert (code, err) == (2, "openai-conformance: --budget-requests is '0', expected a whole number from 1\n")


def test_each_model_is_a_job_with_a_folder_of_its_own():
    Path("t.toml").write_text(entry("https://u:p@Host/v1?key=x", 'models = ["a/b", "a b"]\nname = "x/y"'))
    jobs = load("t.toml", {})
    assert [(job.name, job.slug, job.host) for job in jobs] == [
        ("x/y, a/b", "x-y-a-b", "host:443"),
        ("x/y, a b", "x-y-a-b-2", "host:443"),
    ]
    assert load("t.toml", {}) == jobs, "a resumed matrix finds its folders again"


# ---------------------------------------------------------------------- the command


def test_targets_are_judged_and_compared(call, monkeypatch):
    Path("known.toml").write_text('[[deviation]]\ncheck = "stream.done"\nreason = "the gateway"\n')
    with Reference() as good, Reference(lie=WITHOUT_DONE) as bad:
        text = keyed(good, "KEY_A", monkeypatch, f'name = "good"\nmodels = ["{good.model}"]')
        text += keyed(bad, "KEY_B", monkeypatch, 'name = "bad"')
        text += keyed(bad, "KEY_B", monkeypatch, 'name = "known"\nknown = "known.toml"')
        Path("t.toml").write_text(text + entry("http://127.0.0.1:1/v1", 'name = "gone"'))
        code, out, err = call("matrix", "t.toml", "--wait", "0", *ONLY)
        keys = (good.key, bad.key)
    assert (code, err) == (1, "")
    lines = {line.split("  ")[1].partition(":")[0]: line for line in out.splitlines() if "/4  " in line}
    assert "CONFORMS" in lines[f"good, {good.model}"]
    assert "DOES NOT CONFORM: 1 MUST fail" in lines["bad"]
    assert "CONFORMS IN STREAMING AND FINISH BUT FOR 1 KNOWN DEVIATION: " in lines["known"]
    assert "1 fail as known" in lines["known"]
    assert "COULD NOT BE JUDGED: no answer from http://127.0.0.1:1/v1/models" in lines["gone"]
    page = Path("reports/matrix/index.html").read_text()
    assert all(name in page for name in ("bad", "known", "stream.done"))
    assert not Path("reports/matrix/unfinished").exists()
    written = b"".join(path.read_bytes() for path in Path("reports").rglob("*") if path.is_file())
    assert not any(key.encode() in written for key in keys)


class Counted:
    """A reference that counts what it is asked, and answers only while `open` is set."""

    def __init__(self) -> None:
        self.calls, self.open, self.asked = 0, threading.Event(), threading.Event()
        self.open.set()

    def __call__(self, call, reply):
        self.calls += 1
        self.asked.set()
        self.open.wait(60)
        return reply


def running(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "conformance", "matrix", *arguments]
    return subprocess.Popen(command, stdout=-1, stderr=-1, text=True, start_new_session=True)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc").exists(), reason="a process's children are looked up in /proc")
def test_after_a_kill_finished_targets_are_not_asked_again(monkeypatch):
    quick, slow = Counted(), Counted()
    slow.open.clear()
    with Reference(lie=Lie("a", "Counts.", reply=quick)) as a, Reference(lie=Lie("b", "", reply=slow)) as b:
        Path("t.toml").write_text(keyed(a, "KEY_A", monkeypatch) + keyed(b, "KEY_B", monkeypatch))
        arguments = ("t.toml", *ONLY, "--at-once", "1")
        first = running(*arguments)
        assert first.stdout.readline().startswith("1/2  127.0.0.1:")
        assert slow.asked.wait(30)
        [child] = children(first.pid)
        watch = os.pidfd_open(child)
        first.kill()
        first.wait()
        assert select.select([watch], [], [], 20)[0], "who judges a target ends with the matrix"
        os.close(watch)
        first.stdout.close()
        first.stderr.close()
        slow.open.set()
        asked = quick.calls
        assert Path("reports/matrix/unfinished").exists()
        second = running(*arguments)
        out, err = second.communicate(timeout=60)
        assert (second.returncode, err) == (0, "")
        assert quick.calls == asked
        assert out.splitlines()[0].endswith("(from before)")
        assert not Path("reports/matrix/unfinished").exists()
        third = running(*arguments)
        assert "(from before)" not in third.communicate(timeout=60)[0], "a matrix that came to its end begins anew"
        assert quick.calls == 2 * asked


def test_what_was_done_otherwise_is_asked_again(call, monkeypatch):
    counted = Counted()
    with Reference(lie=Lie("a", "Counts.", reply=counted)) as server:
        Path("t.toml").write_text(keyed(server, "KEY_A", monkeypatch))
        call("matrix", "t.toml", *ONLY)
        for arguments, again in ((ONLY, False), ((*ONLY, "--again"), True), ((*ONLY, "--timeout", "50"), True)):
            Path("reports/matrix/unfinished").touch()
            before = counted.calls
            _, out, _ = call("matrix", "t.toml", *arguments)
            assert ("(from before)" not in out, counted.calls > before) == (again, again), arguments


def test_one_host_is_asked_by_one_at_a_time(call, monkeypatch):
    """Both targets are one server: what it is asked for one model never comes between what it is asked for the other."""
    models = []

    def note(call, reply):
        found = re.search(rb'"model": ?"(m[12])"', call.body or b"")
        models.append(found.group(1) if found else None)
        return reply

    with Reference(lie=Lie("a", "Notes.", reply=note)) as server:
        Path("t.toml").write_text(keyed(server, "KEY_A", monkeypatch, 'models = ["m1", "m2"]'))
        call("matrix", "t.toml", *ONLY)
    asked = [model for model in models if model]
    assert len([1 for one, other in pairwise(asked) if one != other]) <= 1


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_is_one_line_and_leaves_nothing_running(monkeypatch):
    slow = Counted()
    slow.open.clear()
    with Reference(lie=Lie("b", "", reply=slow)) as server:
        Path("t.toml").write_text(keyed(server, "KEY_A", monkeypatch))
        process = running("t.toml", *ONLY)
        assert slow.asked.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        slow.open.set()
    assert (process.returncode, out) == (130, "")
    assert err.startswith("openai-conformance: interrupted; finished targets are in reports/matrix")
    assert err.count("\n") == 1


def test_on_github_the_matrix_writes_the_summary(call, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with Reference() as server:
        Path("t.toml").write_text(keyed(server, "KEY_A", monkeypatch, 'name = "good"'))
        assert call("matrix", "t.toml", *ONLY)[0] == 0
    assert "| `good` | CONFORMS IN STREAMING AND FINISH |" in (tmp_path / "summary.md").read_text()
    assert (tmp_path / "output").read_text() == "conforms=true\nreport=reports/matrix\n"
    assert read("reports/matrix/good/run.jsonl").footer["exit_code"] == 0
