"""Bytes of the host taken for a C string."""

from collections.abc import Iterator
from dataclasses import replace

from edlint.analysis.flows import Flows, one_line
from edlint.finding import Label
from edlint.model.interface import Termination
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each parameter that the EDL sizes and the code takes for a string."""
    yield from _filled_by_ocalls(flows)
    seen: set[object] = set()
    for root, event in flows.events("string"):
        base = event.subject.symbol
        if base is None or any(c.kind == "terminated" for s, known in event.checks for c in known):
            continue
        for flow in flows.flows(root, event, event.subject.taints):
            meaning = flow.meaning
            param = meaning.param
            if meaning.kind != "boundary-pointer" or param is None or not param.bridge.copies_in:
                continue
            extent = param.bridge.extent
            sized = extent is not None and bool(extent.operands) and not extent.string
            if not sized or param.bridge.terminated is not Termination.NONE or (root, param.name) in seen:
                continue
            seen.add((root, param.name))
            given = Label(meaning.label.span, f"'{param.name}' comes with as many bytes as the EDL says, and no more")
            yield Found(
                one_line(event.span),
                label="reads up to a terminator that nobody promises",
                path=replace(flow, meaning=replace(meaning, label=given)).path,
                function=event.function,
                param=param.name,
                kind=meaning.call_kind,
                call=meaning.call,
                callee=event.what,
            )


def _filled_by_ocalls(flows: Flows) -> Iterator[Found]:
    """Objects that an OCALL may have filled to the last byte."""
    seen: set[object] = set()
    for root, event in flows.events("open-string"):
        for flow in flows.flows(root, event, event.subject.taints):
            meaning = flow.meaning
            if meaning.info is None or meaning.info.use is None or meaning.param is None or event.span in seen:
                continue
            seen.add(event.span)
            yield Found(
                one_line(event.span),
                label="reads up to a terminator that nobody promises",
                path=flow.path,
                function=event.function,
                param=meaning.param.name,
                kind=meaning.call_kind,
                call=meaning.call,
                callee=event.what,
            )
