"""The C and C++ files below some paths, vendored libraries left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from edlint.source import Source, SourceError, read_source

SUFFIXES = frozenset({".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx", ".tcc", ".macros"})
VENDORED = re.compile(
    r"(?:^|/)(?:3rdparty|third[-_]?party|thirdparty|external|extern|deps?|vendor|submodules|libcxx|libcxxrt|musl|mbedtls|openssl"
    r"|wolfssl|boost|googletest|gtest|rapidjson|eigen\w*|kyoto|libmemcached[-.\d]*|gperftools[-.\d]*|abseil\w*|libunwind|sqlite3?|node_modules|\.git|build|gmp|libc|tlibc|tlibcxx|cpprt|libdwarf"
    r"|protobuf|ipp|ippcp|sdk_libcxx|snmalloc|tinyxml2?|cJSON|jerasure|zlib|lua|mcl|json)(?:/|$)"
    r"|(?:^|/)(?:json|catch|httplib|concurrentqueue|readerwriterqueue|gsl-lite|CLI11)\.h(?:pp)?$",
    re.IGNORECASE,
)


def files(paths: Iterable[Path], *, vendored: bool = False) -> Iterator[tuple[Path, Path]]:
    """Root and file of every C or C++ file below `paths`, sorted."""
    for root in paths:
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        for path in found:
            if path.suffix not in SUFFIXES or not path.is_file() or path.is_symlink():
                continue
            inside = path.relative_to(root).as_posix() if path != root else path.name
            if vendored or not VENDORED.search(inside):
                yield root, path


def sources(paths: Iterable[Path], *, vendored: bool = False) -> list[Source]:
    """The files as text; what is none is left out."""
    found = []
    for _, path in files(paths, vendored=vendored):
        try:
            found.append(read_source(path))
        except SourceError:
            continue
    return found
