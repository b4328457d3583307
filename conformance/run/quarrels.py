"""Which options of a run make no sense together, each in a line. It must not act on an option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.run.options import Options


def quarrels(options: Options) -> Iterator[str]:
    """What is wrong with the options beside each other."""
    if options.fail_on == "regression" and not options.against:
        yield "--fail-on regression needs --against RUN, the run to compare with"
    if options.fail_on == "gap" and options.against:
        yield "--fail-on gap compares with the baseline, --against with an earlier run: give one of them"
    if options.limited_key_env and not options.base_url:
        yield "--limited-key-env needs --base-url: the embedded reference knows no such key"
    if options.times > 1 and (not options.write_known or options.replay or options.by_others):
        yield "--times is for --write-known on an endpoint: nothing else is done several times"
    if options.prune and not options.known:
        yield "--prune needs --known FILE, the file that it takes entries out of"
    if options.known_level != "may" and not options.write_known:
        yield "--known-level says what --write-known is to write: give both"
    if options.ray_address and options.engine != "ray":
        yield "--ray-address says where --engine ray judges: give both"
    if options.engine == "ray" and (options.record or options.sdk == "on"):
        which = "--record writes" if options.record else "--sdk on replays"
        yield f"{which} each exchange here, one by one, so it has no meaning with --engine ray"
    if options.watch_file and not options.watch:
        yield "--watch-file says what --watch is to watch: give both"
    if options.watch and not options.base_url:
        yield "--watch needs --base-url: there is nothing else that may come back"
    if options.watch and options.dry_run:
        yield "--dry-run sends nothing, so --watch has no meaning with it"
    if options.format == "json" and (options.watch or options.dry_run):
        yield f"--format json is one verdict, and {'--watch gives many' if options.watch else '--dry-run gives none'}"
