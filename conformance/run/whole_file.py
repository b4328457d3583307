"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

from pathlib import Path

PART = ".part"


def write_whole(path: Path, text: str) -> None:
    """Write the text beside the file and take it in its place once all of it is on disk. Raises OSError; nothing is left then."""
    if path.exists() and not path.is_file():  # a pipe or a device, /dev/stdout
        path.write_text(text, "utf-8")
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
