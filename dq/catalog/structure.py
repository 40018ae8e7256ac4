"""DQ2xx: what is refused in the structure of a spec."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ201",
        "Unknown key",
        "unknown key '{key}' in {where}",
        """The language has no such key at this place. It is refused because a misspelt key that is passed over is a
        check that never runs. Look at the suggestion; the key may also exist, but belong to another place.""",
        wrong="""
        amount:
          type: number
          chekcs: [unique]
        """,
        right="""
        amount:
          type: number
          checks: [unique]
        """,
    ),
    entry(
        "DQ202",
        "Missing key",
        "{where} needs the key '{key}'",
        """Something that the language cannot do without was not given. Types above all are never guessed from the
        data: every field says its own.""",
        wrong="""
        amount:
          required: true
        """,
        right="""
        amount:
          type: decimal(12,2)
          required: true
        """,
    ),
    entry(
        "DQ203",
        "Wrong value",
        "'{key}' expects {expected}, not {found}",
        """The value is of another kind than the key takes. Values are read as they are written: true and false are
        the only booleans (yes and NO are text), and a number or a boolean in quotes is text.""",
        wrong="""
        amount:
          type: number
          required: yes
        """,
        right="""
        amount:
          type: number
          required: true
        """,
    ),
    entry(
        "DQ204",
        "Version of the language",
        "this dq reads version 1 of the language, not {found}",
        """The first key of a spec says in which version of the language it is written. A spec in a newer one may say
        things that this program does not understand, so it is refused as a whole. Use a newer dq, or write 1.""",
        wrong="""
        dq: 2
        """,
        right="""
        dq: 1
        """,
    ),
    entry(
        "DQ205",
        "Not a SemVer version",
        "{found} is not a version by SemVer 2.0, such as 1.2.0",
        """A spec's version is three whole numbers without leading zeros, and optionally a pre-release and a build
        (1.2.0-rc.1+7). The form is fixed so that tools can say which change of a spec asks for which new version.""",
        wrong="""
        version: 1.2
        """,
        right="""
        version: 1.2.0
        """,
    ),
    entry(
        "DQ206",
        "Bad name",
        "'{name}' cannot be a name: {problem}",
        """Events, fields, sources and filters are spoken of in expressions, ids, file names and reports. So a name is
        letters (of any script), digits and underscores, and does not begin with a digit; two underscores at the
        beginning are kept for dq itself. Ids may also have dots, dashes and the sign #. A column of the source
        may be called anything: map it in 'sources'.""",
        wrong="""
        fields:
          order id: {type: string}
        """,
        right="""
        sources:
          shop: {format: csv, fields: {order_id: "order id"}}
        fields:
          order_id: {type: string}
        """,
    ),
    entry(
        "DQ207",
        "URL refused",
        "'{key}' names a URL; only files beside the spec are read",
        """Compiling a spec never opens the network: what it means may not depend on what a server answers today.
        Fetch the file first, keep it with the spec under version control, and name it by its path.""",
        wrong="""
        extends: https://example.com/base.dq.yaml
        """,
        right="""
        extends: base.dq.yaml
        """,
    ),
    entry(
        "DQ208",
        "Path outside the root",
        "'{key}' names a path that is refused: {problem}",
        """Paths in a spec are relative and stay inside the folder of the spec. Absolute paths, '..' and symbolic
        links are refused, so that a spec from elsewhere cannot read your files.""",
        wrong="""
        checks:
          - references: {file: ../../etc/countries.csv, column: code}
        """,
        right="""
        checks:
          - references: {file: countries.csv, column: code}
        """,
    ),
    entry(
        "DQ209",
        "Extends",
        "this cannot extend its base: {problem}",
        """A spec that extends another only narrows it: it may add checks and expectations, set 'required', take a
        subset of accepted values, clean where the base does not, and tighten the gate. Then whatever the child
        accepts, the base accepts too. Its name, version, description, owner, tags, examples and output are its
        own. Anything else belongs into the base, or into a spec of its own. What stands beside a $ref narrows the
        shared definition in the same way.""",
        wrong="""
        extends: base.dq.yaml
        fields:
          order_id: {required: false}
        """,
        right="""
        extends: base.dq.yaml
        fields:
          email: {required: true}
        """,
    ),
    entry(
        "DQ690",
        "Reference",
        "this refers to no definition: {problem}",
        """A field may refer to a definition in another file: $ref: shared/address.yaml#/fields/zip. The path is
        relative to the folder of the spec, in shared files, too, and stays inside of it; what follows the sign # is
        'fields' and the name of a field in that file. Definitions may refer to others, but not in a circle.""",
        wrong="""
        fields:
          zip: {$ref: shared/address.yaml#zip}
        """,
        right="""
        fields:
          zip: {$ref: shared/address.yaml#/fields/zip}
        """,
    ),
)
