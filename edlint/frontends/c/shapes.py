"""pycparser's tree in the shape of the first reader's, so that one lowering serves both readers.

A Shape answers what the lowering asks of a node: its kind, its parts by field, its range of the text. The text is
that of the tokens which pycparser was given, and `Rendered` knows which places of the file they stand for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pycparser import c_ast

from edlint.frontends.c.gnu import ASM, ELVIS, RANGE
from edlint.frontends.c.tokens import Piece
from edlint.source import Source, Span


class Shape:
    """A node: what the lowering uses of tree-sitter's."""

    __slots__ = ("children", "end_byte", "fields", "first", "is_named", "last", "start_byte", "type")

    is_error = has_error = is_missing = False

    def __init__(self, kind: str, start: int, end: int, first: int, last: int, named: bool = True) -> None:
        self.type = kind
        self.start_byte, self.end_byte = start, end
        self.first, self.last = first, last
        """Positions of its first and last token."""
        self.is_named = named
        self.children: list[Shape] = []
        self.fields: list[str | None] = []

    def add(self, field: str | None, child: Shape | None) -> Shape:
        """Append a part."""
        if child is not None:
            self.children.append(child)
            self.fields.append(field)
        return self

    @property
    def named_children(self) -> list[Shape]:
        """The parts that are no bare tokens."""
        return [c for c in self.children if c.is_named]

    @property
    def named_child_count(self) -> int:
        """How many parts are no bare tokens."""
        return sum(c.is_named for c in self.children)

    def child_by_field_name(self, name: str) -> Shape | None:
        """The part in a field."""
        return next((c for c, f in zip(self.children, self.fields, strict=True) if f == name), None)

    def children_by_field_name(self, name: str) -> list[Shape]:
        """The parts in a field that may hold several."""
        return [c for c, f in zip(self.children, self.fields, strict=True) if f == name]

    def walk(self) -> Cursor:
        """A cursor over the parts."""
        return Cursor(self)


class Cursor:
    """Goes through the parts of one node."""

    __slots__ = ("_at", "_node")

    def __init__(self, node: Shape) -> None:
        self._node, self._at = node, -1

    def goto_first_child(self) -> bool:
        """Go to the first part."""
        self._at = 0
        return bool(self._node.children)

    def goto_next_sibling(self) -> bool:
        """Go to the next part."""
        self._at += 1
        return self._at < len(self._node.children)

    @property
    def node(self) -> Shape:
        """The part that the cursor is at."""
        return self._node.children[self._at] if self._at >= 0 else self._node

    @property
    def field_name(self) -> str | None:
        """The field of that part."""
        return self._node.fields[self._at] if self._at >= 0 else None


class Rendered:
    """The text of tokens, and the places of the file that its ranges stand for."""

    def __init__(self, source: Source, tokens: Sequence[Piece]) -> None:
        self.source, self.tokens = source, tokens
        self.starts: list[int] = []
        self.ends: list[int] = []
        parts: list[str] = []
        size = 0
        before: Piece | None = None
        for piece in tokens:
            if before is not None and (piece.start != before.end or piece.macro or before.macro):
                parts.append(" ")
                size += 1
            self.starts.append(size)
            parts.append(piece.value)
            size += len(piece.value)
            self.ends.append(size)
            before = piece
        self.text = "".join(parts)
        self._size = size
        self._made: list[tuple[int, int, int]] = []

    def make(self, text: str, first: int, last: int) -> tuple[int, int]:
        """Text that stands nowhere in a row in the tokens, for the tokens from `first` to `last`: its range."""
        start = len(self.text) + 1
        self.text += " " + text
        self._made.append((start, first, last))
        return start, start + len(text)

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a range of the text."""
        if start > self._size:
            at = bisect_right(self._made, start, key=lambda m: m[0]) - 1
            _, first, last = self._made[max(at, 0)]
        else:
            first = max(bisect_right(self.starts, start) - 1, 0)
            last = max(bisect_left(self.starts, end) - 1, first)
        return self.covered(first, last)

    def covered(self, first: int, last: int) -> Span:
        """The place in the file of the tokens from `first` to `last`."""
        some = self.tokens[first : last + 1] or self.tokens[:1]
        return self.source.span(min(p.start for p in some), max(p.end for p in some))


_EXPRESSIONS = {"-": "unary", "+": "unary", "~": "unary", "!": "unary", "*": "pointer", "&": "pointer"}
_PRIMITIVE = frozenset(("void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool"))
_SIZED = _PRIMITIVE | {"_Complex", "__int128"}


class Shaper:
    """Turns the tree of one function into Shapes. `c_ast` coordinates count `rendered.tokens`."""

    def __init__(self, rendered: Rendered) -> None:
        self.rendered = rendered
        self.tokens = rendered.tokens
        self.partner = _partners(self.tokens)

    # Ranges

    def make(self, kind: str, first: int, last: int, named: bool = True) -> Shape:
        """A node over some tokens, widened until its brackets are closed inside it."""
        first, last = self._balanced(first, last)
        return Shape(kind, self.rendered.starts[first], self.rendered.ends[last], first, last, named)

    def _balanced(self, first: int, last: int) -> tuple[int, int]:
        first, last = max(0, min(first, last)), min(max(first, last), len(self.tokens) - 1)
        at, done = first, last
        while at <= done:
            partner = self.partner[at]
            if partner >= 0:
                if partner > done:
                    done = partner
                elif partner < first:
                    first = at = partner
                    continue
                elif partner > at:
                    at = partner
            at += 1
        return first, done

    def _made(self, kind: str, text: str, first: int, last: int) -> Shape:
        start, end = self.rendered.make(text, first, last)
        return Shape(kind, start, end, first, last)

    def _token(self, index: int) -> Shape:
        index = max(0, min(index, len(self.tokens) - 1))
        value = self.tokens[index].value
        return Shape(value, self.rendered.starts[index], self.rendered.ends[index], index, index, named=False)

    def _before(self, index: int, *values: str) -> int:
        at = index - 1
        while at > 0 and self.tokens[at].value not in values and self.tokens[at].value == "(":
            at -= 1
        return max(at, 0)

    def _after(self, index: int, *values: str) -> int:
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].value not in values and self.tokens[at].value == ")":
            at += 1
        return min(at, len(self.tokens) - 1)

    def _at(self, node: c_ast.Node, default: int = 0) -> int:
        return max(0, node.coord.line) if node.coord is not None else default

    # Expressions

    def value(self, node: c_ast.Node) -> Shape:
        """An expression."""
        match node:
            case c_ast.ID(name=name):
                at = self._at(node)
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
                at = self._at(field)
                made = self.make("field_expression", argument.first, at)
                made.add("argument", argument).add("operator", self._token(at - 1))
                return made.add("field", self.make("field_identifier", at, at))
            case c_ast.ArrayRef(name=inner, subscript=subscript):
                argument = self.value(inner)
                close = self.partner[self._after(argument.last, "[")]
                made = self.make("subscript_expression", argument.first, close)
                return made.add("argument", argument).add("index", self.value(subscript))
            case c_ast.Cast(to_type=to_type, expr=operand):
                type_, value = self.type_name(to_type), self.value(operand)
                first = self._before(type_.first, "(")
                return self.make("cast_expression", first, value.last).add("type", type_).add("value", value)
            case c_ast.TernaryOp():
                return self._ternary(node)
            case c_ast.ExprList(exprs=exprs):
                return self._comma([self.value(e) for e in exprs])
            case c_ast.CompoundLiteral(type=type_, init=init):
                named, value = self.type_name(type_), self.value(init)
                made = self.make("compound_literal_expression", self._before(named.first, "("), value.last)
                return made.add("type", named).add("value", value)
            case c_ast.InitList():
                return self._initialisers(node)
            case c_ast.Compound():
                inner = self.statement(node)
                return self.make("parenthesized_expression", inner.first - 1, inner.last + 1).add(None, inner)
            case c_ast.Typename():
                return self.type_name(node)
            case _:
                at = self._at(node)
                made = self.make("unknown_expression", at, at)
                for child in node:
                    if isinstance(child, _VALUES):
                        made.add(None, self.value(child))
                return made

    def _constant(self, node: c_ast.Constant) -> Shape:
        at = self._at(node)
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
        made.add("left", left).add("operator", self._token(self._before(right.first)))
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
            at = self._after(argument.last, "++", "--")
            made = self.make("update_expression", argument.first, at)
            return made.add("argument", argument).add("operator", self._token(at))
        if node.op in ("sizeof", "_Alignof"):
            return self._sizeof(node)
        operand = self.value(node.expr)
        at = self._before(operand.first, node.op)
        operator = self._token(at)
        kind = "update" if node.op in ("++", "--") else _EXPRESSIONS.get(node.op, "unary")
        made = self.make(f"{kind}_expression", at, operand.last)
        return made.add("operator", operator).add("argument", operand)

    def _sizeof(self, node: c_ast.UnaryOp) -> Shape:
        kind = "sizeof_expression" if node.op == "sizeof" else "alignof_expression"
        if isinstance(node.expr, c_ast.Typename):
            type_ = self.type_name(node.expr)
            at = self._before(type_.first, node.op)
            return self.make(kind, at, self._after(type_.last)).add("type", type_)
        operand = self.value(node.expr)
        at = self._before(operand.first, node.op)
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
        at = self._at(node.name)
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
        opened = self._after(function.last, "(")
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

    def _initialisers(self, node: c_ast.InitList) -> Shape:
        at = self._at(node)
        if self.tokens[at].value != "{":
            at = self._before(at, "{")
        close = self.partner[at] if self.partner[at] >= 0 else at
        made = self.make("initializer_list", at, close)
        for expr in node.exprs:
            if not isinstance(expr, c_ast.NamedInitializer):
                made.add(None, self.value(expr))
                continue
            value = self.value(expr.expr)
            first = self._at(expr.name[0], value.first) - 1
            pair = self.make("initializer_pair", first, value.last)
            for part in expr.name:
                pair.add("designator", self._designator(part))
            made.add(None, pair.add("value", value))
        return made

    def _designator(self, part: c_ast.Node) -> Shape:
        at = self._at(part)
        if isinstance(part, c_ast.ID) and self.tokens[at - 1].value == ".":
            return self.make("field_designator", at - 1, at)
        inner = part.expr if isinstance(part, c_ast.ArrayDesignator) else part
        opened = self._before(self._at(inner, at), "[")
        return self.make("subscript_designator", opened, self.partner[opened] if self.partner[opened] >= 0 else at)

    # Types

    def type_name(self, node: c_ast.Typename) -> Shape:
        """A type as it stands in a cast."""
        base, _ = self._base(node.type)
        last = self._closing(base.last)
        made = self.make("type_descriptor", base.first, last)
        self._qualifiers(made, node.type, base)
        made.add("type", base)
        return made.add("declarator", self._declarator(node.type, None, base))

    def _closing(self, index: int) -> int:
        """The token before the bracket that closes what a type name stands in."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].value not in (")", ","):
            at = self.partner[at] + 1 if self.partner[at] > at else at + 1
        return max(index, at - 1)

    def _qualifiers(self, made: Shape, node: c_ast.Node, base: Shape) -> None:
        inner = _innermost(node)
        if isinstance(inner, c_ast.TypeDecl) and "const" in (inner.quals or ()):
            made.add(None, self._made("type_qualifier", "const", base.first, base.first))

    def _base(self, node: c_ast.Node) -> tuple[Shape, c_ast.Node]:
        """The type specifier below all declarators."""
        inner = _innermost(node)
        core = inner.type if isinstance(inner, c_ast.TypeDecl) else inner
        at = self._at(core, self._at(inner))
        if isinstance(core, c_ast.Struct | c_ast.Union | c_ast.Enum):
            kind = f"{type(core).__name__.lower()}_specifier"
            made = self.make(kind, at, at)
            if core.name:
                made.add("name", self._made("type_identifier", core.name, at, at))
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
        return self._made(kind, " ".join(names), at, at), core

    def _declarator(self, node: c_ast.Node, name: Shape | None, base: Shape) -> Shape | None:
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
                opened = self._after(last, "[", "(") if made is not None else base.last
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
        opened, depth = value.first, 0
        while opened > 0:
            opened -= 1
            token = self.tokens[opened].value
            depth += (token in (")", "]")) - (token in ("(", "["))
            if depth < 0 and token == "[":
                break
        close = self.partner[opened]
        if close > opened + 1:
            value.start_byte, value.end_byte = self.rendered.starts[opened + 1], self.rendered.ends[close - 1]
        return value

    def parameters(self, node: c_ast.FuncDecl, last: int, old: Sequence[c_ast.Node] = ()) -> Shape:
        """The parameter list of a function; `old` are the declarations of old-style parameters."""
        opened = self._after(last, "(")
        made = self.make("parameter_list", opened, max(self.partner[opened], opened))
        types = {d.name: d for d in old if isinstance(d, c_ast.Decl)}
        for param in node.args.params if node.args is not None else ():
            if isinstance(param, c_ast.EllipsisParam):
                at = self._at(param, opened)
                made.add(None, self.make("variadic_parameter", at, at))
            elif isinstance(param, c_ast.ID):
                declared = types.get(param.name)
                at = self._at(param)
                made.add(None, self._parameter(declared) if declared is not None else self.make("identifier", at, at))
            elif isinstance(param, c_ast.Decl | c_ast.Typename):
                made.add(None, self._parameter(param))
        return made

    def _parameter(self, node: c_ast.Node) -> Shape:
        base, _ = self._base(node.type)
        name = self._name(node) if node.name else None
        declarator = self._declarator(node.type, name, base)
        last = max(base.last, declarator.last if declarator is not None else 0)
        made = self.make("parameter_declaration", min(base.first, name.first if name else base.first), last)
        self._qualifiers(made, node.type, base)
        return made.add("type", base).add("declarator", declarator)

    def _name(self, node: c_ast.Node) -> Shape:
        inner = _innermost(node.type)
        start = self._at(inner, self._at(node)) if isinstance(inner, c_ast.TypeDecl) else self._at(node)
        for first in (start, self._at(node)):
            for at in range(first, min(first + 64, len(self.tokens))):
                if self.tokens[at].value == node.name:
                    return self.make("identifier", at, at)
        return self._made("identifier", node.name, start, start)

    # Statements

    def function(self, node: c_ast.FuncDef) -> Shape:
        """A function definition."""
        decl = node.decl
        name = self._name(decl)
        base, _ = self._base(decl.type)
        body = self.statement(node.body)
        made = self.make("function_definition", min(base.first, name.first), body.last)
        for storage in decl.storage or ():
            made.add(None, self._made("storage_class_specifier", storage, name.first, name.first))
        self._qualifiers(made, decl.type, base)
        declarator = self._declarator(decl.type, name, base)
        if node.param_decls and declarator is not None and isinstance(decl.type, c_ast.FuncDecl):
            list_ = self.parameters(decl.type, name.last, node.param_decls)
            declarator.children = [
                list_ if f == "parameters" else c for c, f in zip(declarator.children, declarator.fields, strict=True)
            ]
        return made.add("type", base).add("declarator", declarator).add("body", body)

    def statement(self, node: c_ast.Node) -> Shape:
        """A statement or a local declaration."""
        at = self._at(node)
        match node:
            case c_ast.Compound(block_items=items):
                close = self.partner[at] if self.partner[at] > at else at
                made = self.make("compound_statement", at, close)
                for item in items or ():
                    made.add(None, self.statement(item))
                return made
            case c_ast.Decl():
                return self._declaration([node])
            case c_ast.DeclList(decls=decls):
                return self._declaration([d for d in decls if isinstance(d, c_ast.Decl)])
            case c_ast.If(cond=cond, iftrue=yes, iffalse=no):
                then = self.statement(yes)
                other = self.statement(no) if no is not None else None
                made = self.make("if_statement", at, other.last if other is not None else then.last)
                made.add("condition", self.value(cond)).add("consequence", then)
                return made.add("alternative", other)
            case c_ast.While(cond=cond, stmt=inner):
                body = self.statement(inner)
                return self.make("while_statement", at, body.last).add("condition", self.value(cond)).add("body", body)
            case c_ast.DoWhile(cond=cond, stmt=inner):
                body, test = self.statement(inner), self.value(cond)
                return self.make("do_statement", at, test.last).add("body", body).add("condition", test)
            case c_ast.For():
                return self._for(node, at)
            case c_ast.Switch(cond=cond, stmt=inner):
                body = self.statement(inner)
                return self.make("switch_statement", at, body.last).add("condition", self.value(cond)).add("body", body)
            case c_ast.Case() | c_ast.Default():
                return self._case(node, at)
            case c_ast.Label(stmt=inner):
                body = self.statement(inner)
                made = self.make("labeled_statement", at, body.last)
                return made.add("label", self.make("statement_identifier", at, at)).add(None, body)
            case c_ast.Goto():
                made = self.make("goto_statement", at, at + 1)
                return made.add("label", self.make("statement_identifier", at + 1, at + 1))
            case c_ast.Break():
                return self.make("break_statement", at, at + 1)
            case c_ast.Continue():
                return self.make("continue_statement", at, at + 1)
            case c_ast.Return(expr=expr):
                value = self.value(expr) if expr is not None else None
                return self.make("return_statement", at, self._end(value.last if value else at)).add(None, value)
            case c_ast.AttributedStatement(stmt=inner):
                return self.statement(inner)
            case _ if isinstance(node, _VALUES):
                value = self.value(node)
                return self.make("expression_statement", value.first, self._end(value.last)).add(None, value)
            case _:
                return self.make("comment", at, at)

    def _end(self, last: int) -> int:
        at = self._after(last, ";")
        return at if self.tokens[at].value == ";" else last

    def _declaration(self, decls: Sequence[c_ast.Decl]) -> Shape:
        named = [d for d in decls if d.name]
        if not named:
            at = self._at(decls[0]) if decls else 0
            return self.make("comment", at, at)
        base, _ = self._base(named[0].type)
        parts: list[Shape] = []
        for decl in named:
            name = self._name(decl)
            declarator = self._declarator(decl.type, name, base) or name
            if decl.init is not None:
                value = self.value(decl.init)
                outer = self.make("init_declarator", declarator.first, value.last)
                declarator = outer.add("declarator", declarator).add("value", value)
            parts.append(declarator)
        made = self.make("declaration", min(base.first, parts[0].first), self._end(parts[-1].last))
        for storage in named[0].storage or ():
            made.add(None, self._made("storage_class_specifier", storage, base.first, base.first))
        self._qualifiers(made, named[0].type, base)
        made.add("type", base)
        for part in parts:
            made.add("declarator", part)
        return made

    def _for(self, node: c_ast.For, at: int) -> Shape:
        body = self.statement(node.stmt)
        made = self.make("for_statement", at, body.last)
        if node.init is not None:
            declares = isinstance(node.init, c_ast.DeclList)
            made.add("initializer", self.statement(node.init) if declares else self.value(node.init))
        if node.cond is not None:
            made.add("condition", self.value(node.cond))
        if node.next is not None:
            made.add("update", self.value(node.next))
        return made.add("body", body)

    def _case(self, node: c_ast.Node, at: int) -> Shape:
        stmts = [self.statement(s) for s in node.stmts or ()]
        value = upper = None
        if isinstance(node, c_ast.Case):
            expr = node.expr
            if isinstance(expr, c_ast.BinaryOp) and expr.op == RANGE:
                value, upper = self.value(expr.left), self.value(expr.right)
            else:
                value = self.value(expr)
        last = upper or value
        colon = self._after(last.last if last is not None else at, ":")
        made = self.make("case_statement", at, stmts[-1].last if stmts else colon)
        made.add("value", value)
        if upper is not None:
            dots = self._token(self._before(upper.first))
            dots.type = "..."
            made.add(None, dots).add(None, upper)
        made.add(None, self._token(colon))
        for statement in stmts:
            made.add(None, statement)
        return made


_VALUES = (
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


def _partners(tokens: Sequence[Piece]) -> list[int]:
    """For each bracket the position of the one it belongs to, -1 for everything else."""
    partners = [-1] * len(tokens)
    stack: list[int] = []
    for index, piece in enumerate(tokens):
        if piece.value in ("(", "[", "{"):
            stack.append(index)
        elif piece.value in (")", "]", "}") and stack:
            opened = stack.pop()
            partners[opened], partners[index] = index, opened
    return partners
