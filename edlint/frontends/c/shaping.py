"""pycparser's expressions, types and declarators in the shape of the first reader's nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pycparser import c_ast

from edlint.frontends.c.gnu import ASM, ELVIS
from edlint.frontends.c.shapes import Rendered, Shape

_EXPRESSIONS = {"-": "unary", "+": "unary", "~": "unary", "!": "unary", "*": "pointer", "&": "pointer"}
_PRIMITIVE = frozenset(("void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool"))
_SIZED = _PRIMITIVE | {"_Complex", "__int128"}


class Shaper:
    """Turns the tree of one function into Shapes. `c_ast` coordinates count `rendered.tokens`.

    `statement` turns the compound statement of a statement expression.
    """

    def __init__(self, rendered: Rendered, statement: Callable[[Shaper, c_ast.Node], Shape]) -> None:
        self.rendered, self.statement = rendered, statement
        self.tokens, self.partner = rendered.tokens, rendered.partner
        self.make, self.spelled, self.token = rendered.node, rendered.spelled, rendered.token
        self.before, self.after = rendered.before, rendered.after

    def at(self, node: c_ast.Node, default: int = 0) -> int:
        """Position of the first token of a node."""
        return max(0, node.coord.line) if node.coord is not None else default

    # Expressions

    def value(self, node: c_ast.Node) -> Shape:
        """An expression."""
        match node:
            case c_ast.ID(name=name):
                at = self.at(node)
                if name == ELVIS:
                    return self.make("identifier", at, at)
                return self.make("identifier", at, at)
            case c_ast.Constant():
                return self._constant(node)
            case c_ast.BinaryOp():
                return self._binary(node)
            case c_ast.UnaryOp():
                return self._unary(node)
            case c_ast.Assignment(lvalue=left, rvalue=right):
                return self._infix("assignment_expression", self.value(left), self.value(right))
            case c_ast.FuncCall():
                return self._call(node)
            case c_ast.StructRef(name=inner, field=field):
                argument = self.value(inner)
                at = self.at(field)
                made = self.make("field_expression", argument.first, at)
                made.add("argument", argument).add("operator", self.token(at - 1))
                return made.add("field", self.make("field_identifier", at, at))
            case c_ast.ArrayRef(name=inner, subscript=subscript):
                argument = self.value(inner)
                close = self.partner[self.after(argument.last, "[")]
                made = self.make("subscript_expression", argument.first, close)
                return made.add("argument", argument).add("index", self.value(subscript))
            case c_ast.Cast(to_type=to_type, expr=operand):
                type_, value = self.type_name(to_type), self.value(operand)
                first = self.rendered.enclosing(type_.first, "(")
                return self.make("cast_expression", first, value.last).add("type", type_).add("value", value)
            case c_ast.TernaryOp():
                return self._ternary(node)
            case c_ast.ExprList(exprs=exprs):
                return self._comma([self.value(e) for e in exprs])
            case c_ast.CompoundLiteral(type=type_, init=init):
                named = self.type_name(type_)
                first = self.rendered.enclosing(named.first, "(")
                value = self._initialisers(init, max(self.partner[first], first) + 1)
                made = self.make("compound_literal_expression", first, value.last)
                return made.add("type", named).add("value", value)
            case c_ast.InitList():
                return self._initialisers(node, self.at(node))
            case c_ast.Compound():
                inner = self.statement(self, node)
                return self.make("parenthesized_expression", inner.first - 1, inner.last + 1).add(None, inner)
            case c_ast.Typename():
                return self.type_name(node)
            case _:
                at = self.at(node)
                made = self.make("unknown_expression", at, at)
                for child in node:
                    if isinstance(child, VALUES):
                        made.add(None, self.value(child))
                return made

    def _constant(self, node: c_ast.Constant) -> Shape:
        at = self.at(node)
        if node.type != "string":
            return self.make("char_literal" if node.value.endswith("'") else "number_literal", at, at)
        last = at
        while last + 1 < len(self.tokens) and self.tokens[last + 1].value.endswith('"'):
            last += 1
        if last == at:
            return self.make("string_literal", at, at)
        made = self.make("concatenated_string", at, last)
        for index in range(at, last + 1):
            made.add(None, self.make("string_literal", index, index))
        return made

    def _infix(self, kind: str, left: Shape, right: Shape) -> Shape:
        made = self.make(kind, left.first, right.last)
        made.add("left", left).add("operator", self.token(self.before(right.first)))
        return made.add("right", right)

    def _binary(self, node: c_ast.Node) -> Shape:
        # A long sum is deep on the left.
        spine: list[c_ast.Node] = []
        while isinstance(node, c_ast.BinaryOp):
            spine.append(node)
            node = node.left
        left = self.value(node)
        for top in reversed(spine):
            left = self._infix("binary_expression", left, self.value(top.right))
        return left

    def _unary(self, node: c_ast.UnaryOp) -> Shape:
        if node.op in ("p++", "p--"):
            argument = self.value(node.expr)
            at = self.after(argument.last, "++", "--")
            made = self.make("update_expression", argument.first, at)
            return made.add("argument", argument).add("operator", self.token(at))
        if node.op in ("sizeof", "_Alignof"):
            return self._sizeof(node)
        operand = self.value(node.expr)
        at = self.before(operand.first, node.op)
        operator = self.token(at)
        kind = "update" if node.op in ("++", "--") else _EXPRESSIONS.get(node.op, "unary")
        made = self.make(f"{kind}_expression", at, operand.last)
        return made.add("operator", operator).add("argument", operand)

    def _sizeof(self, node: c_ast.UnaryOp) -> Shape:
        kind = "sizeof_expression" if node.op == "sizeof" else "alignof_expression"
        if isinstance(node.expr, c_ast.Typename):
            type_ = self.type_name(node.expr)
            at = self.before(type_.first, node.op)
            return self.make(kind, at, self.after(type_.last)).add("type", type_)
        operand = self.value(node.expr)
        at = self.before(operand.first, node.op)
        return self.make(kind, at, operand.last).add("value", operand)

    def _ternary(self, node: c_ast.TernaryOp) -> Shape:
        condition, other = self.value(node.cond), self.value(node.iffalse)
        made = self.make("conditional_expression", condition.first, other.last).add("condition", condition)
        if not (isinstance(node.iftrue, c_ast.ID) and node.iftrue.name == ELVIS):
            made.add("consequence", self.value(node.iftrue))
        return made.add("alternative", other)

    def _comma(self, parts: Sequence[Shape]) -> Shape:
        made = parts[-1]
        for part in reversed(parts[:-1]):
            made = self.make("comma_expression", part.first, made.last).add("left", part).add("right", made)
        return made

    def _call(self, node: c_ast.FuncCall) -> Shape:
        at = self.at(node.name)
        name = node.name.name if isinstance(node.name, c_ast.ID) else ""
        exprs = node.args.exprs if node.args is not None else []
        if name == "offsetof":
            return self.make("offsetof_expression", at, self.partner[at + 1])
        if name == ASM:
            return self._assembler(at, exprs)
        function = self.value(node.name)
        if name == "__builtin_va_arg":
            start, end = self.rendered.make("va_arg", at, at)
            function.start_byte, function.end_byte = start, end
        opened = self.after(function.last, "(")
        list_ = self.make("argument_list", opened, self.partner[opened])
        for expr in exprs:
            list_.add(None, self.value(expr))
        return (
            self.make("call_expression", function.first, list_.last).add("function", function).add("arguments", list_)
        )

    def _assembler(self, at: int, exprs: Sequence[c_ast.Node]) -> Shape:
        made = self.make("gnu_asm_expression", at, self.partner[at + 1])
        outputs, inputs = (self.make(f"gnu_asm_{w}_operand_list", at, at) for w in ("output", "input"))
        constraint = ""
        for expr in exprs[1:]:
            if isinstance(expr, c_ast.Constant) and expr.type == "string":
                constraint = expr.value
                continue
            written = "=" in constraint or "+" in constraint
            value = self.value(expr)
            operand = self.make("gnu_asm_operand", value.first, value.last).add("value", value)
            (outputs if written else inputs).add("operand", operand)
        return made.add("output_operands", outputs).add("input_operands", inputs)

    def _initialisers(self, node: c_ast.InitList, at: int) -> Shape:
        if self.tokens[at].value != "{":
            at = self.rendered.enclosing(at, "{")
        close = self.partner[at] if self.partner[at] >= 0 else at
        made = self.make("initializer_list", at, close)
        for expr in node.exprs:
            if not isinstance(expr, c_ast.NamedInitializer):
                made.add(None, self.value(expr))
                continue
            value = self.value(expr.expr)
            first = self.at(expr.name[0], value.first) - 1
            pair = self.make("initializer_pair", first, value.last)
            for part in expr.name:
                pair.add("designator", self._designator(part))
            made.add(None, pair.add("value", value))
        return made

    def _designator(self, part: c_ast.Node) -> Shape:
        at = self.at(part)
        if isinstance(part, c_ast.ID) and self.tokens[at - 1].value == ".":
            return self.make("field_designator", at - 1, at)
        inner = part.expr if isinstance(part, c_ast.ArrayDesignator) else part
        opened = self.before(self.at(inner, at), "[")
        return self.make("subscript_designator", opened, self.partner[opened] if self.partner[opened] >= 0 else at)

    # Types

    def type_name(self, node: c_ast.Typename) -> Shape:
        """A type as it stands in a cast."""
        base, _ = self.base(node.type)
        last = self._closing(base.last)
        made = self.make("type_descriptor", base.first, last)
        self.qualifiers(made, node.type, base)
        made.add("type", base)
        return made.add("declarator", self.declarator(node.type, None, base))

    def _closing(self, index: int) -> int:
        """The token before the bracket that closes what a type name stands in."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].value not in (")", ","):
            at = self.partner[at] + 1 if self.partner[at] > at else at + 1
        return max(index, at - 1)

    def qualifiers(self, made: Shape, node: c_ast.Node, base: Shape) -> None:
        """Add `const` where the type has it."""
        inner = _innermost(node)
        if isinstance(inner, c_ast.TypeDecl) and "const" in (inner.quals or ()):
            made.add(None, self.spelled("type_qualifier", "const", base.first, base.first))

    def base(self, node: c_ast.Node) -> tuple[Shape, c_ast.Node]:
        """The type specifier below all declarators."""
        inner = _innermost(node)
        core = inner.type if isinstance(inner, c_ast.TypeDecl) else inner
        at = self.at(core, self.at(inner))
        if isinstance(core, c_ast.Struct | c_ast.Union | c_ast.Enum):
            kind = f"{type(core).__name__.lower()}_specifier"
            tagged = at > 0 and self.tokens[at - 1].value in ("struct", "union", "enum")
            made = self.make(kind, at - tagged, at)
            name = core.name or ("" if isinstance(core, c_ast.Enum) else self._unnamed(at))
            if name:
                made.add("name", self.spelled("type_identifier", name, at, at))
            return made, core
        names = core.names if isinstance(core, c_ast.IdentifierType) else ["auto"]
        kind = "type_identifier"
        if all(n in _SIZED for n in names):
            kind = (
                "primitive_type"
                if len(names) == 1 and names[0] not in ("signed", "unsigned")
                else "sized_type_specifier"
            )
        if len(names) == 1 and self.tokens[at].value == names[0]:
            return self.make(kind, at, at), core
        return self.spelled(kind, " ".join(names), at, at), core

    def _unnamed(self, at: int) -> str:
        """What a type without a name is called: by its place."""
        last = min(at + 3, len(self.tokens))
        opened = next((i for i in range(at, last) if self.tokens[i].value == "{"), -1)
        if opened <= 0 or self.partner[opened] < 0:
            return ""
        return f"(unnamed at {self.tokens[opened - 1].start}-{self.tokens[self.partner[opened]].end})"

    def declarator(self, node: c_ast.Node, name: Shape | None, base: Shape) -> Shape | None:
        """The declarator around a name, or an abstract one. pycparser has the modifiers outermost first."""
        made = name
        at: c_ast.Node = node
        while isinstance(at, c_ast.ArrayDecl | c_ast.PtrDecl | c_ast.FuncDecl):
            kind = {c_ast.ArrayDecl: "array", c_ast.PtrDecl: "pointer", c_ast.FuncDecl: "function"}[type(at)]
            kind = f"{kind}_declarator" if name is not None else f"abstract_{kind}_declarator"
            first, last = (made.first, made.last) if made is not None else (base.last, base.last)
            if isinstance(at, c_ast.PtrDecl):
                if name is not None:
                    first = self._pointer(first)
                outer = self.make(kind, first, last)
            else:
                opened = self.after(last, "[", "(") if made is not None else base.last
                outer = self.make(kind, first, max(self.partner[opened], last))
            outer.add("declarator", made)
            if isinstance(at, c_ast.ArrayDecl) and at.dim is not None:
                outer.add("size", self._dimension(at.dim))
            if isinstance(at, c_ast.FuncDecl):
                outer.add("parameters", self.parameters(at, last))
            made = outer
            at = at.type
        return made

    def _pointer(self, first: int) -> int:
        at = first - 1
        while at > 0 and self.tokens[at].value in ("const", "volatile", "restrict", "("):
            at -= 1
        return at if self.tokens[at].value == "*" else first

    def _dimension(self, dim: c_ast.Node) -> Shape:
        value = self.value(dim)
        opened = self.rendered.enclosing(value.first, "[")
        close = self.partner[opened]
        if close > opened + 1:
            value.start_byte, value.end_byte = self.rendered.starts[opened + 1], self.rendered.ends[close - 1]
        return value

    def parameters(self, node: c_ast.FuncDecl, last: int, old: Sequence[c_ast.Node] = ()) -> Shape:
        """The parameter list of a function; `old` are the declarations of old-style parameters."""
        opened = self.after(last, "(")
        made = self.make("parameter_list", opened, max(self.partner[opened], opened))
        types = {d.name: d for d in old if isinstance(d, c_ast.Decl)}
        for param in node.args.params if node.args is not None else ():
            if isinstance(param, c_ast.EllipsisParam):
                at = self.at(param, opened)
                made.add(None, self.make("variadic_parameter", at, at))
            elif isinstance(param, c_ast.ID):
                declared = types.get(param.name)
                at = self.at(param)
                made.add(None, self._parameter(declared) if declared is not None else self.make("identifier", at, at))
            elif isinstance(param, c_ast.Decl | c_ast.Typename):
                made.add(None, self._parameter(param))
        return made

    def _parameter(self, node: c_ast.Node) -> Shape:
        base, _ = self.base(node.type)
        name = self.name(node) if node.name else None
        declarator = self.declarator(node.type, name, base)
        last = max(base.last, declarator.last if declarator is not None else 0)
        made = self.make("parameter_declaration", min(base.first, name.first if name else base.first), last)
        self.qualifiers(made, node.type, base)
        return made.add("type", base).add("declarator", declarator)

    def name(self, node: c_ast.Node) -> Shape:
        """The name of a declaration."""
        inner = _innermost(node.type)
        start = self.at(inner, self.at(node)) if isinstance(inner, c_ast.TypeDecl) else self.at(node)
        for first in (start, self.at(node)):
            for at in range(first, min(first + 64, len(self.tokens))):
                if self.tokens[at].value == node.name:
                    return self.make("identifier", at, at)
        return self.spelled("identifier", node.name, start, start)


VALUES = (
    c_ast.ID,
    c_ast.Constant,
    c_ast.BinaryOp,
    c_ast.UnaryOp,
    c_ast.Assignment,
    c_ast.FuncCall,
    c_ast.StructRef,
    c_ast.ArrayRef,
    c_ast.Cast,
    c_ast.TernaryOp,
    c_ast.ExprList,
    c_ast.CompoundLiteral,
    c_ast.InitList,
    c_ast.GenericSelection,
)


def _innermost(node: c_ast.Node) -> c_ast.Node:
    at = node
    while isinstance(at, c_ast.ArrayDecl | c_ast.PtrDecl | c_ast.FuncDecl):
        at = at.type
    return at
