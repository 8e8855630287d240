"""The sides of files beside build files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edlint.frontends.builds import read_builds
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.sdk import load_sdk
from edlint.source import Source

EDL = "enclave { trusted { public void reset(void); }; untrusted { void host_ping(void); }; };\n"
INSIDE = '#include "kms_t.h"\nvoid reset(void) {}\n'
OUTSIDE = '#include "kms_u.h"\nvoid host_ping(void) {}\n'
CODE = "int work(int n) { return n; }\n"
MAIN = "int main(void) { return 0; }\n"


def sources(build: Mapping[str, str], paths: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The first name of each target, with its sources."""
    return [(t.names[0], t.sources) for t in read_builds([Source(p, t) for p, t in build.items()], paths)]


def reasons(files: Mapping[str, str], builds: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Side and reason of the files that say nothing themselves."""
    interface = read_interface(Source("kms.edl", EDL), EdlOptions(dialect=Dialect.INTEL))
    units = read_units([Source(p, t) for p, t in files.items()])
    targets = read_builds([Source(p, t) for p, t in builds.items()], list(files))
    program = link([interface], units, (), load_sdk(), targets=targets)
    told = {p: program.placements[p] for p, t in files.items() if t not in (INSIDE, OUTSIDE)}
    return {p: (str(placement.side), placement.reason) for p, placement in told.items()}


def sides(files: Mapping[str, str], builds: Mapping[str, str]) -> dict[str, str]:
    return {path: side for path, (side, _) in reasons(files, builds).items()}
