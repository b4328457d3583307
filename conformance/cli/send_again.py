"""`openai-conformance curl`: the request behind a failure as a line for the shell that works as it stands. Reads, sends nothing."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.run.user_error import UserError, nearest


@click.command()
@click.option("--run", "path", metavar="RUN", help="The run file.  [the last in reports/latest]")
@click.argument("id", metavar="CHECK-or-EXCHANGE")
@click.argument("exchange", required=False, metavar="[EXCHANGE]")
def curl(path: str | None, id: str, exchange: str | None) -> None:
    """Print the request of an exchange as curl: of the first that shows what a check found, or of the one named.

    What is long, or no text, is put in a file beside the run, which curl then sends byte for byte.
    """
    from conformance.exchange import curl as written
    from conformance.record.run_lines import RunFileError
    from conformance.report.bodies import as_file
    from conformance.report.rows import evidence, key_env, rows
    from conformance.run.last_run import newest
    from conformance.run.run_file import read

    path = path or str(newest("reports/latest"))
    try:
        run = read(path)
    except RunFileError as error:
        raise UserError(str(error)) from None
    held = {x.id: x for x in run.exchanges}
    found = next((row for row in rows(run) if row.id == id), None)
    wanted = exchange or (evidence(found, run)[0].id if found and evidence(found, run) else None if found else id)
    if wanted is None:
        raise UserError(f"{path} holds no exchange of {id}")
    if wanted not in held:
        raise UserError(
            f"{path} holds no check or exchange {wanted!r}{nearest(wanted, [*held, *(row.id for row in rows(run))])}"
        )
    x = held[wanted]
    try:
        body = as_file(x, Path(path).parent)
    except OSError as error:
        raise UserError(f"{error.filename or path} cannot be written: {error.strerror or error}") from None
    click.echo(written.curl(x, key_env(run), body))
