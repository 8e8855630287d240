"""pycparser's statements and functions in the shape of the first reader's nodes."""

from __future__ import annotations

from collections.abc import Sequence

from pycparser import c_ast

from edlint.frontends.c.gnu import RANGE
from edlint.frontends.c.shapes import Rendered, Shape
from edlint.frontends.c.shaping import VALUES, Shaper


def function(rendered: Rendered, node: c_ast.FuncDef) -> Shape:
    """A function definition; `node` counts the tokens of `rendered`."""
    shaper = Shaper(rendered, statement)
    decl = node.decl
    name = shaper.name(decl)
    base, _ = shaper.base(decl.type)
    body = statement(shaper, node.body)
    made = shaper.make("function_definition", min(base.first, name.first), body.last)
    for storage in decl.storage or ():
        made.add(None, shaper.spelled("storage_class_specifier", storage, name.first, name.first))
    shaper.qualifiers(made, decl.type, base)
    declarator = shaper.declarator(decl.type, name, base)
    if node.param_decls and declarator is not None and isinstance(decl.type, c_ast.FuncDecl):
        list_ = shaper.parameters(decl.type, name.last, node.param_decls)
        inner = declarator
        while (within := inner.child_by_field_name("declarator")) is not None and within.type != "identifier":
            # What it gives is around it: `char *f(a) int a; {`.
            inner = within
        inner.children = [list_ if f == "parameters" else c for c, f in zip(inner.children, inner.fields, strict=True)]
    return made.add("type", base).add("declarator", declarator).add("body", body)


def statement(shaper: Shaper, node: c_ast.Node) -> Shape:
    """A statement or a local declaration."""
    at = shaper.at(node)
    match node:
        case c_ast.Compound(block_items=items):
            close = shaper.partner[at] if shaper.partner[at] > at else at
            made = shaper.make("compound_statement", at, close)
            for item in items or ():
                made.add(None, statement(shaper, item))
            return made
        case c_ast.Decl():
            return _declaration(shaper, [node])
        case c_ast.DeclList(decls=decls):
            return _declaration(shaper, [d for d in decls if isinstance(d, c_ast.Decl)])
        case c_ast.If(cond=cond, iftrue=yes, iffalse=no):
            then = statement(shaper, yes)
            other = statement(shaper, no) if no is not None else None
            made = shaper.make("if_statement", at, other.last if other is not None else then.last)
            made.add("condition", shaper.value(cond)).add("consequence", then)
            return made.add("alternative", other)
        case c_ast.While(cond=cond, stmt=inner):
            body = statement(shaper, inner)
            return shaper.make("while_statement", at, body.last).add("condition", shaper.value(cond)).add("body", body)
        case c_ast.DoWhile(cond=cond, stmt=inner):
            body, test = statement(shaper, inner), shaper.value(cond)
            return shaper.make("do_statement", at, test.last).add("body", body).add("condition", test)
        case c_ast.For():
            return _for(shaper, node, at)
        case c_ast.Switch(cond=cond, stmt=inner):
            body = statement(shaper, inner)
            return shaper.make("switch_statement", at, body.last).add("condition", shaper.value(cond)).add("body", body)
        case c_ast.Case() | c_ast.Default():
            return _case(shaper, node, at)
        case c_ast.Label(stmt=inner):
            body = statement(shaper, inner)
            made = shaper.make("labeled_statement", at, body.last)
            return made.add("label", shaper.make("statement_identifier", at, at)).add(None, body)
        case c_ast.Goto():
            made = shaper.make("goto_statement", at, at + 1)
            return made.add("label", shaper.make("statement_identifier", at + 1, at + 1))
        case c_ast.Break():
            return shaper.make("break_statement", at, at + 1)
        case c_ast.Continue():
            return shaper.make("continue_statement", at, at + 1)
        case c_ast.Return(expr=expr):
            value = shaper.value(expr) if expr is not None else None
            return shaper.make("return_statement", at, _end(shaper, value.last if value else at)).add(None, value)
        case c_ast.AttributedStatement(stmt=inner):
            return statement(shaper, inner)
        case _ if isinstance(node, VALUES):
            value = shaper.value(node)
            return shaper.make("expression_statement", value.first, _end(shaper, value.last)).add(None, value)
        case _:
            return shaper.make("comment", at, at)


def _end(shaper: Shaper, last: int) -> int:
    at = shaper.after(last, ";")
    return at if shaper.tokens[at].value == ";" else last


def _declaration(shaper: Shaper, decls: Sequence[c_ast.Decl]) -> Shape:
    named = [d for d in decls if d.name]
    if not named:
        at = shaper.at(decls[0]) if decls else 0
        return shaper.make("comment", at, at)
    base, _ = shaper.base(named[0].type)
    parts: list[Shape] = []
    for decl in named:
        name = shaper.name(decl)
        declarator = shaper.declarator(decl.type, name, base) or name
        if decl.init is not None:
            value = shaper.value(decl.init)
            outer = shaper.make("init_declarator", declarator.first, value.last)
            declarator = outer.add("declarator", declarator).add("value", value)
        parts.append(declarator)
    made = shaper.make("declaration", min(base.first, parts[0].first), _end(shaper, parts[-1].last))
    for storage in named[0].storage or ():
        made.add(None, shaper.spelled("storage_class_specifier", storage, base.first, base.first))
    shaper.qualifiers(made, named[0].type, base)
    made.add("type", base)
    for part in parts:
        made.add("declarator", part)
    return made


def _for(shaper: Shaper, node: c_ast.For, at: int) -> Shape:
    body = statement(shaper, node.stmt)
    made = shaper.make("for_statement", at, body.last)
    if node.init is not None:
        declares = isinstance(node.init, c_ast.DeclList)
        made.add("initializer", statement(shaper, node.init) if declares else shaper.value(node.init))
    if node.cond is not None:
        made.add("condition", shaper.value(node.cond))
    if node.next is not None:
        made.add("update", shaper.value(node.next))
    return made.add("body", body)


def _case(shaper: Shaper, node: c_ast.Node, at: int) -> Shape:
    stmts = [statement(shaper, s) for s in node.stmts or ()]
    value = upper = None
    if isinstance(node, c_ast.Case):
        expr = node.expr
        if isinstance(expr, c_ast.BinaryOp) and expr.op == RANGE:
            value, upper = shaper.value(expr.left), shaper.value(expr.right)
        else:
            value = shaper.value(expr)
    last = upper or value
    colon = shaper.after(last.last if last is not None else at, ":")
    made = shaper.make("case_statement", at, stmts[-1].last if stmts else colon)
    made.add("value", value)
    if upper is not None:
        dots = shaper.token(shaper.before(upper.first))
        dots.type = "..."
        made.add(None, dots).add(None, upper)
    made.add(None, shaper.token(colon))
    for inner in stmts:
        made.add(None, inner)
    return made
