"""Checks that are gone when assertions are."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.analysis.flows import one_line
from edlint.analysis.lengths import Lengths
from edlint.analysis.pointers import Guarding, Pointers
from edlint.analysis.user_checks import UserChecks
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, pointers: Pointers, lengths: Lengths, checks: UserChecks) -> Iterator[Found]:
    """One finding for each pointer and each length that only an assert bounds."""
    for uses in pointers.by_cause("host", "ocall", "nested", "integer"):
        asserted = [u for u in uses if u.guarding is Guarding.ASSERTED]
        if asserted:
            use = asserted[0]
            yield Found(
                one_line(use.event.span),
                label="only an assertion stands before this",
                path=use.flow.path,
                function=use.event.function,
                param=use.meaning.name,
                kind=use.meaning.call_kind or "function",
                call=use.meaning.call,
            )
    for _, call, param in own_params(program):
        if call.is_ecall and param.bridge.is_raw and (span := checks.only_asserted(call, param)) is not None:
            yield Found(
                one_line(span),
                label="gone when assertions are",
                path=(
                    Label(param.span, "the bridge neither copies nor checks it"),
                    Label(one_line(span), "checked here"),
                ),
                function=call.name,
                param=param.name,
                kind=call.kind,
                call=call.name,
            )
    for overrun in lengths.overruns:
        if overrun.asserted and overrun.culprits:
            flow = overrun.culprits[0]
            yield Found(
                one_line(overrun.event.span),
                label="only an assertion stands before this",
                path=flow.path,
                function=overrun.event.function,
                variant="length",
                param=flow.meaning.name,
                kind=flow.meaning.call_kind or "function",
                call=flow.meaning.call,
                extent=overrun.extent.text,
            )
