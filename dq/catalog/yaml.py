"""DQ1xx: what is refused while the YAML is read."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ101",
        "YAML syntax",
        "the YAML does not parse: {problem}",
        """The file is not YAML at this place. Common causes are a tab as indentation, a missing space after a colon,
        a bracket or quote that is never closed, and a value that holds ': ' and should be quoted. Reading stops at
        the first such fault, so there may be more behind it.""",
        wrong="""
        description: orders: placed in the shop
        """,
        right="""
        description: "orders: placed in the shop"
        """,
    ),
    entry(
        "DQ102",
        "Duplicate key",
        "the key '{key}' is given twice in the same mapping",
        """YAML readers differ in which of two equal keys they keep, and all of them drop the other without a word. A
        check could vanish this way. Keep one of the two, or merge what they say. Quotes make no difference: a and
        "a" are the same key.""",
        wrong="""
        amount:
          type: number
          type: integer
        """,
        right="""
        amount:
          type: integer
        """,
    ),
    entry(
        "DQ103",
        "Anchor or alias",
        "anchors (&name) and aliases (*name) are refused",
        """A few hundred bytes of aliases can stand for gigabytes, and a reader of the spec would have to look up what
        each stands for. Write the value out, or put what several specs share into one spec and name it in
        'extends'. A text that begins with & or * must be quoted.""",
        wrong="""
        missing: &words ["", "N/A"]
        """,
        right="""
        missing: ["", "N/A"]
        """,
    ),
    entry(
        "DQ104",
        "YAML tag",
        "the tag {tag} is refused",
        """Tags tell a YAML reader to build something other than text, up to running code. A spec needs none: every
        value is read by the place where it stands. A text that begins with ! must be quoted.""",
        wrong="""
        version: !!str 1.0.0
        """,
        right="""
        version: 1.0.0
        """,
    ),
    entry(
        "DQ105",
        "Nested too deep",
        "nested more than {depth} levels deep",
        """No spec needs more than a dozen levels, and very deep nesting is a known way to crash readers. Usually a
        bracket was repeated or never closed.""",
        wrong="""
        tags: [[[[[[[[[[[[[[[[[[[[[["… and 64 of them in all"]]]]]]]]]]]]]]]]]]]]]]
        """,
        right="""
        tags: [orders]
        """,
    ),
    entry(
        "DQ106",
        "Too large",
        "the spec is larger than 1 MiB",
        """A spec describes one event and is read as a whole. More than 1 MiB is nearly always a data file given by
        mistake, or a long list of values. Lists of values belong into a reference file, which a check names.""",
        wrong="""
        checks:
          - accepted_values: [A0001, A0002, "… and 100,000 more"]
        """,
        right="""
        checks:
          - references: {file: articles.csv, column: article}
        """,
    ),
    entry(
        "DQ107",
        "Not UTF-8",
        "the spec is not UTF-8: {problem}",
        """A spec is UTF-8 text, with or without a byte order mark. The encoding of the data is another thing: it is
        declared for each source. Save the file as UTF-8; editors call this 'save with encoding'.""",
        wrong="""
        # saved as cp1251 or UTF-16
        event: order_placed
        """,
        right="""
        # saved as UTF-8
        sources:
          crm: {format: csv, encoding: cp1251}
        """,
    ),
    entry(
        "DQ108",
        "Cut by a comment",
        "this unquoted text may have been cut by the comment behind it",
        """In YAML a space and # begin a comment, also where an expression or a pattern was meant to go on. The rest
        would be dropped and the check would say something else. Quote the text. If it really is a comment,
        quoting does no harm; or let it begin two spaces away, as # and a space.""",
        wrong="""
        where: note = 'see #12'
        """,
        right="""
        where: "note = 'see #12'"
        """,
    ),
    entry(
        "DQ109",
        "Several documents",
        "the file holds more than one YAML document",
        """A file is one spec. Behind a line of three dashes a second document begins, which would never be read. Put
        each spec into a file of its own.""",
        wrong="""
        event: order_placed
        ---
        event: order_paid
        """,
        right="""
        event: order_placed
        """,
    ),
    entry(
        "DQ110",
        "Not a mapping",
        "a spec is a mapping of keys to values, but this is {found}",
        """The file is empty, or holds a list or a single text. A spec begins with the version of the language, the
        name of the event and the spec's own version.""",
        wrong="""
        - order_placed
        """,
        right="""
        dq: 1
        event: order_placed
        version: 1.0.0
        """,
    ),
    entry(
        "DQ111",
        "Merge key",
        "the merge key << is refused",
        """Merging copies keys from elsewhere, so that what holds for a field no longer stands where the field is
        written; nested merges can also grow without bound. Write the keys out. What several specs share can stand
        in one spec that the others name in 'extends'.""",
        wrong="""
        amount:
          <<: {type: number}
          required: true
        """,
        right="""
        amount:
          type: number
          required: true
        """,
    ),
)
