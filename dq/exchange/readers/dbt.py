"""dbt: the tests of `schema.yml`, of the first model, source table, seed or snapshot that has columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dq.errors import UsageError
from dq.exchange.base import READERS, Imported, Reader
from dq.exchange.draft import Entry, FieldDraft, SpecDraft, entry
from dq.exchange.readers.keywords import shortened

TYPES = dict.fromkeys(("int", "integer", "bigint", "smallint", "int64", "number(38,0)"), "integer")
TYPES |= dict.fromkeys(("float", "float64", "double", "double precision", "real", "numeric", "number"), "number")
TYPES |= {"boolean": "boolean", "bool": "boolean", "date": "date", "timestamp": "datetime", "timestamp_tz": "datetime"}
SECTIONS = ("models", "seeds", "snapshots")
# Of a table and of a column, what is read here.
READ = frozenset({"name", "description", "columns", "tests", "data_tests", "data_type"})


@READERS.register
class DbtReader(Reader):
    """Reads the generic tests of dbt, and those of dbt_utils and dbt_expectations that mean the same as a check."""

    kind = "dbt"
    title = "dbt, the tests of a schema.yml"

    def recognizes(self, document: Any) -> bool:
        """Whether it describes models, seeds, snapshots or sources."""
        return isinstance(document, dict) and any(isinstance(document.get(key), list) for key in (*SECTIONS, "sources"))

    def tables(self, document: Any) -> Iterator[tuple[str, Any]]:
        """Yield every table that is described, as a file of its own."""
        rest = {key: value for key, value in document.items() if key not in (*SECTIONS, "sources")}
        for _, table in _tables(document):
            yield str(table.get("name")), rest | {"models": [table]}

    def read(self, document: Any, name: str) -> Imported:
        """Return the specification of the first table that has columns."""
        tables = list(_tables(document)) if self.recognizes(document) else []
        described = [(at, table) for at, table in tables if table.get("columns")]
        if not described:
            raise UsageError(f"{name}: this is no schema.yml with columns of a model, seed, snapshot or source")
        (_, first), draft = described[0], SpecDraft(str(described[0][1].get("name")), format="csv")
        draft.description = first.get("description")
        for at, table in tables:
            if table is not first:
                draft.lose(at, f"the table {table.get('name')}: a specification is of one table")
        for key in document:
            if key not in (*SECTIONS, "sources", "version"):
                draft.lose(key, "not about the columns of a table")
        for key, value in first.items():
            if key not in READ:
                draft.lose(key, shortened(value))
        for column in first["columns"]:
            _read_column(column, draft)
        for number, test in enumerate(_tests(first)):
            _read_table_test(test, f"tests[{number}]", draft)
        return draft.finish(name)


def _tables(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table that is described, with its place."""
    for section in SECTIONS:
        yield from ((f"{section}[{number}]", one) for number, one in enumerate(document.get(section) or []))
    for number, source in enumerate(document.get("sources") or []):
        for inner, one in enumerate(source.get("tables") or []):
            yield f"sources[{number}].tables[{inner}]", one


def _tests(described: dict[str, Any]) -> list[Any]:
    """Return the tests of a column or a table; they are called data_tests since version 1.8."""
    return [*(described.get("tests") or []), *(described.get("data_tests") or [])]


def _read_column(column: dict[str, Any], draft: SpecDraft) -> None:
    """Add a column to a draft."""
    at = f"columns.{column.get('name')}"
    of = TYPES.get(str(column.get("data_type", "")).lower()) or _implied(column)
    field = FieldDraft(of, at, description=column.get("description"))
    for number, test in enumerate(_tests(column)):
        name, given = _named(test)
        text = _check(name, given)
        if text is None:
            draft.lose(f"{at}.tests[{number}]", shortened(test))
        else:
            field.checks.append(Entry(text, f"{at}.tests[{number}]"))
    for key, value in column.items():
        if key not in READ and value:
            draft.lose(f"{at}.{key}", shortened(value))
    draft.add(str(column.get("name")), field)


def _implied(column: dict[str, Any]) -> str:
    """Return the type that the tests of a column imply; text where they do not."""
    for name, given in map(_named, _tests(column)):
        if name.endswith("accepted_values") and given.get("quote") is False:
            return "integer" if all(type(value) is int for value in given.get("values", [])) else "string"
        if name.endswith(("accepted_range", "values_to_be_between")):
            return "number"
    return "string"


def _named(test: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of a test and its arguments, which stand under `arguments` since version 1.10."""
    if not isinstance(test, dict):
        return str(test), {}
    if "test_name" in test:
        return str(test["test_name"]), {key: value for key, value in test.items() if key != "test_name"}
    name, given = next(iter(test.items()))
    given = given if isinstance(given, dict) else {}
    return str(name), {**given, **(given.get("arguments") or {})}


def _check(name: str, given: dict[str, Any]) -> str | None:
    """Return a test of a column as an entry of its checks, or None where dq asks nothing alike."""
    kind = name.rpartition(".")[2]
    settings = {**given, **(given.get("config") or {})}
    if settings.get("where") or settings.get("error_if") or settings.get("warn_if"):
        return None  # conditions in SQL
    options = {"severity": "warning"} if settings.get("severity") == "warn" else {}
    if kind in {"not_null", "unique"}:
        return entry("required" if kind == "not_null" else kind, None, options)
    if kind in {"accepted_values", "expect_column_values_to_be_in_set"}:
        return entry("accepted_values", given.get("values") or given.get("value_set") or [], options)
    if kind == "expect_column_values_to_match_regex":
        return entry("pattern", given.get("regex"), options)
    low, high = given.get("min_value"), given.get("max_value")
    inclusive = given.get("inclusive", True) and not given.get("strictly")
    if kind in {"accepted_range", "expect_column_values_to_be_between"}:
        return _range(low, high, options, inclusive=bool(inclusive))
    return None


def _range(low: Any, high: Any, options: dict[str, Any], *, inclusive: bool) -> str | None:
    """Return the check of an interval, or None where it has no form: open at both ends, or without any."""
    if low is not None and high is not None:
        return entry("between", [low, high], options) if inclusive else None
    if low is not None:
        return entry("minimum" if inclusive else "gt", low, options)
    return entry("maximum" if inclusive else "lt", high, options) if high is not None else None


def _read_table_test(test: Any, at: str, draft: SpecDraft) -> None:
    """Add a test of a whole table."""
    name, given = _named(test)
    columns = given.get("combination_of_columns")
    if name.endswith("unique_combination_of_columns") and columns and set(columns) <= set(draft.fields):
        draft.checks.append(Entry(entry("unique", columns), at))
    else:
        draft.lose(at, shortened(test))
