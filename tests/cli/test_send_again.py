"""`openai-conformance curl`: the line that it prints sends the very request, raw bytes and long bodies included."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from conformance.areas.catalogue import catalogue
from conformance.cli.main import cli
from conformance.exchange import Exchange
from conformance.judge.verdicts import Verdict
from conformance.run.run_file import RunWriter
from conformance.run.user_error import UserError

BODIES = {
    "text": b'{"a": "it\'s $HOME `x`"}',
    "long": b'{"text": "' + b"x" * 5000 + b'"}',
    "raw": b"\x00\xff\x80{",
    "form": b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n',
    "escapes": b'{"a": "\x1b[31m"}',
}


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server, and the bodies of what it is sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", bodies
        server.shutdown()


def run_file(folder: Path, url: str) -> Path:
    path = folder / "run.jsonl"
    with RunWriter(path, None) as writer:
        writer.header({"options": {"api_key_env": "MY_KEY"}, "target": {"base_url": url}})
        for id, body in BODIES.items():
            writer.exchange(Exchange(id, "POST", f"{url}/files", (("Content-Type", "a/b"),), body, 400, (), b"{}"))
        problems = ((("long",), "status is 400, expected 200"),)
        writer.verdict(Verdict(catalogue()["chat.body"], "fail", ("text", "long"), problems))
        writer.footer({"counts": {}, "exit_code": 1, "skipped": []})
    return path


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, ["curl", *words], standalone_mode=False)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here: its lines were not run")
@pytest.mark.parametrize("id", BODIES)
def test_the_line_sends_the_body_byte_for_byte(tmp_path, id):
    with listening() as (url, received):
        line = call("--run", str(run_file(tmp_path, url)), id).output
        subprocess.run(["sh", "-c", line], capture_output=True, timeout=30, check=False)
    assert received == [BODIES[id]]
    assert line.count("\n") == 1


def test_of_a_check_it_is_the_first_exchange_that_shows_the_failure(tmp_path):
    path = str(run_file(tmp_path, "http://h/v1"))
    assert call("--run", path, "chat.body").output == call("--run", path, "long").output
    assert call("--run", path, "chat.body", "text").output == call("--run", path, "text").output


def test_what_the_run_does_not_hold_is_said_with_what_is_near(tmp_path):
    path = str(run_file(tmp_path, "http://h/v1"))
    for words, said in (
        (("lang",), "no check or exchange 'lang' - did you mean long?"),
        (("text", "other"), "'other'"),
    ):
        error = call("--run", path, *words).exception
        assert isinstance(error, UserError)
        assert said in str(error)


def test_a_run_that_is_not_there():
    assert isinstance(call("--run", "/no/where.jsonl", "x").exception, UserError)
