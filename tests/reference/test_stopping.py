"""Processes end in order, else by force, alone or with what they started; what Windows is asked to do is looked at from here."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from conformance.reference import stopping
from conformance.reference.watcher import watched

STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)
posix = pytest.mark.skipif(stopping.WINDOWS, reason="signals of POSIX")


def started(code: str) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, **stopping.leading())
    process.stdout.readline()
    return process


@posix
@pytest.mark.parametrize("group", [True, False])
def test_who_is_asked_may_refuse_and_who_is_forced_may_not(group):
    with started(STUBBORN) as process:
        stopping.ask(process.pid, group=group)
        time.sleep(0.2)
        assert process.poll() is None
        stopping.force(process.pid, group=group)
        assert process.wait(10) == -signal.SIGKILL


@posix
def test_the_watcher_ends_by_force_who_outlives_us():
    with started(STUBBORN) as process:
        subprocess.run(
            [sys.executable, "-SEP", stopping.__file__, str(process.pid), "group", "0.2"],
            stdin=subprocess.DEVNULL,
            check=True,
        )
        assert process.wait(10) == -signal.SIGKILL


def test_the_watcher_leaves_alone_who_is_let_go():
    with started("import time; print(1, flush=True); time.sleep(60)") as process:
        with watched(process, group=True):
            pass
        assert process.poll() is None
        process.kill()


@pytest.mark.parametrize("end", [stopping.ask, stopping.force])
def test_on_windows_a_group_is_a_tree_and_nobody_sends_signal_0(monkeypatch, end):
    """Signal 0 is Ctrl-C there, and SIGKILL is none."""
    ran, sent = [], []
    monkeypatch.setattr(stopping, "WINDOWS", True)
    monkeypatch.setattr(stopping.subprocess, "run", lambda command, **more: ran.append(command))
    monkeypatch.setattr(stopping.os, "kill", lambda pid, number: sent.append((pid, number)))
    monkeypatch.delattr(stopping.signal, "SIGKILL")
    end(7, group=True)
    assert ran == [["taskkill", "/T", "/F", "/PID", "7"]]
    stopping._watch(7, False, 5.0)
    assert sent == [(7, signal.SIGTERM)] * 2
    assert set(stopping.leading()) == {"creationflags"}
