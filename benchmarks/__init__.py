"""What measures, and builds what the documents show: run by nox, printed; never a timed test."""
