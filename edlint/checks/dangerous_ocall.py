"""OCALLs that put the host at the mercy of the enclave."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.hosthands import HostHands
from edlint.finding import Label
from edlint.model.program import Program, Side
from edlint.rule import Found

_WHAT = {
    "shell-command": "the shell",
    "code-loading": "the dynamic loader",
    "file-path": "the file system",
    "raw-memory": "the memory map",
}


def check(program: Program, hands: HostHands) -> Iterator[Found]:
    """One finding for each OCALL and use of its parameters, at the EDL declaration of the first such parameter."""
    own = {id(call) for _, call in own_calls(program)}
    for item in program.implementations:
        call, function = item.call, item.function
        if (
            id(call) not in own
            or not call.is_ocall
            or program.side(function.path) is Side.TRUSTED
            or len(function.params) != len(call.params)
        ):
            continue
        said: set[str] = set()
        for found in hands.of(function):
            if found.kind in said:
                continue
            said.add(found.kind)
            param = call.params[found.param]
            last, invoke = found.path[-1]
            steps = [Label(f.span, f"'{f.name}' gets it") for f, _ in found.path[1:]]
            yield Found(
                param.span,
                variant=found.kind,
                label="decided inside the enclave",
                labels=(Label(invoke.span, f"reaches {_WHAT[found.kind]} here"),),
                path=(
                    Label(param.span, f"OCALL '{call.name}' passes '{param.name}'"),
                    Label(function.span, "the host's implementation"),
                    *steps,
                    Label(invoke.span, f"'{invoke.name}' in '{last.name}'"),
                ),
                function=function.qualified,
                call=call.name,
                param=param.name,
                sink=invoke.name,
            )
