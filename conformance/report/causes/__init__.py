"""Causes: what failing and untestable checks have in common, told once. Pure functions of a run file; verdicts stay per check."""
