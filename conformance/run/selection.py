"""Which checks `--only` means, and which features `--require` and `--profile`. It must not send or judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.areas.catalogue import catalogue, features
from conformance.exchange.documented import ENDPOINTS, ROUTES, route_of
from conformance.exchange.probe import Probe
from conformance.judge.verdicts import Check
from conformance.run.options import PROFILES
from conformance.run.user_error import UserError, nearest


def chosen(only: Sequence[str], exclude: Sequence[str] = (), among: Mapping[str, Check] | None = None) -> list[Check]:
    """The checks of these areas and ids, in the order of the catalogue, all where none is named, without those to be excluded;
    `among` others than the catalogue's where they are given. Raises UserError."""
    every = catalogue() if among is None else among
    checks = every.values()
    areas = {check.area for check in checks}
    for word in (*only, *exclude):
        if word not in areas and word not in every:
            raise UserError(f"there is no area or check {word!r}{nearest(word, [*areas, *every])}")
    found = [check for check in checks if not only or check.id in only or check.area in only]
    left = [check for check in found if check.id not in exclude and check.area not in exclude]
    if found and not left:
        raise UserError(f"nothing is left to judge: --exclude {' --exclude '.join(exclude)} leaves out all of it")
    return left


def endpoints(names: Sequence[str]) -> frozenset[str]:
    """The endpoints that a run is limited to; empty where it is not. Raises UserError."""
    found = [word.strip().lower() for text in names for word in text.split(",")]
    for word in found:
        if word not in ENDPOINTS:
            raise UserError(f"--endpoints: there is no endpoint {word!r}{nearest(word, ENDPOINTS)}")
    return frozenset(found)


def endpoint(probe: Probe) -> str:
    """The endpoint that a probe is for; what is no documented route is asked of the server of chat completions."""
    route = route_of(probe.path.partition("?")[0])
    return ROUTES[route].endpoint if route else "chat"


def in_profile(profile: str) -> list[str]:
    """The features of a profile: its own and those of the smaller ones."""
    held = PROFILES[: PROFILES.index(profile) + 1]
    return [each.name for each in features().values() if each.profile in held]


def required(names: Sequence[str], profile: str | None) -> list[str]:
    """The features that must be supported, in the order of the table. Raises UserError for one that there is not."""
    wanted = set(in_profile(profile) if profile else ())
    for word in (part.strip() for text in names for part in text.split(",")):
        name = word.lower().replace("-", "_")
        if name not in features():
            raise UserError(f"--require: there is no feature {word!r}{nearest(name, features())}")
        wanted.add(name)
    return [name for name in features() if name in wanted]
