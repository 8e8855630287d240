"""OCALLs that no trusted code makes."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.usage import Usage
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, usage: Usage) -> Iterator[Found]:
    """One finding for each OCALL of the author's own whose name the trusted code does not hold.

    Silent on calls of the SDK's own modules that the author declares by hand, and on an enclave of which an ECALL has
    no implementation, or whose code calls what no given file defines: its code is not all there.
    """
    complete: dict[str, bool] = {}
    # The SDK's trusted libraries make these, whoever declares them: without the declaration nothing links.
    library = {name for module in program.sdk.modules for name in module.needs}
    for interface, call in own_calls(program):
        if not call.is_ocall or call.name in library:
            continue
        if interface.path not in complete:
            complete[interface.path] = usage.is_complete(interface)
        code = usage.inside[interface.path]
        if complete[interface.path] and call.name not in code.named and not usage.lacks(interface, call):
            yield Found(call.span, label="no trusted code calls it", call=call.name)
