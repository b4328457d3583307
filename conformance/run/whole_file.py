"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PART = ".part"


def write_whole(path: Path, text: str) -> None:
    """Write the text beside the file and take it in its place once all of it is on disk. Raises OSError; nothing is left then."""
    if path.exists() and not path.is_file():  # a pipe or a device, /dev/stdout
        path.write_text(text, "utf-8")
        return
    if not path.exists():
        with contextlib.suppress(OSError):  # no such system, or no such file system
            _without_a_name(path, text)
            return
    part = path.with_name(path.name + PART)
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _without_a_name(path: Path, text: str) -> None:
    """Write a file that has no name until it is whole, so that not even being killed leaves a part. Raises OSError."""
    if not hasattr(os, "O_TMPFILE"):
        raise OSError("no files without a name here")
    with os.fdopen(os.open(path.parent, os.O_WRONLY | os.O_TMPFILE, 0o666), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.link(f"/proc/self/fd/{file.fileno()}", path, follow_symlinks=True)
