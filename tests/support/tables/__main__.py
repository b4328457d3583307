"""`python -m tests.support.tables [NAME...]` writes these tables again, or all."""

import sys

from tests.support.tables import NAMES, write

write(sys.argv[1:] or NAMES)
