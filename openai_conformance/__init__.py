"""The public interface of openai-conformance for Python: judging what was recorded or is sent, and reading what came of it.

What this package exports, and docs/api.md names, is kept from version to version as docs/stability.md says. All else, and all of
the package `conformance`, may change at any time.
"""

from openai_conformance import _beside  # isort: skip  - first: it finds the package `conformance` that belongs to this one
from conformance.exchange import Exchange
from conformance.run.user_error import UserError
from conformance.send.cannot_judge import CannotJudge
from openai_conformance.judging import RunOptions, judge, judge_files, read_recordings, read_run, run
from openai_conformance.recorder import Recorder
from openai_conformance.results import Feature, Problem, Result, Verdict

__all__ = [
    "CannotJudge",
    "Exchange",
    "Feature",
    "Problem",
    "Recorder",
    "Result",
    "RunOptions",
    "UserError",
    "Verdict",
    "judge",
    "judge_files",
    "read_recordings",
    "read_run",
    "run",
]

__version__ = _beside.VERSION
