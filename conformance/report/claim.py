"""What a green run may claim, in words: that the endpoint conforms, in what, and what it does not offer.

It decides nothing: the run file says the scope (run/scope.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from conformance.run.run_file import Run
from conformance.run.words import shown

Tone = Literal["yes", "part", "no", "unknown"]
"""How good the news is: all that was asked for is there; a part of it is, or some is known not to; it is not; nobody knows."""
FEW = 3
"""Parts, and features that are lacking, that are named; more are counted."""
LACKS = (
    ("does not offer", ("refused", "absent")),
    ("ignores", ("ignored",)),
    ("gets wrong", ("broken",)),
    ("nothing shows", ("undecided",)),
)
"""What is said of features by the decisions on them."""


def claim(run: Run) -> str:
    """CONFORMS, and in what where that is not all there is; to what it is known not to."""
    scope = scope_of(run)
    known = scope.get("known", 0)
    but = f" BUT FOR {known} KNOWN DEVIATION{'S' * (known > 1)}" if known else ""
    return f"CONFORMS{_where(scope).upper()}{but}"


def where(run: Run) -> str:
    """In what nothing is worse than elsewhere; nothing where that is all there is."""
    return _where(scope_of(run))


def headline(run: Run) -> str:
    """The same as an answer to the question that is asked of every endpoint."""
    scope = scope_of(run)
    known = scope.get("known", 0)
    but = f", but for {known} known deviation{'s' * (known > 1)}" if known else ""
    if scope.get("whole") and scope["asked"] == "profile":
        return f"Yes, for the profile {_line(scope['wanted'])}{but}"
    if scope.get("whole") and scope["asked"] == "all":
        return f"Yes, as far as a quick run asks{but}" if scope.get("quick") else f"Yes, a drop-in replacement{but}"
    lacks = "".join(f"; {said}" for said in lacking(run))
    return f"Conforms{_where(scope) or ' as far as it was judged'}{but}{lacks}"


def whole(run: Run) -> bool:
    """All that was asked for was judged and is there, as far as the run file says it."""
    return bool(scope_of(run).get("whole", True))


def tone(run: Run) -> Tone:
    """How good the news of a run is that conforms."""
    scope = scope_of(run)
    return "yes" if scope.get("whole") and not scope["known"] else "part"


def lacking(run: Run) -> list[str]:
    """What the endpoint does not offer, ignores, gets wrong, and of what nothing was seen, in a few words each."""
    found = scope_of(run).get("lacking", ())
    said = [(verb, [each["words"] for each in found if each["decision"] in kinds]) for verb, kinds in LACKS]
    return [f"{verb} {_few(names)}" for verb, names in said if names]


def fits(run: Run) -> list[str]:
    """The profile that fits, and what the next one also wants."""
    scope = scope_of(run)
    if (
        not scope
        or scope["asked"] in ("areas", "recordings", "program", "load", "cold", "clients", "gateway")
        or (scope["whole"] and scope["asked"] == "all")
    ):
        return []
    profile, next_one = scope["profile"], scope["short_of"]
    said = f"fits the profile {_line(profile)}" if profile else "fits no profile"
    if not next_one:
        return [said]
    if not next_one["seen"]:
        said = said if profile else "no profile was seen to fit"
    return [f"{said} ({_line(next_one['profile'])} also wants {_few(next_one['lacks'])})"]


def idle(run: Run) -> list[str]:
    """The parts of what was asked that had too little to judge, and why."""
    found = scope_of(run).get("idle", ())
    return [
        f"{each['idle']} of {each['of']} MUST of {_line(each['words'])} had nothing to judge"
        + (f" ({_line(each['why'])})" if each["why"] else "")
        for each in found
    ]


def within(run: Run) -> str:
    """The parts of the API that had enough to judge, where the whole was asked for; "" where that is not known."""
    scope = scope_of(run)
    return ", ".join(map(_line, scope["within"])) if scope.get("asked") in ("all", "recordings") else ""


def recorded(run: Run) -> bool:
    """What others asked was judged: recordings and programs hold what they hold."""
    return scope_of(run).get("asked") in ("recordings", "program", "load", "cold", "clients", "gateway")


def scope_of(run: Run) -> dict[str, Any]:
    """The scope of a run, empty where an older version made it."""
    return (run.footer or {}).get("scope") or {}


def _where(scope: dict[str, Any]) -> str:
    """In what it conforms; nothing where it does in all."""
    match scope.get("asked"):
        case "recordings":
            return " in what was recorded"
        case "program":
            return " in what the program asked"
        case "clients":
            return " in what the clients asked"
        case "load":
            return " under load"
        case "cold":
            return " in what was asked cold"
        case "gateway":
            return " as a gateway"
        case "profile" if scope["whole"]:
            return f" for the profile {_line(scope['wanted'])}"
        case None:
            return ""
        case "all" if scope["whole"]:
            return " in a quick run" if scope.get("quick") else ""
    return f" in {_few(scope['within'])}" if scope["within"] else " in part"


def _few(names: Sequence[str]) -> str:
    named, more = [_line(name) for name in names[:FEW]], len(names) - FEW
    last = f"{more} more" if more > 0 else named.pop()
    return " and ".join(filter(None, (", ".join(named), last)))


def _line(text: str) -> str:
    """A text of the run file, which may come from anywhere, as one line."""
    return " ".join(shown(text).split())
