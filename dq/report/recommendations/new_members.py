"""Values that a closed set refuses, and that are not spelt like any of its members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, counted, examples
from dq.report.recommendations.nearness import Spellings, known_words
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

FREQUENT = 0.01
"""From this share of the values on, what nobody declared is probably a member and no fault."""
NAMED = 10


@RECOMMENDATIONS.register
class NewMembers(Recommendation):
    """Name refused values that stand for something else than the accepted ones, and accept those that are frequent."""

    kind = "new_members"
    title = "refused values are no spelling of an accepted one"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each closed set that refused such values."""
        for check in run.failing("accepted_values"):
            field = run.field_of(check)
            strange = [] if field.pii else _strange(run, check)
            if not strange:
                continue
            records = min(check["failed"], sum(count for _, count in strange))
            least = max(2, FREQUENT * check["evaluated"])
            frequent = [text for text, count in strange if count >= least]
            values = [text for text, _ in strange][:NAMED]
            yield Advice(
                check["id"],
                _text({**check, "failed": records}, values),
                records,
                _edits(field, frequent[:NAMED]),
                {"values": values, "observed": dict(strange[:NAMED])},
            )


def _strange(run: Run, check: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the refused values that are spelt like no accepted one, with their counts, the most frequent first."""
    sample = run.tally.wrong.get(check["id"])
    if sample is None:
        return [(text, 1) for text in examples(check)]
    accepted = Spellings(known_words(run.field_of(check), run.bound(check)))
    return [(text, count) for text, count in sample.ranked() if accepted.meant(text) is None]


def _text(check: dict[str, Any], values: list[str]) -> str:
    """Return the action in words."""
    verb, them = ("is", "it") if check["failed"] == 1 else ("are", "them")
    return f"{counted(check, values)} {verb} not accepted: map {them} to an accepted value, or accept {them}"


def _edits(field: BoundField, frequent: list[str]) -> tuple[Edit, ...]:
    """Return the additions to the field's only closed set; none where there are several."""
    if sum(check.kind == "accepted_values" for check in field.checks) > 1:
        return ()
    return tuple(Edit("append", ("fields", field.name, "checks", "accepted_values"), text) for text in frequent)
