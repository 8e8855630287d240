"""Small enclaves as programs, read as the driver reads them."""

from __future__ import annotations

from edlint.analysis.facts import Facts
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.model.program import Program
from edlint.sdk import load_sdk
from edlint.source import Source


def program(edl: str, code: str, *, dialect: Dialect = Dialect.INTEL, suffix: str = "c", beside: str = "") -> Program:
    """The enclave with that EDL body and that trusted file, or two of them."""
    sdk = load_sdk()
    interface = read_interface(
        Source("e.edl", f"enclave {{ {edl} }};"), EdlOptions(dialect=dialect, modules=sdk.modules)
    )
    assert not interface.problems, interface.problems
    files = [Source(f"enclave/{name}.{suffix}", text) for name, text in (("e", code), ("f", beside)) if text]
    return link([interface], read_units(files), [], sdk)


def facts(edl: str, code: str, *, dialect: Dialect = Dialect.INTEL, suffix: str = "c", beside: str = "") -> Facts:
    """The facts of such an enclave."""
    return Facts(program(edl, code, dialect=dialect, suffix=suffix, beside=beside))
