"""Diagnostics as text for people: the place, the message, and the line with a mark under what is meant.

What a file says is shown printable: its control characters appear as escapes and never reach the terminal.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dq.catalog import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dq.diagnostics import Diagnostic, Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_WINDOW = 100
_BEFORE = 40


def render(diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]) -> str:
    """Return the diagnostics in the order given, each with its line of `texts` (file name to text), if it is there.

    The text has no colours, ends with a new line, and is empty if there are no diagnostics.
    """
    lines = {file: _LINE_END.split(text) for file, text in texts.items()}
    return "".join(_render_one(diagnostic, lines.get(diagnostic.span.file)) for diagnostic in diagnostics)


def _render_one(diagnostic: Diagnostic, lines: list[str] | None) -> str:
    """Return one diagnostic as two to four lines."""
    head = f"{printable(diagnostic.span)}: {diagnostic.severity} {diagnostic.code}: {diagnostic.message}"
    hint = diagnostic.hint
    if lines is None or diagnostic.span.line > len(lines) or not lines[diagnostic.span.line - 1].strip():
        return f"{head}\n" + (f"  = {hint}\n" if hint else "")
    number = str(diagnostic.span.line)
    shown, mark = _excerpt(lines[diagnostic.span.line - 1], diagnostic.span)
    margin = " " * len(number)
    return f"{head}\n{number} | {shown}\n{margin} | {mark}{' ' if hint else ''}{hint}\n"


def _excerpt(line: str, span: Span) -> tuple[str, str]:
    """Return the part of a line around a place, and the carets under the place."""
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    first = max(0, start - _BEFORE) if len(line) > _WINDOW else 0
    last = min(len(line), first + _WINDOW)
    left = "…" if first > 0 else ""
    right = "…" if last < len(line) else ""
    before = left + printable(line[first:start])
    marked = printable(line[start : min(end, last)])
    after = printable(line[max(start, min(end, last)) : last])
    return before + marked + after + right, " " * _columns(before) + "^" * max(1, _columns(marked))


def _columns(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    """Return the columns of one character: none for combining marks, two for wide ones, else one."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
