"""DQ3xx: what is refused about kinds of checks and steps, and about fields."""

from __future__ import annotations

from dq.catalog import meaning
from dq.catalog.form import entry

CODES = (
    entry(
        "DQ301",
        "Unknown check",
        "there is no check called '{name}'",
        """The name is not one of the registered checks or their aliases. `dq list checks` prints them all. Nothing is
        passed over: a misspelt check would be a check that never runs.""",
        wrong="""
        checks:
          - betwen: [0, 100]
        """,
        right="""
        checks:
          - between: [0, 100]
        """,
    ),
    entry(
        "DQ302",
        "Unknown cleaning step",
        "there is no cleaning step called '{name}'",
        """The name is not one of the registered text steps or their aliases. `dq list steps` prints them all.""",
        wrong="""
        clean: [trim_all]
        """,
        right="""
        clean: [strip]
        """,
    ),
    entry(
        "DQ303",
        "Unknown expectation",
        "there is no expectation called '{name}'",
        """Expectations ask about the whole batch, such as its row count or the share of missing values. A question
        about each row is a check and stands under 'checks'.""",
        wrong="""
        expect:
          - rowcount: {min: 1}
        """,
        right="""
        expect:
          - row_count: {min: 1}
        """,
    ),
    entry(
        "DQ304",
        "Check does not fit the type",
        "'{check}' does not fit the field '{field}' of type {type}; it is for {fits}",
        """Each check is for certain types: a pattern asks about text, a range about things that have an order. Declare
        the type that the field really has, or use the check that asks this question of its type.""",
        wrong="""
        amount:
          type: number
          checks: [{pattern: "^[0-9]+$"}]
        """,
        right="""
        amount:
          type: number
          checks: [{between: [0, 1000]}]
        """,
    ),
    entry(
        "DQ305",
        "Unknown parameter",
        "'{kind}' has no parameter '{key}'",
        """The check or step does not know this parameter, and passing over it would change what is asked. Options such
        as severity and mostly may stand beside the name or among the parameters.""",
        wrong="""
        checks:
          - between: {min: 0, maximum: 100}
        """,
        right="""
        checks:
          - between: {min: 0, max: 100}
        """,
    ),
    entry(
        "DQ306",
        "Missing parameter",
        "'{kind}' needs the parameter '{key}'",
        """The check or step cannot be built without this parameter. A bare name is enough only for those that need
        none.""",
        wrong="""
        checks:
          - pattern
        """,
        right="""
        checks:
          - pattern: "^[A-Z]{2}$"
        """,
    ),
    entry(
        "DQ307",
        "Wrong parameter",
        "{what} expects {expected}, not {found}",
        """The parameter is of another kind than the check or step takes. Numbers are written without quotes; a number
        in quotes is text.""",
        wrong="""
        checks:
          - min_length: "three"
        """,
        right="""
        checks:
          - min_length: 3
        """,
    ),
    entry(
        "DQ308",
        "Impossible range",
        "'{kind}' can hold for no value: {problem}",
        """The lower bound lies above the upper one, so every value would fail. Usually the two were exchanged.""",
        wrong="""
        checks:
          - between: [100, 0]
        """,
        right="""
        checks:
          - between: [0, 100]
        """,
    ),
    entry(
        "DQ309",
        "Pattern does not compile",
        "the pattern does not compile: {problem}",
        """The regular expression is not one of dq's dialect. Patterns are best written in quotes: in single quotes
        every character stands for itself, in double quotes a backslash must be doubled.""",
        wrong="""
        checks:
          - pattern: "^[A-Z{2}$"
        """,
        right="""
        checks:
          - pattern: "^[A-Z]{2}$"
        """,
    ),
    entry(
        "DQ310",
        "Pattern cannot be matched in linear time",
        "the pattern is not of dq's dialect: {problem}",
        """Look-around and back-references make the time of a match explode on hostile input, and not every engine has
        them, so dq's dialect does without. Two checks, or one pattern and one assertion, usually say the
        same.""",
        wrong="""
        checks:
          - pattern: "^(?!test).+$"
        """,
        right="""
        checks:
          - pattern: "^.+$"
          - not_accepted_values: [test]
        """,
    ),
    entry(
        "DQ311",
        "Absent field",
        "{where} names the field '{field}', which this spec does not have",
        """Every field that is spoken of must stand under 'fields'. A check on an absent field could never fail, which
        is worse than none.""",
        wrong="""
        fields:
          order_id: {type: string}
        dedupe: {key: [orderid]}
        """,
        right="""
        fields:
          order_id: {type: string}
        dedupe: {key: [order_id]}
        """,
    ),
    entry(
        "DQ312",
        "Id used twice",
        "the id '{id}' is used twice",
        """Ids name checks in reasons, reports and comparisons of specs, so each must be the only one of its kind. Leave
        it out to get one made of the field and the kind, or choose another.""",
        wrong="""
        checks:
          - {id: positive, assert: amount > 0}
          - {id: positive, assert: tax > 0}
        """,
        right="""
        checks:
          - {id: positive_amount, assert: amount > 0}
          - {id: positive_tax, assert: tax > 0}
        """,
    ),
    entry(
        "DQ313",
        "Unknown type",
        "wrong type: {problem}",
        """The types are string, integer, number, decimal(p,s), boolean, date, time, datetime, duration, list<T> and
        object. A decimal says how many digits it has in all and how many of them after the point; the element of a
        list is any other type.""",
        wrong="""
        amount: {type: float}
        """,
        right="""
        amount: {type: number}
        """,
    ),
    entry(
        "DQ314",
        "Bad format",
        "the format '{format}' cannot be used: {problem}",
        """A format is one of the named ones (rfc3339, epoch_s, epoch_ms, epoch_us) or is made of the directives %Y %m
        %d %H %M %S %f %z and literal text. It must fix every part that its type needs; nothing is filled in
        by guessing.""",
        wrong="""
        placed_on: {type: date, formats: ["%d.%m"]}
        """,
        right="""
        placed_on: {type: date, formats: ["%d.%m.%Y"]}
        """,
    ),
    entry(
        "DQ315",
        "Unknown time zone",
        "there is no time zone '{timezone}'",
        """Time zones are named as in the IANA database. Abbreviations such as MSK or EST are ambiguous and refused.""",
        wrong="""
        placed_at: {type: datetime, timezone: MSK}
        """,
        right="""
        placed_at: {type: datetime, timezone: Europe/Moscow}
        """,
    ),
    entry(
        "DQ316",
        "set_null on a required field",
        "'{field}' is required, so a failing value cannot be set to null",
        """A null in a required field is refused in its turn, so the option would only hide why. Use on_fail:
        quarantine, or fill what is set to null with 'impute'.""",
        wrong="""
        amount:
          type: number
          required: true
          checks: [{minimum: 0, on_fail: set_null}]
        """,
        right="""
        amount:
          type: number
          required: true
          checks: [{minimum: 0, on_fail: quarantine}]
        """,
    ),
    entry(
        "DQ317",
        "The target is changed",
        "'{field}' is the target of 'ml' and may not be imputed, clipped, repaired or masked",
        """A model would learn the values that dq made up instead of what was observed. Refuse records without a
        target, or leave it null.""",
        wrong="""
        fields:
          paid: {type: boolean, impute: {constant: false}}
        ml: {target: paid}
        """,
        right="""
        fields:
          paid: {type: boolean, required: true}
        ml: {target: paid}
        """,
    ),
    entry(
        "DQ318",
        "Literal of another type",
        "'{value}' in '{kind}' is not of the field's type {type}",
        """Values in checks and in 'impute' are read by the type of their field, as exactly as the data. Dates are
        written as in RFC 3339, and a decimal has no more fraction digits than its type.""",
        wrong="""
        count: {type: integer, checks: [{maximum: 10.5}]}
        """,
        right="""
        count: {type: integer, checks: [{maximum: 10}]}
        """,
    ),
    entry(
        "DQ319",
        "Unknown encoding",
        "the encoding '{encoding}' cannot be used: {problem}",
        """The encodings form a closed list of those that can be read record by record: the ASCII-compatible ones
        (utf-8, cp1251, latin-1, koi8-r, shift_jis, gb18030 and others) and UTF-16 and UTF-32. Stateful ones
        such as UTF-7 and ISO-2022 are refused.""",
        wrong="""
        sources:
          crm: {format: csv, encoding: win1251}
        """,
        right="""
        sources:
          crm: {format: csv, encoding: cp1251}
        """,
    ),
    entry(
        "DQ320",
        "Reference file",
        "the reference file '{file}' cannot be used: {problem}",
        """A check of references, a lookup, or a table of aliases is a file beside the spec, read when the spec is
        compiled. It must exist, be readable in the declared format and have the named columns. The columns of a lookup
        must be of the types of their fields, and no key may stand twice; an alias has one canonical text.""",
        wrong="""
        checks:
          - references: {file: countries.csv, column: kode}
        """,
        right="""
        checks:
          - references: {file: countries.csv, column: code}
        """,
    ),
    entry(
        "DQ321",
        "Option does not fit",
        "'{option}' does not fit here: {problem}",
        """The option would have no effect on a field of this type or at this place, which means that something else was
        meant. 'formats' and 'timezone' are for dates and times, 'words' for booleans, 'separator' for lists.""",
        wrong="""
        email: {type: string, formats: [rfc3339]}
        """,
        right="""
        placed_at: {type: datetime, formats: [rfc3339]}
        """,
    ),
    *meaning.CODES,
)
