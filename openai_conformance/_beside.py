"""Finds the package `conformance` that lies beside this one, whatever folder of that name Python would come to first.

`python -m` and pytest look into the current folder before all else, and `conformance` is a likely name for a folder of tests.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

NAME = "conformance"
PLACE = Path(__file__).resolve().parent.parent


def ours() -> str:
    """Import it from beside this package, unless that was done; gives its version. Raises ImportError where another is imported already."""
    if NAME not in sys.modules:
        spec = PathFinder.find_spec(NAME, [str(PLACE)])
        if spec is None or spec.loader is None:
            raise ImportError(f"openai-conformance is not whole: {PLACE} has no package {NAME}")
        sys.modules[NAME] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    module = sys.modules[NAME]
    if PLACE / NAME not in [Path(place).resolve() for place in module.__path__]:
        raise ImportError(
            f"a package `{NAME}` of your own is imported already, from {next(iter(module.__path__), 'nowhere')}: one process "
            "cannot hold both, so run the command openai-conformance, or rename yours"
        )
    version: str = module.__version__
    return version


VERSION = ours()
