"""What is packed for a GPU machine arrives whole there, or it is said what is missing. Nothing is fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu.pack import DROPPED, cut, drop, name
from benchmarks.gpu.unpack import main as unpack
from tests.support.checkout import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("xz") or not shutil.which("split"), reason="needs tar, xz and split")
PIECE = 40_000


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "vllm/vllm_flash_attn").mkdir(parents=True)
    (site / "vllm/__init__.py").write_text("version = 1\n")
    for number in (2, 3):
        (site / f"vllm/vllm_flash_attn/_vllm_fa{number}_C.abi3.so").write_bytes(os.urandom(100_000))
    return site


@pytest.fixture
def pieces(tmp_path: Path, site: Path) -> Path:
    out = tmp_path / "pieces"
    out.mkdir()
    drop(site, DROPPED)
    made = cut(site, out, PIECE)
    assert len(made) == 3
    assert all((out / piece).stat().st_size <= PIECE for piece in made)
    (out / "manifest.json").write_text(json.dumps({"pieces": made}))
    return out


def test_pieces_that_come_one_by_one_are_joined(tmp_path, site, pieces, capsys):
    kept, there = tmp_path / "kept", tmp_path / "there"
    names = sorted(piece.name for piece in pieces.glob("site*"))
    for number, piece in enumerate(names):
        carried = tmp_path / f"carried{number}"
        carried.mkdir()
        for one in (piece, "manifest.json"):
            shutil.copy(pieces / one, carried / one)
        assert unpack(carried, kept, there) == (3 if number < 2 else 0)
        assert (f"still to come: {', '.join(names[number + 1 :])}" in capsys.readouterr().out) == (number < 2)
    files = sorted(str(path.relative_to(there)) for path in there.rglob("*") if path.is_file())
    assert files == ["vllm/__init__.py", "vllm/vllm_flash_attn/_vllm_fa3_C.abi3.so"]
    assert (there / files[1]).read_bytes() == (site / files[1]).read_bytes()


def test_a_damaged_piece_is_named_and_not_kept(tmp_path, pieces):
    piece = pieces / "site.tar.xz.01"
    piece.write_bytes(b"\0" + piece.read_bytes()[1:])
    assert str(unpack(pieces, tmp_path / "kept", tmp_path / "there")).startswith("site.tar.xz.01 arrived damaged")
    assert not (tmp_path / "kept/site.tar.xz.01").exists()
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("line", ["PyYAML==6.0.4", "pyyaml", "PyYAML >=6", "PyYAML[x]>=6"])
def test_a_requirement_is_known_by_its_name(line):
    assert name(line) == "pyyaml"


def test_the_measuring_says_that_there_is_no_gpu(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    measure = [sys.executable, "-m", "benchmarks.gpu.measure", "--out", str(tmp_path / "out")]
    done = subprocess.run(measure, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: no NVIDIA GPU is here (nvidia-smi lists none): nothing was run\n"
    assert not (tmp_path / "out").exists()
