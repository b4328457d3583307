"""What changed between the specification that this suite was made by and another: `python -m conformance.specification.drift FILE`.

The names of ours, facts alone, are in names.json; `--write` puts those of FILE there.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conformance.specification.openapi import Document, Route, Unusable, load

NAMES = Path(__file__).parent / "names.json"
SAME, CHANGED, UNUSABLE = 0, 1, 2
"""Exit codes."""


class Change(NamedTuple):
    """One name that was added, removed or retyped: `was` and `now` are its JSON types, None where it is not there."""

    route: str
    kind: str
    name: str
    was: str | None
    now: str | None

    def __str__(self) -> str:
        what = "added" if self.was is None else "removed" if self.now is None else "retyped"
        types = " -> ".join(each for each in (self.was, self.now) if each)
        return f"{self.route}: {self.kind} {self.name} {what} ({types})"


def listed() -> dict[str, Route]:
    """The names of the specification that this suite was made by, by route."""
    held = json.loads(NAMES.read_text("utf-8"))
    schemas = {name: {f"{name}.{prop}": types for prop, types in own.items()} for name, own in held["schemas"].items()}
    return {
        name: Route(each["parameters"], {k: v for schema in each["schemas"] for k, v in schemas[schema].items()},
                    dict.fromkeys(each["events"], "event"))
        for name, each in held["routes"].items()
    }  # fmt: skip


def changes(before: dict[str, Route], after: dict[str, Route]) -> Iterator[Change]:
    """What differs, route by route. A route that is new, or gone, is one change."""
    for route in dict.fromkeys((*before, *after)):
        if route not in before or route not in after:
            yield Change(route, "route", route, *("route" if route in side else None for side in (before, after)))
            continue
        for kind in ("parameters", "properties", "events"):
            old, new = getattr(before[route], kind), getattr(after[route], kind)
            for name in dict.fromkeys((*old, *new)):
                if old.get(name) != new.get(name):
                    yield Change(
                        route, kind.rstrip("s").replace("propertie", "property"), name, old.get(name), new.get(name)
                    )


def write(document: Document) -> None:
    """Make the names of this document ours."""
    schemas: dict[str, dict[str, str]] = defaultdict(dict)
    routes: dict[str, Any] = {}
    for name, route in document.routes.items():
        for prop, types in route.properties.items():
            schema, _, own = prop.partition(".")
            schemas[schema][own] = types
        held = dict.fromkeys(prop.partition(".")[0] for prop in route.properties)
        routes[name] = {"parameters": route.parameters, "schemas": list(held), "events": list(route.events)}
    NAMES.write_text(json.dumps({"routes": routes, "schemas": dict(sorted(schemas.items()))}, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str]) -> int:
    files = [each for each in arguments if each != "--write"]
    if len(files) != 1:
        print("usage: python -m conformance.specification.drift FILE [--write]", file=sys.stderr)
        return UNUSABLE
    try:
        document = load(files[0])
    except Unusable as reason:
        print(reason, file=sys.stderr)
        return UNUSABLE
    found = list(changes(listed() if NAMES.exists() else {}, document.routes))
    for change in found:
        print(change)
    print(f"{len(found)} names differ from those that this suite was made by")
    if "--write" in arguments:
        write(document)
    return CHANGED if found else SAME


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
