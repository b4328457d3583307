"""Joins what benchmarks/gpu/pack.py cut: `python3 -m benchmarks.gpu.unpack PIECES KEPT SITE`. Standard library only, Python 3.12.

Every call takes the pieces in PIECES, checks them against PIECES/manifest.json and keeps them in KEPT; the call that brings
the last one unpacks all into SITE, to be put on PYTHONPATH. Exit code 3: pieces are still missing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tarfile
from contextlib import closing
from pathlib import Path


class Joined:
    """The pieces, one after the other, as one file to read."""

    def __init__(self, pieces: list[Path]) -> None:
        self._pieces = [piece.open("rb") for piece in pieces]

    def read(self, size: int) -> bytes:
        while self._pieces:
            if got := self._pieces[0].read(size):
                return got
            self._pieces.pop(0).close()
        return b""

    def close(self) -> None:
        for piece in self._pieces:
            piece.close()


def digest(piece: Path) -> str:
    with piece.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arrived: Path, kept: Path, site: Path) -> str | int:
    kept.mkdir(parents=True, exist_ok=True)
    wanted = json.loads((arrived / "manifest.json").read_text())["pieces"]
    for name, sha in wanted.items():
        if (arrived / name).is_file():
            if digest(arrived / name) != sha:
                return f"{name} arrived damaged: its sha256 is not that of the manifest"
            shutil.copy(arrived / name, kept / name)
    missing = [name for name, sha in wanted.items() if not (kept / name).is_file() or digest(kept / name) != sha]
    if missing:
        print(f"still to come: {', '.join(missing)}")
        return 3
    joined = closing(Joined([kept / name for name in wanted]))
    with joined as pieces, tarfile.open(fileobj=pieces, mode="r|xz") as archive:
        archive.extractall(site, filter="data")
    print(f"unpacked into {site}; now: export PYTHONPATH={site}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
