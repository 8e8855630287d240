"""Enclaves of which the build decides whether a debugger may open them."""

from collections.abc import Iterator

from edlint.analysis.creation import DEBUG_ARGUMENT
from edlint.analysis.outcomes import plain
from edlint.model.ir import Number, Place
from edlint.model.program import Program, Side
from edlint.rule import Found

FLAG = "SGX_DEBUG_FLAG"


def check(program: Program) -> Iterator[Found]:
    """One finding for each creation that takes the SDK's flag."""
    for unit in program.units:
        if program.side(unit.path) is Side.TRUSTED or unit.generated:
            continue
        for function in unit.functions:
            if FLAG not in function.names:
                continue
            for invoke in function.body.invokes():
                position = DEBUG_ARGUMENT.get(invoke.name)
                if position is None or position >= len(invoke.args):
                    continue
                value = plain(invoke.args[position])
                name = value.text if isinstance(value, Number) else value.root if isinstance(value, Place) else ""
                if name == FLAG:
                    yield Found(
                        value.span,
                        label="0 only where NDEBUG is defined",
                        function=function.qualified,
                        caller=function.qualified,
                        callee=invoke.name,
                    )
