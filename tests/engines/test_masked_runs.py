"""Masked fields: what is written of them, what saw the real value, and that no key and no value is told."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan
from dq.cli.main import cli
from dq.plan.compiler import lint
from dq.steps.mask import HASH_PATTERN

SPEC = """
dq: 1
event: visit
version: 1.0.0
fields:
  email: {type: string, required: true, clean: [lower], mask: hash, checks: [unique, {pattern: "@"}]}
  born: {type: date, mask: redact}
  year: {type: integer, derive: year(born)}
  card: {type: "decimal(6,2)", mask: drop, checks: [{ge: 0}]}
  spent: {type: "decimal(6,2)", mask: hash}
"""
KEY = b"0123456789abcdef-a-test"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "email": st.sampled_from(["a@x", "A@X", "b@x", "c@x", "nobody", ""]),
            "born": st.sampled_from(["2001-02-03", "", "x"]),
            "card": st.sampled_from(["1", "-1", ""]),
            "spent": st.sampled_from(["1.5", "1.50", ""]),
        }
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("spec") / "visit.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def hashed(text: str | None) -> str | None:
    return None if text is None else hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


@settings(max_examples=40)
@given(RECORDS)
def test_only_what_is_written_is_masked(plain: Plan, records: list[dict[str, str]]) -> None:
    rows = plain.with_mask_key(KEY).run(records, now=NOW).accepted
    assert rows.columns == ["email", "born", "year", "spent"]
    emails = [record["email"].lower() for record in records]
    good = [
        record
        for record, email in zip(records, emails, strict=True)
        if emails.count(email) == 1 and "@" in email and record["born"] != "x" and record["card"] != "-1"
    ]
    expected = [
        {
            "email": hashed(record["email"].lower()),
            "born": "[redacted]" if record["born"] else None,
            "year": 2001 if record["born"] else None,
            "spent": hashed("1.50" if record["spent"] else None),
        }
        for record in good
    ]
    assert rows.to_dicts() == expected


@settings(max_examples=20)
@given(RECORDS)
def test_an_event_is_masked_as_in_a_batch(plain: Plan, records: list[dict[str, str]]) -> None:
    plan = plain.with_mask_key(KEY)
    for record in records:
        alone = plan.check_event(record, now=NOW).record
        assert ([] if alone is None else [alone]) == plan.run([record], now=NOW).accepted.to_dicts()


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_the_files_say_what_the_columns_are_and_tell_no_value(form: str, tmp_path: Path) -> None:
    spec, data, key = tmp_path / "v.dq.yaml", tmp_path / "v.csv", tmp_path / "key"
    spec.write_text(SPEC + f"output: {{format: {form}}}\n")
    data.write_text("email,born,card,spent\nanna@secret.example,2001-02-03,17.5,777.25\nbob@secret.example,,,\n")
    key.write_bytes(KEY)
    arguments = ["run", str(spec), str(data), "--out", str(tmp_path / "out"), "--mask-key", str(key), "--ledger"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    everything = [path for path in (tmp_path / "out").iterdir() if path.is_file()]
    for path in everything:
        content = path.read_bytes() + result.output.encode()
        for secret in (b"secret.example", b"2001-02-03", b"777.25", KEY, KEY.hex().encode()):
            assert secret not in content, (path.name, secret)
    accepted = next(path for path in everything if path.stem == "accepted")
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[form]
    rows = read(accepted)  # type: ignore[operator]
    assert rows["email"].to_list() == [hashed("anna@secret.example"), hashed("bob@secret.example")]
    schema = json.loads((tmp_path / "out" / "schema.json").read_bytes())
    assert schema["required"] == rows.columns
    assert schema["properties"]["email"] == {"type": "string", "pattern": HASH_PATTERN}
    for row in rows.to_dicts():
        jsonschema.validate(row, schema)


def test_a_hash_needs_a_key_and_nothing_else_does(plain: Plan, tmp_path: Path) -> None:
    record = {"email": "a@x"}
    for call in (lambda: plain.run([record]), lambda: plain.check_event(record)):
        with pytest.raises(dq.UsageError, match="email, spent: masked by a keyed hash"):
            call()
    assert plain.check([record], now=NOW).verdict == "pass"
    with pytest.raises(dq.UsageError, match="at least 16"):
        plain.with_mask_key(b"short")
    path = tmp_path / "v.dq.yaml"
    path.write_text(SPEC.replace("mask: hash", "mask: redact"))
    assert dq.load(path).run([record]).accepted["email"].to_list() == ["[redacted]"]
    data = tmp_path / "v.csv"
    data.write_text("email\na@x\n")
    (tmp_path / "h.dq.yaml").write_text(SPEC)
    result = CliRunner().invoke(cli, ["run", str(tmp_path / "h.dq.yaml"), str(data), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, dq.UsageError)
    assert not (tmp_path / "out").exists()


def test_the_key_is_no_part_of_the_plan(plain: Plan) -> None:
    keyed = plain.with_mask_key(KEY)
    assert keyed.fingerprint == plain.fingerprint
    assert KEY.decode() not in repr(keyed.compiled)
    assert keyed.compiled == plain.compiled


def test_a_masked_field_is_personal_data_and_so_is_what_is_derived_from_it(plain: Plan) -> None:
    assert [bound.name for bound in plain.compiled.fields if bound.pii] == ["email", "born", "year", "card", "spent"]


def test_masking_is_part_of_the_fingerprint(plain: Plan, tmp_path: Path) -> None:
    path = tmp_path / "v.dq.yaml"
    path.write_text(SPEC.replace("mask: redact", "mask: drop"))
    assert dq.load(path).fingerprint != plain.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mask: redact", "mask: redacted", "DQ203 'mask' expects 'hash', 'redact' or 'drop'"),
        ("mask: redact", "mask: {hash: secret}", "DQ203 "),
        ("event: visit", "event: visit\nml: {target: spent}", "DQ317 'spent' is the target of 'ml' and may not be"),
    ],
)
def test_what_cannot_be_meant_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "v.dq.yaml"
    path.write_text(SPEC.replace(old, new))
    found = [f"{d.code} {d.message}" for d in lint(path)]
    assert any(line.startswith(said) for line in found), found


def test_keys_that_are_masked_cannot_be_compared_with_earlier_runs(plain: Plan, tmp_path: Path) -> None:
    plan = plain.with_mask_key(KEY)
    rows: list[dict[str, Any]] = [{"email": "a@x"}]
    plan.run(rows, out=tmp_path / "one", now=NOW)
    with pytest.raises(dq.UsageError, match="email is masked in what is written"):
        plan.run(rows, against=[tmp_path / "one"], now=NOW)
