"""Builds the published example: `nox -s example`. A reference that tells several lies, beside recorded runs of a real vLLM.

Arguments are a run of the checks and a run of the golden prompts to stand beside it; without any, those that are shipped.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from conformance.exchange.shipped import place
from conformance.report.comparison import write_comparison
from conformance.report.html import shipped_baseline, write_html
from conformance.report.operators import write_operators
from conformance.report.production import Production
from conformance.run.run_file import read
from tests.browser import material
from tests.browser.conftest import CHROMIUM
from tests.support import production

ROOT = Path(__file__).parent.parent
EXAMPLE, IMAGES = ROOT / "reports" / "example", ROOT / "docs" / "images"
SHOTS = (("report", "index.html", 1440, 900, "light", ""), ("report-dark", "index.html", 1440, 900, "dark", ""),
         ("report-failure", "index.html", 1440, 1000, "light", "#tool.delta-index"),
         ("report-narrow", "index.html", 360, 780, "light", ""), ("operators", "operators.html", 1440, 1240, "light", ""))  # fmt: skip
LARGEST = 200_000
"""Bytes of a picture."""
COLOURS = 128
"""Different colours in it: the pages have few."""


def main(arguments: list[str]) -> int:
    checks, parity = map(Path, arguments) if len(arguments) == 2 else shipped()
    EXAMPLE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lying = material.checks(folder / "checks")
        prompts = material.parity(folder / "parity", str(parity))
        write_html(
            read(lying),
            EXAMPLE / "index.html",
            baseline=shipped_baseline() if not arguments else read(checks),
            parity=[read(prompts)],
        )
        write_comparison([checks, lying], EXAMPLE / "comparison.html")
        by_day = Production(read(production.run_file(folder / "operators.jsonl")))
        write_operators(by_day, EXAMPLE / "operators.html")
    for page in EXAMPLE.glob("*.html"):
        print(f"{page.relative_to(ROOT)}: {page.stat().st_size / 1e6:.2f} MB")
    pictures()
    return 0


def shipped() -> tuple[Path, Path]:
    """The newest recorded baseline that comes with the suite."""
    folders = sorted(place("golden/baselines").glob("*/checks.jsonl*"))
    if not folders:
        raise SystemExit("no baseline is shipped; give a run of the checks and a run of the golden prompts of a vLLM")
    return folders[-1], next(folders[-1].parent.glob("parity.jsonl*"))


def pictures() -> None:
    """Pictures of the page for the documentation."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, page, width, height, scheme, fragment in SHOTS:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            seen = context.new_page()
            seen.goto((EXAMPLE / page).as_uri() + fragment)
            seen.wait_for_timeout(300)
            path = IMAGES / f"{name}.png"
            Image.open(io.BytesIO(seen.screenshot())).convert("RGB").quantize(COLOURS).save(path, optimize=True)
            print(f"docs/images/{path.name}: {path.stat().st_size / 1000:.0f} kB")
            if path.stat().st_size > LARGEST:
                raise SystemExit(f"larger than {LARGEST // 1000} kB")
            context.close()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
