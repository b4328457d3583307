"""A program of the user's beside an endpoint: a proxy between them that changes nothing, and the judge of what passes."""
