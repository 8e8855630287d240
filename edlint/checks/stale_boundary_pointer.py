"""Copies of the bridge that are kept beyond the call."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line, path_of
from edlint.analysis.meaning import Meaning
from edlint.analysis.taint.symbols import DEREF, Symbol
from edlint.analysis.taint.values import Value
from edlint.model.unit import Function
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each copied parameter whose address is still in a global when the ECALL returns."""
    for root, event in flows.events("keep"):
        if root not in flows.boundaries:
            continue
        meaning = _kept(flows, root, event.subject)
        if meaning is None or not meaning.param:
            continue
        last = [w for w in flows.analysis.summaries[root].writes if w.location == event.subject.targets[0].location]
        if any(_kept(flows, root, w.value) == meaning for w in last):
            yield Found(
                one_line(event.span),
                label="kept here",
                path=path_of(meaning, event, sink="kept here"),
                function=event.function,
                param=meaning.param.name,
                kind=meaning.call_kind,
                call=meaning.call,
                place=event.name,
            )


def _kept(flows: Flows, root: Function, value: Value) -> Meaning | None:
    """The copied parameter whose address a value is, or None."""
    symbols: list[Symbol] = [s for s in (value.term.symbols if value.term else ()) if s.kind == "param" and not s.path]
    symbols += [t.location.root for t in value.targets if t.location.kind == "param" and t.location.path == (DEREF,)]
    for symbol in symbols:
        meaning = flows.reader(root).read(symbol)
        if meaning is not None and meaning.kind == "boundary-pointer":
            return meaning
    return None
