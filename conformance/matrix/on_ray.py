"""Commands of a matrix run by the workers of a Ray cluster, a task each; the report of each is written here. Keys and files go with it.

It must not know what a command does: a worker runs the same process as fleet.py does here.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.matrix.fleet import Call, arguments, child
from conformance.run.cluster import joined
from conformance.run.gate import BROKEN
from conformance.run.toml_lines import parsed

MOST = 512 * 1024 * 1024
"""Bytes of the report of one command that come back."""


@contextmanager
def on_ray(address: str | None, at_once: int) -> Iterator[Call]:
    """What runs a command there. Raises UserError where there is no Ray, CannotJudge where no cluster answers."""
    with joined(address, at_once) as ray:
        ran = ray.remote(max_retries=1, num_cpus=1)(_ran)

        async def call(command: str, given: dict[str, Any], without: Set[str]) -> tuple[int, str]:
            known, variable = given.get("known"), given["api_key_env"]
            text = "\n".join(parsed(known, known)[0]).encode() if known else b""
            reference = ran.remote(command, given, text, {variable: os.environ.get(variable)}, frozenset(without))
            try:
                code, said, files = await asyncio.wrap_future(reference.future())
            except ray.exceptions.RayTaskError as error:
                raise RuntimeError(str(error)) from None
            except ray.exceptions.RayError as error:
                return BROKEN, f"the worker that ran it died ({type(error).__name__})"
            except asyncio.CancelledError:
                ray.cancel(reference, force=True)  # the process ends with its worker
                raise
            for name, data in files.items():
                path = Path(given["report"], name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            return code, said

        yield call


def _ran(
    command: str, given: dict[str, Any], known: bytes, key: dict[str, str | None], without: Set[str]
) -> tuple[int, str, dict[str, bytes]]:
    """What a worker does: exit code, what the process said of errors, and the files of its report."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, Path(given["report"]).name)
        given = given | {"report": str(place)}
        if given.get("known"):
            given["known"] = str(Path(folder, Path(given["known"]).name))
            Path(given["known"]).write_bytes(known)
        command_line, environment = child(without)
        environment |= {name: value for name, value in key.items() if value is not None}
        with subprocess.Popen(
            command_line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        ) as process:  # whose input stays open, for with its end the process ends
            process.stdin.write(json.dumps(arguments(command, given)).encode() + b"\n")
            process.stdin.flush()
            said = process.stderr.read().decode("utf-8", "replace").strip()
            code = process.wait()
        files, room = {}, MOST
        for path in sorted(place.rglob("*")):
            if path.is_file() and path.stat().st_size <= room:
                files[path.relative_to(place).as_posix()] = path.read_bytes()
                room -= path.stat().st_size
        return code, said, files
