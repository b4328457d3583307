"""The targets of a matrix, read from a TOML file; every mistake in it is named with its line. Sends nothing.

[[target]]
base_url = "http://localhost:8000/v1"
name = "vllm"                  # optional, else the host
api_key_env = "VLLM_API_KEY"   # optional, else no key is sent
models = ["tiny", "large"]     # optional, else the first of its list
known = "known/vllm.toml"      # optional, from this file's folder
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.run import known
from conformance.run.configuration import NONE
from conformance.run.declaring import flag
from conformance.run.options import Options
from conformance.run.toml_lines import Entry, entries
from conformance.run.user_error import UserError, nearest, typed
from conformance.wire.jsontext import printable

KEYS = ("base_url", "name", "api_key_env", "models", "known")
NO_KEY = "CONFORMANCE_NO_KEY"
"""The variable that a target's key is taken from where it has none: the key of one provider is nothing for another."""


@dataclass(frozen=True)
class Job:
    """One endpoint with one model. `slug` is its folder, `host` what its requests are bounded by."""

    name: str
    slug: str
    host: str
    given: dict[str, Any]
    """Options of the run, as texts; None is left out."""


def load(path: str, shared: dict[str, Any]) -> list[Job]:
    """The jobs of a file; `shared` are the options of every run, as texts. Raises UserError with the line."""
    jobs: list[Job] = []
    lines: dict[str, int] = {}
    found = entries(path, "target", path)
    if not found:
        raise UserError(f"{path} names no target, expected [[target]] entries with a base_url each")
    for entry in found:
        for job in _jobs(entry, path, shared):
            if job.name in lines:
                place = f"line {lines[job.name]}"
                raise UserError(f"{_at(path, entry, 'name')}: {job.name} is there already at {place}; give it a name")
            lines[job.name] = entry.span.first
            alike = sum(_slug(other.name) == job.slug for other in jobs)
            jobs.append(replace(job, slug=f"{job.slug}-{alike + 1}") if alike else job)
    return jobs


def shard_of(jobs: list[Job], shard: str | None) -> list[Job]:
    """Every Nth job from the Ith on, where `shard` is I/N. Raises UserError."""
    if shard is None:
        return jobs
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", shard.strip())
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise UserError(f"--shard takes I/N, such as 1/8 to 8/8, not {typed(shard, 60)}")
    some = jobs[int(found[1]) - 1 :: int(found[2])]
    if not some:
        raise UserError(f"--shard {shard.strip()} leaves nothing: there are {len(jobs)} targets")
    return some


def _jobs(entry: Entry, path: str, shared: dict[str, Any]) -> list[Job]:
    values = entry.values
    for key in values:
        if key not in KEYS:
            raise UserError(
                f"{_at(path, entry, key)}: {typed(printable(key), 60)} has no meaning here{nearest(key, KEYS)}"
            )
    for key in ("base_url", "name", "api_key_env", "known"):
        value = values.get(key)
        if (value is None and key == "base_url") or (
            value is not None and (not isinstance(value, str) or not value.strip())
        ):
            raise UserError(f"{_at(path, entry, key)}: {key} is missing or no text")
    models = values.get("models", [None])
    if not isinstance(models, list) or not models or not all(_is_name(model, values) for model in models):
        raise UserError(f"{_at(path, entry, 'models')}: models is no list of names")
    variable = values.get("api_key_env")
    own = {"base_url": values["base_url"], "api_key_env": variable or NO_KEY, "config": NONE}
    if "known" in values:
        own["known"] = str(Path(path).parent / values["known"])
    return [_job(entry, path, shared | own | {"model": model}) for model in models]


def _is_name(model: Any, values: dict[str, Any]) -> bool:
    return (isinstance(model, str) and bool(model.strip())) or "models" not in values


def _job(entry: Entry, path: str, given: dict[str, Any]) -> Job:
    for key in ("base_url", "api_key_env", "model"):
        try:
            Options.make({key: given[key]})
        except UserError as mistake:
            key = "models" if key == "model" else key
            said = str(mistake).replace(flag(key), key)
            raise UserError(f"{_at(path, entry, key)}: {said}") from None
    Options.make(given)
    if "known" in given:
        try:
            known.load(given["known"])
        except UserError as mistake:
            raise UserError(f"{_at(path, entry, 'known')}: {str(mistake).removeprefix('--known ')}") from None
    variable = given["api_key_env"]
    if variable != NO_KEY and not os.environ.get(variable, "").strip():
        raise UserError(f"{_at(path, entry, 'api_key_env')}: the environment variable {variable} is not set")
    parts = urlsplit(given["base_url"])
    host = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    where = entry.values.get("name") or parts.netloc.rpartition("@")[2]
    name = f"{where}, {given['model']}" if given["model"] else where
    return Job(printable(name), _slug(name), host, given)


def _slug(name: str) -> str:
    """A name for a folder, on any system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "target"


def _at(path: str, entry: Entry, key: str) -> str:
    return f"{path}, line {entry.line_of(key)}"
