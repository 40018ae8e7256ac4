"""Whether a field has a value in every record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.drafting.finding import Finding, share

if TYPE_CHECKING:
    from dq.drafting.column import Column

_FEWEST = 5
_NEARLY = 0.995


def guess(column: Column) -> list[Finding]:
    """Return `required` where no value is missing, and as a doubt where nearly none is."""
    missing = column.records - column.present
    if column.records < _FEWEST:
        return []
    if not missing:
        return [Finding("required", "true", "")]
    if column.present >= _NEARLY * column.records and column.records >= 200:  # noqa: PLR2004 - one missing may be chance
        return [Finding("required", "true", f"{share(missing, column.records)} records have none", sure=False)]
    return []
