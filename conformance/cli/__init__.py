"""The command line, a module a sub-command; main.py adds them. Everything heavy is imported where it is used."""
