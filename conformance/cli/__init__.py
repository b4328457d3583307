"""Sub-commands of the command line, one a file; cli.py adds them. Everything heavy is imported where it is used."""
