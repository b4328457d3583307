"""A program on trial in a sandbox: what it reaches is the endpoint, what it sees is no file of the user's."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from conformance.watch.trials import sandbox

PROGRAM = """
import json, os, pathlib, socket, sys
port, other, secret = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def reached(where):
    try:
        return socket.create_connection(where, 5).makefile().readline()
    except OSError as error:
        return type(error).__name__
def written(path):
    try:
        path.write_text("x")
        return True
    except OSError:
        return False
here = pathlib.Path(sys.argv[4])
print(json.dumps({
    "endpoint": reached(("127.0.0.1", port)), "other": reached(("127.0.0.1", other)), "far": reached(("192.0.2.1", 80)),
    "secret": os.path.exists(secret), "package": (here / "package.json").read_text(),
    "changed": written(here / "package.json"), "room": written(here / "rooms" / "made.txt"),
}))
sys.exit(3)
"""


@pytest.fixture
def secret():
    """A file of the user's, where none of the tests' own folders is."""
    with tempfile.NamedTemporaryFile(dir=Path.home()) as file:
        yield file.name


def greet(server: socket.socket, words: bytes) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.sendall(words)


@pytest.mark.skipif(sandbox.why_not() is not None, reason=f"no sandbox was tried: {sandbox.why_not()}")
def test_it_reaches_the_endpoint_alone_and_sees_no_file_of_the_user_s(tmp_path, secret):
    where = tmp_path / "packages"
    where.mkdir()
    (where / "package.json").write_text("{}")
    with (
        tempfile.TemporaryDirectory() as ways,
        socket.socket(socket.AF_UNIX) as way,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        way.bind(f"{ways}/0")
        way.listen()
        for server, words in ((way, b"the endpoint\n"), (other, b"another\n")):
            threading.Thread(target=greet, args=(server, words), daemon=True).start()
        given = (sys.executable, "-I", "-c", PROGRAM, "4711", str(other.getsockname()[1]), secret, str(where))
        ran = subprocess.run(
            sandbox.within(given, where, 4711, f"{ways}/0"), capture_output=True, text=True, timeout=120
        )
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout) == {
        "endpoint": "the endpoint\n", "other": "ConnectionRefusedError", "far": "OSError", "secret": False, "package": "{}",
        "changed": False, "room": True,
    }  # fmt: skip
    assert {each.name for each in where.rglob("*")} == {"package.json", "rooms"}, "what it made is gone"


@pytest.mark.parametrize(
    ("script", "said"), [(None, "is not here"), ("echo no permission >&2; exit 1", "no permission")]
)
def test_where_there_is_none_it_is_said_why(script, said, tmp_path, monkeypatch):
    if script is not None:
        (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.why_not.cache_clear()
    try:
        assert said in sandbox.why_not()
    finally:
        sandbox.why_not.cache_clear()
