"""What twenty runs of one server come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import repeat
from conformance.run.run_file import RunWriter


@pytest.mark.parametrize(("codes", "said"), [([0, 0], "2 of 2 runs were green"), ([0, 1], "1 of 2 runs were green")])
def test_a_run_that_is_red_fails_and_what_differs_is_said(tmp_path, monkeypatch, capsys, codes, said):
    left = [0, *codes]

    def judged(*options):
        code, folder = left.pop(0), Path(options[1])
        folder.mkdir(parents=True)
        if "--write-known" in options:
            Path(options[3]).write_text('[[deviation]]\ncheck = "a.b"\nsometimes = true\n')
            return code
        outcome = "fail" if code else "pass"
        with RunWriter(folder / "run.jsonl") as writer:
            writer.header({"options": {}, "target": {}})
            writer.line(
                {
                    "type": "verdict",
                    "check": "c.d",
                    "level": "must",
                    "outcome": outcome,
                    "exchanges": [],
                    "problems": [],
                }
            )
            about = {"counts": {}, "exit_code": code, "skipped": [], "complaints": [], "seconds": 1.0}
            writer.footer(about | {"red": ["c.d"] * code})
        return code

    monkeypatch.setattr(repeat, "REPORTS", tmp_path)
    monkeypatch.setattr(repeat, "judged", judged)
    monkeypatch.setattr("sys.argv", ["repeat", "2", "1"])
    assert repeat.main() == (1 in codes)
    out = capsys.readouterr().out
    assert "1 known deviations, 1 of them sometimes" in out
    assert said in out
    assert ("not alike: c.d: 1 pass, 1 fail" in out) == (1 in codes)
