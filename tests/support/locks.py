"""What CI installs is locked to, and what the project asks for."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.checkout import ROOT

CI = ROOT / ".ci"
LOCK = CI / "constraints.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pinned(text: str) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Of a file of requirements: by name, each pin and its hashes."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            words = re.split(r"\s+--hash=", line.strip())
            requirement = Requirement(words[0])
            found.setdefault(canonicalize_name(requirement.name), []).append((requirement, words[1:]))
    return found


def asked_of_users() -> list[str]:
    """What the project needs where it is installed, and with all of its extras."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    return [*PROJECT["project"]["dependencies"], *(each for extra in extras for each in extra)]
