"""Macros whose bodies use other macros as statements: the bodies of those put in once, instead of at each use.

`#define CHECK(x) do { if (x) RAISE(x); } while (0)` becomes what it is when RAISE is put in. Wherever that could
change what a use means the body stays as it is written, and the inner macro is expanded at each use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from edlint.frontends.c.calls import ASSERTS
from edlint.frontends.c.pasting import CACHED, pieces, stringified
from edlint.frontends.c.syntax import Node
from edlint.frontends.c.templates import MAX_BODY, Hole, Template, template
from edlint.model.unit import Macro
from edlint.record import record

_MAX_NESTING = 8
_MAX_INNER = 64
"""Macros that are put into one, those inside each other counted one by one: the others are expanded at each use."""
_CLOSED = frozenset({"do_statement", "expression_statement", "compound_statement"})
"""Statements that mean the same before `else` as elsewhere."""
_MAX_SITES = 64


@record(frozen=True, slots=True)
class Argument:
    """An argument of an inner use, in the words of the outer body."""

    text: str
    kind: int
    """Number of the kind of its node."""
    hole: Hole | None
    """The parameter of the outer macro that it is, and nothing else."""
    has_holes: bool


@record(frozen=True, slots=True)
class Site:
    """A statement of a body that may be the use of a macro."""

    name: str
    start: int
    end: int
    args: tuple[Argument, ...]


Inner = tuple[str, tuple[str, ...], str]
"""Name, parameters and flattened body of a macro."""


def flattened(macro: Macro, language: str, find: Callable[[str], Macro | None]) -> str:
    """The body of a function-like macro, those in it that are statements put in; `find` tells what a name means."""
    return _Flattener(language, find).flat(macro.body, macro.params or (), (macro.name,))


class _Flattener:
    """Puts macros into one macro."""

    def __init__(self, language: str, find: Callable[[str], Macro | None]) -> None:
        self._language, self._find = language, find
        self._left = _MAX_INNER

    def flat(self, body: str, params: tuple[str, ...], active: tuple[str, ...]) -> str:
        """The body of the last of the macros that are being put into each other."""
        if len(active) > _MAX_NESTING:
            return body
        inner: list[Inner] = []
        for name in dict.fromkeys(s.name for s in _sites(body, params, self._language)):
            macro = self._find(name) if name not in active and name not in ASSERTS else None
            if macro is None or macro.params is None or self._left == 0:
                continue
            self._left -= 1
            inner.append((name, macro.params, self.flat(macro.body, macro.params, (*active, name))))
        return _composed(body, params, self._language, tuple(inner)) if inner else body


@lru_cache(CACHED)
def _sites(body: str, params: tuple[str, ...], language: str) -> tuple[Site, ...]:
    """The calls of names in a body whose results nobody takes."""
    made = template(body, params, language)
    if made is None:
        return ()
    found: list[Site] = []
    pending = list(made.statements)
    while pending and len(found) < _MAX_SITES:
        node = pending.pop()
        if node.type == "expression_statement":
            site = _site(made, params, node)
            if site is not None:
                found.append(site)
        else:
            pending.extend(node.named_children)
    return tuple(sorted(found, key=lambda s: s.start))


def _site(made: Template, params: tuple[str, ...], node: Node) -> Site | None:
    call = node.named_child(0) if node.named_child_count == 1 else None
    if call is None or call.type != "call_expression":
        return None
    name, list_ = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if name is None or name.type != "identifier" or list_ is None or name.start_byte in made.holes:
        return None
    parts = list_.named_children
    if list_.child_count != (2 * len(parts) + 1 if parts else 2):
        return None
    args = [_argument(made, params, part) for part in parts]
    return Site(made.text[name.start_byte : name.end_byte], call.start_byte, call.end_byte, tuple(args))


def _argument(made: Template, params: tuple[str, ...], node: Node) -> Argument:
    hole = made.holes.get(node.start_byte)
    whole = hole is not None and hole.end == node.end_byte and not hole.text
    inside = any(node.start_byte <= at < node.end_byte for at in made.holes)
    text = _spelled(made, params, node.start_byte, node.end_byte)
    return Argument(text, node.kind_id, hole if whole else None, inside)


def _spelled(made: Template, params: tuple[str, ...], start: int, end: int) -> str:
    """A range of a template as the body of the macro has it."""
    out: list[str] = []
    for at in sorted(at for at in made.holes if start <= at < end):
        hole = made.holes[at]
        mark = "#" if hole.text else "##" if hole.pasted else ""
        out += [made.text[start:at], mark, "__VA_ARGS__" if hole.rest else params[hole.param]]
        start = hole.end
    return "".join([*out, made.text[start:end]])


@lru_cache(CACHED)
def _composed(body: str, params: tuple[str, ...], language: str, inner: tuple[Inner, ...]) -> str:
    """A body with some macros put in; as it was where that is no body with a template of its own."""
    made = template(body, params, language)
    assert made is not None
    known = {name: (names, text) for name, names, text in inner}
    out: list[str] = []
    used: set[str] = set()
    # What is before the body proper is the head of the made function.
    done, last = made.text.index("{") + 1, len(made.text) - len(";}")
    for site in _sites(body, params, language):
        meant = known.get(site.name)
        text = _put_in(site, *meant, language) if meant is not None else None
        if text is not None:
            out += [_spelled(made, params, done, site.start), text]
            done = site.end
            used.add(site.name)
    if not out:
        return body
    whole = "".join([*out, _spelled(made, params, done, last)])
    # A name that is left would be expanded again at the use, which knows nothing of the macros put in here.
    if len(whole) > MAX_BODY or not used.isdisjoint(pieces(whole)) or template(whole, params, language) is None:
        return body
    return whole


def _put_in(site: Site, params: tuple[str, ...], body: str, language: str) -> str | None:
    """What one use of a macro stands for, in the words of the body around it; None when it has to stay a use."""
    made = template(body, params, language)
    if made is None or len(made.statements) != 1 or made.statements[0].type not in _CLOSED:
        return None
    variadic = bool(params) and params[-1].endswith("...")
    fixed, args = len(params) - variadic, site.args
    if len(args) < fixed or (len(args) > fixed and not variadic) or (made.needs_rest and len(args) == fixed):
        return None
    # All arguments from one on can only be what such arguments are handed on to.
    rest = args[fixed:]
    if any(a.hole is not None and a.hole.rest for a in (*args[:fixed], *rest[:-1])):
        return None
    tail = rest[-1].hole if rest else None
    if tail is not None and tail.pasted and made.needs_rest and len(rest) == 1:
        return None
    for param, fits in made.fitting:
        given = (args[param],) if param < fixed else rest
        if any(a.hole is None and a.kind not in fits for a in given):
            return None
    return _filled(made, args[:fixed], rest)


def _filled(made: Template, args: tuple[Argument, ...], rest: tuple[Argument, ...]) -> str | None:
    out: list[str] = []
    done, last = made.text.index("{") + 1, len(made.text) - len(";}")
    for hole in sorted(made.holes.values(), key=lambda h: h.start):
        out.append(made.text[done : hole.start])
        done = hole.end
        if hole.rest and hole.text:
            return None
        if hole.rest:
            out.append(_listed(out.pop(), rest, hole))
            continue
        arg = args[hole.param]
        if not hole.text:
            out.append(arg.text)
        elif arg.hole is not None:
            out += ["#", arg.text]
        elif arg.has_holes:
            return None
        else:
            out.append(stringified(arg.text))
    return "".join([*out, made.text[done:last]])


def _listed(before: str, rest: tuple[Argument, ...], hole: Hole) -> str:
    """Text that ends where all arguments from one on go, and these."""
    if not rest:
        return before.rstrip().removesuffix(",") if hole.pasted else before
    return before + ", ".join(a.text for a in rest)
