"""How a source is read: edits of it, and fields that it sends under other names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.report.recommendations.nearness import Spellings
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.tally import SourceTally
    from dq.report.recommendations.base import Run

IMPLIED = "input"
"""The name of a source that is declared because what the file names implied does not do."""


def source_edits(run: Run, source: SourceTally, keys: tuple[str, ...], value: Any) -> tuple[Edit, ...]:
    """Return the edits that say something of an input's source otherwise: the value at these keys.

    Where the spec declares no source, one is declared that reads what the file names implied.  It would be the only
    one, so that is done only where all inputs are of its form.
    """
    name, dialect = source.dialect["name"], source.dialect
    if name in {one.name for one in run.plan.sources}:
        return (Edit("set", ("sources", name, *keys), value),)
    forms = {(one.dialect["format"], one.dialect.get("delimiter")) for one in run.tally.sources}
    if run.plan.sources or dialect["format"] == "frame" or len(forms) > 1:
        return ()
    said: dict[tuple[str, ...], Any] = {("format",): dialect["format"]}
    said |= {("delimiter",): "\t"} if dialect.get("delimiter") == "\t" else {}
    said[keys] = value
    return tuple(Edit("set", ("sources", IMPLIED, *place), one) for place, one in said.items())


def other_names(run: Run, source: SourceTally) -> dict[str, str]:
    """Return the fields that an input lacks and seems to send under another name, with that name."""
    account = source.account
    own = [field.name for field in run.plan.fields if field.is_read and field.name not in source.explicit]
    known = Spellings({name: name for name in own if _is_absent(source, name)})
    found: dict[str, str] = {}
    for name in sorted(account.unknown if account.refused is None else account.header or ()):
        meant = known.meant(name)
        if meant is not None and name not in run.plan.by_name:
            found.setdefault(meant, name)
    return dict(sorted(found.items()))


def _is_absent(source: SourceTally, name: str) -> bool:
    """Whether no record of an input has anything for a field."""
    account = source.account
    if account.refused is not None:
        return account.refused[0] == "source.missing_column" and name not in (account.header or ())
    return name in account.absent or (account.records > 0 and account.present.get(name) == 0)
