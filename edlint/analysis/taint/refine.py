"""What a branch proves of the values in its condition."""

from __future__ import annotations

from edlint.analysis.taint.bits import QUOTIENTS
from edlint.analysis.taint.evaluate import COMPARISONS, Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.numbers import greatest, normal
from edlint.analysis.taint.products import limit_products
from edlint.analysis.taint.state import MAX_OUTCOME, Bound, Check, Fact, Holds, Outcome, State, sort_key
from edlint.analysis.taint.symbols import DEREF, Linear, Symbol, Vector, add, atom, fits, scale
from edlint.analysis.taint.values import Value
from edlint.analysis.taint.widths import WIDE, common
from edlint.model.ir import Binary, Branch, Cast, Opaque, Place, Unary
from edlint.model.ir import Value as Expression
from edlint.source import Span

_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
PROMOTED = 0xFFFF
"""Types that hold no more are computed with as signed numbers."""
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def refine(evaluator: Evaluator, branch: Branch) -> tuple[State, State]:
    """The states on the two ways out of a branch; a way that cannot be taken is dead."""
    state = evaluator.state
    condition = branch.condition
    if isinstance(condition, Opaque):
        evaluator.value(condition)
        return state, state.copy()
    op, left, right, unsigned = _comparison(evaluator, condition)
    _note_test(evaluator, branch.span, left, right, "loop" if branch.loop else "test")
    no = state.copy()
    _assume(evaluator, no, _NEGATED[op], left, right, weak=False, unsigned=unsigned)
    other = state.copy() if left.number is not None and right.number is not None else None
    _assume(evaluator, state, op, left, right, weak=branch.asserted, unsigned=unsigned)
    if evaluator.frame.gathered is not None and evaluator.frame.gathered.loops:
        _gather(evaluator, (state, no), op, left, right)
    if evaluator.frame.products:
        for side in (state, no):
            limit_products(evaluator.frame, side)
    if other is not None and _is_shared(evaluator, condition):
        # Another ECALL may have set it meanwhile, and a mode that is set here is a mode that is changed here.
        return (other.copy() if state.dead else state), (other if no.dead else no)
    return state, no


def _gather(evaluator: Evaluator, ways: tuple[State, State], op: str, left: Value, right: Value) -> None:
    """What follows for sums over arrays where a counter is compared with a count."""
    gathered = evaluator.frame.gathered
    if gathered is None or op not in ("<", ">", "<=", ">="):
        return
    for relation, counter, count in ((op, left.symbol, right.term), (_MIRRORED[op], right.symbol, left.term)):
        if relation in ("<", ">="):
            below, beyond = ways if relation == "<" else ways[::-1]
            gathered.learn(evaluator.frame, below, beyond, counter, count)


def _is_shared(evaluator: Evaluator, condition: Expression) -> bool:
    """Whether a condition compares a global variable."""
    if isinstance(condition, Binary):
        return _is_shared(evaluator, condition.left) or _is_shared(evaluator, condition.right)
    return isinstance(condition, Place) and evaluator.frame.location(condition.root).kind == "global"


def _comparison(evaluator: Evaluator, condition: Expression) -> tuple[str, Value, Value, int]:
    """Relation and sides, and the bits of the unsigned type that they are compared in; 0 for a signed one."""
    while isinstance(condition, Cast):
        condition = condition.operand
    if isinstance(condition, Unary) and condition.op == "!":
        op, left, right, unsigned = _comparison(evaluator, condition.operand)
        return _NEGATED[op], left, right, unsigned
    if isinstance(condition, Binary) and condition.op in COMPARISONS:
        left, right = evaluator.value(condition.left), evaluator.value(condition.right)
        unsigned = compared_as(evaluator, condition)
        if left.number is not None and right.number is None:
            return _MIRRORED[condition.op], right, left, unsigned
        return condition.op, left, right, unsigned
    return "!=", evaluator.value(condition), Value(Linear((), 0)), 0


def compared_as(evaluator: Evaluator, comparison: Binary) -> int:
    """Bits of the unsigned type to which C converts the sides of a comparison; 0 when it is a signed one."""
    left, right = evaluator.width(comparison.left), evaluator.width(comparison.right)
    if 0 in (left, right):
        # A side of unknown type is no wider than size_t.
        return WIDE if WIDE in (left, right) else 0
    return max(common(left, right), 0)


def facts_of(evaluator: Evaluator, comparison: Binary, left: Value, right: Value) -> Outcome:
    """What follows from the answer of a comparison that is kept as a value."""
    _note_test(evaluator, comparison.span, left, right, "test")
    sides: list[tuple[Fact, ...] | None] = []
    unsigned = compared_as(evaluator, comparison)
    for relation in (comparison.op, _NEGATED[comparison.op]):
        state = evaluator.state.copy()
        _assume(evaluator, state, relation, left, right, weak=False, unsigned=unsigned)
        new = sorted(state.beyond(evaluator.state), key=sort_key)
        sides.append(None if state.dead else tuple(new[:MAX_OUTCOME]))
    return Outcome(None, sides[1], sides[0])


def _note_test(evaluator: Evaluator, span: Span, left: Value, right: Value, kind: str) -> None:
    """What is decided on, for rules that ask whether something was read again after a decision."""
    frame = evaluator.frame
    for value in (left, right):
        if value.term is not None:
            frame.tested.update(value.term.symbols)
        if frame.recording and any(t.kind == "source" or DEREF in t.path for t in value.taints):
            frame.note(Event(kind, value, span, frame.function.qualified), evaluator.state)


def _assume(
    evaluator: Evaluator, state: State, op: str, left: Value, right: Value, *, weak: bool, unsigned: int
) -> None:
    known = right.number is not None and left.symbol is not None
    if known and not _signs(state, op, left, right, weak=weak):
        state.dead = state.dead or not weak
        return
    if op in ("==", "!=") and not weak:
        _found(state, op, left.symbol, right.symbol)
    if left.term is None or right.term is None:
        return
    difference = add(left.term, right.term, -1)
    if op in ("<", "<=", "=="):
        _learn(state, add(difference, Linear((), 1 if op == "<" else 0)), weak, evaluator)
    if op in (">", ">=", "=="):
        _learn(state, add(scale(difference, -1), Linear((), 1 if op == ">" else 0)), weak, evaluator)
    if op in ("<", "<="):
        _no_wrap(state, left.term, right.term, weak, evaluator, unsigned)
    if op in (">", ">="):
        _no_wrap(state, right.term, left.term, weak, evaluator, unsigned)
    if op == "!=":
        _unequal(state, difference, weak, evaluator)


def _found(state: State, op: str, left: Symbol | None, right: Symbol | None) -> None:
    """What a map answered, compared with its end."""
    for answer, end in ((left, right), (right, left)):
        if answer is None or end is None or not state.has(answer, "maybe-null"):
            continue
        if end.name in ("end", "cend") and end.is_opaque:
            state.learn(Holds(answer, Check("nonnull" if op == "!=" else "null")))


def _no_wrap(state: State, small: Linear, big: Linear, weak: bool, evaluator: Evaluator, unsigned: int) -> None:
    """An unsigned difference that is at most some size has not wrapped: `n - 16 <= size` says that n is at least 16.

    And a signed number that is compared as an unsigned one, and is at most some size, is not negative.
    """
    if unsigned and len(small.vector) == 1 and small.vector[0][1] > 0:
        # No object takes half of the address space.
        top = greatest(big, state.bounds, evaluator.frame.ranges) if unsigned < WIDE else 0
        symbol = small.vector[0][0]
        low = evaluator.frame.ranges(symbol)[0]
        may_fall = low < 0 if low is not None else symbol.is_opaque and unsigned == WIDE
        if may_fall and top is not None and top <= 1 << (unsigned - 1):
            _learn(state, scale(small, -1), weak, evaluator)
    falls = small.constant < 0 or any(weight < 0 for _, weight in small.vector)
    if not small.vector or not falls or big.constant < 0 or any(weight < 0 for _, weight in big.vector):
        return
    for symbol in small.symbols:
        low, high = evaluator.frame.ranges(symbol)
        if low is None or low < 0 or (high is not None and high <= PROMOTED):
            return
    _learn(state, scale(small, -1), weak, evaluator)


def _learn(state: State, term: Linear, weak: bool, evaluator: Evaluator) -> None:
    """Take term <= 0 as true; a contradiction makes the state dead."""
    if not term.vector:
        if term.constant > 0 and not weak:
            state.dead = True
        return
    low = greatest(scale(term, -1), state.bounds, evaluator.frame.ranges)
    if low is not None and low < 0 and not weak:
        state.dead = True
        return
    vector, upper = normal(term)
    state.learn(Bound(vector, upper, weak))
    if len(vector) == 2 and not weak:
        _hand_on(state, vector, upper, evaluator)
    if not weak:
        _not_below(state, vector, evaluator)


def _not_below(state: State, vector: Vector, evaluator: Evaluator) -> None:
    """A difference of unsigned numbers that turns out not to be below zero is the difference."""
    symbols = {s for s, _ in vector}
    for symbol, term in evaluator.frame.differences.items():
        if symbols.isdisjoint(term.symbols):
            continue
        low = greatest(scale(term, -1), state.bounds, evaluator.frame.ranges)
        if low is not None and low <= 0:
            state.learn(Bound(*normal(add(atom(symbol), term, -1))))


def _hand_on(state: State, vector: Vector, upper: int, evaluator: Evaluator) -> None:
    """What is known of an unnamed value holds for what was compared with it: `n == size_of(kind)`."""
    for (symbol, weight), other in (vector, vector[::-1]):
        if symbol.is_opaque or abs(weight) != 1 or not other[0].is_opaque:
            continue
        low = greatest(Linear(((other[0], -other[1]),)), state.bounds, evaluator.frame.ranges)
        if low is not None:
            state.learn(Bound(((symbol, weight),), upper + low))
        if other[0].name in QUOTIENTS and weight > 0:
            # `n <= size / 8`: eight times n is at most size, which stays when the quotient is forgotten.
            for divided, most in list(state.bounds.items()):
                by = dict(divided).get(other[0], 0)
                if by > 1 and len(divided) > 1:
                    term = add(Linear(divided, -most), Linear(vector, -upper), by)
                    if fits(term):
                        state.learn(Bound(*normal(term)))


def _unequal(state: State, difference: Linear, weak: bool, evaluator: Evaluator) -> None:
    """x != n at an end of the range of x moves that end."""
    if not difference.vector:
        if difference.constant == 0 and not weak:
            state.dead = True
        return
    for sign in (1, -1):
        term = scale(difference, sign)
        top = greatest(term, state.bounds, evaluator.frame.ranges)
        if top == 0:
            _learn(state, add(term, Linear((), 1)), weak, evaluator)


def _signs(state: State, op: str, left: Value, right: Value, *, weak: bool) -> bool:
    """What follows from the sign that a symbol turned out to have; False when it cannot have it."""
    symbol, number = left.symbol, right.number
    if symbol is None or number is None:
        return True
    signs = _signs_of(op, number)
    if signs == "-0+":
        return True
    outcome = state.outcomes.get(symbol)
    if outcome is not None:
        possible = "".join(s for s, facts in zip("-0+", outcome, strict=True) if facts is not None)
        left_over = "".join(s for s in signs if s in possible)
        if possible and not left_over:
            return False
        for fact in outcome.of(left_over or signs):
            state.learn(_weakened(fact) if weak else fact)
    if "0" not in signs:
        state.learn(Holds(symbol, Check("nonnull", None, weak)))
    elif signs == "0":
        if state.has(symbol, "nonnull"):
            return False
        # NULL is tested: nothing can be read there any more, so no other check is missing.
        state.checks[symbol] = state.checks.get(symbol, frozenset()) | {Check("null")}
    return True


def _weakened(fact: Fact) -> Fact:
    if isinstance(fact, Bound):
        return Bound(fact.vector, fact.upper, True)
    return Holds(fact.symbol, fact.check._replace(weak=True))


def _signs_of(op: str, number: int) -> str:
    """The signs that x may have when `x op number` holds; != 1 counts as zero, for answers that are yes or no."""
    match op:
        case "==":
            return "-" if number < 0 else "0" if number == 0 else "+"
        case "!=":
            return "-+" if number == 0 else "-0" if number == 1 else "-0+"
        case "<":
            return "-" if number <= 0 else "-0" if number == 1 else "-0+"
        case "<=":
            return "-" if number < 0 else "-0" if number == 0 else "-0+"
        case ">":
            return "+" if number >= 0 else "0+" if number == -1 else "-0+"
        case ">=":
            return "+" if number > 0 else "0+" if number == 0 else "-0+"
    return "-0+"


__all__ = ["Outcome", "facts_of", "refine"]
