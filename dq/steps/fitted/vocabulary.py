"""`repair: {vocabulary: …}`: a misspelling becomes the one word that is near."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import Field, PlainValidator, WithJsonSchema

from dq.dtypes.types import Family
from dq.params import Count, Flag, ParamError, Params, Scalar, Text, Word, read_text, refuse
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, Applied, FitTarget, FittedStep, read_table, write_table
from dq.steps.fitted.nearest import Distance, Words, near_and_outdone, need_distances

LEARNT = "learnt"
_RUN = r"[\p{L}\p{M}\p{N}]+"
_SEGMENTS = r"[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+"
_ROW = "\x00row"


def read_words(value: object) -> str | tuple[str, ...]:
    """Read `learnt`, or a list of words."""
    if isinstance(value, (list, tuple)):
        return tuple(read_text(word) for word in value)
    if isinstance(value, (str, Scalar)) and read_text(value) == LEARNT:
        return LEARNT
    raise refuse("'learnt' or a list of words", value)


class VocabularyParams(Params):
    """Where the words are from, and what is near."""

    shorthand: ClassVar[str | None] = "words"
    words: Annotated[
        str | tuple[str, ...],
        PlainValidator(read_words),
        WithJsonSchema(
            {"anyOf": [{"enum": [LEARNT]}, {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1}]}
        ),
    ] = Field(LEARNT, description="A list of words; or `learnt`: the values that are frequent.")
    file: Text | None = Field(None, description="A file beside the spec whose column holds the words.")
    column: Text | None = Field(None, description="The column of the file.")
    max_distance: Distance = Field(1, description="How many typing errors are mended, or their share of a value (10%).")
    ignore_case: Flag = Field(False, description="Whether case is no difference; the word's own spelling is written.")
    unit: Annotated[Literal["value", "word"], Word] = Field(
        "value", description="Whether whole values are mended, or each word (a run of letters) in them."
    )
    by: list[Text] = Field(
        default_factory=list, description="Learn within groups of records that agree in these fields."
    )
    min_count: Count = Field(2, description="How often a value must occur to be a learnt word.")
    min_ratio: Count = Field(
        10, description="How many times as frequent a word must be as a near value, for that to be its misspelling."
    )
    max_words: Count = Field(10_000, description="How many words are learnt at most, the most frequent ones.")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words, and the rare values near them that are no misspellings, by group (the empty one where no `by`)."""

    words: Mapping[tuple[Any, ...], Words]
    kept: Mapping[tuple[Any, ...], frozenset[str]]


@FITTED_STEPS.register
class VocabularyRepair(FittedStep):
    """Mend misspellings: a text within `max_distance` typing errors of exactly one nearest word becomes that word.

    A typing error is one character inserted, deleted or changed, or two neighbours exchanged; one character at
    least must be right.  Where two words are equally near, nothing is guessed, and a word is never changed.  The
    words are given, stand in a file beside the spec, or are learnt: the values that occur `min_count` times.  A
    learnt value that occurs less often than a near one is its misspelling only if the other is `min_ratio` times as
    frequent.  A record with a null in `by` belongs to no group.

    `unit: word` learns and mends the words inside of longer texts.  A run of letters and digits with a digit in it
    is no word.  At most `max_words` words are learnt a group, and distinct texts are compared with the words that
    are about as long, so that the time has a bound.
    """

    kind = "vocabulary"
    stage = "repair"
    families = frozenset({Family.TEXT})
    title = "The one word of a vocabulary that is near."
    example = "{vocabulary: learnt, max_distance: 1}"
    Params = VocabularyParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Read the words.  ParamError DQ325 without rapidfuzz, DQ320 for the file, DQ308 or DQ311 for the rest."""
        super().__init__(params, target)
        need_distances(self.kind)
        self.by = target.groups(params.by, self.kind)
        self.given = self._given()
        self.learns = self.given is None
        for option in ("by", "min_count", "min_ratio", "max_words"):
            if self.given is not None and option in params.model_fields_set:
                raise ParamError("DQ321", option, option=option, problem="nothing is learnt, the words are given")
        if params.max_distance == 0 and not params.ignore_case:
            raise ParamError("DQ308", "max_distance", kind=self.kind, problem="a distance of 0 mends nothing")

    def _given(self) -> tuple[str, ...] | None:
        """Return the words that the spec gives, sorted, or None where they are learnt."""
        params = self.params
        if params.file is None:
            if params.column is not None:
                raise ParamError("DQ321", "column", option="column", problem="there is no file that it could be in")
            return None if params.words == LEARNT else _distinct(self.kind, params.words)
        if params.column is None:
            raise ParamError("DQ306", "column")
        if "words" in params.model_fields_set:
            raise ParamError("DQ321", "words", option="words", problem="they stand in the file")
        if self.target.reference is None:
            raise ParamError("DQ320", "file", file=params.file, problem="no reference files can be read here")
        found = self.target.reference(params.file, params.column)
        if not found:
            raise ParamError("DQ320", "file", file=params.file, problem=f"column {params.column!r} holds no value")
        return found

    def _types(self) -> dict[str, Any]:
        return {**{name: self.target.types[name] for name in self.by}, VALUE: self.target.type}

    def partial(self, frame: pl.DataFrame) -> GroupCounts:
        """Return the counts of the values, or of the words in them, by group."""
        if self.params.unit == "value":
            return super().partial(frame)
        words = frame.select(*self.by, pl.col(self.name).str.extract_all(_RUN)).explode(self.name)
        return GroupCounts.fit(words, self.by, self.name)

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the learnt words of every group, and its rare values that are no misspellings of near words."""
        by = list(self.by)
        if self.given is not None:
            return {"by": by, "words": [[word] for word in self.given], "kept": []}
        if counts is None:
            return {"by": by, "words": [], "kept": []}
        keyed = (
            counts.table.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in by)) if by else counts.table
        )
        if self.params.unit == "word":
            keyed = keyed.filter(_is_word(pl.col(VALUE)))
        words, kept = [], []
        listed = keyed.sort([*by, COUNT, VALUE], descending=[*(False for _ in by), True, False])
        for group in listed.partition_by(by, maintain_order=True) if by else [listed]:
            learnt, rare = self._learn(dict(zip(group[VALUE], group[COUNT], strict=True)))
            words.append(group.filter(pl.col(VALUE).is_in(learnt)))
            kept.append(group.filter(pl.col(VALUE).is_in(rare)))
        return {"by": by, "words": self._written(words), "kept": self._written(kept)}

    def _written(self, tables: list[pl.DataFrame]) -> list[list[str | None]]:
        """Return some rows of the counted table as canonical texts, in order of group and value."""
        if not tables:
            return []
        return write_table(pl.concat(tables).sort([*self.by, VALUE]), self._types())

    def _learn(self, counts: dict[str, int]) -> tuple[list[str], list[str]]:
        """Return the words of one group and the values to be kept; `counts` has the most frequent values first."""
        params = self.params
        often = [value for value, count in counts.items() if count >= params.min_count][: params.max_words]
        near, outdone = near_and_outdone(counts, self._among(often), params.min_ratio)
        words = [value for value in often if value not in outdone]
        return words, [value for value in counts if value in near and value not in outdone and value not in set(words)]

    def _among(self, words: Iterable[str]) -> Words:
        return Words(tuple(words), self.params.max_distance, self.params.ignore_case)

    def thaw(self, frozen: dict[str, Any]) -> Vocabulary:
        """Return the words and the kept values by group."""
        words, kept = (self._grouped(frozen[key]) for key in ("words", "kept"))
        return Vocabulary(
            {group: self._among(values) for group, values in words.items()},
            {group: frozenset(values) for group, values in kept.items()},
        )

    def _grouped(self, rows: list[list[str | None]]) -> dict[tuple[Any, ...], list[str]]:
        groups: dict[tuple[Any, ...], list[str]] = {}
        for *group, value in read_table(rows, self._types()).iter_rows():
            groups.setdefault(tuple(group), []).append(value)
        return groups

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its misspellings mended."""
        values = frame.select(*self.by, pl.col(self.name).alias(VALUE))
        if self.params.unit == "word":
            return Applied(self._mended_inside(values, learnt).alias(self.name))
        return Applied(self._mended(values, learnt).alias(self.name))

    def _mended(self, values: pl.DataFrame, learnt: Vocabulary) -> pl.Series:
        """Return the column VALUE of a frame with the columns of `by`, mended."""
        by = list(self.by)
        rows = []
        distinct = values.drop_nulls().unique(maintain_order=True)
        groups = distinct.partition_by(by, as_dict=True, maintain_order=True) if by else {(): distinct}
        for group, table in groups.items():
            if group in learnt.words:
                kept = learnt.kept.get(group, frozenset())
                near = learnt.words[group].nearest(text for text in table[VALUE] if text not in kept)
                rows += [(*group, text, word) for text, word in near.items()]
        if not rows:
            return values[VALUE]
        schema = {**values.select(by).schema, VALUE: pl.String(), "word": pl.String()}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return (
            values.join(table, on=[*by, VALUE], how="left", maintain_order="left")
            .select(pl.coalesce("word", VALUE))
            .to_series()
        )

    def _mended_inside(self, values: pl.DataFrame, learnt: Vocabulary) -> pl.Series:
        """Return the column VALUE with the words inside its texts mended, and what is between them as it is."""
        lists = values.with_row_index(_ROW).with_columns(pl.col(VALUE).str.extract_all(_SEGMENTS))
        segments = lists.explode(VALUE, empty_as_null=True)  # so that an empty text keeps its row
        words = segments.with_columns(pl.when(_is_word(pl.col(VALUE))).then(VALUE))
        mended = segments.with_columns(pl.coalesce(self._mended(words, learnt), VALUE).alias(VALUE))
        whole = mended.group_by(_ROW, maintain_order=True).agg(pl.col(VALUE).str.join(""))[VALUE]
        return whole.zip_with(values[VALUE].is_not_null(), values[VALUE])

    def identity(self) -> dict[str, Any]:
        """Return the kind and its parameters; given words by their sum."""
        params = self.params.model_dump(mode="json", exclude={"words", "max_distance"})
        given = None if self.given is None else hashlib.sha256("\n".join(self.given).encode()).hexdigest()
        distance = str(self.params.max_distance)
        return {"kind": self.kind, "field": self.name, "params": {**params, "max_distance": distance, "words": given}}


def _is_word(run: pl.Expr) -> pl.Expr:
    """Return which runs of letters and digits, or what is between them, are words: those of letters alone."""
    return run.str.contains(r"^[\p{L}\p{M}]+$")


def _distinct(kind: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words in order.  ParamError DQ307 where there are none, DQ324 for one that is repeated."""
    if not words:
        raise ParamError("DQ307", "words", kind=kind, expected="at least one word", found="an empty list")
    for place, word in enumerate(words):
        if word in words[:place]:
            raise ParamError("DQ324", "words", within=(place,), name=word, where=f"the words of '{kind}'")
    return tuple(sorted(words))
