"""Recordings at URLs, read through fsspec (the extra `remote`): one file, a folder, or a pattern with *.

What stands in a URL may be a secret, so it is shown without. What cannot be fetched is `Unreachable`, in one line. It must not look at
what a file holds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, ClassVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from conformance.wire.jsontext import printable
from conformance.wire.redact import Redactor, without_keys

INSTALL = "install openai-conformance[remote]"
BLOCK = 4 * 1024 * 1024
"""Bytes that are fetched at once and ahead."""
SILENT = 60
"""Seconds without a byte until a server is given up."""
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)
_WEB = ("http", "https")


class Unreachable(OSError):
    """What is at a URL cannot be fetched; one line that names it without secrets."""


def is_url(text: str) -> bool:
    return _URL.match(text) is not None


def shown(text: str) -> str:
    """A file or URL as it may be shown."""
    if not is_url(text):
        return text
    url = printable(Redactor().url(text))
    return url if "://" in url else url.replace(":/", "://", 1)  # of a URL without a host


@dataclass(frozen=True)
class Remote:
    """One file at a URL, with as much of a Path as who reads recordings needs. `size` in bytes, where the server says it; `seeks`: it can
    be read from any byte."""

    url: str = field(repr=False)
    size: int | None = None
    seeks: bool = False

    parents: ClassVar[tuple[()]] = ()
    """No folder of it is looked into for what it may name."""

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def name(self) -> str:
        return unquote(PurePosixPath(urlsplit(self.url).path).name) or str(self)

    def as_posix(self) -> str:
        return str(self)

    def absolute(self) -> Remote:
        return self

    def resolve(self) -> Remote:
        return self

    def exists(self) -> bool:
        """It was, when it was found; who reads it is told what became of it."""
        return True

    def opened(self, stack: ExitStack) -> BinaryIO:
        """Raises Unreachable; so does reading."""
        how: dict[str, Any] = {"block_size": BLOCK, "cache_type": "readahead"}
        if _on_the_web(self.url) and not self.seeks:
            how = {"block_size": 0}  # as it comes
        try:
            system, path = _system(self.url)
            file = stack.enter_context(system.open(path, "rb", **how))
        except Exception as error:
            raise unreachable(self.url, error) from None
        return io.BufferedReader(_Fetched(file, self.url), 64 * 1024)


class _Fetched(io.RawIOBase):
    """A file of fsspec, of which what goes wrong is told in one line."""

    def __init__(self, file: Any, url: str) -> None:
        self._file, self._url = file, url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise unreachable(self._url, error) from None
        buffer[: len(data)] = data
        return len(data)


def path_of(text: str) -> Path:
    """That of a file of this machine, which may be said as a URL."""
    return Path(url2pathname(urlsplit(text).path)) if text.lower().startswith("file://") else Path(text)


def places(url: str) -> tuple[list[Remote], bool]:
    """The files at a URL, in the order of their names, and whether it is of many; hidden ones are left out. Raises
    FileNotFoundError, Unreachable."""
    try:
        system, path = _system(url)
        pattern = "*" in urlsplit(url).path
        many = pattern or (system.isdir(path) if not _on_the_web(url) else urlsplit(url).path.endswith("/"))
        found = [_remote(system, url, info) for info in _infos(system, path, pattern, many)]
    except FileNotFoundError as error:
        if _status(error) in (404, 410) or error.__cause__ is None:
            raise FileNotFoundError(shown(url)) from None
        raise unreachable(url, error) from None
    except Unreachable:
        raise
    except Exception as error:
        raise unreachable(url, error) from None
    if many and not found:
        raise FileNotFoundError(shown(url))
    return found, many


def _infos(system: Any, path: str, pattern: bool, many: bool) -> Iterator[dict[str, Any]]:
    if not many:
        yield system.info(path)
        return
    found = system.glob(path, detail=True) if pattern else system.find(path, detail=True)
    for name, info in sorted(found.items()):
        parts = name[len(path.partition("*")[0].rpartition("/")[0]) :].split("/")
        if info.get("type") == "file" and not any(part.startswith(".") for part in parts):
            yield info


def _remote(system: Any, url: str, info: dict[str, Any]) -> Remote:
    web, size = _on_the_web(url), info.get("size")
    if web and info["name"].rstrip("/") != url.rstrip("/"):  # of a list of links, which say no size
        info = {**info, **system.info(info["name"])}
        size = info.get("size")
    full = info["name"] if web else system.unstrip_protocol(info["name"])
    return Remote(full, size, bool(size) and (not web or _gives_ranges(system, full, size)))


def _gives_ranges(system: Any, url: str, size: int) -> bool:
    """Whether a server answers with the bytes that are asked for alone; few say so, so it is asked for one."""
    if size < 2:
        return False
    try:
        with system.open(url, "rb", block_size=BLOCK, cache_type="none") as file:
            file.seek(1)
            return len(file.read(1)) == 1
    except ValueError:  # which is what fsspec makes of the whole
        return False


def _on_the_web(url: str) -> bool:
    return urlsplit(url).scheme.lower() in _WEB


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. Raises Unreachable where its driver is not installed."""
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import known_implementations
    except ImportError:
        raise Unreachable(f"{shown(url)} is a URL: {INSTALL}") from None
    scheme = urlsplit(url).scheme.lower()
    try:
        options: dict[str, Any] = {}
        if scheme in _WEB:
            from aiohttp import ClientTimeout

            waits = ClientTimeout(total=None, sock_connect=SILENT, sock_read=SILENT)
            options = {"client_kwargs": {"timeout": waits}}
        system, path = url_to_fs(url, **options)
    except ImportError:
        package = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}.get(
            scheme
        )
        said = f"install {package}" if package else known_implementations.get(scheme, {}).get("err", INSTALL)
        raise Unreachable(f"{shown(url)} needs a driver: {said if scheme not in _WEB else INSTALL}") from None
    except ValueError:
        raise Unreachable(f"{shown(url)} cannot be read: nothing is known of {scheme}://") from None
    return system, path


def unreachable(url: str, error: BaseException) -> Unreachable:
    """What is wrong, in one line."""
    if isinstance(error, Unreachable):
        return error
    if (
        isinstance(error, FileNotFoundError) and error.__cause__ is not None
    ):  # which is what fsspec makes of all of the web's
        error = error.__cause__
    status = _status(error)
    if status is not None:
        said = f"the server answered {status}"
    elif isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        said = "the server does not answer"
    elif isinstance(error, PermissionError):
        said = "access was refused"
    else:
        first = str(error).strip().partition("\n")[0].replace(url, shown(url))
        said = printable(without_keys(first))[:200] or type(error).__name__
    return Unreachable(f"{shown(url)} cannot be read: {said}")


def _status(error: BaseException | None) -> int | None:
    """The status of HTTP behind an error, or behind what caused it."""
    for _ in range(5):
        if error is None:
            return None
        if isinstance(status := getattr(error, "status", None), int):
            return status
        error = error.__cause__ or error.__context__
    return None
