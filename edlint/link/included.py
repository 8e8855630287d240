"""What each file includes, directly or not: with the generated header of an enclave what the EDL includes too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edlint.link.evidence import stem
from edlint.link.headers import Headers
from edlint.link.implementations import stems_of
from edlint.model.interface import Interface


class Included(Mapping[str, frozenset[str]]):
    """By path of a file: the files that it includes; worked out when it is asked for."""

    def __init__(self, interfaces: Sequence[Interface], headers: Headers) -> None:
        self._interfaces = interfaces
        self._headers = headers
        self._known: dict[str, frozenset[str]] = {}
        self._declared: dict[str, frozenset[str]] | None = None

    def __getitem__(self, path: str) -> frozenset[str]:
        known = self._known.get(path)
        if known is None:
            if path not in self._headers.includes:
                raise KeyError(path)
            found = set(self._headers.reached(path))
            for name in stems_of(path, self._headers):
                found |= self._of_edl().get(name, frozenset())
            found.discard(path)
            known = self._known[path] = frozenset(found)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers.includes)

    def __len__(self) -> int:
        return len(self._headers.includes)

    def _of_edl(self) -> Mapping[str, frozenset[str]]:
        """By the name of an enclave: what its EDL includes."""
        if self._declared is None:
            made: dict[str, set[str]] = {}
            for interface in self._interfaces:
                found = made.setdefault(stem(interface), set())
                for written, _ in interface.includes:
                    for path in self._headers.find(interface.path, written.strip('"<>')):
                        found.update(self._headers.reached(path))
            self._declared = {name: frozenset(found) for name, found in made.items()}
        return self._declared
