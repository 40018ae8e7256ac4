"""Great Expectations: a suite of expectations in JSON, of any version (`expectation_type` or `type`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import Entry, FieldDraft, SpecDraft, entry
from dq.exchange.readers.keywords import shortened

Arguments = dict[str, Any]
TYPES = {"str": "string", "string": "string", "varchar": "string", "text": "string", "object": "string"}
TYPES |= dict.fromkeys(("int", "int32", "int64", "integer", "bigint"), "integer")
TYPES |= dict.fromkeys(("float", "float64", "double", "number"), "number")
TYPES |= {"bool": "boolean", "boolean": "boolean", "date": "date", "datetime": "datetime", "timestamp": "datetime"}
_NUMBERS = frozenset({int, float})


def _between(given: Arguments) -> str | None:
    """Return the check of an interval, of which either end may be open or left out."""
    low, high = given.get("min_value"), given.get("max_value")
    strict = given.get("strict_min") or given.get("strict_max")
    if low is not None and high is not None and not strict:
        return entry("between", [low, high])
    if low is not None and high is None:
        return entry("gt" if given.get("strict_min") else "minimum", low)
    if high is not None and low is None:
        return entry("lt" if given.get("strict_max") else "maximum", high)
    return None


def _range(kind: str) -> Callable[[Arguments], str | None]:
    """Return the reader of an expectation of the batch that has a smallest and a largest value."""

    def read(given: Arguments) -> str | None:
        ends = {"min": given.get("min_value"), "max": given.get("max_value")}
        stated = {key: end for key, end in ends.items() if end is not None}
        return entry(kind, stated) if stated else None

    return read


def _length(given: Arguments) -> str | None:
    """Return the check of a text's length."""
    ends = {"min": given.get("value", given.get("min_value")), "max": given.get("value", given.get("max_value"))}
    stated = {key: end for key, end in ends.items() if end is not None}
    return entry("length", stated) if stated else None


CHECKS: dict[str, Callable[[Arguments], str | None]] = {
    "expect_column_values_to_not_be_null": lambda _given: "required",
    "expect_column_values_to_be_unique": lambda _given: "unique",
    "expect_column_values_to_be_in_set": lambda given: entry("accepted_values", given.get("value_set") or []),
    "expect_column_values_to_not_be_in_set": lambda given: entry("not_accepted_values", given.get("value_set") or []),
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_match_regex": lambda given: entry("pattern", given.get("regex")),
    "expect_column_value_lengths_to_be_between": _length,
    "expect_column_value_lengths_to_equal": _length,
}
EXPECTATIONS: dict[str, Callable[[Arguments], str | None]] = {
    "expect_column_mean_to_be_between": _range("mean"),
    "expect_column_median_to_be_between": _range("median"),
    "expect_column_min_to_be_between": _range("min"),
    "expect_column_max_to_be_between": _range("max"),
    "expect_column_sum_to_be_between": _range("sum"),
    "expect_column_stdev_to_be_between": _range("stdev"),
    "expect_column_unique_value_count_to_be_between": _range("distinct"),
}
ORDERED = frozenset({"expect_column_values_to_be_between"})
NUMERIC = frozenset(EXPECTATIONS) - {"expect_column_unique_value_count_to_be_between"}


@READERS.register
class GreatExpectationsReader(Reader):
    """Reads a suite.  Types, which a suite need not say, are those that its values imply, and text elsewhere."""

    kind = "great-expectations"
    title = "Great Expectations, a suite in JSON"

    def recognizes(self, document: Any) -> bool:
        """Whether it has a list of expectations."""
        return isinstance(document, dict) and isinstance(document.get("expectations"), list)

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification."""
        if not self.recognizes(document):
            raise UsageError(f"{name}: this is no suite of expectations")
        event = document.get("expectation_suite_name") or document.get("name") or name.partition(".")[0]
        draft = SpecDraft(str(event), format="csv")
        told = [
            (str(one.get("expectation_type") or one.get("type")), one.get("kwargs") or {})
            for one in document["expectations"]
        ]
        names = dict.fromkeys(str(given["column"]) for _, given in told if "column" in given)
        names |= dict.fromkeys(str(name) for kind, given in told for name in _listed_columns(kind, given))
        columns = {column: _column(column, told) for column in names}
        for number, (kind, given) in enumerate(told):
            at, about = f"expectations[{number}].{kind}", columns.get(str(given.get("column")))
            if not _read(kind, given, at, about, draft, columns):
                draft.lose(at, shortened(given))
        for column, field in columns.items():
            draft.add(column, field)
        return draft.finish(name)


def _listed_columns(kind: str, given: Arguments) -> list[Any]:
    """Return the columns of a table, where an expectation lists them."""
    listed = given.get("column_list") or given.get("column_set") or []
    return list(listed) if "columns" in kind else []


def _column(name: str, told: list[tuple[str, Arguments]]) -> FieldDraft:
    """Return the field of a column, of the type that is stated or implied."""
    about = [(kind, given) for kind, given in told if str(given.get("column")) == name]
    stated = [TYPES.get(str(given.get("type_", "")).lower()) for kind, given in about if kind.endswith("be_of_type")]
    kind = next((found for found in stated if found), None)
    return FieldDraft(kind or _implied(about), name)


def _implied(about: list[tuple[str, Arguments]]) -> str:
    """Return the type that expectations of one column imply: whole numbers only where they are listed as such."""
    listed = {type(value) for kind, given in about if kind.endswith("in_set") for value in given.get("value_set") or []}
    ends = {type(given.get(key)) for kind, given in about if kind in ORDERED for key in ("min_value", "max_value")}
    if ends & _NUMBERS or any(kind in NUMERIC for kind, _ in about):
        return "number"
    if listed and listed <= _NUMBERS:
        return "integer" if listed == {int} else "number"
    return "string"


def _read(
    kind: str, given: Arguments, at: str, column: FieldDraft | None, draft: SpecDraft, columns: dict[str, FieldDraft]
) -> bool:
    """Read one expectation; return whether it is carried over."""
    if kind in {"expect_column_to_exist", "expect_column_values_to_be_of_type"}:
        return column is not None
    if kind == "expect_table_row_count_to_be_between":
        text = _range("row_count")(given)
        draft.expect += [Entry(text, at)] if text else []
        return text is not None
    if kind in {"expect_compound_columns_to_be_unique", "expect_select_column_values_to_be_unique_within_record"}:
        listed = given.get("column_list") or []
        if kind.endswith("record") or not set(listed) <= set(columns):
            return False
        draft.checks.append(Entry(entry("unique", listed), at))
        return True
    if column is None or (kind not in CHECKS and kind not in EXPECTATIONS):
        return False
    return _read_column(kind, given, at, column)


def _read_column(kind: str, given: Arguments, at: str, column: FieldDraft) -> bool:
    """Read one expectation of a column; `mostly` stands beside the check."""
    text = (CHECKS.get(kind) or EXPECTATIONS[kind])(given)
    if text is None:
        return False
    mostly = given.get("mostly")
    if kind in CHECKS and mostly is not None and mostly != 1:
        name, sign, value = text.partition(": ")
        text = f"{{{name}{sign or ': {}'}{value}, mostly: {mostly}}}"
    (column.checks if kind in CHECKS else column.expect).append(Entry(text, at))
    return True
