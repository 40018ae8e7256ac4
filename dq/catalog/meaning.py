"""DQ322 on: what is well-formed, but cannot be meant."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ360",
        "Match that takes nothing",
        "'match' cannot be meant: {problem}",
        """Where a folder of specs is given, `match` says which records this one takes: paths in the record, as under
        `fields` of a source, each with the value, or the values, that a record has there. Without `match` a spec takes
        the records whose `event` is its event, and whose `version`, if they have one, is its version.""",
        wrong="""
        match: {payload..action: []}
        """,
        right="""
        match: {event: issues, payload.action: [opened, reopened]}
        """,
    ),
    entry(
        "DQ322",
        "Check without a question",
        "this has always the same answer: {problem}",
        """A check that can never fail, or never pass, asks nothing, so something else was meant. A least length of 0
        refuses nothing; two ranges that do not overlap refuse everything; so do accepted values that another check
        of the field refuses, and a bound beyond what the type can hold. A condition that reads no field says the
        same of every row.""",
        wrong="""
        checks:
          - min_length: 12
          - max_length: 10
        """,
        right="""
        checks:
          - min_length: 10
          - max_length: 12
        """,
    ),
    entry(
        "DQ323",
        "Unknown id",
        "no check of this spec has the id '{id}'",
        """An example says by which checks it must be refused. A check that gives itself no id has the one made of its
        field and its kind, such as amount.between, with #2 for a second of the kind; `dq plan` prints them all.""",
        wrong="""
        examples:
          invalid:
            - record: {amount: "-1"}
              violates: [amount.betwen]
        """,
        right="""
        examples:
          invalid:
            - record: {amount: "-1"}
              violates: [amount.between]
        """,
    ),
    entry(
        "DQ324",
        "Listed twice",
        "'{name}' is listed twice in {where}",
        """The second adds nothing, which usually means that another name was meant: a line was copied and then not
        changed. Take it out, or write what it should be.""",
        wrong="""
        dedupe:
          key: [order_id, order_id]
        """,
        right="""
        dedupe:
          key: [order_id, line]
        """,
    ),
    entry(
        "DQ327",
        "Unknown similarity",
        "there is no similarity called '{name}'",
        """Near duplicates are found by comparing fields, each by a similarity: exact for codes, jaro_winkler for names,
        levenshtein or alignment for what is typed by hand, token_sort and token_set for several words. The reference
        lists them all.""",
        wrong="""
        dedupe:
          match:
            fields: {surname: jaro_winkle}
        """,
        right="""
        dedupe:
          match:
            fields: {surname: jaro_winkler}
        """,
    ),
    entry(
        "DQ326",
        "At another place",
        "'{name}' cannot stand here: it is {home}",
        """The name is known, but it belongs to another list. Checks ask about values and never change them, cleaning
        steps change texts before anything is asked, expectations ask about the whole batch, and assertions about
        several fields of a row.""",
        wrong="""
        email:
          type: string
          checks: [strip]
        """,
        right="""
        email:
          type: string
          clean: [strip]
        """,
    ),
    entry(
        "DQ350",
        "Field of an example that is not read",
        "an example has the field '{field}', which no record brings",
        """Examples are written by the names of the fields, whatever columns or paths the sources have. A field that is
        not declared, or that is computed, would be passed over, and the example would not show what it says. With
        'unknown_fields: keep' or 'quarantine' other fields may stand in an example.""",
        wrong="""
        examples:
          valid:
            - {ammount: "10.50"}
        """,
        right="""
        examples:
          valid:
            - {amount: "10.50"}
        """,
    ),
)
