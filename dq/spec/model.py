"""The event specification, as frozen models: what the language allows, without its kinds.

Checks and cleaning steps are a name, raw parameters and a place (`KindNode`); which kinds there are is not
known here.  Each model's field descriptions are the text that editors show and the reference prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from dq.diagnostics import Span
from dq.params import AnyRaw, Count, Duration, Flag, Real, Scalar, Share, Size, Text, Whole, Word, read_text, refuse
from dq.params import Literal as LiteralValue


def read_quote(value: object) -> str | None:
    """Read the quote character of a CSV source; `none` and null turn quoting off."""
    if value is None or (isinstance(value, Scalar) and value.plain and (value.is_null or value.text == "none")):
        return None
    text = read_text(value)
    if len(text) != 1:
        raise refuse("one character, or none", value)
    return text


def read_record(value: object) -> Any:
    """Read a record of the examples: a mapping whose values are judged as those of a source are."""
    if not isinstance(value, Mapping):
        raise refuse("a mapping of fields to values", value)
    return value


Quote: TypeAlias = Annotated[
    str | None, PlainValidator(read_quote), WithJsonSchema({"type": ["string", "null"], "maxLength": 4})
]
Record: TypeAlias = Annotated[Any, PlainValidator(read_record), WithJsonSchema({"type": "object"})]


class SpecModel(BaseModel):
    """A mapping of the language: unknown keys are errors, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    home: ClassVar[str] = ""  # where the keys of this model stand, in words
    whole: ClassVar[str] = "the spec"  # what the document is called whose root this model is


class KindNode(SpecModel):
    """One entry of a list of checks, steps or expectations.

    `name` is the kind as written, `params` its raw value (None for a bare name, or where only options stood in
    its braces), `siblings` the keys beside the name of a cleaning step that belong to the step itself
    (`otherwise` of `map`), and `options` what the language knows.  `path` leads to the entry, `value_path` to
    the value of the name; `span` is the place of the name.
    """

    name: str
    params: Any
    options: CheckOptions
    span: Span
    path: tuple[str | int, ...]
    siblings: dict[str, Any] = Field(default_factory=dict)
    written: tuple[tuple[str, tuple[str | int, ...]], ...] = ()

    @property
    def value_path(self) -> tuple[str | int, ...]:
        """Return the path of the value behind the name; of the entry itself, for a bare name."""
        return self.path if self.params is None and not self.written else (*self.path, self.name)

    def param_path(self, key: str) -> tuple[str | int, ...]:
        """Return the path of a parameter: beside the name, in its braces, or the value as a whole."""
        if key in self.siblings:
            return (*self.path, key)
        if isinstance(self.params, Mapping) and key in self.params:
            return (*self.path, self.name, key)
        return self.value_path

    def option_path(self, key: str) -> tuple[str | int, ...]:
        """Return the path of an option, beside the name or in the braces; of the entry, where it is not given."""
        return dict(self.written).get(key, self.path)


Severity: TypeAlias = Annotated[Literal["warning", "error"], Word]
OnFail: TypeAlias = Annotated[Literal["quarantine", "set_null", "keep", "abort"], Word]


class CheckOptions(SpecModel):
    """What stands beside the name of a check."""

    home: ClassVar[str] = "beside the name of a check"

    id: Text | None = Field(None, description="The check's id in reasons, reports and diffs.")
    description: Text | None = Field(None, description="What the check is for, in words.")
    severity: Severity = Field("error", description="How bad a failure is: error or warning.")
    on_fail: OnFail | None = Field(None, description="What to do: quarantine, set_null, keep or abort.")
    mostly: Share | None = Field(None, description="The share that must pass, else the gate fails.")
    where: Text | None = Field(None, description="The check asks only rows for which this expression is true.")


class SourceModel(SpecModel):
    """One shape in which records arrive."""

    home: ClassVar[str] = "in a source"

    format: Annotated[Literal["csv", "jsonl", "json", "parquet"], Word] = Field(
        description="csv, jsonl, json (an array) or parquet."
    )
    files: Text | list[Text] | None = Field(None, description="Globs of paths that bind to this source.")
    fields: dict[str, Text] = Field(
        default_factory=dict, description="Canonical field: column name, or path in the record."
    )
    encoding: Text = Field("utf-8", description="The encoding of the text; never guessed.")
    delimiter: Text = Field(",", description="The character between fields.")
    quote: Quote = Field('"', description="The quote character; none turns quoting off.")
    header: Flag | list[Text] = Field(True, description="Whether the first record names the columns, or the names.")
    skip_rows: Count = Field(0, description="Physical lines to skip before the header.")
    skip_footer: Count = Field(0, description="Physical lines to skip at the end.")
    bare_quotes: Annotated[Literal["refuse", "data"], Word] = Field(
        "refuse", description="A quote inside an unquoted field."
    )
    multiline: Annotated[
        Literal["check", "trust", "false"], Word, WithJsonSchema({"enum": ["check", "trust", "false", False]})
    ] = Field("check", description="Quoted fields that span lines.")
    recover: Annotated[Literal["accept", "quarantine"], Word] = Field(
        "accept", description="Records framed inside a broken quote."
    )
    max_record: Size = Field(2**20, description="The longest record, in bytes.")
    compression: Annotated[Literal["auto", "none", "gzip", "zstd"], Word] = Field(
        "auto", description="By the first bytes, or declared."
    )
    decimal: Text = Field(".", description="The decimal mark of numbers.")
    thousands: Text | None = Field(None, description="The mark between groups of three digits.")
    missing: list[Text] | None = Field(None, description="Words that mean no value, in this source.")


class WordsModel(SpecModel):
    """The words of a boolean field."""

    home: ClassVar[str] = "in 'words' of a field"

    true: list[Text] = Field(min_length=1, description="Words that mean true.")
    false: list[Text] = Field(min_length=1, description="Words that mean false.")


class LookupModel(SpecModel):
    """A table beside the spec that gives a field its value."""

    home: ClassVar[str] = "in 'lookup' of a field"

    file: Text = Field(description="A .csv file with a header or a .parquet file, by its path from the spec's folder.")
    by: dict[str, Text] = Field(min_length=1, description="The fields that are the key, and the column of each.")
    take: Text | None = Field(None, description="The column that is taken; the one named as the field, if not given.")
    otherwise: Annotated[Literal["blank", "refuse"], Word] = Field(
        "blank", description="What becomes of a key that the table does not have: blank (null) or refuse."
    )
    default: LiteralValue | None = Field(None, description="The value of a key that the table does not have.")
    fill: Flag = Field(False, description="Whether the field is read too, and the table gives only what is missing.")


class FieldModel(SpecModel):
    """One field of the canonical record."""

    home: ClassVar[str] = "in a field"

    type: Text = Field(
        description="string integer number decimal(p,s) boolean date time datetime duration list<T> object"
    )
    ref: Text | None = Field(None, alias="$ref", description="The definition that it narrows: FILE#/fields/NAME.")
    description: Text | None = Field(None, description="What the field means.")
    required: Flag = Field(False, description="Whether a record without a value is refused.")
    pii: Flag = Field(False, description="Personal data: values appear in data files only.")
    missing: list[Text] | None = Field(None, description="Words that mean no value, in place of the spec's own.")
    clean: list[AnyRaw] = Field(default_factory=list, description="Text steps, in the order written.")
    formats: list[Text] | None = Field(None, description="Formats of dates and times, tried in order.")
    timezone: Text | None = Field(None, description="The zone of values without an offset; UTC if not given.")
    ambiguous: Annotated[Literal["refuse", "earliest", "latest"], Word] = Field(
        "refuse", description="Local times that occur twice."
    )
    precision: Annotated[Literal["refuse", "truncate"], Word] = Field(
        "refuse", description="More than six fraction digits."
    )
    words: WordsModel | None = Field(None, description="The words of a boolean, in place of the usual ones.")
    separator: Text | None = Field(None, description="Between the elements of a list in a CSV cell.")
    checks: list[AnyRaw] = Field(default_factory=list, description="Questions about the value.")
    derive: Text | None = Field(None, description="Compute the field by an expression instead of reading it.")
    lookup: LookupModel | None = Field(None, description="Take the value from a table beside the spec, by a key.")
    repair: AnyRaw | None = Field(None, description="How values are mended by what other records say.")
    outliers: AnyRaw | None = Field(None, description="What is done with values far from the others.")
    impute: AnyRaw | None = Field(None, description="How a missing value is filled: constant, or learnt.")
    mask: Annotated[Literal["hash", "redact", "drop"], Word] | None = Field(
        None, description="What is written instead of the value: hash, redact or drop. It is personal data then."
    )
    expect: list[AnyRaw] = Field(default_factory=list, description="Expectations of the field in the whole batch.")


class FilterModel(SpecModel):
    """Which records are relevant; the rest leave by the door `filtered`."""

    home: ClassVar[str] = "in an entry of 'filter'"

    keep: Text = Field(description="Records for which this is true go on.")
    id: Text | None = Field(None, description="The filter's id in the report.")
    description: Text | None = Field(None, description="Why records are left out.")


class ComparedModel(SpecModel):
    """How a field is compared."""

    home: ClassVar[str] = "in a field of 'match'"

    by: Text = Field(description="The similarity: exact, jaro_winkler, levenshtein …")
    weight: Real = Field(1.0, description="How much the field counts beside the others; above 0.")


class BlockPartModel(SpecModel):
    """A part of a block that is less than a whole value."""

    home: ClassVar[str] = "in a part of a block"

    field: Text = Field(description="The field.")
    first: Count | None = Field(None, description="So many of its first characters.")
    soundex: Flag = Field(False, description="Its sound in English, by American Soundex.")


class MatchModel(SpecModel):
    """When two records are nearly the same."""

    home: ClassVar[str] = "in 'match'"

    fields: dict[str, Text | ComparedModel] = Field(
        min_length=1, description="The fields that are compared, each by a similarity."
    )
    blocks: list[Annotated[list[Text | BlockPartModel], Field(min_length=1)]] = Field(
        min_length=1, description="Only records that agree in all parts of one block are compared."
    )
    threshold: Share = Field(description="The least score of two records that are one.")
    min_compared: Share = Field(Fraction(1, 2), description="The share of the weights that must have values in both.")
    max_block: Count = Field(1000, description="Larger blocks are left out, and counted in the report.")


class StreamModel(SpecModel):
    """How a stream finds duplicates: in the order of arrival, among the events accepted lately."""

    home: ClassVar[str] = "in 'dedupe.stream'"
    within: Duration = Field(description="How long a key is remembered after its event was accepted, such as 24h.")
    max_keys: Count = Field(1_000_000, description="How many keys are remembered; of more, the oldest are forgotten.")
    time: Text | None = Field(None, description="The field with the moment of an event, by which it is late.")
    late: Annotated[Literal["accept", "quarantine"], Word] = Field("accept", description="What late events become.")


class DedupeModel(SpecModel):
    """Which of several records that are one stays."""

    home: ClassVar[str] = "in 'dedupe'"

    key: list[Text] | None = Field(None, min_length=1, description="What identifies a record; null never matches.")
    match: MatchModel | None = Field(None, description="Which records are nearly the same; after the key.")
    keep: Annotated[Literal["first", "last", "most_complete", "merge"], Word] = Field(
        "first",
        description="The first or the last by the order, the one with most values, or the last with gaps filled.",
    )
    order_by: Text | None = Field(None, description="The field that orders; the order of arrival if not given.")
    prefer: Annotated[Literal["any", "valid"], Word] = Field("any", description="valid: records without reasons win.")
    stream: StreamModel | None = Field(None, description="How a stream finds duplicates; batches do not read it.")


class ProfileModel(SpecModel):
    """What the gate is in one environment; what a profile does not say is as in the gate itself."""

    home: ClassVar[str] = "in a profile of 'gate'"

    quarantined: Share | None = Field(None, description="The share of refused records that is tolerated there.")
    fail_on: Annotated[Literal["error", "warning"], Word] | None = Field(
        None, description="The severity that fails the gate there."
    )


class GateModel(SpecModel):
    """When a batch is refused as a whole."""

    home: ClassVar[str] = "in 'gate'"

    quarantined: Share | None = Field(None, description="The share of refused records that is tolerated.")
    fail_on: Annotated[Literal["error", "warning"], Word] = Field("error", description="The severity that fails it.")
    profiles: dict[str, ProfileModel] = Field(
        default_factory=dict, description="Other thresholds by environment, chosen by name for a run."
    )


class MlModel(SpecModel):
    """What the records are for: a model that is trained on the accepted rows.

    Beside these keys stand the questions that are asked of the batch (`leakage: {max: 95%}`), which are kinds and so
    not known here.
    """

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    home: ClassVar[str] = "in 'ml'"

    target: Text | None = Field(None, description="The field to be predicted; it may not be imputed.")
    features: list[Text] = Field(default_factory=list, description="The fields that the model reads.")
    task: Annotated[Literal["classification", "regression"], Word] | None = Field(
        None,
        description="classification or regression; by the target if not given: text, booleans and whole numbers with "
        "accepted_values are classes, other numbers are not.",
    )
    groups: list[Text] = Field(default_factory=list, description="Fields whose values must all be represented.")
    key: list[Text] | None = Field(None, description="What a record is about; the key of dedupe if not given.")
    min_rows: Count = Field(30, description="A batch of fewer accepted rows is not asked whether it is fit.")

    @property
    def questions(self) -> Mapping[str, Any]:
        """The raw entries that are no keys of the language: questions by their kind."""
        return self.model_extra or {}


class OutputModel(SpecModel):
    """The canonical format."""

    home: ClassVar[str] = "in 'output'"

    format: Annotated[Literal["parquet", "csv", "jsonl"], Word] = Field("parquet", description="parquet, csv or jsonl.")
    fields: list[Text] | None = Field(None, description="The fields to write, in this order; all by default.")


class InvalidExample(SpecModel):
    """A record that must be refused, and by which checks."""

    home: ClassVar[str] = "in an entry of 'examples.invalid'"

    record: Record = Field(description="The record, as a source would give it.")
    violates: list[Text] = Field(min_length=1, description="The ids of the checks that refuse it.")


class ExamplesModel(SpecModel):
    """The specification's own unit tests."""

    home: ClassVar[str] = "in 'examples'"

    valid: list[Record] = Field(default_factory=list, description="Records that must be accepted.")
    invalid: list[InvalidExample] = Field(default_factory=list, description="Records that must be refused.")


class Spec(SpecModel):
    """An event specification, version 1 of the language."""

    home: ClassVar[str] = "at the top of the spec"

    dq: Whole = Field(description="The version of this language: 1.")
    event: Text = Field(description="The business event that one record describes.")
    version: Text = Field(description="The specification's own version (SemVer).")
    description: Text | None = Field(None, description="What one record is.")
    owner: Text | None = Field(None, description="Who answers for it.")
    tags: list[Text] = Field(default_factory=list, description="Words to find it by.")
    extends: Text | None = Field(None, description="A spec in the same folder that this one narrows.")
    match: dict[str, Text | list[Text]] | None = Field(
        None,
        description="Which records of a folder of specs it takes: path in the record: the value there, or several. "
        "If not given, records that declare its event, and its version or none.",
    )
    sources: dict[str, SourceModel] = Field(default_factory=dict, description="Many shapes in, one shape out.")
    missing: list[Text] = Field(default_factory=lambda: [""], description="Words that mean no value.")
    unknown_fields: Annotated[Literal["ignore", "keep", "quarantine"], Word] = Field(
        "ignore", description="Fields that are not listed."
    )
    fields: dict[str, FieldModel] = Field(min_length=1, description="The canonical record, in order.")
    filter: list[FilterModel] = Field(default_factory=list, description="Which records are relevant.")
    checks: list[AnyRaw] = Field(default_factory=list, description="Checks across fields, or across several rows.")
    dedupe: DedupeModel | None = Field(None, description="Which of several records with the same key stays.")
    expect: list[AnyRaw] = Field(default_factory=list, description="Expectations of the whole batch.")
    gate: GateModel = Field(
        GateModel(quarantined=None, fail_on="error"), description="When a batch is refused as a whole."
    )
    ml: MlModel | None = Field(None, description="What the records are for.")
    output: OutputModel = Field(OutputModel(format="parquet", fields=None), description="The canonical format.")
    examples: ExamplesModel | None = Field(None, description="The specification's own unit tests.")


KindNode.model_rebuild()
__all__ = [
    "CheckOptions",
    "DedupeModel",
    "ExamplesModel",
    "FieldModel",
    "FilterModel",
    "GateModel",
    "KindNode",
    "LookupModel",
    "MlModel",
    "OutputModel",
    "ProfileModel",
    "SourceModel",
    "Spec",
]
