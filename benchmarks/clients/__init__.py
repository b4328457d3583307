"""Real clients at the reference: the table on the honest one, and what each lie of it breaks in which of them."""
