"""Bytes that nobody wrote, on their way to the host."""

import re
from collections.abc import Iterator

from edlint.analysis.flows import Flows, labels_of, one_line
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.filling import PADDING, PARTLY
from edlint.analysis.taint.symbols import DEREF
from edlint.finding import Label
from edlint.model.ir import Scope
from edlint.rule import Found
from edlint.source import Span

_OUTPUTS = re.compile(
    r"(^|_)([lf]?stat(64|fs|vfs)?|fstatat|uname|sysinfo|getrusage|gettimeofday|clock_get(time|res)|times|getsockname|getpeername)$"
)
"""System calls that fill a struct and read nothing of it."""
_VARIANTS = {PARTLY: "partly", PADDING: "padding"}


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each variable that leaves before it is written."""
    told: set[object] = set()
    called = {c for calls in flows.graph.calls.values() for c in calls}
    for root, event in flows.events("sink"):
        use = event.use
        if event.what != "host-sink" or use is None or event.param < 0:
            continue
        param = use.call.params[event.param]
        if not param.type.is_pointer or not param.bridge.copies_in:
            continue
        if param.bridge.copies_out and root not in called and _only_produces(use.call.name, event):
            told.add(event.span)
            yield Found(
                one_line(event.span),
                label="the caller's memory goes to the host first",
                path=(Label(param.span, "declared '[in, out]'"), Label(one_line(event.span), "leaves here")),
                function=event.function,
                variant="in-out",
                what=param.name,
                param=param.name,
                call=use.call.name,
            )
            continue
        missing = sorted(t for t in event.subject.taints if t.kind == "uninit")
        partly = [t for t in missing if t.number]
        if not missing:
            continue
        if not partly and any(t.kind != "uninit" for t in event.subject.taints):
            continue
        variant = _VARIANTS[partly[0].number] if partly else "in-out" if param.bridge.copies_out else ""
        name = (partly or missing)[0].name
        place, function = _place(flows, event, name)
        if place in told:
            continue
        told.add(place)
        yield Found(
            one_line(place),
            label="holds what was there before",
            path=(*labels_of(event), Label(one_line(event.span), "leaves here")),
            function=function,
            variant=variant,
            what=name.split("#")[0],
            param=param.name,
            call=use.call.name,
        )
    yield from _given(flows)


def _place(flows: Flows, event: Event, name: str) -> tuple[Span, str]:
    """Where the function that has the variable lets it go, whatever functions pass it on to the OCALL."""
    passed = [(event.function, event.span), *((v.caller, v.span) for v in reversed(event.via))]
    holders = {
        f.qualified
        for f in flows.graph.reached
        if ((variable := f.body.variables.get(name)) is not None and variable.scope is Scope.LOCAL)
        or name in flows.analysis.frames[f].raw_blocks.values()
    }
    return next(((span, caller) for caller, span in passed if caller in holders), (event.span, event.function))


def _given(flows: Flows) -> Iterator[Found]:
    """Locals that are copied into output parameters, or into memory of the host."""
    for root, event in flows.events("raw"):
        boundary = flows.boundary(root)
        for target in event.subject.targets if boundary is not None else ():
            param = boundary.param(target.location.number) if boundary is not None else None
            if param is None or not (param.bridge.copies_out or param.bridge.is_raw):
                continue
            yield Found(
                one_line(event.span),
                label="holds what was there before",
                path=(
                    Label(param.span, "goes to the host"),
                    *labels_of(event),
                    Label(one_line(event.span), "copied here"),
                ),
                function=event.function,
                variant=f"given-{event.what}" if event.what else "given",
                what=event.name,
                param=param.name,
                call=boundary.call.name if boundary is not None else "",
            )


def _only_produces(name: str, event: Event) -> bool:
    """A system call whose struct is an output only, given the caller's memory as it is."""
    own = [t for t in event.subject.taints if t.kind == "param" and t.path == (DEREF,)]
    return bool(_OUTPUTS.search(name)) and len(own) == len(event.subject.taints) == 1 and not event.via
