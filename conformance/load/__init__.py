"""Many requests at once: a ladder of levels, each request marked, so that an answer tells whose it is."""
