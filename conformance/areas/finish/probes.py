"""An answer that is filtered, as the reference stages it."""

from __future__ import annotations

from conformance.areas.questions import staged

PROBES = (staged("filtered"),)
