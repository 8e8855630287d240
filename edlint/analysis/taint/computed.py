"""In how many bits the sums and products were computed that lengths are."""

from __future__ import annotations

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.state import Computed
from edlint.analysis.taint.symbols import Linear
from edlint.model.ir import Assign, Binary, Cast
from edlint.model.ir import Value as Expression

_GROWS = ("+", "*", "<<")


def grows(term: Linear | None) -> bool:
    """Whether a term is a sum or product that can be too large for the type that it is computed in."""
    if term is None or not term.vector or any(w < 0 for _, w in term.vector):
        return False
    return any(w > 1 for _, w in term.vector) or term.constant > 0 or len(term.vector) > 1


def note_computed(evaluator: Evaluator, op: Assign, term: Linear | None) -> None:
    """Write down in how many bits a sum or product that is kept in a variable was computed."""
    if not grows(term) or term is None or op.compound:
        return
    expression = _bare(op.value)
    if isinstance(expression, Binary) and expression.op in _GROWS:
        widths = [_bits(evaluator, e) for e in (op.value, expression, op.target)]
        if all(widths):
            evaluator.frame.computed[term] = Computed(op.span, min(widths))


def computed(evaluator: Evaluator, expression: Expression, term: Linear | None) -> Computed | None:
    """Where, and in how many bits, the sum or product that an expression gives was computed; None for no such thing."""
    if not grows(term) or term is None:
        return None
    expression = _bare(expression)
    if isinstance(expression, Binary) and expression.op in _GROWS:
        bits = _bits(evaluator, expression)
        return Computed(expression.span, bits) if bits else None
    return evaluator.frame.computed.get(term)


def _bare(expression: Expression) -> Expression:
    while isinstance(expression, Cast):
        expression = expression.operand
    return expression


def _bits(evaluator: Evaluator, expression: Expression) -> int:
    """Bits of an expression's type; 0 when that is not known."""
    return abs(evaluator.width(expression))
