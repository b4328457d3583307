"""Which files hold recorded traffic, told by what is in them, and the exchanges of each, one by one.

It must not judge, and a name or an ending means nothing to it. A file that is broken or of another kind is said and passed over.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from conformance.exchange import Exchange
from conformance.record import bare, har, httpmock, httprr, jsonarray, logs, stubs, vcr
from conformance.record.entries import Entry, LeftOut, Name, Skipped, exchange
from conformance.record.jsonlines import by_lines
from conformance.record.mapping import Mapping
from conformance.record.packed import opened
from conformance.record.remote import Remote, Unreachable, is_url, path_of, places
from conformance.record.run_lines import RunFileError, exchange_of, records
from conformance.wire.jsontext import printable

HAR, CASSETTE, JSON_CASSETTE, TRACE, MOCK, STREAMS, RUN = (
    "HAR",
    "cassette",
    "JSON cassette",
    "httprr trace",
    "httpmock recording",
    "streams of events",
    "run file",
)
KINDS = "a HAR file, a VCR cassette, another known recording or a run file"

_TELLING = (HAR, CASSETTE, JSON_CASSETTE, TRACE, MOCK, STREAMS, RUN, stubs.MAPPINGS, stubs.NOCK, stubs.PROXY)
"""What a beginning tells for sure; one exchange a file is told by two names that logs have, too."""
_CASSETTE = re.compile(rb"(?m)^[\"']?(interactions|http_interactions|requests)[\"']?[ \t]*:")
FAULTS = 10_000
"""Broken entries of a file, from which on no more is read: a few kilobytes of gzip can hold millions."""
_BROKEN = (OSError, EOFError, zlib.error, jsonarray.Broken, RunFileError)


@dataclass(frozen=True)
class Recording:
    """One file. `name` stands before the # in the ids of its exchanges; `size` is that of the file, in bytes; `by` reads its rows;
    `lines`: each line stands for itself, so that it can be read in pieces where it is not packed."""

    path: Path | Remote
    name: str
    kind: str
    size: int
    by: Mapping | None = None
    lines: bool = False


def find(given: Sequence[str], by: Mapping | None = None) -> tuple[list[Recording], list[str], int]:
    """The recordings among these files and in these folders, logs read by a mapping where one is given; a line for each file given
    that is none; how many other files the folders hold. Raises FileNotFoundError for what does not exist, Unreachable for what is at a
    URL and cannot be fetched."""
    found: dict[Path | Remote, tuple[Path | Remote, Known]] = {}
    amiss, others = [], 0
    for text in given:
        if is_url(text) and not text.lower().startswith("file://"):
            paths, folder = places(text)
        else:
            place = path_of(text)
            if not text or not _is_there(place):
                raise FileNotFoundError(text)
            folder = place.is_dir()
            if not folder and not place.is_file():
                amiss.append(f"{place} is no regular file")
                continue
            paths = _files(place) if folder else [place]
        for path in paths:
            known = None
            try:
                known = _known(path, by)
                said = f"is not {KINDS}" if _size(path) else "is empty"
            except Unreachable:
                raise
            except Exception as error:
                said = f"cannot be read: {_said(error)}"
            if known is not None:
                found.setdefault(path.resolve(), (path, known))
            elif folder:
                others += 1
            else:
                amiss.append(f"{_in_a_line(str(path))} {said}")
    short = [path.name for path, _ in found.values()]
    return (
        [
            Recording(
                path,
                _in_a_line(path.name if short.count(path.name) == 1 else path.as_posix()),
                known.kind,
                _size(path),
                known.by,
                known.lines,
            )
            for path, known in found.values()
        ],
        amiss,
        others,
    )


def _size(path: Path | Remote) -> int:
    """In bytes; 0 where a server does not say it."""
    return path.size or 0 if isinstance(path, Remote) else path.stat().st_size


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # a name that is too long
        return False


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder in the order of their names; hidden ones and links to folders left out."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if not name.startswith(".") and path.is_file():
                yield path


def kind_of(path: Path) -> str | None:
    """What a file is, by its beginning; None for another kind. Raises OSError and what unpacking raises."""
    known = _known(path, None)
    return known.kind if known else None


class Known(NamedTuple):
    """What a file is, the mapping that reads it where one does, and whether each of its lines stands for itself."""

    kind: str
    by: Mapping | None
    lines: bool


def _known(path: Path | Remote, by: Mapping | None) -> Known | None:
    """The same, with what reads it."""
    with ExitStack() as stack:
        begins = opened(path, stack).read(jsonarray.BLOCK)
    head = begins.removeprefix(b"\xef\xbb\xbf").lstrip()
    own = _kind_by(head) if by is None or not head.startswith((b"{", b"[")) else _run_or_har(head)
    if own not in _TELLING and (log := logs.kind_of(head, path, by)):
        return Known(*log, log[0] in logs.LINES and by_lines(begins))
    return Known(own, None, own == RUN) if own else None


def _run_or_har(head: bytes) -> str | None:
    """What no mapping is for."""
    return found if (found := _kind_by(head)) in (RUN, HAR) else None


def _kind_by(head: bytes) -> str | None:
    if head.startswith(httprr.FIRST):
        return TRACE
    if httpmock.FIRST.match(head):
        return MOCK
    if bare.is_stream(head):
        return STREAMS
    if head.startswith(b"[") and (kind := stubs.kind_of(head)):
        return kind
    if not head.startswith(b"{"):
        return CASSETTE if _CASSETTE.search(head) else None
    try:
        first = json.loads(head.partition(b"\n")[0])
        if isinstance(first, dict) and first.get("type") == "header" and "format" in first:
            return RUN
    except (ValueError, RecursionError):
        pass
    names = jsonarray.names(head)
    return HAR if "log" in names else JSON_CASSETTE if set(vcr.LISTS) & set(names) else stubs.kind_of(head)


def exchanges(
    recording: Recording,
    *,
    partial_headers: bool = False,
    seen: Callable[[int], None] = lambda count: None,
    span: tuple[int, int | None] = (0, None),
) -> Iterator[Exchange | Skipped]:
    """The exchanges of a recording in its order, each named FILE#ENTRY, and what gave none; of the lines alone that begin in
    `span`, where the recording has lines that stand for themselves. Raises nothing."""
    name: Name | None = None
    faults = 0
    with ExitStack() as stack:
        try:
            if recording.kind == RUN:
                yield from _own(recording, partial_headers, seen, span)
                return
            file = opened(recording.path, stack, seen, max(0, span[0] - 1))
            for name, entry in _entries(recording, file, span):
                try:
                    yield exchange(f"{recording.name}#{name}", _checked(entry, partial_headers))
                except LeftOut as reason:
                    yield Skipped(name, str(reason), reason.fault, reason.lost)
                    faults += reason.fault
                except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
                    yield Skipped(name, _said(error), True)
                    faults += 1
                if faults >= FAULTS:
                    raise jsonarray.Broken(f"{FAULTS:,} of its entries are broken")
            if name is None and span == (0, None):
                yield Skipped(None, "holds no entry", True)
        except Unreachable as error:
            yield Skipped(None, f"was not judged to its end: {error}", True, unreachable=True)
        except Exception as error:  # whatever a stranger's file makes a library raise
            after = name + 1 if isinstance(name, int) else name or 0
            yield Skipped(after, f"{_said(error)}; the rest of the file could not be read", True)


def _entries(recording: Recording, file: BinaryIO, span: tuple[int, int | None]) -> logs.Named:
    """Each entry with its name."""
    kind = recording.kind
    if kind in logs.KINDS:
        return logs.entries(kind, recording.path, file, recording.by, span)
    if kind == HAR:
        return enumerate(har.entries(file))
    if kind == TRACE:
        return enumerate(httprr.entries(file))
    if kind == MOCK:
        return enumerate(httpmock.entries(file))
    if kind == STREAMS:
        return enumerate(bare.entries(file))
    return enumerate(
        vcr.entries(file, as_json=kind == JSON_CASSETTE)
        if kind in (CASSETTE, JSON_CASSETTE)
        else stubs.entries(file, kind, recording.path)
    )


def _checked(entry: Entry | LeftOut, partial_headers: bool) -> Entry:
    """Raises LeftOut."""
    if isinstance(entry, LeftOut):
        raise entry
    return replace(entry, headers_known=False) if partial_headers else entry


def _own(
    recording: Recording, partial_headers: bool, seen: Callable[[int], None], span: tuple[int, int | None]
) -> Iterator[Exchange | Skipped]:
    """A run file of ours. The ids of its exchanges, which are the names of probes, stay behind the #."""
    ended = False
    for record in records(recording.path, span=span):
        match record["type"]:
            case "exchange":
                x = exchange_of(record)
                known = x.headers_known and not partial_headers
                yield replace(x, id=f"{recording.name}#{x.id}", headers_known=known)
            case "header" if _holds_a_part(record.get("target") or {}):
                yield Skipped(None, "holds only the exchanges that some check found wrong", True)
            case "footer":
                ended = True
    seen((recording.size if span[1] is None else span[1]) - span[0])
    if not ended and span[1] is None:
        yield Skipped(None, "was cut off; what it holds was judged", True)


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return "its gzip data is broken or stops before its end"
    return str(error) if isinstance(error, _BROKEN) else f"it is not what it should be ({type(error).__name__})"


def _holds_a_part(target: dict[str, Any]) -> bool:
    """Whether what this run was of is only in part in its file: the run file of what others asked, but not the recording made then."""
    return bool({"recordings", "asked_by"} & target.keys()) and not target.get("whole")


def _in_a_line(name: str) -> str:
    """A name of a file as it stands in lines: it may hold the end of one."""
    return printable(name).replace("\n", "\\n")
