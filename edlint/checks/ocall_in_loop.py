"""OCALLs that run as often as somebody else decides."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.loops import invokes_in, is_counted, loops_of
from edlint.finding import Label
from edlint.model.program import Program, Side
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each trusted function and OCALL that it repeats, at the first such call."""
    own = {id(call): call for _, call in own_calls(program)}
    for use in program.uses:
        call, function = use.call, use.caller
        if not call.is_ocall or id(call) not in own or program.side(function.path) is Side.UNTRUSTED:
            continue
        body = function.body
        found = next(
            (
                (loop, invoke)
                for loop in loops_of(body)
                for invoke in invokes_in(body, loop)
                if invoke.name == call.name and not is_counted(body, loop)
            ),
            None,
        )
        if found is None:
            continue
        loop, invoke = found
        yield Found(
            invoke.name_span,
            label="leaves the enclave each time",
            labels=(
                Label(loop.branch.condition.span, "decides how often"),
                Label(call.span, "declared here"),
            ),
            function=function.qualified,
            call=call.name,
            name=function.qualified,
            condition=" ".join(loop.branch.condition.span.text.split()),
        )
