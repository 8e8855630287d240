"""What decides on accesses that may go too far, told once for each cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edlint.analysis.flows import Flow, one_line
from edlint.analysis.lengths import MAX_ELSEWHERE, Overrun
from edlint.finding import Label
from edlint.source import Span

NEAR = 3
"""Lines around a place that is shown in which another one is no news."""


def by_cause(
    found: Iterable[tuple[Overrun, Flow]],
) -> Iterator[tuple[Overrun, Flow, tuple[str, ...], tuple[Label, ...]]]:
    """The first overrun of each cause in each function, with a note that counts the others and their places.

    A limit that keeps a number within one object says nothing of objects of another size.
    """
    groups: dict[tuple[object, ...], list[tuple[Overrun, Flow]]] = {}
    for overrun, flow in found:
        meaning = flow.meaning
        place = (overrun.event.span.path, overrun.event.function, overrun.extent.term)
        key = (*place, meaning.call, meaning.name, meaning.label.span.order)
        groups.setdefault(key, []).append((overrun, flow))
    for group in groups.values():
        overrun, flow = min(group, key=lambda each: (each[0].low, each[0].event.span.order))
        lines = sorted({each.event.span.line for each, _ in group if each.event.span.line != overrun.event.span.line})
        told = ", ".join(map(str, lines[:6])) + (", ..." if len(lines) > 6 else "")
        note = f"It decides on other places of the function too: line{'s' if len(lines) > 1 else ''} {told}."
        spans = {each.event.span: None for each, _ in group[1:]}
        spans.update((span, None) for each, _ in group for span in each.event.others)
        labels = tuple(Label(one_line(span), "decides here too") for span in _apart(overrun.event.span, spans))
        yield overrun, flow, (note,) if lines else (), labels


def _apart(first: Span, spans: Iterable[Span]) -> list[Span]:
    """Some of the places, none of them beside another in its file."""
    shown = [first]
    for span in spans:
        if len(shown) <= MAX_ELSEWHERE and not any(
            span.path == other.path and abs(span.line - other.line) <= NEAR for other in shown
        ):
            shown.append(span)
    return shown[1:]
