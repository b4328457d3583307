"""Whatever a process is started in, its exit code says what came of the run, in at most a line more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.checkout import ROOT

COMMAND = [sys.executable, "-c", "from conformance.cli.main import main; main()"]
FAILS = "from conformance.cli import main, listing as at; at.show_checks = None; main.main()"
ONLY = ("--only=model.list-object", "--sdk=off")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX redirects")


def shell(tmp_path, line: str, **env: str) -> tuple[int, str, str]:
    """What a shell makes of a line in which RUN is a run that conforms and SUITE the command: exit code, output, errors."""
    command = " ".join(f"'{word}'" for word in COMMAND)
    line = (
        line.replace("BROKEN", f"'{sys.executable}' -c '{FAILS}' checks")
        .replace("RUN", f"{command} {' '.join(ONLY)}")
        .replace("SUITE", command)
    )
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
        capture_output=True,
        timeout=120,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


HARMLESS = {
    "a reader that goes": "RUN | head -1; exit ${PIPESTATUS[0]}",
    "a reader that was never there": "RUN | true; exit ${PIPESTATUS[0]}",
    "a list that nobody reads": "SUITE checks | true; exit ${PIPESTATUS[0]}",
    "a list of which one line is read": "SUITE checks | head -1; exit ${PIPESTATUS[0]}",
    "help that nobody reads": "SUITE --help | true; exit ${PIPESTATUS[0]}",
    "a sub-command's help": "SUITE matrix --help | true; exit ${PIPESTATUS[0]}",
    "a version that nobody reads": "SUITE --version | true; exit ${PIPESTATUS[0]}",
    "a full disk": "RUN > /dev/full",
    "no output": "RUN >&-",
    "no errors": "RUN 2>&-",
    "nothing at all": "RUN <&- >&- 2>&-",
    "no width": "export COLUMNS=0; RUN",
    "plain ASCII": "export LC_ALL=C PYTHONIOENCODING=ascii; RUN",
    "no home": "env -u HOME -u TMPDIR -- RUN",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_run_that_conforms_is_0_wherever_it_is_started(tmp_path, name):
    code, _, err = shell(tmp_path, HARMLESS[name])
    assert code == 0, err
    assert "Traceback" not in err
    assert err.count("\n") <= 1


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_a_character_that_the_code_page_lacks_is_an_escape(tmp_path, encoding):
    code, out, err = shell(tmp_path, "SUITE explain sdk.helper", PYTHONIOENCODING=encoding, NO_COLOR="1")
    assert (code, err) == (0, "")
    assert "sdk.helper" in out


def test_a_terminal_of_no_width_shows_the_verdict(tmp_path):
    assert "CONFORMS" in shell(tmp_path, "RUN", COLUMNS="0")[1]


MISTAKES = {
    "a list on a full disk": ("SUITE checks > /dev/full", 2),
    "help on a full disk": ("SUITE --help > /dev/full", 2),
    "a mistake without errors": ("SUITE --only=nonsense 2>&-", 2),
    "a mistake and a full disk": ("SUITE --only=nonsense 2> /dev/full", 2),
    "few files": ("ulimit -n 20; RUN", 3),
    "no docstrings": ("export PYTHONOPTIMIZE=2; RUN", 2),
    "a report in a loop of links": ("ln -s loop loop; RUN --report loop/x", 2),
    "no current folder": ("mkdir gone; cd gone; rmdir ../gone; RUN", 2),
    "a recording, and no current folder": ("echo {} > x; mkdir gone; cd gone; rmdir ../gone; SUITE judge ../x", 2),
    "what nobody foresaw": ("BROKEN", 4),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_not_judged_is_never_1(tmp_path, name):
    line, wanted = MISTAKES[name]
    code, _, err = shell(tmp_path, line)
    assert code == wanted, err
    assert "Traceback" not in err
    assert err.count("\n") <= 1


def test_few_files_are_named(tmp_path):
    assert "may open 20 files at once and needs " in shell(tmp_path, "ulimit -n 20; RUN")[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_beside_the_reference_ends_with_it(tmp_path, number):
    nap = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    words = [*COMMAND, "reference", "--", sys.executable, "-c", nap]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        child = int(process.stdout.readline())
        process.send_signal(number)
        process.wait(30)
    for _ in range(300):
        if not alive(child):
            return
        time.sleep(0.1)
    raise AssertionError("the command outlives the reference")


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


PROXIES = ("socks5://127.0.0.1:9", "ftp://x:9", "http://[::1", "::::bad", "http://user:secret-pass-word@x:99999")
ELSEWHERE = "--base-url=http://endpoint.invalid/v1"


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_cannot_be_used_is_a_line_and_none_of_this_machine(tmp_path, proxy):
    code, _, err = shell(tmp_path, f"RUN {ELSEWHERE}", ALL_PROXY=proxy, HTTP_PROXY=proxy, NO_PROXY="")
    assert (code, err.count("\n")) == (3, 1), err
    assert "proxy" in err
    assert "secret" not in err
    assert shell(tmp_path, "RUN", ALL_PROXY=proxy, HTTP_PROXY=proxy, NO_PROXY="")[0] == 0


def test_certificates_that_are_not_there_are_a_line_where_they_are_needed(tmp_path):
    code, _, err = shell(tmp_path, "RUN --base-url=https://127.0.0.1:9/v1", SSL_CERT_FILE="/nowhere/at/all")
    assert (code, err.count("\n")) == (3, 1), err
    assert "SSL_CERT_FILE" in err
    assert shell(tmp_path, "RUN", SSL_CERT_FILE="/nowhere/at/all")[0] == 0
