"""Live traffic: what is sent for the checks, in which order, within which limits, and all that comes back. It never judges."""
