"""Gives `pytest --base-url=URL` to a checkout; the installed package has `openai-conformance pytest` instead."""

import pytest

pytest_plugins = ["conformance.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pytest know the settings of pytest-asyncio, which the tests need and who judges an endpoint does not, where that is absent."""
    for name in ("asyncio_mode", "asyncio_default_fixture_loop_scope"):
        try:
            parser.addini(name, "a setting of pytest-asyncio")
        except (ValueError, AssertionError):  # it is here
            return
