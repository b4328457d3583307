"""Whether the tests can fail: random mutations of our own code, and which of them no test notices."""
