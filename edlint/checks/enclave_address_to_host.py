"""Addresses inside the enclave that the host gets to see."""

from collections.abc import Iterator

from edlint.analysis.addresses import Addresses
from edlint.analysis.flows import one_line
from edlint.rule import Found


def check(addresses: Addresses) -> Iterator[Found]:
    """One finding for each place where an address leaves."""
    for given in addresses.given:
        yield Found(
            one_line(given.span),
            label="an address inside the enclave",
            path=given.path,
            function=given.function,
            variant=given.way,
            what=given.what,
            sink=given.sink,
        )
