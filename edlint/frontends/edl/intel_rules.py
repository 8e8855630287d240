"""The rules of sgx_edger8r and secGear for the whole enclave, behind parsing and imports."""

from __future__ import annotations

from collections.abc import Iterator

from edlint.frontends.edl.gathered import Brought, Gathered
from edlint.frontends.edl.repairs import Repair, did_you_mean, prefix, replacements
from edlint.frontends.edl.syntax import Composite, Decl, Function
from edlint.frontends.edl.tokens import Token
from edlint.model.interface import Dialect, Problem, Related
from edlint.model.types import TypeKind
from edlint.source import Source, Span

WHOLE, GENERATING = 4, 5


def check(gathered: Gathered, dialect: Dialect, *, complete: bool, header_only: bool) -> None:
    """Append what is refused to the problems, as for a complete enclave, or as when only headers are made of it."""
    checker = _Checker(gathered)
    checker.duplicates()
    checker.structures()
    checker.allow_lists()
    if complete:
        checker.public_call()
    if dialect is Dialect.SECGEAR:
        checker.secgear()
    elif not header_only:
        checker.operands()


class _Checker:
    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.step = 0
        functions = [(b.item, b) for b in gathered.functions if isinstance(b.item, Function)]
        self.ecalls = [(f, b) for f, b in functions if f.trusted]
        self.ocalls = [(f, b) for f, b in functions if not f.trusted]
        self.deep: dict[str, tuple[Composite, Source]] = {}
        self.structs: dict[str, tuple[Composite, Source]] = {}

    def refuse(
        self,
        phase: int,
        error_class: str,
        source: Source,
        token: Token,
        message: str,
        related: list[Related] | None = None,
        suggestion: str | Repair = "",
    ) -> None:
        self.step += 1
        span = Span(source, token.start, token.end)
        made = suggestion if isinstance(suggestion, Repair) else Repair(suggestion)
        edits = replacements(source, made)
        order = phase, self.step
        self.gathered.problems.append(
            Problem(span, message, error_class, tuple(related or ()), made.sentence, order, edits, made.certain)
        )

    def duplicates(self) -> None:
        seen: dict[str, tuple[Function, Source]] = {}
        for function, brought in [*self.ecalls, *self.ocalls]:
            name = function.name.text
            if name in seen and seen[name][0] is not function:
                first, source = seen[name]
                self.refuse(
                    WHOLE,
                    "dup.function",
                    brought.source,
                    function.name,
                    f"The function '{name}' is declared twice.",
                    [Related(Span(source, first.name.start, first.name.end), "the first declaration")],
                )
            seen.setdefault(name, (function, brought.source))

    def structures(self) -> None:
        for brought in self.gathered.composites:
            made = brought.item
            if not isinstance(made, Composite) or made.keyword.text != "struct" or made.name is None:
                continue
            name = made.name.text
            if name in self.structs:
                first, source = self.structs[name]
                place = first.name or first.keyword
                self.refuse(
                    WHOLE,
                    "dup.struct",
                    brought.source,
                    made.name,
                    f"The struct '{name}' is defined twice.",
                    [Related(Span(source, place.start, place.end), "the first definition")],
                )
                continue
            self.structs[name] = made, brought.source
            if made.is_deep:
                self.deep[name] = made, brought.source
        for function, brought in [*self.ecalls, *self.ocalls]:
            for decl in function.params:
                if not decl.refused:
                    self.deep_copy(function, decl, brought.source)

    def deep_copy(self, function: Function, decl: Decl, source: Source) -> None:
        of = decl.type
        if of.base not in self.deep or of.kind not in (TypeKind.STRUCT, TypeKind.NAMED):
            return
        name, call = decl.name.text, function.name.text
        related = list(self.member(of.base))
        if of.kind is TypeKind.NAMED:
            self.refuse(
                WHOLE,
                "deepcopy.foreign_spelling",
                source,
                of.name,
                f"The type of '{name}' in '{call}' is a struct to be copied deeply and must be spelt with 'struct'.",
                related,
                f"Write 'struct {of.base}'.",
            )
        elif of.pointers == 0 and not decl.dims:
            self.refuse(
                WHOLE,
                "deepcopy.by_value",
                source,
                decl.name,
                f"The parameter '{name}' of '{call}' passes struct '{of.base}', which is to be copied deeply,"
                " by value.",
                related,
                "Pass a pointer with a direction.",
            )
        elif of.pointers == 1 and decl.has("out") and not decl.has("in"):
            self.refuse(
                WHOLE,
                "deepcopy.out",
                source,
                (decl.attr("out") or decl.attrs.items[0]).name if decl.attrs else decl.name,
                f"The parameter '{name}' of '{call}' points to struct '{of.base}', which is to be copied deeply, and"
                " has only the direction 'out'.",
                related,
                "Use 'in, out'.",
            )

    def member(self, name: str) -> Iterator[Related]:
        made, source = self.deep[name]
        for member in made.members:
            if member.has("size") or member.has("count"):
                yield Related(Span(source, member.first.start, member.last.end), "this member asks for the deep copy")
                return

    def allow_lists(self) -> None:
        known = {f.name.text for f, _ in self.ecalls}
        for function, brought in self.ocalls:
            for token in function.allow or []:
                if token.text in known or self.gathered.incomplete or token.text in self.lost():
                    continue
                self.refuse(
                    WHOLE,
                    "allow.unknown",
                    brought.source,
                    token,
                    f"'{token.text}', which '{function.name.text}' allows, is no ECALL.",
                    suggestion=did_you_mean(token, sorted(known)),
                )

    def lost(self) -> set[str]:
        return self.gathered.root.tree.lost

    def public_call(self) -> None:
        tree = self.gathered.root.tree
        if (
            any(f.public or f.damaged for f, _ in self.ecalls)
            or self.gathered.incomplete
            or not tree.complete
            or tree.lost
        ):
            return
        word = tree.first or Token("", "", 0, 1, 0)
        private = [
            Related(Span(b.source, f.name.start, f.name.end), "this ECALL is private") for f, b in self.ecalls[:3]
        ]
        self.refuse(
            WHOLE,
            "ecall.no_public",
            self.gathered.root.source,
            word,
            "The enclave has no public ECALL.",
            private,
            "Write 'public' in front of an ECALL."
            if private
            else "A file that is only meant to be imported is checked with '--library' or 'library = true'.",
        )

    def operands(self) -> None:
        for function, brought in self.ecalls:
            names = {d.name.text for d in function.params}
            for decl in function.params:
                for word in ("size", "count"):
                    attr = decl.attr(word)
                    if attr is None or decl.refused or (attr.value is not None and attr.value.kind != "NAME"):
                        continue
                    value = attr.value or attr.name
                    if (attr.value is not None and value.text in names) or function.damaged:
                        continue
                    first, last = function.params[0].first, function.params[-1].last
                    self.refuse(
                        GENERATING,
                        "size.param_missing",
                        brought.source,
                        value,
                        f"'{value.text}', the '{word}' of '{decl.name.text}', is no parameter of"
                        f" '{function.name.text}'."
                        if attr.value
                        else f"'{word}' of '{decl.name.text}' has no value.",
                        [Related(Span(brought.source, first.start, last.end), "these are declared")],
                        did_you_mean(value, sorted(names)),
                    )

    def secgear(self) -> None:
        for function, brought in self.ecalls:
            if function.public is None:
                self.refuse(
                    GENERATING,
                    "secgear.private",
                    brought.source,
                    function.name,
                    f"The ECALL '{function.name.text}' is private, which the back end does not support.",
                    suggestion=prefix(function.first, "public", "Write 'public' in front of it."),
                )
        for function, brought in [*self.ecalls, *self.ocalls]:
            for word in function.prefix.items if function.prefix else []:
                if word.name.text == "dllimport":
                    self.refuse(
                        GENERATING,
                        "secgear.dllimport",
                        brought.source,
                        word.name,
                        "'dllimport' is not supported by the back end.",
                    )
            for decl in function.params:
                if (attr := decl.attr("user_check")) and not decl.refused:
                    self.refuse(
                        GENERATING,
                        "secgear.user_check",
                        brought.source,
                        attr.name,
                        f"'user_check' on '{decl.name.text}' is not supported by the back end.",
                    )


__all__ = ["Brought", "check"]
