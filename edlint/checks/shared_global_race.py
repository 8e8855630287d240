"""Global variables that two threads inside the enclave can change at once."""

from collections.abc import Iterator

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Mention
from edlint.analysis.locks import SYNCHRONISED
from edlint.analysis.unlocked import Unlocked
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.rule import Found

MOST = 6
"""Other ECALLs that a finding shows, and other functions."""


def check(program: Program, entries: Entries, shared: Globals, unlocked: Unlocked) -> Iterator[Found]:
    """One finding for each variable that an ECALL changes, and another or the same one touches, without a lock."""
    threads = max((s.threads or 0 for s in program.settings), default=0)
    if threads < 2:
        return
    touched: dict[str, list[tuple[Call, str, Mention]]] = {}
    for call, root in entries.roots:
        for function, end in unlocked.reach(root):
            for mention in shared.mentions[function]:
                if end is None or mention.span.start < end:
                    touched.setdefault(mention.name, []).append((call, function.name, mention))
    for name, uses in sorted(touched.items()):
        if SYNCHRONISED.search(shared.variables[name].type.base):
            continue
        first = next((use for use in uses if use[2].writes), None)
        if first is None:
            continue
        call, function_name, write = first
        # The first change of each ECALL, or else its first use.
        others: dict[str, tuple[Call, str, Mention]] = {}
        for use in uses:
            if use[0] is not call and (use[0].name not in others or use[2].writes > others[use[0].name][2].writes):
                others[use[0].name] = use
        names = sorted(others, key=lambda n: others[n][2].span.order)
        labels = [_touch(n, others[n][2]) for n in names[:MOST]]
        labels += [_touch(n, m) for n, m in _further(uses, {write, *(o[2] for o in others.values())})]
        yield Found(
            write.span,
            label="changed here without a lock",
            labels=(*labels, Label(shared.variables[name].span, "shared by all threads")),
            function=function_name,
            name=name,
            call=call.name,
            other=f"ECALL '{names[0]}'" if names else "the same ECALL",
            threads=threads,
        )


def _further(uses: list[tuple[Call, str, Mention]], told: set[Mention]) -> list[tuple[str, Mention]]:
    """The first change in each further function, which the same lock has to cover."""
    functions = {function for _, function, mention in uses if mention in told and mention.writes}
    found: list[tuple[str, Mention]] = []
    for call, function, mention in uses:
        if mention.writes and function not in functions and len(found) < MOST:
            functions.add(function)
            found.append((call.name, mention))
    return found


def _touch(ecall: str, mention: Mention) -> Label:
    return Label(mention.span, f"and {'changed' if mention.writes else 'touched'} here, in ECALL '{ecall}'")
