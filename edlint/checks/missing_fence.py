"""Range checks that speculation runs past."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers
from edlint.model.program import Program
from edlint.rule import Found


def check(pointers: Pointers, program: Program) -> Iterator[Found]:
    """One finding for each checked pointer in a function that has no fence, and calls none that has one."""
    graph = pointers.flows.graph
    for uses in pointers.by_cause("host", "nested", "integer", "ocall"):
        checked = [u for u in uses if u.guarding is Guarding.CHECKED and not u.handed_on]
        if not checked:
            continue
        use = checked[0]
        functions = [f for f in graph.reached if f.qualified in (use.event.function, use.flow.root.name)]
        # The check and its fence often are a helper's.
        helpers = [h for f in functions for h in graph.calls.get(f, ())]
        if any(f.names & program.sdk.fences for f in (*functions, *helpers)):
            continue
        yield Found(
            one_line(use.event.span),
            label="may run before the check is decided",
            path=use.flow.path,
            function=use.event.function,
            param=use.meaning.name,
            call=use.meaning.call,
        )
