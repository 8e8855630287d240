"""What the tests of the EDL reader share: the conformance texts and a way to read one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edlint.frontends.edl import EdlOptions, first_refusal, read_interface
from edlint.model.interface import Dialect, Interface
from edlint.source import Source

DATA = Path(__file__).parent / "data"
LIBRARY = "intel-sgx-library"
"""Key of the verdicts of sgx_edger8r on a file that is meant to be imported."""


@dataclass(frozen=True, slots=True)
class Case:
    """One text with what each compiler says of it: `accept` or the class of its refusal."""

    name: str
    text: str
    verdicts: dict[str, str]


def cases() -> list[Case]:
    """The conformance texts, in the order of the file."""
    with (DATA / "conformance.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Case(row["name"], row["text"], row["verdicts"]) for row in rows]


def read(text: str | Source, dialect: str, *, name: str = "enclave.edl", strict: bool = True) -> Interface:
    """Read a text or a file in a dialect, `intel-sgx-library` among them, with the import files of the data at hand."""
    library = dialect == LIBRARY
    options = EdlOptions(
        dialect=Dialect("intel-sgx" if library else dialect),
        library=library,
        search_path=(DATA / "imports",),
        strict_imports=strict,
    )
    return read_interface(text if isinstance(text, Source) else Source(name, text), options)


def verdict(interface: Interface) -> str:
    """`accept`, or the class of what the compiler would have printed."""
    refusal = first_refusal(interface.problems)
    return "accept" if refusal is None else refusal.error_class


def places(interface: Interface) -> Iterator[tuple[int, str, str]]:
    """Line, text and class of each refusal."""
    for problem in interface.problems:
        yield problem.span.line, problem.span.text, problem.error_class
