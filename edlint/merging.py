"""One finding for what several enclaves, and several ways through one, say of a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edlint.finding import Finding, Label

MOST_LABELS = 12
"""Places beside its own that a finding shows when several ways lead to one place."""


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a rule and place, in order; what the others say becomes notes of the first."""
    kept: dict[tuple[str, str, int, int], Finding] = {}
    for finding in sorted(findings, key=lambda f: f.order):
        span = finding.primary.span
        key = (finding.rule, span.path, span.start, span.end)
        first = kept.get(key)
        if first is None:
            kept[key] = finding
        elif finding != first:
            notes = (finding.message, *finding.notes) if finding.message != first.message else finding.notes
            kept[key] = replace(
                first,
                labels=_unique((*first.labels, *finding.labels, *_ways(first, finding))),
                notes=tuple(dict.fromkeys((*first.notes, *notes))),
            )
    return list(kept.values())


def _ways(first: Finding, other: Finding) -> tuple[Label, ...]:
    """Where another way leads to the same place: the steps between its source and the place that the first lacks."""
    known = {step.span for step in first.path}
    room = max(0, MOST_LABELS - len(first.labels))
    return tuple(step for step in other.path[1:-1] if step.span not in known)[:room]


def _unique(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Each place with its text once, though a file that several enclaves share was read for each of them."""
    return tuple({(*label.span.order, label.text): label for label in reversed([*labels])}.values())[::-1]
