"""All that the areas hold: checks, probes, features and lies, found by looking into their folders.

No list anywhere names an area. In its folder `probes.py`, `features.py`, `objects.py`, `conditions.py` and `requirements.toml` are what
they are called, `*_lies.py` are the lies, and every other file holds laws.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from conformance.exchange import Exchange
from conformance.exchange.probe import Probe
from conformance.judge import features as features_of
from conformance.judge import registry
from conformance.judge.features import Feature
from conformance.judge.judge import Judge
from conformance.judge.verdicts import Check, Verdict
from conformance.reference import lies as lies_of
from conformance.reference.lies import Lie

FOLDER = Path(__file__).parent
LIES = "_lies"
"""Ends the name of a file of lies."""
NO_LAWS = ("__init__", "probes", "features", "conditions")
"""Files of an area that declare no check."""
TURN = 50
"""When the requests of an area are sent that does not say so: those of a smaller number are sent before, of a greater one after."""


def areas() -> list[str]:
    """The names of the areas, in order."""
    return sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))


def _files(pattern: str) -> list[tuple[str, str]]:
    """(area, name of the module) of the files of this pattern, in order."""
    return sorted((path.parent.name, path.stem) for path in FOLDER.glob(f"*/{pattern}.py"))


def _load(area: str, name: str) -> ModuleType:
    return importlib.import_module(f"conformance.areas.{area}.{name}")


@cache
def catalogue() -> dict[str, Check]:
    """Every check by id, in the order of the areas and their files."""
    for area, name in _files("*"):
        if name not in NO_LAWS and not name.endswith(LIES):
            _load(area, name)
    return registry.declared()


def area_of(check: Check) -> str:
    """The area that a check stands in."""
    return check.law.__module__.rpartition(".")[0].rpartition(".")[2]


@cache
def probes() -> tuple[Probe, ...]:
    """Every probe in the order in which areas take their turns; last, those that only a server which stages situations is sent."""
    modules = [_load(area, name) for area, name in _files("probes")]
    every = [
        probe for module in sorted(modules, key=lambda module: getattr(module, "TURN", TURN)) for probe in module.PROBES
    ]
    return tuple(sorted(every, key=lambda probe: probe.stage is not None))


@cache
def features() -> dict[str, Feature]:
    """Every feature by name, in the order of the areas."""
    for area, name in _files("features"):
        _load(area, name)
    return features_of.declared()


@cache
def lies() -> dict[str, Lie]:
    """Every lie by name, in the order of the areas and their files."""
    for area, name in _files(f"*{LIES}"):
        _load(area, name)
    return lies_of.declared()


def judge(exchanges: Iterable[Exchange], checks: Iterable[Check] | None = None) -> list[Verdict]:
    """Judge all exchanges by all checks (or those given): one verdict a check."""
    court = Judge(catalogue().values() if checks is None else checks)
    for x in exchanges:
        court.add(x)
    return court.finish()
