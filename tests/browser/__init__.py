"""Tests of the reports in a real browser: `nox -s browser`. Each skips, saying so, where there is no Chromium or no Playwright."""
