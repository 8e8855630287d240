"""Local references of C++: names for something that lies elsewhere."""

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.symbols import DEREF
from edlint.model.ir import Place
from edlint.model.ir import Value as Expression


def bind(evaluator: Evaluator, target: Place, value: Expression) -> None:
    """`Item& one = items[i]`: what is written to `one` is written to that item."""
    frame = evaluator.frame
    variable = frame.variable(target.root) if not target.steps and isinstance(value, Place) else None
    if variable is None or not variable.type.reference or not isinstance(value, Place):
        return
    location, at = frame.location(target.root), evaluator.places.address(value).targets
    if location.kind == "local" and location.step(DEREF) not in evaluator.state.memory and len(at) == 1:
        frame.bindings[location] = at[0].location
