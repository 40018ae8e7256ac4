"""Words for yes and no that are not declared."""

from __future__ import annotations

from collections.abc import Iterator

from dq.dtypes.cast import FALSE_WORDS, TRUE_WORDS
from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import unreadable
from dq.spec.edits import Edit

PAIRS = (
    ("yes", "no"), ("y", "n"), ("on", "off"), ("да", "нет"), ("д", "н"), ("ja", "nein"), ("j", "n"), ("oui", "non"),
    ("o", "n"), ("sí", "no"), ("si", "no"), ("s", "n"), ("sim", "não"), ("tak", "nie"), ("ano", "ne"), ("+", "-"),
    ("x", ""), ("✓", "✗"), ("ok", "nok"), ("active", "inactive"), ("enabled", "disabled"), ("wahr", "falsch"),
    ("vrai", "faux"), ("истина", "ложь"), ("есть", "нет"),
)  # fmt: skip
"""Words for true and false, in the languages that data is met in."""


@RECOMMENDATIONS.register
class BooleanWords(Recommendation):
    """Find the pair of words that a source writes for true and false, and declare them beside the usual ones."""

    kind = "boolean_words"
    title = "words for true and false are not declared"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each boolean field with words that are known."""
        for check, field, texts in unreadable(run):
            if field.type.family is not Family.BOOLEAN:
                continue
            words = {text.casefold() for text, _ in texts}
            yes = [one for one, other in PAIRS if {one, other} & words and one]
            no = [other for one, other in PAIRS if {one, other} & words and other]
            known = [(text, count) for text, count in texts if text.casefold() in {*yes, *no}]
            if not known or set(yes) & set(no):
                continue
            records, named = sum(count for _, count in known), [text for text, _ in known][:10]
            value = {
                "true": list(dict.fromkeys([*(field.options.true_words or TRUE_WORDS), *yes])),
                "false": list(dict.fromkeys([*(field.options.false_words or FALSE_WORDS), *no])),
            }
            text = (
                f"{several(records, 'value')} of {field.name} ({', '.join(named[:3])}) "
                f"{'is a word' if records == 1 else 'are words'} for true or false: declare them in `words`"
            )
            evidence = {"share": share_of(records, check["failed"]), "values": named, "observed": dict(known[:10])}
            yield Advice(check["id"], text, records, (Edit("set", ("fields", field.name, "words"), value),), evidence)
