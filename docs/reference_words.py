"""What the reference says in words of its own: what reason codes and members of outputs mean, and texts to be cast."""

from __future__ import annotations

from dq.dtypes.cast import CastOptions

HEAD = """\
# Reference

This page is made from the code by `docs/make_reference.py`; a test compares the two and runs every example.
The same lists are printed by `dq list`, and `dq explain CODE` tells what a diagnostic means.
[spec.md](spec.md) shows the language by example.
"""

OPENINGS = {
    "Types": """
The texts are cast when this page is made. A refused text is a reason on its row.
""",
    "Cleaning steps": """
They stand in `clean`, in the order in which they run. A missing value stays missing: no step sees it.
""",
    "Steps that learn": """
They stand in `repair`, `outliers` and `impute` of a field, and run in that order after deduplication. All records that
were not filtered and not deduplicated take part, refused later or not. What is learnt is written to `state.json`;
`dq fit` learns alone, and `dq run --state` applies and learns nothing.
""",
    "Checks": """
A check asks one question and never changes a value. A null has nothing to judge, except for `required`. Every check
is said in Polars and in pandera, and, where it can say it, in JSON Schema.
""",
    "Expectations": """
They stand in `expect`: of a field, or of the whole spec.
""",
    "Is it fit to train on?": """
They stand in `ml`, each at most once, and are asked of the accepted rows. All of them are asked by default, as
warnings, wherever `ml` names what they need; `false` leaves one out. Counts are mergeable, and no answer depends on
chunks or order. [May I train on this?](training.md) tells how to read the answers.
""",
    "Expressions": """
In `where`, `assert`, `keep` and `derive`. There are fields, literals (`'text'`, `1`, `2.5`, `1e3`, `true`, `null`,
`date '2026-11-01'`, `timestamp '2026-11-01T10:00:00Z'`, `duration '24h'`), `and or not`, `= <> < <= > >=`, `in`,
`between`, `is null`, `+ - * / %`, and the functions below. Overflow and division by zero are unknown. Every example is
an expression that is true.
""",
    "Notations": """
What `format` knows.
""",
    "Encodings": """
A closed list. The declared encoding is used, and none is ever guessed. Stateful ones are refused.
""",
    "Reason codes": """
A reason says why one record was refused.
""",
    "Outputs": """
`dq run` writes a folder that is complete or absent.
""",
    "Commands": """
What is meant for people goes to stderr, data and machine formats to stdout.
""",
    "Library": """
The public names of `dq`; everything else may change between versions.
""",
    "Diagnostics": """
Mistakes in a spec. Each has a place and, where there is one, a suggestion.
""",
}
BELOW_TYPES = """
`decimal(p,s)` has p digits, s of them after the point, and never rounds; `list<T>` takes any other type but a list. In
JSON an integer may also be a number whose fraction is zero, such as `1.0`.

### Formats of dates and times

`formats` are tried in the order given; the default is RFC 3339. Named formats: {named}. Directives: `%Y` (four digits),
`%m %d %H %I %M %S` (one or two), `%j` (three), `%f` (a fraction), `%z` (an offset or `Z`), `%b %B %a %A %p` (English,
any letter case) and `%%`. Canonical datetimes are UTC.
"""
BELOW_CHECKS = """
### Checks of a row

They stand in `checks` at the top of the spec.

* `assert: EXPRESSION`: the expression is true of every row. Unknown is not true: it fails with `rule.unknown`, unless
  one of its operands has a reason already.
* `unique: [FIELD, …]`: no other row has these values together.
"""
BELOW_OUTPUTS = """
### `report.json`, format 1

`dq.report.schema.load_schema()` returns its JSON Schema, which is shipped in the package as
`dq/report/report.schema.json`.
"""

CAST_OPTIONS: dict[str, CastOptions] = {"datetime": CastOptions(timezone="Europe/Berlin")}
CAST_TEXTS: dict[str, tuple[str, ...]] = {
    "string": ("any text", "", " "),
    "integer": ("0", "-7", "9223372036854775807", "+5", "00501", "1.0", "1e3", "9223372036854775808", "1 000"),
    "number": ("0.5", "-3", "1e-3", "9007199254740993", "1e400", "1e-400", ".5", "+5", "inf", "NaN", "1,5"),
    "decimal(6,2)": ("10.5", "-0.05", "9999.99", "1.005", "10000.00", "1e2", "1,5"),
    "boolean": ("true", "NO", "1", "t", "on", "2", "tru"),
    "date": ("2026-11-01", "2024-02-29", "2026-02-29", "2026-1-1", "01.11.2026", "26-11-01"),
    "time": ("23:59:59", "10:00:00.123456", "23:59:60", "24:00:00", "10:00:00.1234567"),
    "datetime": (
        "2026-11-01T10:00:00Z",
        "2026-11-01 10:00:00.123456+03:00",
        "2026-11-01T23:59:60Z",
        "2026-11-01T10:00:00.1234567Z",
        "1793527200",
        "2026-11-01",
    ),
    "duration": ("90s", "1.5h", "PT1H30M", "P1DT2H", "P1M", "90", "1:30"),
    "list<integer>": ("[1, 2]", "[]", '["3"]', "[1.5]", "1, 2"),
    "object": ('{"k": 1}', "[1]", "text", '{"k": NaN}'),
}

REASONS = {
    "the kind of a check": "The value, or the row, fails it: `between`, `pattern`, `required`, `type`, `unique` …",
    "clean": "A cleaning step refuses the value (`map` with `otherwise: refuse`).",
    "rule.false": "An `assert` is false.",
    "rule.unknown": "An `assert` is unknown, and no operand has a reason of its own.",
    "lookup.unknown": "The table of a `lookup` does not have the key, and the lookup refuses that.",
    "filter.unknown": "A filter can say neither yes nor no, so the record is refused and not filtered.",
    "unknown_fields": "The record has fields that the spec does not name (`unknown_fields: quarantine`).",
    "filtered": "In `removed.jsonl`: a filter does not keep the record.",
    "duplicate.natural": "In `removed.jsonl`: another record has the same key and the same content.",
    "duplicate.earlier": "In `removed.jsonl`: an accepted row of an earlier run has the same key (`--against`).",
    "duplicate.near": "In `removed.jsonl`: another record is nearly the same (`dedupe.match`).",
    "duplicate.conflict": "In `removed.jsonl`: another record has the same key, and other values in the fields named.",
}
UNREADABLE = {
    "unreadable.bare_quote": "A quote stands inside a field that is not quoted.",
    "unreadable.cut": "In a replay: only the beginning of the record is stored.",
    "unreadable.duplicate_key": "A key stands twice in one JSON object, at any depth.",
    "unreadable.encoding": "Bytes that the declared encoding cannot decode.",
    "unreadable.malformed": "Not JSON, or a value that no JSON record can hold.",
    "unreadable.not_finite": "NaN or an infinity, which are not JSON numbers.",
    "unreadable.not_object": "A JSON value that is not an object.",
    "unreadable.quote": "A quoted field is malformed or not closed; the physical line on which its record begins.",
    "unreadable.ragged": "The number of fields is not that of the header.",
    "unreadable.recovered": "Framed inside a broken quote, in a source that says `recover: quarantine`.",
    "unreadable.rest": "What follows the point from which an input cannot be read further.",
    "unreadable.several": "In a replay: the stored text is not exactly one record of the source that reads it now.",
    "unreadable.surrogate": "An escape is half of a surrogate pair.",
    "unreadable.suspect_quote": "A quoted field holds lines that look like records.",
    "unreadable.too_deep": "Arrays and objects nested deeper than 64 levels.",
    "unreadable.too_long": "Longer than the source's `max_record`.",
}
REFUSED = {
    "source.bom": "A byte-order mark contradicts the declared encoding.",
    "source.duplicate_header": "The header names a column twice.",
    "source.empty": "A header is declared and there is none.",
    "source.header": "The header cannot be framed or decoded.",
    "source.missing_column": "The column of a required field is absent.",
}
FILES = {
    "`accepted.parquet` (`.csv`, `.jsonl`)": "Accepted rows: the output's fields in its order, in the order of input.",
    "`held.*`": "The same rows, under this name because the batch failed its gate.",
    "`quarantine.jsonl`": "One line for each source, then one for each refused record, with its raw text and reasons.",
    "`removed.jsonl`": "The same for filtered and deduplicated records, with `outcome` and `lost_to`.",
    "`report.json`": "The quality report.",
    "`report.html`": "The same for people: one file that loads nothing, made from `report.json` alone.",
    "`schema.json`": "JSON Schema of an accepted row, as JSON Lines would hold it.",
    "`state.json`": "What the steps that learn have learnt and applied; absent where there are none.",
    "`accepted.index.parquet`": "With `--index` or `--ledger`: the record of each accepted row. If the gate failed, "
    "`held.index.parquet`.",
    "`ledger.parquet`": "With `--ledger`: every change of a cell of an accepted row.",
    "`manifest.json`": "SHA-256, size and rows of every other file but `run.json`; written last.",
    "`run.json`": "Times, host, paths, command, versions: the only file that differs between equal runs.",
}
RECORD = {
    "source": "The input's name.",
    "record": "The record's number within its input, from 1; unreadable records count.",
    "line": "The physical line on which it begins, from 1; null where there are no lines.",
    "offset": "The byte at which it begins, of decoded bytes where the input is compressed; null for frames.",
    "length": "Its length in bytes.",
    "raw": "Its raw text; `raw_base64` where the encoding cannot give the same bytes back.",
    "raw_sha256": "Of the whole record, where it is so long that only its beginning is kept.",
    "reasons": "All reasons: `check`, `code`, `field`, `value`, `message`, `severity`.",
    "outcome": "In `removed.jsonl`: `filtered` or `deduplicated`.",
    "lost_to": "In `removed.jsonl`: `source`, `record`, `door` of the record that stayed; `score` if nearly the same.",
    "spec": "`event`, `version` and `fingerprint` of the spec that judged.",
    "now": "The moment that `now` meant.",
}
INDEX_COLUMNS = {
    "row": "The row of the accepted file, from 0, as data frames count.",
    "source": "The input's name.",
    "record": "The record's number within its input, from 1.",
    "line": "The physical line on which it begins, from 1; null where there are no lines.",
    "offset": "The byte at which it begins; null for frames.",
    "length": "Its length in bytes; null for frames.",
}
LEDGER_COLUMNS = {
    "row": "The row of the accepted file, from 0; entries stand in order of row, and of change within a row.",
    "source": "The input's name.",
    "record": "The record's number within its input, from 1.",
    "field": "The field that was changed.",
    "step": "The id of the step, as in `cleaning` of the report.",
    "stage": "`text` before the cast, `value` after it.",
    "before": "The text, or the canonical text of the value, before the step; null for none.",
    "after": "The same after the step.",
    "hidden": "Whether the field is `pii`: then both sides are hashes, or null without `--ledger-key`.",
}
