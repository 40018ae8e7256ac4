"""What other tools let pass, by name; addresses in every place of a spec; and the whole language at once."""

from __future__ import annotations

import re

import pytest

from dq import plugins
from dq.plan.compiler import lint

HEAD = "dq: 1\nevent: order_placed\nversion: 1.0.0\n"
BODY = """\
sources:
  crm: {format: csv, delimiter: ";", files: crm_*.csv, fields: {amount: Sum}}
missing: ["", "-"]
fields:
  amount:
    type: decimal(12,2)
    required: true
    clean: [strip]
    checks:
      - between: [0, 1000]
        severity: error
        mostly: 99%
      - unique
  status:
    type: string
    clean: [{map: {a: paid}, otherwise: keep}]
    checks:
      - accepted_values: [paid, pending]
checks:
  - id: paid_has_amount
    where: status = 'paid'
    assert: amount > 0
filter:
  - keep: status is not null
dedupe: {key: [amount], keep: last}
expect:
  - row_count: {min: 1}
gate: {quarantined: 1%, fail_on: error}
output: {format: csv, fields: [amount, status]}
"""


@pytest.fixture(scope="module", autouse=True)
def _kinds():
    plugins.load()


@pytest.fixture
def found(tmp_path):
    def judge(text: str) -> list[str]:
        path = tmp_path / "orders.dq.yaml"
        path.write_text(text, encoding="utf-8")
        return [f"{d.span.line} {d.code}" + (f" {d.suggestion}" if d.suggestion else "") for d in lint(path)]

    return judge


def test_the_spec_that_is_spoilt_below_is_sound(found):
    assert found(HEAD + BODY) == []


# Each pair stands for a mistake that a tool of references/peers.md was seen to accept, in the words of this language.
PEERS = {
    "pandera: nulable is passed over": ("    required: true", "    nulable: false", "10 DQ201"),
    "pandera: greter_than is passed over": ("      - between: [0, 1000]", "      - greter_than: 0", "13 DQ301 gt"),
    "pandera: cheks is passed over, and -5 accepted": (
        "    checks:\n      - between",
        "    cheks:\n      - between",
        "12 DQ201 checks",
    ),
    "Soda: thresold is passed over": ("        mostly: 99%", "        mostley: 99%", "15 DQ201 mostly"),
    "Soda: a misspelt bound is ignored with a warning": (
        "between: [0, 1000]",
        "between: {min: 0, mx: 9}",
        "13 DQ305 max",
    ),
    "Soda: a misspelt check is dropped and the contract passes": ("      - unique", "      - uniqe", "16 DQ301 unique"),
    "datacontract-cli: a typo ends with code 0": ("    type: string", "    tpye: string", "18 DQ201 type"),
    "LakeLogic: requird": ("    required: true", "    requird: true", "10 DQ201 required"),
    "LakeLogic: row_ruls": ("\nchecks:\n", "\nchecs:\n", "22 DQ201 checks"),
    "LakeLogic: severity: eror": ("severity: error", "severity: eror", "14 DQ203 error"),
    "LakeLogic: a shorthand that did nothing at all": ("{map: {a: paid}", "{map: {}", "19 DQ307"),
    "LakeLogic: a rule on an absent column": ("    assert: amount > 0", "    assert: amuont > 0", "25 DQ402 amount"),
    "DQX: an unknown argument of a function": ("- row_count: {min: 1}", "- row_count: {minimum: 1}", "30 DQ305 min"),
    "DQX: a filter that does not parse": ("status = 'paid'", "status == 'paid'", "24 DQ401 ="),
    "dqflow: an unknown option of an output": ("output: {format: csv", "output: {fromat: csv", "32 DQ201 format"),
    "dqflow: an unknown expectation": ("- row_count:", "- rowcount:", "30 DQ303 row_count"),
    "Floe: an action that is no action": ("fail_on: error", "fail_on: eror", "31 DQ203 error"),
    "OpenRefine: a replay on a column that is not there": ("key: [amount]", "key: [amont]", "28 DQ311 amount"),
    "Great Expectations: a share beyond one": ("mostly: 99%", "mostly: 99", "15 DQ203"),
    "Frictionless: a constraint of another type": ("between: [0, 1000]", "between: [0, lots]", "13 DQ318"),
    "dbt: a test under a key of another level": ("\ngate:", "\ntests: [unique]\ngate:", "31 DQ201"),
    "YAML: the second of two keys wins": ("    type: string\n", "    type: string\n    type: number\n", "19 DQ102"),
    "YAML 1.1: yes is true": ("required: true", "required: yes", "10 DQ203"),
}


@pytest.mark.parametrize("mistake", PEERS)
def test_no_peer_s_way_is_open(found, mistake):
    before, after, expected = PEERS[mistake]
    assert (HEAD + BODY).count(before) >= 1
    assert expected in found((HEAD + BODY).replace(before, after, 1))


URLS = [
    "https://example.com/a",
    "HTTP://example.com/a",
    "file:///etc/passwd",
    "s3://bucket/a",
    "ftp://example.com/a",
    "//example.com/a",
    "data:text/csv,a",
]
PLACES = {
    "extends": "extends: {}\nfields: {{a: {{type: string}}}}\n",
    "a list of files": "sources: {{s: {{format: csv, files: [{}]}}}}\nfields: {{a: {{type: string}}}}\n",
    "files": "sources: {{s: {{format: csv, files: {}}}}}\nfields: {{a: {{type: string}}}}\n",
    "references": "fields: {{a: {{type: string, checks: [{{references: {{file: {}, column: a}}}}]}}}}\n",
    "$schema": "$schema: {}\nfields: {{a: {{type: string}}}}\n",
    "$ref": "fields: {{a: {{$ref: {}}}}}\n",
    "$id": "$id: {}\nfields: {{a: {{type: string}}}}\n",
    "schema of a source": "sources: {{s: {{format: csv, schema: {}}}}}\nfields: {{a: {{type: string}}}}\n",
}


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("place", PLACES)
def test_an_address_is_refused_wherever_a_file_is_named(found, place, url):
    codes = {item.split()[1] for item in found(HEAD + PLACES[place].format(f'"{url}"'))}
    assert "DQ207" in codes


@pytest.mark.parametrize("path", ["../base.dq.yaml", "/etc/base.dq.yaml", "sub/base.dq.yaml", "C:base.dq.yaml", ""])
def test_a_base_lies_in_the_same_folder(found, path):
    assert found(HEAD + f'extends: "{path}"\n')


def test_an_address_in_a_text_is_text(found):
    text = (
        HEAD
        + 'description: "see https://example.com"\nfields:\n  a: {type: string, checks: [{pattern: "^https://"}]}\n'
    )
    assert found(text) == []


BASE = HEAD + "fields:\n  a: {type: string}\n  b: {type: integer, checks: [{minimum: 0}]}\n"


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        ("fields: {b: {checks: [{maximum: 9}]}}", []),
        ("fields: {b: {checks: [{maxmum: 9}]}}", ["5 DQ301 maximum"]),
        ("fields: {b: {checks: [{maximum: -1}]}}", ["5 DQ322"]),
        ("fields: {c: {checks: [{maximum: 9}]}}", ["5 DQ209"]),
        ("fields: {a: {requird: true}}", ["5 DQ201 required"]),
        ("fields: {a: {type: integer}}", ["5 DQ209"]),
        ("checks: [{assert: c > 0}]", ["5 DQ402"]),
        ("gates: {fail_on: warning}", ["5 DQ201 gate"]),
        ("missing: ['-']", ["5 DQ209"]),
    ],
)
def test_a_child_is_judged_like_any_other(found, tmp_path, child, expected):
    (tmp_path / "base.dq.yaml").write_text(BASE)
    assert found(HEAD + f"extends: base.dq.yaml\n{child}\n") == expected


def test_a_mistake_of_the_base_stands_in_the_base(tmp_path):
    (tmp_path / "base.dq.yaml").write_text(BASE.replace("minimum", "minmum"))
    child = tmp_path / "child.dq.yaml"
    child.write_text(HEAD + "extends: base.dq.yaml\n")
    assert [(d.span.file, d.span.line, d.code) for d in lint(child)] == [(str(tmp_path / "base.dq.yaml"), 6, "DQ301")]


@pytest.mark.shared
def test_the_spec_of_the_design_lints_but_for_what_is_not_built_yet(shared, tmp_path):
    text = (shared / "DESIGN.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(# yaml-language-server.*?)```", text, re.DOTALL)
    assert example
    path = tmp_path / "orders.dq.yaml"
    path.write_text(example[1], encoding="utf-8")
    later = {
        number
        for number, line in enumerate(example[1].splitlines(), 1)
        if re.match(r"\s*(- )?(freshness|drift|clean)\b", line)
    }
    assert {d.span.line for d in lint(path)} <= later
    assert {d.code for d in lint(path)} <= {"DQ201", "DQ202", "DQ302", "DQ303"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("dq: 1", "dq: -1", "1 DQ204"),
        ("dq: 1", "dq: +1", "1 DQ204"),
        ("dq: 1", "dq: 99999999999999999999", "1 DQ204"),
        ("event: order_placed", 'event: ""', "2 DQ206"),
        ("version: 1.0.0", 'version: ""', "3 DQ205"),
        ("type: string", 'type: ""', "18 DQ313"),
        ("type: string", "type: datetime\n    timezone: ''", "19 DQ315"),
        ("type: string", "type: list<string>\n    separator: ''", "19 DQ321"),
        ("{min: 1}", "{min: 99999999999999999999}", "30 DQ307"),
        ("{min: 1}", "{min: 0}", "30 DQ322"),
        ("      - unique", "      - {unique: {}, mostly: 0%}", "16 DQ322"),
        ("    where: status", "    mostly: 0\n    where: status", "26 DQ322"),
        ("files: crm_*.csv", 'files: ""', "5 DQ208"),
    ],
)
def test_empty_and_huge_values_are_refused(found, before, after, expected):
    assert expected in found((HEAD + BODY).replace(before, after, 1))


LATER = {
    "      - {domain_of_the_future: {}}": "DQ302",
    "      - country: alpha_9": "DQ307",
    "      - map": "DQ306",
}


@pytest.mark.parametrize("step", LATER)
def test_a_step_that_is_not_known_is_said_to_be_unknown(found, step):
    text = HEAD + f"fields:\n  a:\n    type: string\n    clean:\n{step}\n"
    assert {item.split()[1] for item in found(text)} == {LATER[step]}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("outliers: {iqr: 3, action: trim}", "DQ307"),
        ("outliers: {iqr: 3, acton: clip}", "DQ305"),
        ("outliers: {median: {}}", "DQ302"),
        ("outliers: {iqr: -1}", "DQ308"),
        ("outliers: {quantiles: [0.9, 0.1]}", "DQ308"),
        ("outliers: []", "DQ203"),
        ("impute: {medain: {by: [b]}}", "DQ302"),
        ("impute: {median: {by: [c]}}", "DQ311"),
        ("impute: {median: {by: [a]}}", "DQ308"),
        ("impute: {median: {bye: [b]}}", "DQ305"),
        ("impute: {constant: x}", "DQ318"),
        ("impute: {constant: 1, by: [b]}", "DQ305"),
        ("impute: {}", "DQ203"),
        ("impute: meen", "DQ302"),
        ("repair: {}", "DQ203"),
        ("repair: {agree: {}}", "DQ306"),
        ("repair: {agree: {by: [b], min_share: 200%}}", "DQ307"),
        ("repair: [{agree: {by: [b]}}, {agre: {by: [b]}}]", "DQ302"),
    ],
)
def test_a_fitted_step_that_cannot_be_meant_is_refused(found, key, code):
    text = HEAD + f"fields:\n  a:\n    type: number\n    {key}\n  b: {{type: string}}\n"
    assert code in {item.split()[1] for item in found(text)}
