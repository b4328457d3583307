"""Gives functions of a running process another code, and has the process forget what the old one made."""

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

IMPORTED = ("conformance.judge.condition", "conformance.areas.catalogue")
"""Modules that remember what was imported."""
JUDGING = tuple(
    f"conformance/{room}/"
    for room in (
        "judge", "report", "run", "parity", "record", "cli", "explore", "matrix", "watch", "load", "gateway", "specification",
    )
)  # fmt: skip
"""Rooms that do not make the honest answers: those of the process may be judged again as they are."""
ANSWERING = ("_lies.py", "honest.py", "probes.py")


def prepare() -> None:
    """Make in the parent what every fork wants."""
    from tests.support import digests, proving

    proving.honest()
    digests.damaged()


def code_of(tree: Path, file: str, source: str) -> int:
    """Give the functions that differ from the file's their new code; how many got one, 0 where more than functions differ."""
    path = str(tree / file)
    old, new = (compile(text, path, "exec", dont_inherit=True) for text in ((tree / file).read_text("utf-8"), source))
    if _own(old) != _own(new):
        return 0
    changed = {_name(one): other for one, other in _pairs(old, new) if one != other}
    count = 0
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType) and each.__code__.co_filename == path:
            code = changed.get(_name(each.__code__))
            if code is not None and code.co_freevars == each.__code__.co_freevars:
                each.__code__ = code
                count += 1
    return count


def _name(code: types.CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _pairs(old: types.CodeType, new: types.CodeType) -> Iterator[tuple[types.CodeType, types.CodeType]]:
    """The codes within both that are each other's, as far as both hold the same ones."""
    mine, theirs = ([each for each in code.co_consts if isinstance(each, types.CodeType)] for code in (old, new))
    if [each.co_qualname for each in mine] == [each.co_qualname for each in theirs]:
        for one, other in zip(mine, theirs, strict=True):
            yield one, other
            yield from _pairs(one, other)


def _own(code: types.CodeType) -> tuple[object, ...]:
    """What a module does when it is imported, but for its functions."""
    classes = tuple(_own(each) for each in code.co_consts if isinstance(each, types.CodeType) and not each.co_flags & 1)
    plain = tuple(each for each in code.co_consts if not isinstance(each, types.CodeType))
    return code.co_code, repr(plain), code.co_names, classes


def forget(file: str) -> None:
    """Forget what was remembered, but for the honest answers where the file has no part in them."""
    from conformance.clients.outcomes import OUTCOMES
    from tests.support import digests, proving

    keep = file.startswith(JUDGING) or (file.startswith("conformance/areas/") and not file.endswith(ANSWERING))
    made = (proving.honest, digests.honest, digests.damaged) if keep else ()
    kept = [*proving.honest().values(), *chain(*digests.damaged()), *digests.honest()[0]] if keep else []
    for each in gc.get_objects():
        if not isinstance(each, functools._lru_cache_wrapper) or each.__module__ in IMPORTED:
            continue
        if each.__module__.startswith(("conformance.", "tests.")) and each not in made:
            each.cache_clear()
    for x in kept:
        found = x.memo.get(OUTCOMES)
        x.forget()
        if found is not None:
            x.memo[OUTCOMES] = found
