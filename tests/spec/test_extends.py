from __future__ import annotations

from fractions import Fraction

import pytest

from dq.spec.loader import load, read
from spec.sample import HEAD

BASE = """\
dq: 1
event: order
version: 2.0.0
description: the base
owner: growth
missing: ["-"]
fields:
  country:
    type: string
    required: true
    clean: [upper]
    checks:
      - accepted_values: [RU, DE, FR]
        severity: warning
      - max_length: 2
  city:
    type: string
checks:
  - id: first
    assert: city = country
gate: {quarantined: 5%}
output: {format: csv}
examples:
  valid: [{country: RU}]
"""


@pytest.fixture
def narrow(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(child: str, base: str = BASE):
        (tmp_path / "base.dq.yaml").write_text(base)
        (tmp_path / "child.dq.yaml").write_text(HEAD + "extends: base.dq.yaml\n" + child)
        return read("child.dq.yaml")

    return write


def test_a_child_that_says_nothing_is_its_base_under_its_own_name(narrow):
    document, diagnostics = narrow("")
    assert diagnostics == []
    spec = document.spec
    assert (spec.event, spec.version, spec.description, spec.owner) == ("order_placed", "1.2.0", None, "growth")
    assert list(spec.fields) == ["country", "city"]
    assert spec.missing == ["-"]
    assert spec.output.format == "csv"
    assert spec.examples is None
    assert [parent.file for parent in document.parents] == ["base.dq.yaml"]
    assert set(document.texts) == {"base.dq.yaml", "child.dq.yaml"}


def test_a_child_narrows(narrow):
    document, diagnostics = narrow(
        "fields:\n"
        "  city: {required: true, description: x, clean: [strip], checks: [min_length: 1], expect: [missing: 1%]}\n"
        "  country: {type: string, checks: [accepted_values: [RU, DE], unique]}\n"
        "checks:\n  - {id: second, assert: 1 = 1}\n"
        "expect:\n  - row_count: {min: 1}\n"
        "gate: {quarantined: 1%, fail_on: warning}\n"
        "output: {fields: [city]}\n"
    )
    assert diagnostics == []
    city, country = document.spec.fields["city"], document.spec.fields["country"]
    assert city.required is True
    assert city.type == "string"
    assert [item.text for item in city.clean] == ["strip"]
    accepted, length, unique = country.checks
    assert [item.text for item in accepted["accepted_values"]] == ["RU", "DE"]
    assert accepted["severity"].text == "warning"
    assert list(length) == ["max_length"]
    assert unique.text == "unique"
    assert [item["id"].text for item in document.spec.checks] == ["first", "second"]
    assert float(document.spec.gate.quarantined) == 0.01
    assert document.spec.output.format == "parquet"


def test_places_point_into_the_file_that_holds_the_text(narrow):
    document, _ = narrow("fields:\n  country:\n    checks: [unique]\n")
    path = ("fields", "country", "checks")
    assert str(document.places.value((*path, 0))) == "base.dq.yaml:13:9"
    assert str(document.places.value((*path, 2))) == "child.dq.yaml:7:14"
    assert document.places.value(("fields", "city", "type")).file == "base.dq.yaml"


@pytest.mark.parametrize(
    ("child", "line", "words"),
    [
        ("fields:\n  street: {type: string}\n", 6, "adds the field 'street'"),
        ("fields:\n  country: {required: false}\n", 6, "requires this field"),
        ("fields:\n  country: {type: integer}\n", 6, "changes 'type'"),
        ("fields:\n  country: {clean: [lower]}\n", 6, "already cleans"),
        ("fields:\n  country: {clean: []}\n", 6, "already cleans"),
        ("fields:\n  country: {pii: true}\n", 6, "adds 'pii'"),
        ("fields:\n  country: {checks: [accepted_values: [RU, US]]}\n", 6, "does not accept 'US'"),
        ("fields:\n  country: {checks: [isin: [US]]}\n", 6, "does not accept 'US'"),
        ("fields:\n  city: {impute: {constant: x}}\n", 6, "adds 'impute'"),
        ("fields:\n  city: {checks: [{type: {on_fail: set_null}}]}\n", 6, "not of its type"),
        ("fields:\n  country:\n    checks:\n      - max_length: 1\n        on_fail: set_null\n", 9, "would hide"),
        ("fields:\n  country: {checks: [{max_length: {value: 1, on_fail: set_null}}]}\n", 6, "would hide"),
        ("missing: [x]\n", 5, "changes 'missing'"),
        ("unknown_fields: keep\n", 5, "adds 'unknown_fields'"),
        ("filter: [{keep: 'true'}]\n", 5, "adds 'filter'"),
        ("dedupe: {key: [city]}\n", 5, "adds 'dedupe'"),
        ("sources: {a: {format: csv}}\n", 5, "adds 'sources'"),
        ("gate: {quarantined: 6%}\n", 5, "tolerates 5%"),
    ],
)
def test_weakening_is_refused(narrow, child, line, words):
    document, diagnostics = narrow(child)
    assert document is None
    weakened = [found for found in diagnostics if found.code == "DQ209"]
    assert {(found.span.file, found.span.line) for found in weakened} == {("child.dq.yaml", line)}
    assert words in weakened[0].message


def test_a_gate_is_not_loosened_where_the_base_has_none(narrow):
    base = BASE.replace("gate: {quarantined: 5%}", "gate: {fail_on: warning}")
    assert narrow("gate: {quarantined: 0%}\n", base)[1] == []
    assert [found.code for found in narrow("gate: {quarantined: 1%}\n", base)[1]] == ["DQ209"]
    assert [found.code for found in narrow("gate: {fail_on: error}\n", base)[1]] == ["DQ209"]


PROFILES = BASE.replace(
    "gate: {quarantined: 5%}",
    "gate: {quarantined: 5%, profiles: {staging: {quarantined: 20%}, production: {fail_on: warning}}}",
)


@pytest.mark.parametrize(
    ("profiles", "loose"),
    [
        ("staging: {quarantined: 20%}", False),
        ("staging: {quarantined: 10%, fail_on: warning}", False),
        ("staging: {quarantined: 21%}", True),
        ("production: {quarantined: 5%}", False),  # where the base's profile says nothing, its gate does
        ("production: {quarantined: 6%}", True),
        ("production: {fail_on: error}", True),
        ("own: {quarantined: 4%}", False),
        ("own: {quarantined: 6%}", True),
    ],
)
def test_a_profile_is_at_least_as_tight_as_what_the_base_says_under_its_name(narrow, profiles, loose):
    document, diagnostics = narrow(f"gate: {{profiles: {{{profiles}}}}}\n", PROFILES)
    assert [found.code for found in diagnostics] == ["DQ209"] * loose
    assert (document is None) == loose


def test_profiles_are_inherited_and_narrowed_by_name(narrow):
    document, diagnostics = narrow("gate: {profiles: {staging: {fail_on: warning}}}\n", PROFILES)
    assert diagnostics == []
    said = {name: (p.quarantined, p.fail_on) for name, p in document.spec.gate.profiles.items()}
    assert said == {"staging": (Fraction(1, 5), "warning"), "production": (None, "warning")}
    assert document.spec.gate.quarantined == Fraction(1, 20)


def test_mistakes_of_the_base_are_placed_in_the_base(narrow):
    document, diagnostics = narrow("missing: x\n", BASE + "typo: 1\n")
    assert document is None
    assert [(found.span.file, found.code) for found in diagnostics] == [("base.dq.yaml", "DQ201")]


def test_mistakes_of_the_child_keep_their_place_in_the_merged_spec(narrow):
    _, diagnostics = narrow("fields:\n  country:\n    requird: true\n    checks: x\n")
    assert [str(found.span) for found in diagnostics if found.code in {"DQ201", "DQ203"}] == [
        "child.dq.yaml:7:5",
        "child.dq.yaml:8:13",
    ]


def test_the_own_name_is_not_inherited(tmp_path):
    (tmp_path / "base.dq.yaml").write_text(BASE)
    (tmp_path / "child.dq.yaml").write_text("dq: 1\nextends: base.dq.yaml\n")
    _, diagnostics = read(tmp_path / "child.dq.yaml")
    assert [found.message for found in diagnostics] == [
        "the spec needs the key 'event'",
        "the spec needs the key 'version'",
    ]


def test_chains_and_circles(tmp_path):
    (tmp_path / "a.dq.yaml").write_text(BASE)
    (tmp_path / "b.dq.yaml").write_text(HEAD + "extends: a.dq.yaml\nfields: {city: {required: true}}\n")
    (tmp_path / "c.dq.yaml").write_text(HEAD + "extends: b.dq.yaml\nfields: {city: {required: true}}\n")
    assert [parent.root for parent in load(tmp_path / "c.dq.yaml").parents] == [tmp_path, tmp_path]
    (tmp_path / "a.dq.yaml").write_text(BASE + "extends: c.dq.yaml\n")
    document, diagnostics = read(tmp_path / "c.dq.yaml")
    assert document is None
    assert [found.code for found in diagnostics] == ["DQ209"]
    assert diagnostics[0].span.file.endswith("a.dq.yaml")


def test_a_base_behind_a_link_is_refused(tmp_path):
    (tmp_path / "real.dq.yaml").write_text(BASE)
    (tmp_path / "base.dq.yaml").symlink_to(tmp_path / "real.dq.yaml")
    (tmp_path / "child.dq.yaml").write_text(HEAD + "extends: base.dq.yaml\n")
    assert [found.code for found in read(tmp_path / "child.dq.yaml")[1]] == ["DQ208"]
