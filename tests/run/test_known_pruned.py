"""--prune: what is stale is taken out of the file with the comments above it, and everything else stays as it was typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformance.areas.catalogue import catalogue
from conformance.judge.verdicts import Verdict
from conformance.run import known
from conformance.run.known_pruned import pruned
from conformance.run.options import Options
from conformance.run.user_error import UserError

FILE = """# About all of it.
[[deviation]]
check = "stream.done"
reason = \"\"\"
[[deviation]]
of a text\"\"\"

# MUST: something
# seen in a
[[deviation]]   # here
check = "chat.id"
reason = "b"
exchange = [
  "chat.hello",
]


# why this
[[deviation]]
check = "http.request-id"
reason = "c"
expires = 2020-01-01
# the end
"""


def complained(path: Path, **outcomes: str) -> list[known.Complaint]:
    ids = {"done": "stream.done", "id": "chat.id", "request": "http.request-id"}
    verdicts = [Verdict(catalogue()[ids[name]], outcome, ("chat.hello",)) for name, outcome in outcomes.items()]
    return known.apply(known.load(str(path)), verdicts, date(2026, 1, 1))[1]


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "known.toml").write_text(FILE)
    return tmp_path / "known.toml"


def test_what_is_stale_is_taken_out_and_nothing_else(path):
    left, said = pruned(str(path), complained(path, done="fail", id="pass", request="pass"))
    assert [each.check for each in left] == ["http.request-id"], "it has expired, which somebody is to look at"
    assert said == f"1 entry that was stale: taken out of {path}: chat.id"
    start, end = FILE.index("\n# MUST"), FILE.index("\n\n# why this")
    assert path.read_text() == FILE[:start] + FILE[end:]


def test_a_comment_that_opens_the_file_stays(path):
    pruned(str(path), complained(path, done="pass", id="pass"))
    assert path.read_text().startswith("# About all of it.\n\n\n# why this\n[[deviation]]\n")
    assert [each.check for each in known.load(str(path))] == ["http.request-id"]


def test_where_nothing_is_stale_the_file_is_not_touched(path):
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    assert pruned(str(path), complained(path, done="fail"))[1] == ""
    assert path.stat().st_mtime_ns == before


def test_all_may_go(tmp_path):
    path = tmp_path / "known.toml"
    path.write_bytes(b'[[deviation]]\r\ncheck = "stream.done"\r\nreason = "a"\r\n')
    pruned(str(path), complained(path, done="pass"))
    assert known.load(str(path)) == []


def test_it_needs_the_file():
    with pytest.raises(UserError, match="--prune needs --known FILE"):
        Options.make({"prune": True})
    with pytest.raises(UserError, match="--known-level says what --write-known is to write"):
        Options.make({"known_level": "must"})
