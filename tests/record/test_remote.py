"""Recordings at URLs: what is read of a server, an object store or a folder of either is what is read of the disk; what cannot be fetched
is one line, without the secrets of its URL, and never green."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from conformance.exchange import Exchange
from conformance.record import packed, recognition, remote, shards
from conformance.record.entries import Skipped
from conformance.record.remote import INSTALL, Unreachable, is_url, shown
from conformance.run.run_file import read
from conformance.run.user_error import UserError
from tests.run.test_recorded import ENTRIES, lying, write
from tests.support import logs as gateways
from tests.support.recordings import HONEST

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning"
)  # of aiohttp's connections
BREAKS = 60_000
"""The byte from which on a server has trouble."""
LOG = gateways.written("litellm", HONEST.values())
KEY = "X-Amz-Signature=0123456789abcdef0123456789abcdef"


class Handler(BaseHTTPRequestHandler):
    """Serves the files of its server: `/ranges/` by ranges, `/whole/` without, `/unsized/` without a length; the rest is trouble."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        _, kind, name = self.path.partition("?")[0].split("/", 2)
        data = self.server.files.get(name)
        if kind.isdigit() or data is None:
            return self._answer(int(kind) if kind.isdigit() else 404, b"no")
        if kind == "silent":
            self.server.ended.wait()
            return None
        asked = self.headers.get("Range", "") if kind in ("ranges", "cut") else ""
        self.server.asked.append(asked)
        if kind == "cut" and int(asked[6:].partition("-")[0] or 0) >= BREAKS:
            return self._answer(500, b"gone")
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            part = data[int(first) : int(last or len(data)) + 1]
            return self._answer(206, part, {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"})
        if kind == "unsized":
            return self._answer(200, data, {"Transfer-Encoding": "chunked"})
        return self._answer(200, data, {"Accept-Ranges": "bytes"} if kind in ("ranges", "cut") else {})

    def _answer(self, status, data, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if "Transfer-Encoding" in dict(headers):
            data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)
        else:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Whoever gave up waiting is gone."""


@contextmanager
def serving(files):
    with Server(("127.0.0.1", 0), Handler) as server:
        server.files, server.asked, server.ended = files, [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("har")
    har, long = (Path(write(folder / "a.har", ENTRIES[:many])).read_bytes() for many in (30, 120))
    rows = gateways.written("parquet", HONEST.values())
    files = {
        "a.har": har,
        "long.har": long,
        "log.jsonl": LOG,
        "log.gz": gzip.compress(LOG),
        "rows": rows,
        "page": b"<html>",
    }
    with serving(files) as server:
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield server


@pytest.fixture
def store():
    """A store of objects in memory."""
    files = fsspec.filesystem("memory")
    yield files
    for name in list(files.store):
        del files.store[name]


def read_at(url, data, tmp_path):
    """What is read there, and what is read of the same bytes on disk under the same name."""
    ((found,), amiss, _) = recognition.find([url])
    assert amiss == []
    (tmp_path / found.path.name).write_bytes(data)
    ((here,), _, _) = recognition.find([str(tmp_path / found.path.name)])
    assert (found.kind, found.name, found.lines) == (here.kind, here.name, here.lines)
    return list(recognition.exchanges(found)), list(recognition.exchanges(here))


def told(found):
    return [vars(x) | {"memo": None} if isinstance(x, Exchange) else x for x in found]


@pytest.mark.parametrize("kind", ["ranges", "whole", "unsized"])
@pytest.mark.parametrize("name", ["a.har", "log.jsonl", "log.gz"])
def test_what_a_server_has_is_read_as_what_the_disk_has(server, tmp_path, kind, name):
    there, here = read_at(f"{server.url}/{kind}/{name}", server.files[name], tmp_path)
    assert told(there) == told(here)
    assert len([x for x in there if isinstance(x, Exchange)]) >= 30


def test_parquet_is_read_by_ranges_and_refused_without(server, tmp_path):
    there, here = read_at(f"{server.url}/ranges/rows", server.files["rows"], tmp_path)
    assert told(there) == told(here)
    _, amiss, _ = recognition.find([f"{server.url}/whole/rows"])
    assert "gives no ranges of bytes" in amiss[0]


def test_a_large_log_of_a_server_is_read_in_pieces_and_no_more_of_it_than_that(server, monkeypatch):
    monkeypatch.setattr(shards, "PIECE", 50_000)
    monkeypatch.setattr(remote, "BLOCK", 16_000)
    ((found,), _, _) = recognition.find([f"{server.url}/ranges/log.jsonl"])
    every = shards.pieces([found])
    assert len(every) == -(-len(LOG) // 50_000) > 2
    parts = [list(recognition.exchanges(found, span=(piece.start, piece.end))) for piece in every]
    assert told(x for part in parts for x in part) == told(recognition.exchanges(found))
    server.asked.clear()
    list(recognition.exchanges(found, span=(every[1].start, every[1].end)))
    first = [int(asked[6:].partition("-")[0]) for asked in server.asked if asked]
    assert first
    assert all(49_000 <= each < 200_000 for each in first)
    ((streamed,), _, _) = recognition.find([f"{server.url}/whole/log.jsonl"])
    assert len(shards.pieces([streamed])) == 1


def test_folders_and_patterns_are_searched(store, tmp_path):
    for name in ("logs/day=1/a.jsonl", "logs/day=2/a.jsonl", "logs/day=2/notes.txt", "logs/.hidden/a.jsonl", "b.jsonl"):
        store.pipe(f"/{name}", b"nothing" if name.endswith("txt") else LOG)
    found, amiss, others = recognition.find(["memory://logs"])
    assert [each.name for each in found] == ["memory://logs/day=1/a.jsonl", "memory://logs/day=2/a.jsonl"]
    assert (amiss, others) == ([], 1)
    found, amiss, others = recognition.find(["memory://logs/*/a.jsonl", "memory://b.jsonl", "memory://b.jsonl"])
    assert [each.name for each in found] == ["memory://logs/day=1/a.jsonl", "memory://logs/day=2/a.jsonl", "b.jsonl"]
    ((x, *_), _, _) = recognition.find(
        [(tmp_path / "b c.jsonl").as_uri() if (tmp_path / "b c.jsonl").write_bytes(LOG) else ""]
    )
    assert x.path == tmp_path / "b c.jsonl"


def test_the_command_judges_urls_and_conceals_what_is_secret_in_them(server, store, tmp_path, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    store.pipe("/b.har", Path(write(tmp_path / "b.har", lying("finish-absent")[:40])).read_bytes())
    url = f"{server.url.replace('//', '//user:pass-word-1@')}/ranges/a.har?{KEY}"
    code, out, err = call("judge", url, "memory://b.har", "--sdk", "off", "--report", str(tmp_path / "report"))
    assert (code, err) == (1, "")
    run = read(tmp_path / "report" / "run.jsonl")
    assert run.footer["exchanges"] == 70
    assert run.header["target"]["recordings"] == ["a.har", "b.har"]
    everything = out + "".join(p.read_text("utf-8") for p in (tmp_path / "report").rglob("*") if p.is_file())
    assert "0123456789abcdef" not in everything
    assert "pass-word-1" not in everything


# ---------------------------------------------------------------------- what cannot be fetched


def trouble(call, tmp_path, url):
    code, _, err = call("judge", url, "--sdk", "off", "--report", str(tmp_path / "report"))
    assert err.count("\n") == 1, err
    assert "0123456789abcdef" not in err
    return code, err


@pytest.mark.parametrize(("path", "code", "said"), [
    ("/403/a.har", 3, "the server answered 403"), ("/401/a.har", 3, "the server answered 401"),
    ("/500/a.har", 3, "the server answered 500"), ("/ranges/nothing", 2, "there is no file or folder"),
])  # fmt: skip
def test_what_a_server_refuses_is_one_line(server, tmp_path, call, path, code, said):
    found, err = trouble(call, tmp_path, f"{server.url}{path}?{KEY}")
    assert (found, said in err) == (code, True), err


def test_a_server_that_says_nothing_is_given_up(server, tmp_path, call, monkeypatch):
    monkeypatch.setattr(remote, "SILENT", 0.2)
    fsspec.filesystem("http").clear_instance_cache()
    code, err = trouble(call, tmp_path, f"{server.url}/silent/a.har?{KEY}")
    assert (code, "the server does not answer" in err) == (3, True), err


def test_nobody_at_the_address_is_one_line(tmp_path, call):
    code, err = trouble(call, tmp_path, f"http://127.0.0.1:1/a.har?{KEY}")
    assert (code, "http://127.0.0.1:1/a.har?X-Amz-Signature=REDACTED cannot be read" in err) == (3, True), err


def test_what_breaks_off_is_judged_as_far_as_it_came_and_is_not_green(server, tmp_path, call, monkeypatch):
    monkeypatch.setattr(remote, "BLOCK", 20_000)
    monkeypatch.setenv("COLUMNS", "300")
    url = f"{server.url}/cut/long.har?{KEY}"
    ((found,), _, _) = recognition.find([url])
    *some, last = recognition.exchanges(found)
    assert [x.id for x in some] == [f"long.har#{n}" for n in range(len(some))] != []
    assert isinstance(last, Skipped)
    assert last.unreachable
    code, out, _ = call("judge", url, "--sdk", "off", "--report", str(tmp_path / "report"))
    assert code == 3
    assert "long.har was not judged to its end" in out
    assert "0123456789abcdef" not in out


@pytest.mark.parametrize(("url", "package"), [("gs://bucket/a.har", "gcsfs"), ("s3://bucket/a.har", "s3fs")])
def test_a_driver_that_is_missing_is_named(monkeypatch, tmp_path, call, url, package):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    fsspec.registry._registry.pop(url.partition(":")[0], None) if hasattr(fsspec.registry, "_registry") else None
    code, err = trouble(call, tmp_path, url)
    assert (code, f"install {package}" in err) == (3, True), err


def test_where_fsspec_is_missing_the_extra_is_named(monkeypatch, tmp_path, call):
    for name in ("fsspec", "fsspec.core", "fsspec.registry"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    code, err = trouble(call, tmp_path, "memory://a.har")
    assert (code, INSTALL in err) == (3, True), err


def test_an_unknown_scheme_is_one_line(tmp_path, call):
    code, err = trouble(call, tmp_path, "gopher2://a/b.har")
    assert (code, "nothing is known of gopher2://" in err) == (3, True), err


def test_what_a_little_stands_for_is_bounded_where_no_server_says_how_much_there_is(server, monkeypatch):
    monkeypatch.setattr(packed, "AT_LEAST", 1000)
    monkeypatch.setattr(packed, "RATIO", 2)
    ((found,), _, _) = recognition.find([f"{server.url}/unsized/a.har"])
    server.files["bomb"] = gzip.compress(server.files["a.har"][:40_000] + b" " * 5_000_000)
    _, amiss, _ = recognition.find([f"{server.url}/unsized/bomb"])
    assert "unpacks to more than" in amiss[0]
    assert found.size == 0


def test_a_name_of_a_file_is_no_url():
    assert [is_url(text) for text in ("a.har", "C:\\a.har", "c:/a.har", "/a://b", "s3://b", "HTTPS://x")] == [
        False, False, False, False, True, True,
    ]  # fmt: skip
    assert shown("https://u:p@h/a?token=b") == "https://h/a?token=REDACTED"


def test_the_library_raises_what_its_user_can_catch(server):
    import openai_conformance as oc

    with pytest.raises(UserError, match="the server answered 403"):
        oc.read_recordings(f"{server.url}/403/a.har")
    with pytest.raises(Unreachable):
        recognition.find([f"{server.url}/403/a.har"])


# ---------------------------------------------------------------------- an object store


@pytest.fixture
def bucket(monkeypatch):
    """A bucket of a real S3 server of this machine's: what puts a file there, and its address."""
    pytest.importorskip("moto.server", reason="moto is not installed here: nox -s ray runs this")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed here: nox -s ray runs this")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    words = {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}
    for name, value in {**words, "ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem()
    files.mkdir("logs")
    yield lambda name, data: files.pipe(f"logs/{name}", data)
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.filterwarnings("ignore")
def test_an_object_store_is_read_as_the_disk_is(bucket, monkeypatch, tmp_path, call):
    bucket("day=1/log.jsonl", LOG)
    bucket("day=2/packed", gzip.compress(LOG))
    bucket("day=2/readme", b"nothing")
    monkeypatch.setattr(shards, "PIECE", 200_000)
    found, amiss, others = recognition.find(["s3://logs"])
    assert ([each.name for each in found], amiss, others) == (["log.jsonl", "packed"], [], 1)
    every = shards.pieces(found)
    assert len(every) == 4
    parts = [x for piece in every for x in recognition.exchanges(piece.recording, span=(piece.start, piece.end))]
    (tmp_path / "log.jsonl").write_bytes(LOG)
    here = list(recognition.exchanges(recognition.find([str(tmp_path / "log.jsonl")])[0][0]))
    assert told(parts[: len(here)]) == told(here)
    assert len(parts) == 2 * len(here)
    assert trouble(call, tmp_path, "s3://logs/day=3/none")[0] == 2
