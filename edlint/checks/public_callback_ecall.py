"""Public ECALLs that only ever run inside an OCALL."""

from collections.abc import Iterator

from edlint.analysis.callbacks import Callbacks
from edlint.analysis.declared import own_calls
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, callbacks: Callbacks) -> Iterator[Found]:
    """One finding for each public ECALL of which every host caller runs only within OCALLs.

    Silent where the run time does not hold the host to allow lists: `private` has no meaning there.
    """
    for interface, call in own_calls(program):
        if not call.is_ecall or not call.public or not any(c.allow_enforced for c in interface.calls):
            continue
        uses = callbacks.uses.get(call.name, ())
        ocalls = [callbacks.within(function) for function in uses]
        if not uses or None in ocalls:
            continue
        first = ocalls[0]
        assert first is not None
        yield Found(
            call.span,
            label="could be private",
            labels=(Label(first.span, "lasts around every call of it"), Label(uses[0].span, "called here")),
            call=call.name,
            ocall=first.name,
        )
