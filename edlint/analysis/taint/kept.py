"""Notes of what is stored in globals, where another ECALL finds it."""

from __future__ import annotations

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.values import NO_TAINT, Target, Value
from edlint.source import Span


def note_content(evaluator: Evaluator, targets: tuple[Target, ...], value: Value, span: Span, name: str) -> None:
    """Note what a function put into a global, but for plaintexts: many are kept to be given to those who may ask."""
    taints = frozenset(t for t in value.taints if t.kind != "source" or t.name != "plaintext")
    note_kept(evaluator, targets, Value(value.term, taints, (), value.trail), span, name)


def note_kept(evaluator: Evaluator, targets: tuple[Target, ...], value: Value, span: Span, name: str) -> None:
    """Note that a value goes to a global, when it derives from anything or points to something."""
    if not evaluator.frame.recording or not (value.taints or value.targets):
        return
    for target in targets:
        if target.location.kind == "global":
            event = Event(
                "keep",
                Value(value.term, value.taints, (target,), value.trail),
                span,
                evaluator.frame.function.qualified,
                what=target.location.name,
                name=name,
                need=Value(None, NO_TAINT, value.targets),
            )
            evaluator.frame.note(event, evaluator.state)
