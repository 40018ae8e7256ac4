"""The part of a draft that says how the files are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.drafting.finding import scalar, sequence
from dq.sources.paths import Path

if TYPE_CHECKING:
    from dq.drafting.form import Form
    from dq.drafting.text import Page
    from dq.dtypes.cast import CastOptions

_OPTIONS = ("encoding", "delimiter", "quote", "bare_quotes", "skip_rows", "header")
_PLAIN = {"encoding": "utf-8", "delimiter": ",", "quote": '"', "bare_quotes": "refuse", "skip_rows": 0, "header": True}


def is_implied(form: Form, fields: dict[str, str], marks: CastOptions) -> bool:
    """Whether the name of the file and the names of the fields say everything, so that no source is written."""
    same = all(_implied_path(form, name) == path for name, path in fields.items())
    return form.implied and same and marks.decimal_mark == "." and marks.thousands is None


def _implied_path(form: Form, name: str) -> str:
    """Return the path that a field is read from without a source."""
    return str(Path((name,))) if form.dialect.format in {"json", "jsonl"} else name


def write(page: Page, name: str, form: Form, fields: dict[str, str], marks: CastOptions) -> None:
    """Write one source: its options, and which field is read from where."""
    dialect = form.dialect
    page.add(f"  {name}:")
    page.add(f"    format: {dialect.format}", f"a guess by {form.evidence['format']}" if form.evidence else "")
    for option in _OPTIONS:
        value = getattr(dialect, option)
        if value != _PLAIN[option]:
            page.add(f"    {option}: {_value(option, value)}", form.evidence.get(option, ""))
    if marks.decimal_mark != ".":
        page.add(f"    decimal: {scalar(marks.decimal_mark)}", "numbers are written so")
    if marks.thousands is not None:
        page.add(f"    thousands: {scalar(marks.thousands)}", "numbers are written so")
    mapped = {field: path for field, path in fields.items() if field != path}
    if mapped:
        page.add("    fields:", "from where a field is read, if not from its own name")
        for field, path in mapped.items():
            page.add(f"      {field}: {scalar(path)}")


def _value(option: str, value: object) -> str:
    """Return the value of an option as YAML."""
    if option == "quote" and value is None:
        return "none"
    if isinstance(value, tuple):
        return sequence([str(item) for item in value])
    return str(value) if isinstance(value, int) or option in {"encoding", "bare_quotes"} else scalar(str(value))
