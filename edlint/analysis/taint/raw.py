"""Bytes that nobody wrote, copied to where a pointer of the caller leads."""

from __future__ import annotations

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.filling import PADDING, PARTLY, is_raw_block, unwritten
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
    if how is None and _is_untouched(evaluator, source[0], span):
        what = ""
    elif how == PARTLY or (how == PADDING and whole):
        what = WAYS[how]
    else:
        return
    subject = Value(None, NO_TAINT, outside)
    function = evaluator.frame.function.qualified
    location = source[0].location
    name = evaluator.frame.raw_blocks.get(location.root) or location.name.split("#")[0]
    event = Event("raw", subject, span, function, what, name)
    evaluator.frame.note(event, evaluator.state)


def _is_untouched(evaluator: Evaluator, source: Target, at: Span) -> bool:
    """Whether memory holds what was there before, and nothing in the function writes to it at any time."""
    taints = evaluator.memory.content((source,)).taints
    raw = bool(taints) and all(t.kind == "uninit" for t in taints)
    if source.location.kind == "heap":
        return raw and is_raw_block(evaluator.frame, evaluator.state, source, at)
    return raw and source.location.kind == "local" and not evaluator.frame.fills.get(source.location.name)
