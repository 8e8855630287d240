"""What the grammars cannot read and masking overwrites, as regular expressions."""

from __future__ import annotations

import re

SPACE = re.compile(r"\s*")
LINE = re.compile(r"[^\r\n]+")

CAPS = r"(?=_*+[A-Z][0-9_]*+[A-Z])[A-Z0-9_]++"
"""A word of capitals, two at least."""
TYPE_WORD = (
    r"(?:void|int|char|bool|float|double|short|long|unsigned|signed|size_t|auto|const|static|inline|extern|struct|union|enum|class"
    r"|virtual|constexpr|explicit|friend|template|typename|volatile|__inline__|__inline|typedef|operator)"
)
_LOCKS = ["GUARDED_BY", "PT_GUARDED_BY", "LOCKS_EXCLUDED", "EXCLUSIVE_LOCKS_REQUIRED", "SHARED_LOCKS_REQUIRED"]
"""What is said of locks for the analysis of threads."""
ATTRIBUTES = frozenset(
    ["__attribute__", "__attribute", "__declspec", "_Alignas", "alignas", "__asm__", "_Pragma", "__pragma"]
    + _LOCKS
    + [f"ABSL_{name}" for name in _LOCKS]
)
CONVENTIONS = frozenset(
    [
        "__stdcall",
        "__cdecl",
        "__fastcall",
        "__thiscall",
        "__vectorcall",
        "_cdecl",
        "WINAPI",
        "CALLBACK",
        "APIENTRY",
        "__restrict__",
        "__restrict",
        "__extension__",
        "__volatile",
        "__forceinline",
        "__forceinline__",
        "__noinline__",
        "__const",
        "SGXAPI",
        "SGX_CDECL",
        "SGX_STDCALL",
        "SGX_FASTCALL",
        "SGX_NOCONVENTION",
        "JNICALL",
        "JNIEXPORT",
        "OE_EXPORT",
        "OE_NO_RETURN",
        "OE_NO_INLINE",
        "OE_ALWAYS_INLINE",
        "OE_NEVER_INLINE",
        "OE_WEAK",
        "OE_USED",
        "OE_UNUSED_FUNC",
        "__device__",
        "__global__",
        "__host__",
        "__iomem",
        "__user",
        "_Nonnull",
        "_Nullable",
    ]
)
ATTRIBUTE = re.compile(rf"\b(?:{'|'.join(sorted(ATTRIBUTES, reverse=True))})\s*\(")
CONVENTION = re.compile(rf"\b(?:{'|'.join(sorted(CONVENTIONS, reverse=True))})\b")
CAPITAL_WORD = re.compile(r"[A-Z_](?<!\w.)[A-Z0-9_]++(?!\w)")
"""Every word that is one of CAPS; a pattern that starts with a set of characters is looked for many times faster."""
LEADING = re.compile(
    rf"{CAPS}(?=\s+(?!const\s*+[&*])(?:{TYPE_WORD}\b|~\s*\w|[A-Za-z_]\w*(?:::\w+)*(?:<[^;(){{}}]*>)?[\s*&]+(?:[\w:~]+\s*\(|operator\b)))"
)
STATEMENT_ARGUMENT = re.compile(r",\s*(return|goto|break|continue|throw)\b(?=[^,;{}]*\)\s*;)")
BLOCK_WORD = re.compile(rf"{CAPS}(?=\s*\{{|[ \t]*\n[ \t\n]*(?:\w|\}}))")
BETWEEN = re.compile(rf"{CAPS}(?=\s+[A-Za-z_~][\w:]*\s*\()")
NOT_TYPES = re.compile(
    r"(?:return|else|goto|case|throw|new|delete|typedef|co_return|operator|if|while|const|volatile|static|extern)\s*$"
)
TRAILING = re.compile(rf"{CAPS}(?=\s*(?:\{{|->|=\s*0|\b(?:override|final|const|noexcept)))")
TRAILING_CALL = re.compile(rf"{CAPS}\s*\([^(){{}};]*(?:\([^(){{}};]*\)[^(){{}};]*)*\)(?=\s*(?:\{{|:\s*\w+\s*[({{]))")
BEFORE_MEMBERS = re.compile(rf"{CAPS}(?=\s*:\s*\w+\s*[({{])")
ALIGNED = re.compile(r"\b(?:[A-Z]+_)*_*ALIGN(?:ED|AS|MENT)?\s*\(|\(\s*(?:__)?typeof(?:__)?\s*\([^()]*\)\s*\**\s*\)")
DECLARED = re.compile(
    rf"{CAPS}(?=[ \t]++(?!{TYPE_WORD}\b|return\b|goto\b|throw\b|new\b|delete\b|else\b|case\b|using\b|namespace\b)"
    r"(?=\w*[a-z])[A-Za-z_]\w*+(?:::\w++)*+(?:[ \t]*+[*&]++[ \t]*+|[ \t]++)[A-Za-z_]\w*+[ \t]*+(?:\[|=(?!=)|;))"
)
OF_PARAMETER = re.compile(
    rf"{CAPS}(?=[ \t]++(?!{TYPE_WORD}\b)(?=\w*[a-z])[A-Za-z_]\w*+(?:::\w++)*+"
    r"(?:[ \t]*+[*&]++[ \t]*+|[ \t]++)[A-Za-z_]\w*+\s*+[,)\[])"
)
RECORD = re.compile(rf"{CAPS}(?=\s+[A-Za-z_]\w*\s*(?:final\s*)?[:{{])")
BRIDGE = re.compile(r"\bSGX_UBRIDGE\s*\(\s*\w+\s*,(\s*\w+\s*)(,)\s*\(")
OPERATOR_CALL = re.compile(r"(?:->|\.)\s*(operator\s*(?:\(\)|\[\]|[^\w\s(]{1,3}))\s*\(")
TEMPLATE_WORD = re.compile(r"(?:->|\.|::)\s*(template)\s+\w")
_SIZED = r"u?int(?:8|16|32|64|ptr)_t|s?size_t|ptrdiff_t"
"""Names of types that the grammars know."""
ONLY_TYPE = re.compile(
    rf"(?:(?:const|volatile|unsigned|signed|long|short|int|char|void|float|double|bool|_Bool|{_SIZED})\b\s*)+"
    r"|(?:const\s+)?(?:struct|union|enum|class)\s+\w+"
)
_ARGUMENT = (
    r"\s*+(?=[\w\s:]*+[*&]|(?:const|volatile|struct|union|enum|class|unsigned|signed|long|short|int|char|void|float|double"
    rf"|_?[Bb]ool|{_SIZED})\b)((?:(?:const|volatile|struct|union|enum|class|unsigned|signed|long|short|int|char|void|float|double|bool)\s+)*"
    r"[A-Za-z_]\w*(?:::\w+)*[\s*&]*)(?=([,)]))"
)
ARGUMENT = re.compile(f"([,(]){_ARGUMENT}")
ARGUMENTS = (re.compile(f"(,){_ARGUMENT}"), re.compile(rf"(\(){_ARGUMENT}"))
"""The same to be looked for in a text: what starts with one certain character is found many times as fast."""
_OPERATOR = r"\s*+((?:<<|>>|[-+*/%&|^=!<>])=?|&&|\|\|)\s*+"
OPERATOR_ARGUMENTS = (re.compile(rf",{_OPERATOR}(?=[,)])"), re.compile(rf"\((?<=\w\(){_OPERATOR}(?=,)"))
"""An operator that is the argument of a macro."""
MEMBER_PATH = re.compile(r"offsetof\s*\(\s*[\w\s]+,(\s*\w+(?:\s*\.\s*\w+)+)\s*\)")
CASE_RANGE = re.compile(r"\bcase\b[^:;{}?.]*(\.\.\.)")
TRY = re.compile(r"try(?<!\wtry)\s*\{")
BRACE = re.compile(r"[{}]")
BRACKET = re.compile(r"[(){}]")
STRING_THEN_NAME = re.compile(r'"\s*\b([A-Za-z_]\w*(?:\s*\([^()"]*\))?)(?=\s*[",);])')
NEW_POINTERS = re.compile(
    r"new(?<!\wnew)\s+(?:(?:const|unsigned|signed|long|short|struct|class)\s+)*\w+(?:::\w+)*\s*(\*+)\s*\["
)
TYPENAME = re.compile(r"(?:[=(?:&|,]|\breturn)\s*+(typename)\s+(?=[\w:<>, ]{1,120}?::\s*\w+\s*[({])")
"""In front of what is made by the name of a type."""
OPERATOR_ALONE = re.compile(
    r"(?:[;{}=!]|&&|\|\||\breturn)\s*+(?:(operator\s*(?:\(\)|\[\]|[^\w\s(]{1,3}))|(?<=return )(operator\s+\w+))\s*\("
    r"|[;{})]\s*+(operator\s*\(\)\s*<[\w:, ]++>)\s*\("
)
"""An operator that is called by its name."""
PACK = re.compile(r"\*\s*+(\.\.\.)(?=\s*\w+\s*[,)])")
MEMBER_POINTER = re.compile(r"(?:->|(?<=[A-Za-z_)\]])\.)(\*)(?=[A-Za-z_])")
DELETE_CAST = re.compile(r"delete\s*\[\s*\]\s*(\([\w\s:]+\*\s*\))")
MACRO_TYPE = re.compile(
    r"(?<!\w)([A-Za-z_]\w*+\([^\n(){};]*+(?:\([^\n(){};]*+\)[^\n(){};]*+)?\))"
    r"(?:(\s*+[&*]+\s*+)|[ \t]++)(\w*+)\s*+([^\w\s])"
)
"""What looks like a call in front of a name, with the stars between them and what is behind them."""
CALL_HEAD = re.compile(r"\([ \t]*+(\w++)(?<=[A-Za-z_])(?![.>:~])")
"""A name with its parenthesis, in the text from back to front: far fewer parentheses than names are to be tried."""
LOOP_NAME = re.compile(r"_?for_?each|foreach|FOR_?EACH|FOREACH|_FOR_|_for_", re.IGNORECASE)
LOOP_BODY = re.compile(r"(?:for|while|if)\s*\([\s\S]*[^;}\s]\s*\Z")
HEADS = re.compile(r"CATCH|TRY|IF|UNLESS|WITH|SYNC|GUARD|SCOPE|LOCK|REPEAT")
SAL_STARTS = tuple(
    f"_{word}"
    for word in [
        "In",
        "Out",
        "COM_Outptr",
        "Ret",
        "Success",
        "Pre",
        "Post",
        "Field",
        "Must",
        "Check",
        "When",
        "At",
        "Printf",
        "Null",
        "Maybe",
        "Use",
    ]
)
SAL = re.compile(rf"\b(?:{'|'.join(SAL_STARTS)})\w*_\b(\s*\()?")
CAPS_WORD = re.compile(CAPS)
KEYWORDS = frozenset(
    (
        "if",
        "while",
        "for",
        "switch",
        "return",
        "sizeof",
        "do",
        "else",
        "case",
        "catch",
        "typeof",
        "defined",
        "alignof",
        "decltype",
        "noexcept",
        "operator",
        "new",
        "delete",
        "static_assert",
        "throw",
        "__attribute__",
        "__declspec",
        "alignas",
        "__asm__",
        "asm",
    )
)
CONTINUES = frozenset("=+-/%|^?.,;)]<>:&!*")
MAX_CALL = 4_000
MAX_BLOCK = 20_000
MAX_WORDS = 100_000
"""Words of one kind in a damaged part that are looked at, each with several patterns: more nobody wrote."""
MAX_UNCLOSED = 1_000
"""Lists without an end after which no further one is looked for."""
RANGE = "|| "
"""What the dots of a case range are overwritten with: an operator that stands in no other case."""
