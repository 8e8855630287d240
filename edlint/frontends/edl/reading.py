"""The state of reading one file: its tree, and what is refused in it, in the compiler's own order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from edlint.frontends.edl.parser import SPELLING, Unexpected
from edlint.frontends.edl.repairs import Change, Repair, remove, replacements, shown
from edlint.frontends.edl.syntax import Attr, Tree, Type
from edlint.frontends.edl.tokens import EOF, Refused, Token
from edlint.model.interface import Problem, Related
from edlint.source import Source, Span


@dataclass(slots=True)
class Reading:
    """One file on its way from tokens to declarations."""

    source: Source
    tree: Tree = field(default_factory=Tree)
    problems: list[Problem] = field(default_factory=list)
    inert: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """What could not be read, though the compiler may be able to."""
    count: int = 0

    def span(self, first: Token, last: Token | None = None) -> Span:
        """From one token to another, or that one token; at the end of the file the last thing that is there."""
        end = (last or first).end
        if first.start == end:
            start = len(self.source.text[: first.start].rstrip()) if first.kind == EOF else first.start
            return Span(self.source, max(start - 1, 0), max(start, min(1, len(self.source.text))))
        return Span(self.source, first.start, end)

    def refuse(
        self,
        error_class: str,
        place: Token | Span,
        message: str,
        order: tuple[int, ...],
        *,
        related: Iterable[Related] = (),
        suggestion: str | Repair = "",
    ) -> None:
        """Record a refusal; `order` says when the compiler would have come to it."""
        span = place if isinstance(place, Span) else self.span(place)
        self.count += 1
        made = suggestion if isinstance(suggestion, Repair) else Repair(suggestion)
        self.problems.append(
            Problem(
                span,
                message,
                error_class,
                tuple(related),
                made.sentence,
                (*order, self.count),
                replacements(self.source, made),
                made.certain,
            )
        )

    def refuse_token(self, token: Token, reason: Refused, order: tuple[int, ...]) -> None:
        """Record an invalid token."""
        self.refuse(reason.error_class, token, reason.message, order, suggestion=reason.suggestion)


def first_refusal(problems: Iterable[Problem]) -> Problem | None:
    """What the compiler itself would have printed: the problem that it comes to first."""
    return min(problems, key=lambda p: p.order, default=None)


def refusal(unexpected: Unexpected) -> str:
    """The sentence of a syntax error."""
    names = {**{kind: f"'{text}'" for kind, text in SPELLING.items()}, **_PLAIN}
    wanted = [names[kind] for kind in unexpected.expected if kind in names]
    if 0 < len(wanted) == len(unexpected.expected) <= 3:
        listed = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} or {wanted[-1]}"
        return f"The compiler expects {listed} here, not {shown(unexpected.token)}."
    return f"The compiler does not expect {shown(unexpected.token)} here."


NO_DIMENSION = "Write the number of elements, or a pointer with 'count'."

_PLAIN = {"NAME": "a name", "NUMBER": "a number", "STRING": "a text in quotation marks", "EOF": "the end of the file"}


def lacking(reading: Reading, unexpected: Unexpected) -> list[Related]:
    """The end of the line that something is missing on, where that is not the line of the unexpected token."""
    before = unexpected.before
    if before is None or not unexpected.inserted:
        return []
    place = reading.span(before)
    if place.end_line == reading.span(unexpected.token).line:
        return []
    text = "".join(SPELLING[kind] for kind in unexpected.inserted)
    return [Related(place, f"'{text}' is missing behind this")]


def habit(unexpected: Unexpected) -> Repair | str:
    """What is right in C and not here: an `int` that is understood, a computed extent."""
    token, before = unexpected.token, unexpected.before
    match [v for v in unexpected.values if v != []]:
        case [*_, Token(text="size" | "count") as word, Token(text="="), Token()] if not unexpected.inserted:
            return f"'{word.text}' takes a number or a name, no expression."
        case [*_, Attr(name=word, value=Token()) | [*_, Attr(name=word, value=Token())]] if token.kind in (
            "STAR",
            "LPAR",
            "NUMBER",
            "NAME",
        ):
            return f"'{word.text}' takes a number or a name, no expression."
        case [*_, Type(last=last), Token(text="int") as word] if token.text != "int":
            return Repair("Leave 'int' out.", (Change(last, last.text, word.end),))
    if token.text == "int" and before is not None and before.text in ("long", "short", "char", "double"):
        return Repair("Leave 'int' out.", (Change(before, before.text, token.end),))
    return ""


def repair(unexpected: Unexpected) -> Repair | str:
    """A suggestion for a syntax error, or nothing."""
    if unexpected.inserted:
        text = "".join(SPELLING[kind] for kind in unexpected.inserted)
        before = unexpected.before
        if before is None:
            return f"A '{text}' is missing."
        return Repair(
            f"A '{text}' is missing after '{before.text}'.", (Change(before, before.text + text),), certain=True
        )
    if unexpected.before and unexpected.before.text == "," and unexpected.token.text in (")", "]", "}", ";"):
        comma = unexpected.before
        return remove(comma, comma.end, "Leave the last ',' out.", certain=True)
    if unexpected.dropped:
        token = unexpected.token
        return remove(token, token.end, f"Without {shown(token)} it is read.")
    return ""
