"""What a refused declaration says besides the word that is refused: the other place, and what was probably meant.

The compilers name one word; the declaration around it is known when the file is read, and so are its siblings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import replace as evolve

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.repairs import Change, Repair, length_of, replacements
from edlint.frontends.edl.syntax import Attr, Composite, Decl, Function
from edlint.model.interface import Problem, Related
from edlint.source import Span


@dataclass(frozen=True, slots=True)
class _Place:
    """A declaration and what is declared beside it."""

    decl: Decl
    siblings: list[Decl]

    def attr(self, *names: str) -> Attr | None:
        return next((a for n in names if (a := self.decl.attr(n)) is not None), None)


@dataclass(frozen=True, slots=True)
class _Hint:
    """A repair, and a second place with what it is."""

    repair: Repair
    beside: Span | None = None
    what: str = ""
    message: str = ""
    """In place of the problem's own, which was made before the name was read."""


def with_hints(problems: Iterable[Problem], reading: Reading) -> list[Problem]:
    """The problems of a file, each with what its declaration adds to it."""
    places = sorted(_places(reading), key=_start)
    return [_with_hint(p, places, reading) if p.span.source is reading.source else p for p in problems]


def _places(reading: Reading) -> Iterator[_Place]:
    for item in reading.tree.items:
        declared = item.params if isinstance(item, Function) else item.members if isinstance(item, Composite) else []
        for decl in declared:
            yield _Place(decl, declared)


def _start(place: _Place) -> int:
    return place.decl.first.start


def _with_hint(problem: Problem, places: list[_Place], reading: Reading) -> Problem:
    if problem.replacements:
        return problem
    at = problem.span.start
    nearest = bisect_right(places, at, key=_start) - 1
    place = places[nearest] if nearest >= 0 and at <= places[nearest].decl.last.end else None
    if place is None or (hint := _hint(problem, place, reading)) is None:
        return problem
    related = problem.related
    if hint.beside is not None:
        related = (*related, Related(hint.beside, hint.what))
    return evolve(
        problem,
        message=hint.message or problem.message,
        suggestion=hint.repair.sentence or problem.suggestion,
        replacements=replacements(reading.source, hint.repair),
        certain=hint.repair.certain,
        related=related,
    )


def _hint(problem: Problem, place: _Place, reading: Reading) -> _Hint | None:
    decl = place.decl
    extent = place.attr("size", "count")
    text = place.attr("string", "wstring")
    match problem.error_class:
        case "attr.size_vs_string" if extent and text:
            other = extent if problem.span.text == text.name.text else text
            drop = _drop(decl, extent, "the length of a text is found by its end")
            return _Hint(drop, reading.span(other.name), f"'{other.name.text}' is here")
        case "attr.size_nonpointer" if extent:
            return _Hint(_drop(decl, extent, "a vector and an array know their length"))
        case "attr.array_size" if decl.dims and (attr := extent or place.attr("isary")):
            dims = reading.span(decl.dims[0].open, decl.dims[-1].close)
            return _Hint(_drop(decl, attr, "the dimensions say it"), dims, "so much is copied")
        case "attr.on_plain_type" if decl.attrs:
            if decl.type.base == "signed":
                return _Hint(Repair("Leave 'signed' out.", (Change(decl.type.first, "", decl.name.start),)))
            end = decl.type.first.start
            return _Hint(
                Repair("Leave the attributes out: it is passed by value.", (Change(decl.attrs.open, "", end),))
            )
        case "attr.const_out" if decl.type.const:
            sentence = "Leave 'const' out, or write 'in' for 'out'."
            return _Hint(Repair(sentence), reading.span(decl.type.first), "read-only")
        case "attr.pointer_needs_direction":
            kind = "array" if decl.dims and not decl.type.pointers else "pointer"
            length = length_of(decl, place.siblings)
            extents = f", size={length}" if length and not decl.dims else ""
            sentence = f"Write '[in{extents}]', '[out{extents}]' or '[in, out{extents}]'."
            message = f"The {kind} '{decl.name.text}' needs a direction attribute or 'user_check'."
            return _Hint(Repair(sentence), message=message)
        case "attr.size_needs_direction" if (raw := place.attr("user_check")) and (attr := extent or text):
            drop = _drop(decl, attr, "'user_check' copies nothing")
            return _Hint(drop, reading.span(raw.name), "only the address is passed")
        case "attr.direction_vs_user_check" if raw := place.attr("user_check"):
            direction = place.attr("in", "out")
            second = raw if direction and problem.span.text == direction.name.text else direction
            beside = reading.span(second.name) if second else None
            return _Hint(Repair("Leave one of them out."), beside, "the other one")
        case "attr.string_needs_in" if (out := place.attr("out")) and not decl.has("in"):
            sentence = "Write 'in, out': how long the text is has to come in with it."
            return _Hint(Repair(sentence, (Change(out.name, "in, out"),)))
        case "attr.void_ptr_size":
            return _Hint(_void_size(place))
        case "attr.string_type" if text and decl.type.pointers == 1 and not decl.dims:
            return _Hint(_other_string(text, decl))
        case "attr.isptr_not_foreign" | "attr.isary_not_foreign" | "attr.isary_isptr_not_foreign":
            attr = (
                next((a for a in decl.attrs.items if a.name.start == problem.span.start), None) if decl.attrs else None
            )
            told = (decl.type.pointers and "isptr") or (decl.dims and "isary")
            if attr and told == attr.name.text:
                return _Hint(_drop(decl, attr, "the type says it"))
        case "size.size_and_count" if (size := place.attr("size")) and (count := place.attr("count")):
            other = size if problem.span.text == count.name.text else count
            return _Hint(Repair("Give the product with one of them."), reading.span(other.name), "the other one")
    return None


def _drop(decl: Decl, attr: Attr, why: str) -> Repair:
    """The list without one attribute and the comma that goes with it."""
    items = decl.attrs.items if decl.attrs else []
    at = items.index(attr)
    last = attr.value or attr.name
    written = attr.name.text + (f"={attr.value.text}" if attr.value else "")
    sentence = f"Leave '{written}' out: {why}."
    if at > 0:
        before = items[at - 1].value or items[at - 1].name
        return Repair(sentence, (Change(before, before.text, last.end),))
    if at + 1 < len(items):
        return Repair(sentence, (Change(attr.name, "", items[at + 1].name.start),))
    return Repair(sentence, (Change(decl.attrs.open, "", decl.type.first.start),) if decl.attrs else ())


def _void_size(place: _Place) -> Repair:
    count = place.attr("count")
    if count:
        return Repair("Write 'size': 'void' has no size that could be multiplied.", (Change(count.name, "size"),))
    length = length_of(place.decl, place.siblings)
    direction = place.attr("out", "in")
    if length and direction:
        text = f"{direction.name.text}, size={length}"
        return Repair(f"Give the length with 'size={length}'.", (Change(direction.name, text),))
    return Repair("Add 'size' with the number of bytes.")


def _other_string(text: Attr, decl: Decl) -> Repair:
    fitting = {"wchar_t": "wstring", "char": "string"}.get(decl.type.base, "")
    if fitting and fitting != text.name.text:
        return Repair(f"Write '{fitting}'.", (Change(text.name, fitting),))
    return Repair("Give the length of bytes with 'size' or 'count'.")
