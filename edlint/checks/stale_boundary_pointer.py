"""Copies of the bridge that are kept beyond the call."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line, path_of
from edlint.analysis.meaning import Meaning
from edlint.analysis.taint.events import Summary, Write
from edlint.analysis.taint.symbols import DEREF, ELEMENT, Symbol, atom
from edlint.analysis.taint.values import Value, put
from edlint.finding import Label
from edlint.model.unit import Function
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each copied parameter whose address lies in lasting memory when the ECALL returns."""
    for root, event in flows.events("keep"):
        if root not in flows.boundaries:
            continue
        meaning = _kept(flows, root, event.subject)
        if meaning is None or not meaning.param:
            continue
        last = [w for w in flows.analysis.summaries[root].writes if w.location == event.subject.targets[0].location]
        element = ELEMENT in event.subject.targets[0].location.path
        if any(
            _kept(flows, root, w.value) == meaning or (element and event.subject.taints <= w.value.taints) for w in last
        ):
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
    for root in flows.boundaries:
        summary = flows.analysis.summaries.get(root)
        for write, holder in _beyond(flows, root, summary) if summary is not None else ():
            meaning = _kept(flows, root, write.value)
            trail = write.value.trail
            place = put(trail) or (trail.span if trail is not None else None)
            if meaning is None or not meaning.param or place is None:
                continue
            steps = [Label(one_line(s), text) for s, text in trail.steps()] if trail is not None else []
            yield Found(
                one_line(place),
                label="kept here",
                labels=(Label(one_line(root.span), f"'{holder}' leads there when '{root.name}' returns"),),
                path=(meaning.label, *steps),
                function=root.qualified,
                param=meaning.param.name,
                kind=meaning.call_kind,
                call=meaning.call,
                place=_shown(write.location, place.text),
            )


def _beyond(flows: Flows, root: Function, summary: Summary) -> Iterator[tuple[Write, str]]:
    """Writes to containers of pointers, and to blocks of the heap that a global leads to, with the global's name."""
    frame = flows.analysis.frames[root]
    for write in summary.writes:
        ref = frame.type_of(write.location) if write.location.kind == "global" else None
        if ref is not None and any(a.is_pointer for a in frame.layout.resolve(ref).arguments):
            bare = [s for s in sorted(write.value.taints) if s.kind == "param" and not s.path]
            yield from (
                (write._replace(value=Value(atom(s), frozenset((s,)), (), write.value.trail)), write.location.name)
                for s in bare
            )
    holders: dict[Symbol, str] = {}
    for _ in range(3):
        for write in summary.writes:
            start = write.location.root
            holder = start.name if start.kind == "global" else holders.get(start)
            if holder is not None:
                holders.update({t.location.root: holder for t in write.value.targets if t.location.kind == "heap"})
    for write in summary.writes:
        place = put(write.value.trail)
        if write.location.root in holders and place is not None:
            yield write, holders[write.location.root]


def _shown(location: Symbol, text: str) -> str:
    """How the store is written, else its member."""
    left = text.split("=")[0].strip()
    return left or next((s for s in reversed(location.path) if s not in (DEREF, ELEMENT)), "the heap")


def _kept(flows: Flows, root: Function, value: Value) -> Meaning | None:
    """The copied parameter whose address a value is, or None."""
    symbols: list[Symbol] = [s for s in (value.term.symbols if value.term else ()) if s.kind == "param" and not s.path]
    symbols += [t.location.root for t in value.targets if t.location.kind == "param" and t.location.path == (DEREF,)]
    for symbol in symbols:
        meaning = flows.reader(root).read(symbol)
        if meaning is not None and meaning.kind == "boundary-pointer":
            return meaning
    return None
