"""Raw pointer parameters of ECALLs and what the trusted code does before it follows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edlint.analysis.pointers import Guarding, Pointers, Use
from edlint.analysis.rows import rows_of
from edlint.finding import Label
from edlint.model.interface import Call, Param
from edlint.model.ir import Branch, Cast, Invoke, Place
from edlint.model.program import Program
from edlint.model.sdk import Row
from edlint.source import Span


@dataclass(frozen=True)
class UserChecks:
    """The uses of each raw pointer parameter, where the trusted code is there to see them."""

    program: Program
    uses: Mapping[tuple[str, int], tuple[Use, ...]]
    """By path and offset of the parameter in the EDL."""

    @staticmethod
    def build(program: Program, pointers: Pointers) -> UserChecks:
        """Group the uses by parameter."""
        found: dict[tuple[str, int], list[Use]] = {}
        for use in pointers.of("host"):
            param = use.meaning.param
            if param is not None and not use.meaning.path:
                found.setdefault((param.span.path, param.span.start), []).append(use)
        return UserChecks(program, {key: tuple(uses) for key, uses in found.items()})

    def of(self, param: Param) -> tuple[Use, ...]:
        """The uses of one parameter."""
        return self.uses.get((param.span.path, param.span.start), ())

    def is_checked(self, param: Param) -> bool:
        """Whether the parameter is used, and on every path only after its range was checked."""
        uses = self.of(param)
        return bool(uses) and all(use.guarding is Guarding.CHECKED for use in uses)

    def is_unseen(self, call: Call, param: Param) -> bool:
        """Whether no use is seen, as of a type that no given file defines, although the implementation checks it."""
        return not self.of(param) and self.check_label(call, param, "outside-enclave") is not None

    def check_label(self, call: Call, param: Param, kind: str = "") -> Label | None:
        """The call that checks the range, where the implementation itself makes it."""
        for invoke, row, _ in self._guards(call, param):
            if kind in ("", row.kind):
                extent = row.extent.arg if row.extent is not None else -1
                length = f" for '{invoke.args[extent].span.text}' bytes" if 0 <= extent < len(invoke.args) else ""
                return Label(invoke.name_span, f"checked here{length}")
        return None

    def only_asserted(self, call: Call, param: Param) -> Span | None:
        """Where the implementation asserts that the range lies outside, when that is all and no use is seen."""
        guards = [(i, asserted) for i, row, asserted in self._guards(call, param) if row.kind == "outside-enclave"]
        if self.of(param) or not guards or not all(asserted for _, asserted in guards):
            return None
        return guards[0][0].span

    def _guards(self, call: Call, param: Param) -> Iterator[tuple[Invoke, Row, bool]]:
        """The calls in the implementation that check the parameter's range, and whether an assertion makes them."""
        function = self.program.implementation(call)
        position = call.params.index(param)
        if function is None or position >= len(function.params):
            return
        key = function.params[position].key
        for block in function.body.blocks:
            asserted = isinstance(block.end, Branch) and block.end.asserted
            for invoke in (op for op in block.ops if isinstance(op, Invoke)):
                for row in rows_of(self.program.sdk, invoke):
                    if row.word == "guard" and row.at.arg < len(invoke.args) and _root(invoke, row.at.arg) == key:
                        yield invoke, row, asserted


def _root(invoke: Invoke, position: int) -> str:
    value = invoke.args[position]
    while isinstance(value, Cast):
        value = value.operand
    return value.root if isinstance(value, Place) else ""
