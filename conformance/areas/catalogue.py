"""All that the areas hold: checks, probes, features, honest routes and lies, found by looking into their folders.

No list anywhere names an area. In its folder `probes.py`, `features.py`, `objects.py`, `conditions.py`, `honest.py`,
`requirements.toml` and `levels.toml` are what they are called, `*_lies.py` are the lies, and every other file holds laws.
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
from conformance.reference import routes as routes_of
from conformance.reference.lies import Lie
from conformance.reference.routes import Routes
from conformance.reference.staging import STAGES

FOLDER = Path(__file__).parent
LIES = "_lies"
"""Ends the name of a file of lies."""
NO_LAWS = ("__init__", "probes", "features", "conditions", "honest")
"""Files of an area that declare no check."""
TURN = 50
"""The turn of an area that does not name one: by it requests are sent and features stand, the smaller number first."""


def _files(pattern: str) -> list[tuple[str, str]]:
    """(area, name of the module) of the files of this pattern, in order."""
    return sorted((path.parent.name, path.stem) for path in FOLDER.glob(f"*/{pattern}.py"))


def _load(area: str, name: str | None = None) -> ModuleType:
    """A file of an area, or what the area is."""
    return importlib.import_module(".".join(("conformance.areas", area, *([name] if name else ()))))


def _in_turn(name: str) -> list[ModuleType]:
    """This file of every area that has it, in the order of their turns."""
    return [_load(*file) for file in sorted(_files(name), key=lambda file: getattr(_load(file[0]), "TURN", TURN))]


@cache
def catalogue() -> dict[str, Check]:
    """Every check by id, in the order of the areas and their files."""
    for area, name in _files("*"):
        if name not in NO_LAWS and not name.endswith(LIES):
            _load(area, name)
    return registry.declared()


def area_of(each: Check | Feature) -> str:
    """The area that a check or a feature stands in."""
    return each.law.__module__.rpartition(".")[0].rpartition(".")[2]


def about(area: str) -> str:
    """What an area is, in a sentence."""
    return (_load(area).__doc__ or "").strip().partition("\n")[0]


@cache
def parts() -> dict[str, str]:
    """The areas that are a part of the API by themselves, with what people call it: those without which nothing conforms first."""
    named = {path.parent.name: _load(path.parent.name) for path in FOLDER.glob("*/__init__.py")}
    found = {area: module for area, module in named.items() if hasattr(module, "PART")}
    order = sorted(found, key=lambda area: (area not in core(), getattr(found[area], "TURN", TURN), area))
    return {area: found[area].PART for area in order}


@cache
def core() -> frozenset[str]:
    """The areas that must have been judged wherever all is asked about."""
    areas = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    return frozenset(area for area in areas if getattr(_load(area), "CORE", False))


@cache
def probes() -> tuple[Probe, ...]:
    """Every probe in the order in which areas take their turns; last, in its order, those of situations that the reference stages."""
    every = [probe for module in _in_turn("probes") for probe in module.PROBES]
    staged = [None, *STAGES]
    return tuple(sorted(every, key=lambda probe: staged.index(probe.stage)))


@cache
def features() -> dict[str, Feature]:
    """Every feature by name, in the order in which areas take their turns."""
    _in_turn("objects")  # which their laws look for
    _in_turn("features")
    return features_of.declared()


@cache
def lies() -> dict[str, Lie]:
    """Every lie by name, in the order of the areas and their files."""
    for area, name in _files(f"*{LIES}"):
        _load(area, name)
    return lies_of.declared()


@cache
def routes() -> Routes:
    """What the honest reference answers, by path and method."""
    for area, name in _files("honest"):
        _load(area, name)
    return routes_of.declared()


def judge(exchanges: Iterable[Exchange], checks: Iterable[Check] | None = None) -> list[Verdict]:
    """Judge all exchanges by all checks (or those given): one verdict a check."""
    court = Judge(catalogue().values() if checks is None else checks)
    for x in exchanges:
        court.add(x)
    return court.finish()
