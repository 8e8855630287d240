"""Keys and plaintext on their way to the host."""

from collections.abc import Iterator

from edlint.analysis.departures import Departure, Departures
from edlint.analysis.flows import one_line
from edlint.analysis.keynames import is_public_name
from edlint.analysis.named_tests import is_test_file
from edlint.analysis.taint.sealing import BY_USE, USED
from edlint.analysis.taint.symbols import SECRETS
from edlint.rule import Found


def check(departures: Departures) -> Iterator[Found]:
    """One finding for each secret at each place where it leaves."""
    for departure in departures.of(SECRETS):
        flow = departure.flow
        if is_test_file(departure.span.path) or _is_declared_public(departure):
            continue
        yield Found(
            one_line(departure.span),
            label=departure.label,
            path=departure.path,
            function=departure.function,
            variant=departure.way,
            what="key" if flow.meaning.kind in ("secret-key", USED) else "plaintext",
            by="for" if flow.meaning.kind in BY_USE else "from",
            source=flow.meaning.call,
            sink=departure.sink,
        )


def _is_declared_public(departure: Departure) -> bool:
    """Whether a plaintext goes to an output that is named after a public key: it is the plaintext that was kept."""
    return departure.way == "output" and departure.flow.meaning.kind == "plaintext" and is_public_name(departure.sink)
