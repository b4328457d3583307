"""Packs vLLM for a machine with a GPU, PyTorch and no network: `python -m benchmarks.gpu.pack OUT --have FILE`.

FILE is the output of `pip list --format=freeze` there; a line may be a bare name. Whatever is there stays as it is, the rest of
what vLLM and this suite need is fetched as wheels, and OUT then holds pieces to carry and manifest.json, for unpack.py. Needs
uv, tar and xz. It never fetches PyTorch.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

import click

from benchmarks.gpu.unpack import digest

ROOT = Path(__file__).parents[2]
LEFT_OUT = (
    "flashinfer-python", "flashinfer-cubin", "nvidia-cutlass-dsl", "quack-kernels", "tokenspeed-mla", "humming-kernels",
    "tilelang", "torchcodec", "pynvvideocodec", "nvidia-cudnn-frontend", "nvtx", "fastsafetensors", "nvidia-cuda-cccl",
)  # fmt: skip
"""Kernels for other models and cards, and readers of audio and video: vLLM looks for them and does without."""
DROPPED = (
    "vllm/vllm_flash_attn/_vllm_fa2_C*", "vllm/_moe_C*", "vllm/vllm-rs", "vllm/third_party/deep_gemm/_C.cpython-31[0134]-*",
    "mistral_common/data", "pycountry/locales", "**/__pycache__",
)  # fmt: skip
"""What a dense text model on a Hopper card does without: FlashAttention 2 (3 is kept), mixtures of experts, other Pythons."""
MIB = 2**20


def name(requirement: str) -> str:
    """The normal form of the name that a requirement begins with."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]*", requirement).group()).lower()


def resolve(vllm: str, have: Iterable[str], python: str, platform: str, folder: Path) -> Path:
    """A file of the exact requirements to bring. What the machine has wins over what vLLM pins."""
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = own["optional-dependencies"]
    wanted = [f"vllm=={vllm}", *own["dependencies"], *(need for extra in ("sdk", "parity") for need in extras[extra])]
    (folder / "wanted.txt").write_text("\n".join(wanted))
    have = list(have)
    (folder / "overrides.txt").write_text("\n".join([*have, *(f'{one} ; sys_platform == "never"' for one in LEFT_OUT)]))
    uv("pip", "compile", "--python-version", python, "--python-platform", platform, "--only-binary", ":all:",
       "--override", folder / "overrides.txt", "--no-annotate", "--no-header", folder / "wanted.txt",
       "-o", folder / "resolved.txt")  # fmt: skip
    there = {name(one) for one in have} | set(LEFT_OUT)
    lines = (folder / "resolved.txt").read_text().splitlines()
    (folder / "bring.txt").write_text("\n".join(line for line in lines if name(line) not in there))
    return folder / "bring.txt"


def uv(*words: str | Path) -> None:
    done = subprocess.run(["uv", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"uv ended with exit code {done.returncode}\n{done.stderr}")


def drop(site: Path, patterns: Iterable[str]) -> None:
    for pattern in patterns:
        for found in list(site.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def cut(site: Path, out: Path, size: int) -> dict[str, str]:
    """The folder as an archive in pieces of at most `size` bytes: the sha256 of each by name, in order."""
    archive = out / "site.tar.xz"
    subprocess.run(["tar", "--use-compress-program=xz -T0 -2", "-cf", archive, "-C", site, "."], check=True)
    subprocess.run(["split", "-d", "-b", str(size), archive, f"{archive}."], check=True)
    archive.unlink()
    return {piece.name: digest(piece) for piece in sorted(out.glob("site.tar.xz.*"))}


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--have", required=True, type=click.Path(exists=True, path_type=Path), help="What the machine has.")
@click.option("--vllm", default="0.26.0", show_default=True, help="The version; docs/gpu.md says which fits.")
@click.option("--python", default="3.12", show_default=True, help="The machine's Python.")
@click.option("--platform", default="x86_64-manylinux_2_35", show_default=True, help="As uv names it.")
@click.option(
    "--piece", default=55, show_default=True, type=click.IntRange(1), metavar="MIB", help="The largest piece."
)
@click.option("--whole", is_flag=True, help="Keep what only other models and cards need.")
def main(out: Path, have: Path, vllm: str, python: str, platform: str, piece: int, whole: bool) -> None:
    """Pack vLLM and what else the machine lacks into pieces to carry."""
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise click.ClickException(f"{out} is not empty")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        listed = [line.strip() for line in have.read_text().splitlines() if line.strip() and not line.startswith("#")]
        bring = resolve(vllm, listed, python, platform, folder)
        uv("pip", "install", "--target", folder / "site", "--no-deps", "--python-version", python,
           "--python-platform", platform, "--only-binary", ":all:", "--link-mode", "copy", "-r", bring)  # fmt: skip
        drop(folder / "site", () if whole else DROPPED)
        pieces = cut(folder / "site", out, piece * MIB)
    (out / "manifest.json").write_text(json.dumps({"pieces": pieces}, indent=1) + "\n")
    size = sum((out / piece).stat().st_size for piece in pieces)
    click.echo(f"{len(pieces)} pieces, {size / MIB:.0f} MiB, in {out}; carry each with manifest.json (docs/gpu.md)")


if __name__ == "__main__":
    main()
