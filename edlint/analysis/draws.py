"""The generator of GMP: what draws from it, and whether its seed stands in the source."""

from __future__ import annotations

import re

from edlint.analysis.outcomes import plain
from edlint.model.ir import Address, Assign, Body, Invoke, Number, Place

DRAWS = re.compile(r"(?:__g)?mpz_(?:urandom[bm]|rrandomb)\Z")
"""Draws of GMP, whose first argument gets the number."""
STARTED = re.compile(r"(?:__)?gmp_randinit_(?:default|mt|lc_2exp_size)\Z")
SEEDED = re.compile(r"(?:__)?gmp_randseed(?:_ui)?\Z")
POWERS = re.compile(r"(?:__g)?mpz_powm(?:_sec)?\Z")
"""What raises to a power: the exponent is a private key or what blinds one."""


def starts_known(body: Body) -> bool:
    """Whether a function starts GMP's generator itself and seeds it with nothing, or with what the source says."""
    calls = tuple(body.invokes())
    if not any(STARTED.match(i.name) for i in calls):
        return False
    known = {op.target.root for op in body.ops() if isinstance(op, Assign) and isinstance(plain(op.value), Number)}
    other = {op.target.root for op in body.ops() if isinstance(op, Assign) and not isinstance(plain(op.value), Number)}
    other |= {a.place.root for i in calls for a in map(plain, i.args) if isinstance(a, Address)}
    for invoke in calls:
        if SEEDED.match(invoke.name) and len(invoke.args) > 1:
            seed = plain(invoke.args[1])
            if not isinstance(seed, Number) and not (isinstance(seed, Place) and seed.root in known - other):
                return False
    return True


def gets(invoke: Invoke) -> Place | None:
    """Where the number of a draw goes."""
    if not DRAWS.match(invoke.name):
        return invoke.target
    place = plain(invoke.args[0]) if invoke.args else None
    return place if isinstance(place, Place) else None
