"""What a caller decides of reading an EDL file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edlint.model.interface import Dialect
from edlint.model.sdk import Module


@dataclass(frozen=True, slots=True)
class EdlOptions:
    """How to read one EDL file."""

    dialect: Dialect | None = None
    """None: find out from the text."""
    library: bool = False
    """The file is meant to be imported, so it need not have a public ECALL."""
    search_path: tuple[Path, ...] = ()
    """Directories in the order in which they were given."""
    nearby: tuple[Path, ...] = ()
    """EDL files among what is linted: an import that leads nowhere else leads to the only one of its name."""
    defines: frozenset[str] = frozenset()
    """Names given with `-D`."""
    modules: tuple[Module, ...] = ()
    """System EDL files that are known without being installed."""
    hints: tuple[str, ...] = ()
    """Names of headers and functions of the C side: evidence for the dialect."""
    strict_imports: bool = False
    """A file that is not on the search path is refused, as the compiler does, instead of noted."""
    importer: str = ""
    """What imports the file, for reports; such a file need not have a public ECALL, all else holds."""
    bare: bool = False
    """No code of an enclave was given with it: a file that has OCALLs or types and no ECALL is taken for a library
    where the dialect is found out too."""
