"""The site of the documents, to which reports link: every check has a page there."""

from __future__ import annotations

from urllib.parse import quote

SITE = "https://OWNER.github.io/openai-conformance"
"""Where the site is, for all that links to it (`nox -s owner` says whose it is)."""


def page_of(check: str) -> str:
    """The address of a check's page: who breaks, a good and a bad answer, how to mend it. Ids of run files may be anything. The laws over
    both ends of a gateway have one page."""
    if check.startswith("gateway."):
        return f"{SITE}/gateway-laws.html#{quote(check, safe='')}"
    return f"{SITE}/checks/{quote(check, safe='')}.html"
