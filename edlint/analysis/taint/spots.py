"""The places of a call that models speak of."""

from __future__ import annotations

from edlint.analysis.taint.boundary import product
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.values import UNKNOWN, Target, Value
from edlint.model.ir import Invoke
from edlint.model.ir import Value as Expression
from edlint.model.sdk import Spot


class Spots:
    """Arguments, receiver and result of one call, by the words of a model."""

    def __init__(self, evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], receiver: Value | None) -> None:
        self._evaluator = evaluator
        self._invoke = invoke
        self._args = args
        self._receiver = receiver

    def positions(self, spot: Spot) -> list[int]:
        """The argument positions that a spot names."""
        if spot.rest:
            return list(range(spot.arg, len(self._args)))
        return [spot.arg] if spot.arg < len(self._args) else []

    def value(self, position: int, result: Value = UNKNOWN) -> Value:
        """The argument at a position, the receiver or the result."""
        if position == -1:
            return result
        if position == -2:
            return self._receiver or UNKNOWN
        return self._args[position] if 0 <= position < len(self._args) else UNKNOWN

    def targets(self, spot: Spot, position: int, result: Value = UNKNOWN) -> tuple[Target, ...]:
        """What the value at a position points to, or a field of it."""
        targets = self._evaluator.pointing.targets(self.value(position, result))
        if spot.field:
            steps = tuple(spot.field.split("."))
            targets = tuple(Target(t.location.step(*steps)) for t in targets)
        return targets

    def length(self, *spots: Spot | None) -> Value:
        """The product of what spots hold."""
        values = [self.value(s.arg) for s in spots if s is not None and not s.pointee]
        return product(values) if values else UNKNOWN

    def written_as(self, position: int) -> str:
        """How an argument is written."""
        return text_of(self._invoke.args[position]) if 0 <= position < len(self._invoke.args) else ""


def text_of(expression: Expression | None) -> str:
    """The text of an expression, on one line and short enough for a message."""
    if expression is None:
        return ""
    text = " ".join(expression.span.text.split())
    return text if len(text) <= 48 else text[:45] + "..."
