"""What the name of a folder or file says of the side, where the code itself says nothing."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from edlint.model.program import Placement, Side

TRUSTED_WORDS = frozenset(
    {"enclave", "enclaves", "encl", "enc", "trusted", "tee", "ta", "vtl1", "ecall", "ecalls", "inside"}
)
UNTRUSTED_WORDS = frozenset(
    {
        "host",
        "hosts",
        "app",
        "apps",
        "application",
        "untrusted",
        "vtl0",
        "ocall",
        "ocalls",
        "client",
        "clients",
        "ca",
        "outside",
    }
)
LOOSE_WORDS = frozenset({"client", "clients", "ca"})
"""Of these the ones that mean other things inside an enclave: a client of the network, an authority of certificates."""
TESTS = re.compile(r"(?:unit[-_]?)?tests?", re.IGNORECASE)
"""Names of folders of tests."""
TEST_WORDS = frozenset({"test", "tests", "unittest", "unittests"})
_NONE: Mapping[str, Side] = {}
_WITHOUT = re.compile(
    r"(?<![a-z])(?:non?|not|without)[-_ ]?(?:an?[-_ ])?(?:enc|enclaves?|trusted|tee)(?![a-z])", re.IGNORECASE
)
"""A name of what has no enclave: `non_enclave_version`."""
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words_of(name: str) -> frozenset[str]:
    """The words of a file or folder name: `isv_enclave` and `EnclaveInitiator` both hold `enclave`."""
    return frozenset(w.lower() for w in _WORD.findall(name))


def by_name(name: str) -> Side | None:
    """The side that one name speaks for, or None when it speaks for none or for both."""
    if _WITHOUT.search(name):
        return Side.UNTRUSTED
    found = words_of(name)
    # A `ca` beside a trusted OS stands alone or last, as in `hello_ca`; `ca_bundle` is about certificates.
    if not name.lower().endswith("ca"):
        found -= {"ca"}
    inside, outside = bool(found & TRUSTED_WORDS), bool(found & UNTRUSTED_WORDS)
    if "untrusted" in found and "trusted" not in found:
        # `enclave_untrusted` is what an enclave has outside.
        return Side.UNTRUSTED
    if inside == outside:
        return None
    return Side.TRUSTED if inside else Side.UNTRUSTED


def is_test(path: str) -> bool:
    """Whether a file or one of its folders is named as a test."""
    return any(words_of(part) & TEST_WORDS for part in path.split("/"))


def common_folder(paths: Iterable[str]) -> str:
    """The deepest folder that all these files are in; empty for none."""
    parts: list[str] | None = None
    for path in paths:
        folder = posixpath.dirname(path).split("/")
        if parts is None:
            parts = folder
        else:
            length = next((n for n, (a, b) in enumerate(zip(parts, folder, strict=False)) if a != b), None)
            parts = parts[: min(len(parts), len(folder)) if length is None else length]
    return "/".join(parts or [])


def neutral_folders(paths: Iterable[str]) -> frozenset[str]:
    """Folders that hold folders of both sides: `SampleEnclave` with `App` and `Enclave` is of neither."""
    below: dict[str, set[Side]] = {}
    for folder in {posixpath.dirname(p) for p in paths}:
        parts = folder.split("/")
        for depth, part in enumerate(parts):
            side = by_name(part)
            if side is not None:
                for above in range(1, depth + 1):
                    below.setdefault("/".join(parts[:above]), set()).add(side)
    return frozenset(folder for folder, sides in below.items() if len(sides) > 1)


def contradicted_folders(placed: Iterable[tuple[str, Side]]) -> dict[str, Side | None]:
    """Folders named for one side that hold files which are certainly of the other, and in no folder named for it.

    With the side of all the files in there that are certainly of one, or None where they differ.
    """
    certain = tuple(placed)
    found = set()
    for path, side in certain:
        folder = posixpath.dirname(path)
        while folder:
            named = by_name(posixpath.basename(folder))
            if named is side:
                break
            if named is not None:
                found.add(folder)
            folder = posixpath.dirname(folder) if posixpath.dirname(folder) != folder else ""
    held: dict[str, set[Side]] = {folder: set() for folder in found}
    for path, side in certain:
        folder = posixpath.dirname(path)
        while folder:
            if folder in held:
                held[folder].add(side)
            folder = posixpath.dirname(folder) if posixpath.dirname(folder) != folder else ""
    return {folder: next(iter(sides)) if len(sides) == 1 else None for folder, sides in held.items()}


def by_folder(
    path: str, root: str, neutral: frozenset[str] = frozenset(), turned: Mapping[str, Side] = _NONE
) -> Placement | None:
    """The side that the folders below `root` speak for, the innermost first.

    `turned` are folders that speak for a side because of what they hold, whatever their names are.
    """
    folder = posixpath.dirname(path)
    loose = None
    # Files below the working directory are named from there and the others from the top, so `root` may be nothing.
    while len(folder) > len(root) and (name := posixpath.basename(folder)):
        if folder in turned:
            return loose or Placement(turned[folder], f"is in a folder of {turned[folder]} files")
        side = by_name(name) if folder not in neutral else None
        placement = Placement(side, f"is in a folder named '{name}'") if side is not None else None
        if placement is not None and (side is Side.TRUSTED or not _is_loose(name)):
            if (
                side is Side.TRUSTED
                and len(words_of(name)) > 1
                and (outer := _outside(posixpath.dirname(folder), root))
            ):
                return outer
            return placement if loose is None or side is Side.TRUSTED else loose
        loose = loose or placement
        folder = posixpath.dirname(folder)
    return loose and (_by_root(root, neutral) or loose)


def _outside(folder: str, root: str) -> Placement | None:
    """What a folder around says that is expressly untrusted: `untrusted/enclave_loader` is about an enclave."""
    while len(folder) > len(root) and (name := posixpath.basename(folder)):
        if "untrusted" in words_of(name) and by_name(name) is Side.UNTRUSTED:
            return Placement(Side.UNTRUSTED, f"is in a folder named '{name}'")
        folder = posixpath.dirname(folder)
    return None


def _is_loose(name: str) -> bool:
    return not (words_of(name) & UNTRUSTED_WORDS) - LOOSE_WORDS


def by_file_name(path: str, root: str, neutral: frozenset[str] = frozenset()) -> Placement | None:
    """The side that the file's own name speaks for, else the folder that all files given are in."""
    name = posixpath.basename(path)
    side = by_name(posixpath.splitext(name)[0])
    if side is not None:
        return Placement(side, f"is named '{name}'")
    return _by_root(root, neutral)


def _by_root(root: str, neutral: frozenset[str]) -> Placement | None:
    last = posixpath.basename(root)
    # Such a folder may be named after the whole project: it counts only when its name is nothing but the side.
    if root not in neutral and (last.lower() in TRUSTED_WORDS or last.lower() in UNTRUSTED_WORDS):
        side = by_name(last)
        if side is not None:
            return Placement(side, f"is in a folder named '{last}'")
    return None


def matches(path: str, globs: Sequence[str]) -> str | None:
    """The first glob that the path matches, or None. A folder's name stands for all that is in it."""
    for glob in globs:
        pattern = glob.replace("\\", "/").removeprefix("./").rstrip("/").replace("**/", "*").replace("/**", "/*")
        for candidate in (pattern, f"{pattern}/*"):
            if fnmatch.fnmatchcase(path, candidate) or fnmatch.fnmatchcase(path, f"*/{candidate}"):
                return glob
    return None
