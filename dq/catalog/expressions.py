"""DQ4xx: what is refused in expressions (`where`, `assert`, `keep`, `derive`)."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ401",
        "Expression syntax",
        "the expression does not parse: {problem}",
        """Expressions are a small closed language in SQL's spelling: fields, literals, and or not, comparison, in,
        between, is null, arithmetic and a fixed list of functions. Texts stand in single quotes; equality is one
        equals sign.""",
        wrong="""
        where: "status == paid"
        """,
        right="""
        where: "status = 'paid'"
        """,
    ),
    entry(
        "DQ402",
        "Unknown field in an expression",
        "the expression names '{field}', which is not a field of this spec",
        """Expressions see the canonical fields, by the names under 'fields', and never the columns of a source. A text
        without quotes is read as the name of a field, so this may also be a text that wants single quotes.""",
        wrong="""
        assert: amont > 0
        """,
        right="""
        assert: amount > 0
        """,
    ),
    entry(
        "DQ403",
        "Unknown function",
        "there is no function '{name}'",
        """The list of functions is fixed: length lower upper abs round coalesce date_diff year month day starts_with
        ends_with contains matches now. There is no way to call anything else, which is what makes a spec safe to
        run.""",
        wrong="""
        assert: len(code) = 8
        """,
        right="""
        assert: length(code) = 8
        """,
    ),
    entry(
        "DQ404",
        "Types do not fit",
        "the types do not fit: {problem}",
        """Both sides of a comparison and the operands of arithmetic must be of types that go together. Nothing is
        converted silently: a number in quotes is a text, and a date is compared with a date.""",
        wrong="""
        assert: amount > '0'
        """,
        right="""
        assert: amount > 0
        """,
    ),
    entry(
        "DQ405",
        "Number of arguments",
        "{name} takes {expected}, not {found}",
        """The function was called with too few or too many arguments. What each takes is printed by `dq list` and
        in the reference of expressions.""",
        wrong="""
        assert: starts_with(code) = true
        """,
        right="""
        assert: starts_with(code, 'A')
        """,
    ),
    entry(
        "DQ406",
        "Not a question",
        "the expression must be true or false, but is of type {type}",
        """'where', 'assert' and 'keep' ask a question of a row, so their expression must be boolean. A number or a text
        is never read as true.""",
        wrong="""
        assert: amount
        """,
        right="""
        assert: amount > 0
        """,
    ),
    entry(
        "DQ407",
        "Literal out of range",
        "the literal is out of range: {problem}",
        """The number or date cannot be held by the type that it has in the expression: integers have 64 bits, decimals
        38 digits, dates the years 1 to 9999. Compared with such a literal the answer would always be the same.""",
        wrong="""
        assert: amount < 99999999999999999999
        """,
        right="""
        assert: amount < 999999999
        """,
    ),
)
