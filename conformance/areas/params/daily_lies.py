"""Lies about parameters that every chat endpoint is asked for: turned down, though nothing is wrong with them."""

from __future__ import annotations

from conformance.reference.lies import says
from conformance.reference.rewriting import refuses

says("param-refuses-n")(refuses("n"))


says("param-refuses-max-tokens")(refuses("max_tokens"))


says("param-refuses-logprobs")(refuses("logprobs"))
