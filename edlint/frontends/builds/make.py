"""Makefiles: variables and rules that name sources or their objects. Nothing is run, every branch is taken."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice

from edlint.frontends.builds.paths import LONGEST, MOST, MOST_FOLDERS, OBJECT, SOURCE, UNKNOWN, folder, pattern
from edlint.model.build import Target
from edlint.source import Source

_ASSIGNMENT = re.compile(r"(?:export[ \t]+|override[ \t]+)?([\w.\-]+)[ \t]*(?:[:?+!]{0,3}=)[ \t]*(.*)\Z", re.DOTALL)
_CONTINUED = re.compile(r"\\\r?\n[ \t]*")
_SPACED = re.compile(r"(?<!\S)-I[ \t]+(?=[^\s-])")
_COMMENT = re.compile(r"(?<!\\)#.*")
_FIND = re.compile(r"find\s+([^\s|;()]+)[^|;]*?-i?name\s+[\"']?([^\s\"'|;]+)")
_COMPILES = re.compile(r"(?:\$[({]C(?:C|XX|PP)[)}]|\b(?:gcc|g\+\+|clang(?:\+\+)?|cc|c\+\+)(?:-\d+)?)\s")
_LIBRARY = re.compile(r"(?:.*/)?lib([\w.+-]+)\.(?:so|a)\Z")
_ALONE = "-nostdinc"
"""What an enclave's code is compiled with: none of the system's headers."""
_HERE = frozenset({"CURDIR", "PWD", "srcdir", "top_srcdir", "abs_srcdir", "shell pwd"})

DEEPEST = 12
"""Variables in variables that are followed."""
MOST_STEPS = 5_000
"""Variables and functions of one Makefile that are looked into."""


def read_make(source: Source) -> tuple[Target, ...]:
    """A target for every variable, rule and command that names sources."""
    return tuple(_Makefile(source).targets())


class _Makefile:
    """One Makefile, its variables as written."""

    def __init__(self, source: Source) -> None:
        self.path = source.path
        self.folder = posixpath.dirname(source.path)
        self.variables: dict[str, list[str]] = {}
        self.rules: list[tuple[str, str]] = []
        self.commands: list[tuple[str, str]] = []
        self.steps = 0
        self._known: dict[str, list[str]] = {}
        self._flags: dict[tuple[str, str], list[str]] = {}
        self._compiled: dict[str, list[str]] = {}
        self._asked: dict[str, list[str]] = {}
        rule = ""
        for line in _SPACED.sub("-I", _CONTINUED.sub(" ", source.text[:LONGEST])).splitlines():
            if line.startswith("\t") and rule:
                self.commands.append((rule, line))
                continue
            line = _COMMENT.sub("", line).strip()
            match = _ASSIGNMENT.match(line)
            if match:
                self.variables.setdefault(match[1], []).append(match[2])
            elif ":" in line and not line.startswith(("if", "else", "endif", "define", "include", "-include")):
                rule, _, needs = line.partition(":")
                rule = rule.strip()
                self.rules.append((rule, needs.lstrip(":").partition(";")[0]))
        self.made = dict(self._made())
        self._akin = self._alike()
        self._under: dict[str, list[str]] = {}
        for rule, line in self.commands:
            self._under.setdefault(rule, []).append(line)

    def targets(self) -> Iterator[Target]:
        groups: list[tuple[str, list[str]]] = []
        groups += [(name, self.value(name)) for name in self.variables]
        needed: dict[str, list[str]] = {}
        for rule, needs in self.rules:
            # Several rules for one file say together what it is made of.
            if "%" not in rule and len(held := needed.setdefault(rule, [])) < MOST:
                held += self.expanded(needs)
        groups += needed.items()
        groups += [
            (rule, self.expanded(line)) for rule, line in self.commands if "%" not in rule and _COMPILES.search(line)
        ]
        for name, words in groups:
            sources = self._sources(words)
            if sources:
                own = self._compiling(name)
                flags = own or self._beside(name)
                folders = self._folders(words) or self._folders(flags)
                options = tuple(dict.fromkeys(w for w in (*words, *flags) if w == _ALONE))
                kept = tuple(folders)[:MOST_FOLDERS]
                # Objects of both sides may be put into one folder: how one is compiled says more than where it goes.
                names = () if own else _names_of(name)
                yield Target(self.path, "", names, tuple(sources), self._links(name, words), options, kept)

    def _links(self, name: str, words: list[str]) -> tuple[str, ...]:
        """The libraries that the commands of a rule name, or the variables whose names begin as this one's."""
        if name not in self._asked:
            asked = (w for line in self._under.get(name, ())[:MOST] for w in self.expanded(line) if w.startswith("-l"))
            self._asked[name] = [*islice(asked, MOST), *self._beside(name, "-l")]
        found = (w[2:] for w in (*words, *self._asked[name]) if w.startswith("-l"))
        return tuple(dict.fromkeys(found))

    def _compiling(self, name: str) -> list[str]:
        """The flags that the commands of a rule compile an object with."""
        if not OBJECT.match(name):
            return []
        if name not in self._compiled:
            lines = (line for line in self._under.get(name, ())[:MOST] if _COMPILES.search(line))
            flags = (w for line in lines for w in self.expanded(line) if w.startswith("-") and w not in ("-c", "-o"))
            self._compiled[name] = list(islice(flags, MOST))
        return self._compiled[name]

    def _beside(self, name: str, option: str = "-I") -> list[str]:
        """The flags in variables whose names begin most as this one's: those of `App_C_Flags` for `App_Files`."""
        parts = name.split("_")[:DEEPEST]
        for length in range(len(parts) - 1, 0, -1):
            first = "_".join(parts[:length])
            if (first, option) not in self._flags:
                words = (w for n in self._akin.get(first, ()) for w in self.value(n))
                flags = (w for w in words if w.startswith(option) or (w == _ALONE and option == "-I"))
                self._flags[first, option] = list(islice(flags, MOST_FOLDERS))
            if self._flags[first, option]:
                return self._flags[first, option]
        return []

    def _alike(self) -> dict[str, list[str]]:
        """The variables by how their names begin."""
        found: dict[str, list[str]] = {}
        for name in self.variables:
            parts = name.split("_")[:DEEPEST]
            for length in range(1, len(parts)):
                found.setdefault("_".join(parts[:length]), []).append(name)
        return found

    def _folders(self, words: list[str]) -> dict[str, None]:
        places = (folder(self.folder, w[2:]) for w in words if w.startswith("-I") and len(w) > 2)
        return dict.fromkeys(p for p in places if p is not None)

    def _sources(self, words: list[str]) -> dict[str, None]:
        found: dict[str, None] = {}
        for word in words[:MOST]:
            if SOURCE.match(word):
                meant = pattern(self.folder, word)
            elif OBJECT.match(word):
                stem = posixpath.splitext(word)[0]
                ending = "c" if stem.endswith(("_t", "_u")) else "c*"
                meant = pattern(self.folder, self.made.get(word, f"{stem}.{ending}"))
            else:
                continue
            if meant is not None:
                found[meant] = None
        return found

    def _made(self) -> Iterator[tuple[str, str]]:
        """By object: the source of another name that a rule makes it from."""
        for rule, needs in self.rules:
            if "%" in rule or not rule.endswith(".o"):
                continue
            first = next((w for w in self.expanded(needs) if SOURCE.match(w)), None)
            if first is not None:
                for made in self.expanded(rule):
                    yield made, first

    def value(self, name: str, depth: int = 0) -> list[str]:
        """The words of a variable, of all its assignments together."""
        if name not in self._known:
            self._known[name] = []  # What asks for itself while it is worked out gets nothing.
            words = [w for text in self.variables.get(name, ()) for w in self.expanded(text, depth + 1)]
            self._known[name] = list(dict.fromkeys(words))[:MOST]
        return self._known[name]

    def expanded(self, text: str, depth: int = 0) -> list[str]:
        """The words of a text."""
        self.steps += 1
        if "$" not in text:
            return text.split()[:MOST]
        if depth > DEEPEST or self.steps > MOST_STEPS:
            return []
        words: list[str] = []
        for chunk in _chunks(text):
            if "$" not in chunk:
                words.append(chunk)
                continue
            combined = [""]
            for plain, call in _pieces(chunk):
                values = [plain] if call is None else self._called(call, depth)
                combined = list(islice((a + b for a in combined for b in values), MOST))
            words += [w for w in combined if w]
            if len(words) > MOST:
                break
        return words[:MOST]

    def _called(self, call: str, depth: int) -> list[str]:
        """What `$(call)` stands for; the unknown mark when only the build knows."""
        if call in _HERE or call.replace(" ", "") == "shellpwd":
            return ["."]
        name, space, rest = call.partition(" ")
        if not space:
            variable, colon, change = call.partition(":")
            if variable in self.variables:
                values = self.value(variable, depth + 1)
                if colon and change.startswith("%") and "/" in change.partition("=")[0]:
                    return values
                return values or [""]
            return [UNKNOWN]
        if name == "wildcard":
            return self.expanded(rest, depth + 1)
        if name == "shell":
            found = [f"{place}/**/{base}" for place, base in _FIND.findall(rest[:1000])]
            return [w for f in found for w in self.expanded(f, depth + 1)] or [UNKNOWN]
        arguments = _arguments(rest)
        if name == "addprefix" and len(arguments) == 2:
            before = self.expanded(arguments[0], depth + 1)
            return [b + w for b in before[:1] for w in self.expanded(arguments[1], depth + 1)]
        if name == "foreach" and len(arguments) == 3:
            variable = arguments[0].strip()
            found = []
            for value in self.expanded(arguments[1], depth + 1)[:100]:
                body = arguments[2].replace(f"$({variable})", value).replace(f"${{{variable}}}", value)
                found += self.expanded(body, depth + 1)
            return found[:MOST]
        if name == "filter-out" and len(arguments) == 2:
            out = set(self.expanded(arguments[0], depth + 1))
            return [w for w in self.expanded(arguments[1], depth + 1) if w not in out]
        if name in ("sort", "strip", "patsubst", "subst", "filter", "abspath", "realpath", "addsuffix", "notdir"):
            return self.expanded(arguments[-1], depth + 1)
        return [UNKNOWN]


def _names_of(rule: str) -> tuple[str, ...]:
    """What a rule makes, and for a library what it is linked as."""
    library = _LIBRARY.match(rule)
    return (rule, library[1]) if library else (rule,)


def _chunks(text: str) -> list[str]:
    """The words of a text, with what is in `$(...)` kept together."""
    found: list[str] = []
    start, depth = 0, 0
    for at, char in enumerate(text):
        if char in "({":
            depth += 1
        elif char in ")}":
            depth = max(0, depth - 1)
        elif char in " \t\r\n" and not depth:
            if at > start:
                found.append(text[start:at])
            start = at + 1
    if start < len(text):
        found.append(text[start:])
    return found


def _pieces(chunk: str) -> Iterator[tuple[str, str | None]]:
    """Plain text, and what is called by `$(...)` or `${...}`, in turn."""
    at = 0
    while at < len(chunk):
        dollar = chunk.find("$", at)
        if dollar < 0 or dollar + 1 >= len(chunk):
            yield chunk[at:].rstrip("$"), None
            return
        if dollar > at:
            yield chunk[at:dollar], None
        opening = chunk[dollar + 1]
        if opening not in "({":
            yield "", None
            at = dollar + 2
            continue
        depth, end = 0, dollar + 1
        while end < len(chunk):
            if chunk[end] in "({":
                depth += 1
            elif chunk[end] in ")}":
                depth -= 1
                if not depth:
                    break
            end += 1
        yield "", chunk[dollar + 2 : end].strip()
        at = end + 1


def _arguments(text: str) -> list[str]:
    found, start, depth = [], 0, 0
    for at, char in enumerate(text):
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == "," and not depth:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]
