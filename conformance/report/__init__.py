"""Views of run files: page, terminal, Markdown, JUnit, badge. A report reads the run file and nothing else, and never judges."""
