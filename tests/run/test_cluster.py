"""Work on a real Ray of two workers: all of it is done, what ends its worker is named and the rest is done, and the verdicts are those of
one process. `nox -s ray` runs it; other sessions have no Ray."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from conformance.record import shards
from conformance.run.cluster import INSTALL, joined, results
from conformance.run.processes import Lost
from conformance.run.run_file import read
from conformance.send.cannot_judge import CannotJudge
from conformance.send.embedded import Reference
from tests.run.test_processes import deadly, doubled, failing
from tests.run.test_recorded import ENTRIES, lying, write
from tests.support import logs as gateways
from tests.support.checkout import ROOT
from tests.support.lying import WITHOUT_DONE
from tests.support.recordings import HONEST

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed here: nox -s ray runs this"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # of a library that is not ours


@pytest.fixture(scope="module")
def ray():
    with joined(None, 2) as ray:
        yield ray


def done(work, tasks, told=None):
    seen = told.append if told is not None else lambda count: None
    return list(results(work, tasks, seen, None, 2))


@needs_ray
def test_all_is_done_and_told(ray):
    told = []
    assert sorted(done(doubled, [[1, 2], [3], [4, 5, 6]], told)) == [[2, 4], [6], [8, 10, 12]]
    assert sum(told) == 6


@needs_ray
def test_what_ends_its_worker_is_named_and_the_rest_is_done(ray, tmp_path):
    once = str(tmp_path / "once")
    found = done(deadly, [[1, 2, 3, 4], [once]])
    lost = [each for each in found if isinstance(each, Lost)]
    assert [(each.task, each.how) for each in lost] == [((3,), "its worker died")]
    assert sorted((each for each in found if each not in lost), key=str) == sorted([[1], [2], [4], [once]], key=str)


@needs_ray
def test_a_fault_of_ours_is_none_of_the_file(ray):
    with pytest.raises(RuntimeError, match="ZeroDivisionError: ours"):
        done(failing, [[1]])


def without_us(task, seen):
    raise ModuleNotFoundError("No module named 'conformance'")


@needs_ray
def test_workers_that_lack_us_are_said_in_a_line(ray):
    with pytest.raises(CannotJudge, match="the workers of the Ray cluster lack openai-conformance"):
        done(without_us, [[1]])


@needs_ray
def test_who_stops_early_leaves_a_cluster_that_works(ray):
    found = results(doubled, [[n] for n in range(20)], lambda count: None, None, 2)
    next(found)
    found.close()
    assert done(doubled, [[1]]) == [[2]]


@needs_ray
def test_the_command_says_what_one_process_says(ray, tmp_path, call, monkeypatch):
    monkeypatch.setattr(shards, "TASK", 1)
    monkeypatch.setattr(shards, "PIECE", 50_000)
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "traffic"
    folder.mkdir()
    for name, entries in (("a", ENTRIES), ("b", lying("finish-absent"))):
        write(folder / f"{name}.har", entries[:60])
    (folder / "c.jsonl").write_bytes(gateways.written("litellm", HONEST.values()))
    assert len(shards.pieces(shards_of(folder))) > 3
    ways = (("--jobs", "1"), ("--jobs", "2", "--engine", "ray"))
    one, two = (
        call("judge", str(folder), *way, "--sdk", "off", "--report", str(tmp_path / way[-1]))[0] for way in ways
    )
    first, second = (read(tmp_path / way[-1] / "run.jsonl") for way in ways)
    assert one == two == 1
    assert (second.verdicts, second.features) == (first.verdicts, first.features)
    assert {x.id for x in second.exchanges} == {x.id for x in first.exchanges} != set()
    for name in ("exchanges", "remarks", "lost", "exit_code"):
        assert second.footer[name] == first.footer[name], name


def shards_of(folder):
    from conformance.record import recognition

    return recognition.find([str(folder)])[0]


def test_where_ray_is_missing_the_extra_is_named(monkeypatch, tmp_path, call):
    monkeypatch.setitem(sys.modules, "ray", None)
    path = write(tmp_path / "a.har", ENTRIES[:2])
    code, _, err = call("judge", path, "--engine", "ray", "--report", str(tmp_path / "report"))
    assert (code, err.strip()) == (2, f"openai-conformance: {INSTALL}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--ray-address", "auto"), "--ray-address says where --engine ray judges"),
        (("--engine", "ray", "--record", "all.jsonl"), "has no meaning with --engine ray"),
        (("--engine", "cluster"), "--engine is 'cluster', expected local or ray"),
    ],
)
def test_options_that_make_no_sense_are_one_line(words, said, tmp_path, call):
    code, _, err = call("judge", write(tmp_path / "a.har", ENTRIES[:2]), *words)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err


@needs_ray
def test_a_matrix_is_judged_there_as_here(ray, tmp_path, call, monkeypatch):
    """Two targets of which one lies, with a key of its own and a file of known deviations; and again after a kill."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with Reference() as honest, Reference(lie=WITHOUT_DONE) as lying:
        monkeypatch.setenv("KEY_ONE", honest.key)
        monkeypatch.setenv("KEY_TWO", lying.key)
        (tmp_path / "known.toml").write_text("")
        (tmp_path / "targets.toml").write_text(
            f'[[target]]\nbase_url = "{honest.base_url}"\nname = "one"\napi_key_env = "KEY_ONE"\nknown = "known.toml"\n'
            f'[[target]]\nbase_url = "{lying.base_url}"\nname = "two"\napi_key_env = "KEY_TWO"\n'
        )
        words = ("matrix", str(tmp_path / "targets.toml"), "--engine", "ray", "--only", "stream.done", "--sdk", "off")
        code, out, err = call(*words, "--report", str(tmp_path / "report"))
        assert (code, err) == (1, "")
        runs = {name: read(tmp_path / "report" / name / "run.jsonl") for name in ("one", "two")}
        assert [runs[name].footer["exit_code"] for name in ("one", "two")] == [0, 1]
        assert (tmp_path / "report" / "index.html").exists()
        assert (tmp_path / "report" / "one" / "index.html").exists()
        (tmp_path / "report" / "unfinished").touch()
        code, out, _ = call(*words, "--report", str(tmp_path / "report"))
        assert (code, out.count("(from before)")) == (1, 2)
