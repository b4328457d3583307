"""Recorded traffic: HAR files, VCR cassettes and run files, how each is recognised, and the exchanges in them. It never judges."""
