"""What tests of the command line share: small projects, and a way to write and run them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

BAD = """enclave {
    trusted {
        public int put([user_check] uint8_t* p);
    };
};
"""
GOOD = """enclave {
    trusted {
        public int put([in, size=n] const uint8_t* p, size_t n);
    };
};
"""
CODE = """#include "enclave_t.h"
int put(const uint8_t *p, size_t n)
{
    if (p == NULL || n == 0)
        return 1;
    return p[0];
}
"""

Run = Callable[..., tuple[int, str, str]]
"""Arguments in; exit code, standard output and standard error out."""


def write(name: str, text: str | bytes) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
