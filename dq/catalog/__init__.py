"""The catalogue of diagnostics: every code with its title, message and explanation.

DQ1xx is YAML, DQ2xx the structure of a spec, DQ3xx kinds and fields, DQ4xx expressions, DQ5xx the plan; DQ6xx
and above are of any of these.  A code never changes its meaning and is never used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.catalog import expressions, extras, kinds, plan, stream, structure, waivers, yaml
from dq.diagnostics import Diagnostic

if TYPE_CHECKING:
    from dq.diagnostics import Code, Span

CATALOG: dict[str, Code] = {
    code.code: code
    for code in (
        *yaml.CODES,
        *structure.CODES,
        *kinds.CODES,
        *extras.CODES,
        *waivers.CODES,
        *expressions.CODES,
        *plan.CODES,
        *stream.CODES,
    )
}

_LONGEST = 120


def printable(value: object) -> str:
    """Return the value as one line of printable text: control and format characters are shown as escapes.

    Nothing that a file says can so move the cursor, colour the terminal or turn the direction of writing.
    """
    return "".join(char if char.isprintable() else _escape(char) for char in str(value))


def _escape(char: str) -> str:
    """Return the escape that a Python string literal would have for the character."""
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def _brief(value: object) -> str:
    """Return the value printable and cut to a length that a message can bear."""
    text = str(value)
    return printable(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def diagnose(code: str, span: Span, suggestion: str | None = None, **values: object) -> Diagnostic:
    """Return the diagnostic of a code at a place, its message filled with `values`.

    Values are shown printable and cut to 120 characters.  KeyError if the code is not in the catalogue or
    a value of its template is not given.
    """
    entry = CATALOG[code]
    message = entry.template.format(**{name: _brief(value) for name, value in values.items()})
    return Diagnostic(code, message, span, None if suggestion is None else _brief(suggestion), entry.severity)
