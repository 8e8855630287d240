"""Global variables that two threads inside the enclave can change at once."""

from collections.abc import Iterator

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Mention
from edlint.analysis.locks import SYNCHRONISED, takes_lock
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, entries: Entries, shared: Globals) -> Iterator[Found]:
    """One finding for each variable that an ECALL changes, and another or the same one touches, without a lock."""
    threads = max((s.threads or 0 for s in program.settings), default=0)
    if threads < 2:
        return
    locked: dict[object, bool] = {}
    touched: dict[str, list[tuple[Call, str, Mention]]] = {}
    for call, root in entries.roots:
        for function in entries.reach(root, lambda f: not locked.setdefault(f, takes_lock(f))):
            for mention in shared.mentions[function]:
                touched.setdefault(mention.name, []).append((call, function.name, mention))
    for name, uses in sorted(touched.items()):
        if SYNCHRONISED.search(shared.variables[name].type.base):
            continue
        first = next((use for use in uses if use[2].writes), None)
        if first is None:
            continue
        call, function_name, write = first
        others = {use[0].name: use for use in reversed(uses) if use[0] is not call}
        names = sorted(others, key=lambda n: others[n][2].span.order)
        labels = [Label(others[n][2].span, f"and touched here, in ECALL '{n}'") for n in names[:4]]
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
