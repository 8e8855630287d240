"""Raw pointers that the trusted code checks itself."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.analysis.user_checks import UserChecks
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, checks: UserChecks) -> Iterator[Found]:
    """One finding for each `user_check` parameter of an ECALL whose every use follows a check of its range."""
    for _, call, param in own_params(program):
        if not (call.is_ecall and param.has("user_check") and checks.is_checked(param)):
            continue
        uses = checks.of(param)
        asked = checks.check_label(call, param)
        first = Label(uses[0].event.span, "first use")
        yield Found(
            param.span,
            label="the host's address, as it is",
            labels=(asked, first) if asked is not None else (first,),
            function=call.name,
            call=call.name,
            param=param.name,
            count=f"{len(uses)} use" + ("s" if len(uses) > 1 else ""),
        )
