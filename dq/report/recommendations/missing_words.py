"""Words where a value should be: they may mean that there is none."""

from __future__ import annotations

from collections.abc import Iterator

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import unreadable
from dq.spec.edits import Edit

NAMED = 20
SENTENCE = 3
_WITH_DIGITS = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})


@RECOMMENDATIONS.register
class MissingWords(Recommendation):
    """Name texts without a digit in a field of numbers, dates or times, and declare them as words for no value."""

    kind = "missing_words"
    title = "words stand where there is no value"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field that has such words."""
        for check, field, texts in unreadable(run):
            if field.type.family not in _WITH_DIGITS:
                continue
            words = [(text, count) for text, count in texts if not any(c.isdigit() for c in text)][:NAMED]
            if not words:
                continue
            records, named = sum(count for _, count in words), [text for text, _ in words]
            declared = run.plan.missing if field.missing is None else field.missing
            text = (
                f"{several(records, 'value')} of {field.name} ({', '.join(named[:SENTENCE])}) cannot be read as "
                f"{field.type}: if that means no value, say so in `missing`"
            )
            edit = Edit("set", ("fields", field.name, "missing"), [*declared, *named])
            evidence = {"share": share_of(records, check["failed"]), "values": named, "observed": dict(words)}
            yield Advice(check["id"], text, records, (edit,), evidence)
