"""`--times`: a first file of known deviations says what hangs on chance."""

from __future__ import annotations

import pytest

from conformance.reference.lies import Lie
from conformance.run import known
from conformance.run.conductor import conduct
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.send.embedded import Reference
from tests.support.lying import without_done


def test_what_fails_in_one_run_of_three_is_there_sometimes(tmp_path, monkeypatch):
    runs = 0

    def now_and_then(call, pieces):
        nonlocal runs
        runs += call.path.endswith("/models")
        return without_done(call, pieces) if runs == 2 else pieces

    with Reference(lie=Lie("test", "A lie.", wire=now_and_then)) as server:
        monkeypatch.setenv("TIMES_KEY", server.key)
        given = {"base_url": server.base_url, "api_key_env": "TIMES_KEY", "sdk": "off", "only": ("stream.done",)}
        file = str(tmp_path / "known.toml")
        done = conduct(Options.make(given | {"report": str(tmp_path / "r"), "write_known": file, "times": "3"}))
    assert done.exit_code == 0
    assert [(each.check, each.sometimes) for each in known.load(file)] == [("stream.done", True)]
    assert (tmp_path / "r" / "run-2" / "run.jsonl").exists()


@pytest.mark.parametrize("given", [{}, {"write_known": "f", "replay": "x"}, {"write_known": "f", "recordings": ("x",)}])
def test_nothing_else_is_done_several_times(given):
    with pytest.raises(UserError, match="--times is for --write-known on an endpoint"):
        Options.make({"times": "2", **given})
