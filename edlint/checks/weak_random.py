"""Secrets drawn from a generator that anyone can replay."""

import re
from collections.abc import Iterator

from edlint.analysis.constants import key_arguments, words_of
from edlint.analysis.draws import DRAWS, POWERS, SEEDED, gets, starts_known
from edlint.analysis.outcomes import mentions, values_of
from edlint.finding import Label
from edlint.model.ir import Assign, Body, Field, Invoke, Place, Return, Value
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found

GENERATORS = frozenset({"rand", "random", "rand_r", "drand48", "lrand48", "mrand48", "nrand48", "erand48", "jrand48"})
SEEDS = frozenset({"srand", "srandom", "srand48"})
ENGINES = re.compile(r"(?:std::)?(?:mt19937(?:_64)?|minstd_rand0?|default_random_engine|ranlux\d+(?:_base)?|knuth_b)\Z")
ENGINE = re.compile(r"mt19937|minstd_rand|default_random_engine|ranlux\d|knuth_b")
"""What a text holds that names one of them: most programs name none, and no body need be read for one."""
_SECRET = "key keys nonce iv salt token secret password passphrase challenge entropy cookie"
SECRET = frozenset(_SECRET.split())
NEUTRAL = frozenset({"index", "idx", "count", "len", "length", "size", "id", "hash", "slot", "range", "event"})
SOURCES = frozenset({"rng", "entropy", "prng", "randombytes"})
CRYPTO = re.compile(r"encrypt|aes_|hmac|cmac|gcm|set_?key|cipher|derive|kdf|_rng\Z|f_rng", re.IGNORECASE)


def check(program: Program) -> Iterator[Found]:
    """One finding for each function that draws a secret."""
    engines = any(ENGINE.search(unit.source.text) for unit in program.units)
    for unit in program.units:
        if unit.generated:
            continue
        for function in unit.functions:
            if not program.is_trusted(function):
                continue
            if _draws_by_name(program, function) or (engines and _has_engine(function)):
                yield from _drawn(program, function)
            elif any(map(DRAWS.match, function.called)):
                yield from _drawn(program, function) if starts_known(function.body) else ()


def _draws_by_name(program: Program, function: Function) -> bool:
    """Whether it calls a generator of the C library, and not a function of its own of that name."""
    return any(n in GENERATORS and n not in program.functions for n in function.called)


def _has_engine(function: Function) -> bool:
    return any(ENGINES.match(v.type.base) for v in function.body.variables.values())


def _drawn(program: Program, function: Function) -> Iterator[Found]:
    body = function.body
    engines = {k for k, v in body.variables.items() if ENGINES.match(v.type.base)}
    draws = [i for i in body.invokes() if _is_draw(i, engines)]
    used = _use(program, function, body, draws) if draws else None
    if used is None:
        return
    seeds = tuple(Label(i.name_span, "seeded here") for i in body.invokes() if i.name in SEEDS or SEEDED.match(i.name))
    yield Found(
        draws[0].name_span,
        label="predictable",
        labels=seeds[:2],
        notes=(f"'{function.qualified}' draws {len(draws)} times.",) if len(draws) > 1 else (),
        function=function.qualified,
        generator=draws[0].name.removeprefix("__g") or "operator()",
        use=used,
    )


def _is_draw(invoke: Invoke, engines: set[str]) -> bool:
    """Whether a call gives a number: `rand()`, `engine()`, `distribution(engine)`."""
    if DRAWS.match(invoke.name):
        return True
    if invoke.name in GENERATORS:
        return invoke.receiver is None
    if invoke.target is None or invoke.receiver is not None:
        return False
    return any(isinstance(v, Place) and v.is_variable and v.root in engines for v in (invoke.callee, *invoke.args))


def _use(program: Program, function: Function, body: Body, draws: list[Invoke]) -> str | None:
    """A clause on the secret that the numbers become, or None when they become none."""
    targets = [t for i in draws if (t := gets(i)) is not None]
    tainted = {t.root for t in targets}
    for target in targets:
        if (name := _secret_name(target)) is not None:
            return f"'{name}' is made of it"
    if words_of(function.name) & (SECRET | SOURCES) and not words_of(function.name) & NEUTRAL:
        return f"'{function.qualified}' makes a secret of it"
    # Two rounds carry a number through `x = rand() % 256; key[i] = x;` also when loops put the use first.
    for _ in range(2):
        for op in body.ops():
            if isinstance(op, Assign) and any(_uses(v, tainted) for v in values_of(op)):
                if (name := _secret_name(op.target)) is not None:
                    return f"'{name}' is made of it"
                tainted.add(op.target.root)
            elif isinstance(op, Invoke) and any(_uses(a, tainted) for a in op.args):
                if POWERS.match(op.name):
                    if len(op.args) > 2 and _uses(op.args[2], tainted):
                        return f"'{op.name.removeprefix('__g')}' raises a number to it"
                    continue
                if any(_uses(a, tainted) for a in key_arguments(program.sdk, op)) or CRYPTO.search(op.name):
                    return f"'{op.name}' gets it"
                if op.target is not None:
                    tainted.add(op.target.root)
    ends = (b.end for b in body.blocks if isinstance(b.end, Return))
    returned = any(e.value is not None and _uses(e.value, tainted) for e in ends)
    return f"'{function.name}' returns it" if returned and words_of(function.name) & SECRET else None


def _uses(value: Value, tainted: set[str]) -> bool:
    return any(mentions(value, key) for key in tainted)


def _secret_name(target: Place) -> str | None:
    fields = [s.name for s in target.steps if isinstance(s, Field)]
    whole = not target.steps or isinstance(target.steps[-1], Field)
    for name in (*reversed(fields), target.root):
        words = words_of(name)
        if whole and words <= {"key", "keys"}:
            # One number that is called a key sorts or looks up; one of a cipher has more than a number's bytes.
            continue
        if (words & SECRET or any(w.endswith("key") for w in words)) and not words & NEUTRAL:
            return name
    return None
