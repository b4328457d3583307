"""The checklist of a migration from one endpoint to another: what is done (cutover.py) and what each line says (checklist.py)."""
