"""Bytes that nobody wrote, copied to where a pointer of the caller leads."""

from __future__ import annotations

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.filling import PADDING, PARTLY, unwritten
from edlint.analysis.taint.symbols import DEREF, Linear
from edlint.analysis.taint.values import NO_TAINT, Target, Value
from edlint.source import Span

WAYS = {PARTLY: "partly", PADDING: "padding"}


def note_raw(
    evaluator: Evaluator,
    to: tuple[Target, ...],
    source: tuple[Target, ...],
    length: Linear | None,
    span: Span,
    *,
    whole: bool = True,
) -> None:
    """Note a copy of a local of which nothing or only a part was written; `whole`: the bytes between members count."""
    outside = tuple(t for t in to if t.location.kind == "param" and DEREF in t.location.path)
    if not outside or len(outside) != len(to) or len(source) != 1 or not evaluator.frame.recording:
        return
    how = unwritten(evaluator.frame, evaluator.state, source, length, span)
    taints = evaluator.memory.content(source).taints
    if how is None and taints and all(t.kind == "uninit" for t in taints):
        what = ""
    elif how == PARTLY or (how == PADDING and whole):
        what = WAYS[how]
    else:
        return
    subject = Value(None, NO_TAINT, outside)
    function = evaluator.frame.function.qualified
    event = Event("raw", subject, span, function, what, source[0].location.name.split("#")[0])
    evaluator.frame.note(event, evaluator.state)
