"""Gives `pytest --base-url=URL` to a checkout; the installed package has `openai-conformance pytest` instead."""

pytest_plugins = ["conformance.plugin"]
