"""DQ5xx: what is refused when the plan is compiled."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ501",
        "Derived in a circle",
        "these fields are derived from one another in a circle: {fields}",
        """A derived field may use other derived fields, but somewhere the chain must begin with fields that are read
        from the source.""",
        wrong="""
        net: {type: number, derive: gross - tax}
        gross: {type: number, derive: net + tax}
        """,
        right="""
        net: {type: number}
        gross: {type: number, derive: net + tax}
        """,
    ),
    entry(
        "DQ502",
        "Two sources claim the same files",
        "two sources claim the same files: {files}",
        """The globs under 'files' say which source a path belongs to. If two can match the same path, the shape in
        which it is read would depend on an accident. Make the globs differ, or bind by NAME=PATH when running.""",
        wrong="""
        sources:
          web: {format: jsonl, files: "*.jsonl"}
          app: {format: jsonl, files: "*.jsonl"}
        """,
        right="""
        sources:
          web: {format: jsonl, files: "web_*.jsonl"}
          app: {format: jsonl, files: "app_*.jsonl"}
        """,
    ),
    entry(
        "DQ503",
        "Both derived and mapped",
        "the field '{field}' is derived, so no source can map it",
        """A field is either computed from others or read from the source. If a source gave it too, one of the two
        values would be thrown away. Take it out of the source's 'fields', or read it under another name and
        compare the two with an assertion.""",
        wrong="""
        sources:
          web: {format: jsonl, fields: {year: meta.year}}
        fields:
          placed_at: {type: datetime}
          year: {type: integer, derive: year(placed_at)}
        """,
        right="""
        sources:
          web: {format: jsonl}
        fields:
          placed_at: {type: datetime}
          year: {type: integer, derive: year(placed_at)}
        """,
    ),
    entry(
        "DQ504",
        "Option of another format",
        "the source's '{option}' cannot be used: {problem}",
        """An option that its format does not read would be passed over in silence: a delimiter says nothing about JSON
        Lines, a header nothing about Parquet. Take it away, or correct the format.""",
        wrong="""
        sources:
          web: {format: jsonl, delimiter: ";"}
        """,
        right="""
        sources:
          crm: {format: csv, delimiter: ";"}
        """,
    ),
    entry(
        "DQ505",
        "Cleaned in a circle",
        "the cleaning of these fields reads one another in a circle: {fields}",
        """A cleaning step may read the cleaned text of another field, and so that field must be cleaned first. In a
        circle none can be the first, and no field can be cleaned by its own outcome.""",
        wrong="""
        phone: {type: string, clean: [phone: {region_field: phone}]}
        """,
        right="""
        country: {type: string, clean: [country]}
        phone: {type: string, clean: [phone: {region_field: country}]}
        """,
    ),
)
