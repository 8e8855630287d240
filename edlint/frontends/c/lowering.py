"""The door to lowering: a function's syntax tree becomes a Body."""

from __future__ import annotations

from edlint.frontends.c import (
    ambiguous,
    calls,
    conditions,
    declarations,
    expansion,
    expressions,
    loops,
    operators,
    statements,
    switches,
)
from edlint.frontends.c.flow import (
    Direct,
    Flow,
    Handlers,
    Label,
    Names,
    Origin,
    ValueHandler,
    followed,
    followed_value,
)
from edlint.frontends.c.syntax import LANGUAGES, Node, by_kind
from edlint.frontends.c.tokens import deep
from edlint.model.ir import Body, Invoke, Opaque, Place, Scope, Stop, Value, Variable
from edlint.model.types import TypeRef
from edlint.model.unit import Macro
from edlint.source import Span

_NESTED: dict[str, ValueHandler] = {**expressions.VALUES, **operators.VALUES, **calls.VALUES, **statements.VALUES}
_PLAIN = {**statements.STATEMENTS, **declarations.STATEMENTS}
_NESTING = {**statements.NESTING, **loops.STATEMENTS, **switches.STATEMENTS}


def _handlers(language: str) -> Handlers:
    values = {kind: followed_value(handler) for kind, handler in _NESTED.items()}
    values |= operators.SHALLOW | expressions.LEAVES
    nesting = {kind: followed(handler) for kind, handler in _NESTING.items()}
    skipped = by_kind(language, {"comment": True, "ERROR": True}, False)
    return Handlers(
        values=by_kind(language, values, followed_value(expressions.unknown)),
        statements=by_kind(language, {**_PLAIN, **nesting}, statements.nothing),
        effects=by_kind(language, {**statements.EFFECTS, **ambiguous.EFFECTS}, statements.evaluated),
        conditions=by_kind(language, conditions.CONDITIONS, conditions.plain),
        stores=by_kind(language, declarations.STORES, declarations.assigned),
        skipped=frozenset(kind for kind, skip in skipped.items() if skip),
        call_macro=expansion.use,
        bind=declarations.bind,
        reread=expansion.reread,
        loop_macro=expansion.loop,
        held_macro=expansion.held,
    )


HANDLERS = {language: _handlers(language) for language in LANGUAGES}


def lower(node: Node, params: tuple[Variable, ...], names: Names, origin: Origin) -> Body:
    """The body of a function definition."""
    flow = Flow(origin, names, HANDLERS[names.language])
    flow.place(Label())
    for p in params:
        flow.variables[p.key] = p
        if p.name:
            flow.visible[p.name] = p.key
    for child in node.named_children:
        if child.type == "field_initializer_list":
            declarations.member_initialisers(flow, child)
    body = node.child_by_field_name("body")
    if body is None:
        body = next((c for c in node.named_children if c.type in ("compound_statement", "try_statement")), None)
    if body is not None:
        flow.closing = origin.span(max(body.start_byte, body.end_byte - 1), body.end_byte)
        # The depth is bounded; a level of it takes several calls.
        with deep():
            flow.statement(body)
    return flow.finish()


def empty(span: Span, params: tuple[Variable, ...]) -> Body:
    """The body of a function that could not be read."""
    flow = Flow(Direct(span), _Nothing(), HANDLERS[_Nothing.language], too_deep=[span])
    flow.place(Label())
    flow.variables = {p.key: p for p in params if p.scope is Scope.PARAM}
    flow.end(Stop(span))
    return flow.finish()


class _Nothing:
    """Names of which nothing is known."""

    language = "c"
    owner = ""

    def __init__(self) -> None:
        self.bare: dict[str, str] = {}
        self.called: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.flat: dict[str, str] = {}

    def constant(self, name: str) -> int | None:
        """Nothing."""
        return None

    def evaluate(self, text: str) -> int | None:
        """Nothing."""
        return None

    def size(self, name: str) -> int | None:
        """Nothing."""
        return None

    def macro(self, name: str) -> Macro | None:
        """Nothing."""
        return None

    def alias(self, name: str) -> str:
        """The name itself."""
        return name

    def decided(self, condition: str) -> bool | None:
        """Nothing."""
        return None

    def dimension(self, text: str) -> str:
        """As written."""
        return text

    def is_type(self, name: str) -> bool:
        """No."""
        return False

    def member(self, name: str) -> TypeRef | None:
        """Nothing."""
        return None

    is_base = is_member = is_pointer = is_plain = is_type


def constant_value(node: Node, names: Names, origin: Origin) -> Value:
    """The value of a global's initialiser; calls in it are Opaque."""
    flow = Flow(origin, names, HANDLERS[names.language])
    flow.place(Label())
    with deep():
        value = flow.value(node)
    calls_ = tuple(op for block in flow.blocks for op in block if isinstance(op, Invoke))
    if isinstance(value, Place) and value.root.startswith("%") and calls_:
        last = calls_[-1]
        parts = tuple(a for a in last.args)
        return Opaque(f"call {last.name}", parts, flow.span(node))
    return value
