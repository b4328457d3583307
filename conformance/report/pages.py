"""Makes one self-contained page from a template: our style and script inside it, nothing else allowed to load or run.

Every string is escaped by the template engine, after control and direction-changing characters were made visible. The page's
policy names our sheet and script by their hashes, so that markup that got in all the same would neither run nor load.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from conformance.report.rows import STATE_NAMES, link
from conformance.report.site import page_of
from conformance.run.words import declining, shown

HERE = Path(__file__).parent
_CODE = re.compile("(?<!`)`([^`]+)`(?!`)")


def page(template: str, **values: Any) -> str:
    """The page that a template makes of these values."""
    sheet, early, code = (_asset(name) for name in ("page.css", "head.js", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(sheet)}; script-src {_hash(early)} {_hash(code)}; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    ours = {"sheet": Markup(sheet), "early": Markup(early), "code": Markup(code), "policy": policy}
    return _environment().get_template(template).render(**ours, **values)


def anchor(text: str) -> str:
    """A text as the fragment of an address within the page."""
    return quote(text, safe="+:@/-._~!$&'()*,;=?")


def ticked(text: str) -> Markup:
    """Prose whose words between two backticks are code; backticks in a row, as of a fence that a model wrote, are themselves."""
    parts = _CODE.split(shown(text))
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


def grouped(number: float) -> str:
    """A number with its thousands apart."""
    return f"{number:,}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "anchor": anchor,
        "ticked": ticked,
        "declining": declining,
        "grouped": grouped,
        "link": link,
    }
    environment.globals |= {"names": STATE_NAMES, "page_of": page_of}
    return environment


def _safe(value: Any) -> Any:
    """A text safe and short; what we made ourselves, of letters of our own, is Markup, and whole: half a path is no path."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _asset(name: str) -> str:
    text = (HERE / "assets" / name).read_text("utf-8").replace("\r\n", "\n")
    if re.search("</(style|script)", text, re.IGNORECASE):
        raise ValueError(f"{name} holds an end tag")
    return text


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
