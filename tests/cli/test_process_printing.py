"""What is printed: a reader that is gone is well or no matter, a full disk is a mistake, and any other fault is not taken for either."""

from __future__ import annotations

import errno
import os
from contextlib import redirect_stdout

import pytest

from conformance.cli.process import printing


@pytest.fixture
def output(tmp_path):
    """A file in the place of standard output, which `printing` may exchange for nothing."""
    with (tmp_path / "out").open("w") as file:
        yield redirect_stdout(file)


@pytest.mark.parametrize(
    ("number", "code", "ended"),
    [
        (errno.EPIPE, None, 0),
        (errno.EPIPE, 1, 1),
        (errno.EPIPE, 0, 0),
        (errno.ENOSPC, None, 2),
        (errno.ENOSPC, 1, 1),
        (errno.ENOSPC, 0, 0),
    ],
)
def test_output_that_cannot_be_written_ends_the_command(output, capsys, number, code, ended):
    with pytest.raises(SystemExit) as end, output, printing(code):
        raise OSError(number, os.strerror(number))
    assert end.value.code == ended
    said = "" if number == errno.EPIPE else f"standard output cannot be written: {os.strerror(errno.ENOSPC)}"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault",
    [FileNotFoundError(errno.ENOENT, "no", "f"), OSError(errno.ENOSPC, "full", "f"), OSError(errno.EMFILE, "many")],
)
def test_what_is_no_matter_of_the_output_is_raised(output, fault):
    with pytest.raises(OSError, match=fault.strerror), output, printing(0):
        raise fault


def test_what_is_printed_well_is_there_before_the_command_ends(output):
    with output as file, printing(1):
        print("well")
    assert os.path.getsize(file.name) == 5
