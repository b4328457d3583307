"""The rows of a Parquet file, a few at a time, with pyarrow, which comes with the extra `logs`. It must not look at what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from conformance.record.jsonarray import Broken
from conformance.record.packed import INSTALL
from conformance.record.remote import Remote, Unreachable

MAGIC = b"PAR1"
ROWS, BATCH_BYTES = 64, 32 * 1024 * 1024
"""Rows in memory at once, fewer where they are large, as the file says; a row holds up to two bodies."""
GROUP_BYTES = 2 * 1024**3
"""Of a row group, unpacked, as the file says; writers make them of 128 MiB to 1 GiB."""
_TEXTS = ("string", "large_string")
_WHOLE = 64 * 1024 * 1024
"""Bytes of names and schema, in Thrift."""


def names(path: Path | Remote) -> list[str]:
    """The names of its columns. Raises Broken."""
    with _file(path) as file:
        return list(file.schema_arrow.names)


def rows(path: Path | Remote, columns: set[str]) -> Iterator[dict[str, Any]]:
    """The rows of the file, with those of these columns that it has. Raises Broken."""
    with _file(path) as file:
        names = [name for name in file.schema_arrow.names if name in columns]
        texts = [name for name in names if str(file.schema_arrow.field(name).type) in _TEXTS]
    with _file(path, read_dictionary=texts) as file:  # so that a text that many rows have is one in memory
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            if group.total_byte_size > GROUP_BYTES:
                raise Broken(f"a row group is of {group.total_byte_size:,} bytes, more than {GROUP_BYTES:,}")
            most = max(1, min(ROWS, BATCH_BYTES * group.num_rows // max(1, group.total_byte_size)))
            found = file.iter_batches(batch_size=most, row_groups=[number], columns=names, use_threads=False)
            for batch in _read(found):
                yield from _read(batch.slice(n, 1).to_pylist()[0] for n in range(batch.num_rows))


@contextmanager
def _file(path: Path | Remote, **more: Any) -> Iterator[Any]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise Broken(f"it is a Parquet file: {INSTALL}") from None
    with ExitStack() as stack:
        if isinstance(path, Remote) and not path.seeks:
            raise Broken("it is a Parquet file, whose end must be read first, and its server gives no ranges of bytes")
        source = path.opened(stack) if isinstance(path, Remote) else path
        try:
            limits = {"thrift_string_size_limit": _WHOLE, "thrift_container_size_limit": 1_000_000}
            file = stack.enter_context(ParquetFile(source, **limits, **more))
        except Unreachable:
            raise
        except (ArrowException, OSError, ValueError) as error:
            raise Broken(_said(error)) from None
        yield file


def _read(values: Iterator[Any]) -> Iterator[Any]:
    while True:
        try:
            value = next(values)
        except StopIteration:
            return
        except Unreachable:
            raise
        except Exception as error:  # whatever a stranger's file makes a library raise
            raise Broken(_said(error)) from None
        yield value


def _said(error: Exception) -> str:
    first = str(error).partition("\n")[0]
    return f"it is no Parquet file that can be read ({first[:100]})"
