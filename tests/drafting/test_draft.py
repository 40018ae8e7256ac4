"""Whole drafts: from files as they come to specifications that lint, and that say what of the files does not pass."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys

import polars as pl
import pytest

from dq.drafting.draft import infer
from dq.drafting.judge import compiled
from dq.errors import SourceError, UsageError

ORDERS = ["id,city,amount,paid,at"] + [
    f"{number},{('Bonn', 'Köln', 'Ulm')[number % 3]},{number % 17}.50,{'yes' if number % 2 else 'no'},2026-01-{number % 28 + 1:02d}"
    for number in range(1, 201)
]


def write(folder, name, lines, encoding="utf-8"):
    path = folder / name
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def fields(draft):
    """Return the bound fields of a draft, which must lint."""
    plan, errors = compiled(draft.text)
    assert errors == []
    return plan.by_name


def test_a_table_of_orders_is_drafted_as_a_person_would(tmp_path):
    draft = infer(write(tmp_path, "orders-2026-01.csv", ORDERS))
    found = fields(draft)
    assert {name: str(field.type) for name, field in found.items()} == {
        "id": "integer",
        "city": "string",
        "amount": "decimal(10,2)",
        "paid": "boolean",
        "at": "date",
    }
    assert all(field.required for field in found.values())
    checks = {check.id: check.expected for field in found.values() for check in field.checks}
    assert checks["city.accepted_values"] == "one of Köln, Ulm, Bonn"
    assert "id.unique" in checks
    assert "id.between" not in checks
    assert checks["amount.between"] == "a value from 0 to 50"
    assert draft.judgement.verdict == "pass"
    assert draft.judgement.records["accepted"] == 200
    assert "\nevent: orders\n" in draft.text
    assert "\nsources:" not in draft.text


def test_the_same_source_gives_the_same_text_whatever_the_hash_seed(tmp_path):
    path = write(tmp_path, "orders.csv", ORDERS)
    program = "import sys; from dq.drafting.draft import infer; sys.stdout.write(infer(sys.argv[1]).text)"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, check=True, env=environment(seed)
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert texts == {infer(path).text.encode()}


def environment(seed):
    return {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}


def test_what_does_not_pass_is_named_and_tolerated_in_its_share(tmp_path):
    lines = [line.replace("7.50", "broken") if line.startswith("7,") else line for line in ORDERS]
    draft = infer(write(tmp_path, "orders.csv", lines))
    assert draft.judgement.failed == (("amount.type", 1),)
    assert draft.judgement.verdict == "pass"
    assert "gate: {quarantined: 1%}" in draft.text
    assert "amount.type 1 (0.5%)" in draft.text
    assert "199 of 200 (99.5%) values read so" in draft.text


def test_a_long_source_is_sampled_evenly_and_the_draft_says_so(tmp_path):
    draft = infer(write(tmp_path, "orders.csv", ORDERS), sample=60)
    assert draft.records == 200
    assert 30 <= draft.looked_at <= 60
    assert f"200 records, {draft.looked_at} of them looked at, evenly spread." in draft.text
    assert draft.judgement.records["read"] == 200


def test_what_only_the_whole_source_shows_is_said(tmp_path):
    lines = [line.replace(".50", "999.50") if line.startswith("5,") else line for line in ORDERS]
    draft = infer(write(tmp_path, "orders.csv", lines), sample=60)
    assert dict(draft.judgement.failed) == {"amount.between": 1}
    (line,) = [line for line in draft.text.splitlines() if "- between" in line]
    assert line.endswith("; 1 fail")


def test_a_key_that_only_the_whole_source_shows_to_be_repeated_is_a_doubt(tmp_path):
    path = write(tmp_path, "orders.csv", [*ORDERS, ORDERS[5].replace("2026", "2025")])
    assert "unique" in infer(path, sample=60, check=False).text
    draft = infer(path, sample=60)
    assert "# - unique # 2 records of the whole source share it with another one" in " ".join(draft.text.split())
    assert "gate:" not in draft.text
    assert not [check for check, _ in draft.judgement.failed if check.endswith("unique")]


def test_a_sample_is_not_in_step_with_what_comes_back_every_second_record(tmp_path):
    lines = ["id,side"] + [f"{number},{'left' if number % 2 else 'right'}" for number in range(400)]
    assert "accepted_values: [left, right]" in infer(write(tmp_path, "steps.csv", lines), sample=100).text.replace(
        "[right, left]", "[left, right]"
    )


def test_semicolons_decimal_commas_and_cp1251(tmp_path):
    lines = ["Номер заказа;Сумма;Город"] + [
        f"{number:05d};{number % 19},50;{('Москва', 'Нижний Новгород', 'Тверь')[number % 3]}" for number in range(90)
    ]
    draft = infer(write(tmp_path, "заказы.csv", lines, "cp1251"))
    found = fields(draft)
    assert list(found) == ["номер_заказа", "Сумма", "Город"]
    assert str(found["Сумма"].type) == "decimal(10,2)"
    assert str(found["номер_заказа"].type) == "string"
    for line in ("encoding: cp1251 ", 'delimiter: ";"', 'decimal: ","', "номер_заказа: Номер заказа"):
        assert line in draft.text
    assert draft.judgement.records["accepted"] == 90


def test_a_delimiter_that_cuts_the_header_too_goes_before_one_that_leaves_lines_out(tmp_path):
    draft = infer(write(tmp_path, "weights.csv", ["kg;who", "1,5;Ann", "2,75;Ben", "10,0;Eva"]))
    assert {name: str(field.type) for name, field in fields(draft).items()} == {"kg": "decimal(10,2)", "who": "string"}


def test_an_encoding_that_a_name_does_not_tell_is_said(tmp_path):
    pytest.importorskip("charset_normalizer")
    draft = infer(write(tmp_path, "orders.csv", [line.replace("Ulm", "Bremervörde") for line in ORDERS], "cp1252"))
    assert "    encoding: cp1252 " in draft.text
    assert draft.judgement.records["accepted"] == 200


@pytest.mark.parametrize(("name", "delimiter"), [("a.tsv", "\t"), ("a.txt", ","), ("a", ";"), ("a.csv", "|")])
def test_whatever_its_name_tells_a_file_is_run_as_it_was_drafted(tmp_path, name, delimiter):
    draft = infer(write(tmp_path, name, [line.replace(",", delimiter) for line in ORDERS]))
    assert draft.judgement.records["accepted"] == 200
    assert ("sources:" in draft.text) == (name != "a.tsv")


def test_records_of_json_are_read_by_their_paths(tmp_path):
    lines = [
        f'{{"id": {n}, "user": {{"email": "a{n}@example.org", "tags": ["x"]}}, "v": {n % 7}.25}}' for n in range(60)
    ]
    draft = infer(write(tmp_path, "events.jsonl", lines))
    found = fields(draft)
    assert {name: str(field.type) for name, field in found.items()} == {
        "id": "integer",
        "email": "string",
        "tags": "list<string>",
        "v": "decimal(10,2)",
    }
    assert found["email"].pii
    assert draft.judgement.records["accepted"] == 60
    assert "@example.org" not in draft.text


def test_parquet_keeps_its_types(tmp_path):
    frame = pl.DataFrame({"n": range(40), "when": [None, *["2026-01-01"] * 39], "s": [{"x": 1.5}] * 40}).with_columns(
        pl.col("when").str.to_date()
    )
    frame.write_parquet(tmp_path / "table.parquet")
    found = fields(infer(tmp_path / "table.parquet"))
    assert {name: str(field.type) for name, field in found.items()} == {
        "n": "integer",
        "when": "date",
        "x": "decimal(10,2)",
    }
    assert not found["when"].required


def test_a_key_that_is_repeated_in_full_is_deduplicated(tmp_path):
    draft = infer(write(tmp_path, "orders.csv", [*ORDERS, *ORDERS[5:8]]))
    assert "dedupe: {key: [id]}" in draft.text
    assert draft.judgement.records["deduplicated"] == 3


def test_a_key_that_is_repeated_with_other_content_is_left_to_a_person(tmp_path):
    draft = infer(write(tmp_path, "orders.csv", [*ORDERS, "7,Ulm,3.50,no,2026-01-02"]))
    assert "# dedupe: {key: [id], keep: last}" in draft.text
    assert draft.judgement.records["deduplicated"] == 0


def test_nothing_can_be_drafted_from_nothing(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "blank.csv").write_bytes(b"\n\n")
    for name in ("empty.csv", "blank.csv"):
        with pytest.raises(UsageError, match=name):
            infer(tmp_path / name)
    with pytest.raises(SourceError):
        infer(tmp_path / "absent.csv")


def test_files_of_two_shapes_are_no_single_event(tmp_path):
    paths = [write(tmp_path, "a.csv", ORDERS), write(tmp_path, "b.csv", ["x,y", "1,2"])]
    with pytest.raises(UsageError, match=r"b\.csv is not of the shape of a\.csv"):
        infer(paths)


HOSTILE = [
    b"\x00\x01\x02",
    b"\xff\xfe\x00",
    b'a,b\n"unclosed,1\n' + b"2,3\n" * 30,
    b"a,a,\n1,2,3\n4,5,6\n",
    b"x" * 5000 + b"\n1\n",
    b"{}\n{}\n",
    b'{"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}\n',
    b"[]",
    b"[1, 2]",
    b'{\n  "a": 1\n}\n',
    b"a;b\n1,5;\n;;;\n\n\n",
    "имя,\u202e,#,'\"\n".encode() + b"1,2,3,4\n" * 20,
    b"true,null,~,*a,&b,!c,{d,[e,- f,: g\n" + b"1,2,3,4,5,6,7,8,9,0\n" * 25,
    b"k\n" + b"# not a comment: {x}\n" * 30,
    b"v\n" + "\u2028\n\x85\n\x7f\n".encode() * 40,
    b"\xef\xbb\xbfa,b\n1,2\n",
    b"PAR1 not parquet",
    b"\x1f\x8b broken gzip",
    b"a\tb\n" + b"9" * 400 + b"\t1e999\n" * 30,
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_drafted_or_refused_in_words(tmp_path, data):
    path = tmp_path / "some.txt"
    path.write_bytes(data)
    try:
        text = infer(path).text
    except (UsageError, SourceError) as error:
        text = str(error)
    assert compiled(text)[0] is not None or "some.txt" in text


def test_a_delimiter_is_not_tried_where_it_may_be_a_part_of_another_character(tmp_path):
    lines = ["商品コード,価格"] + [f"A-{number:03d},{number % 7}00" for number in range(40)]
    draft = infer(write(tmp_path, "goods.csv", lines, "shift_jis"))
    assert list(fields(draft)) == ["商品コード", "価格"]


def test_a_folder_and_a_glob_are_the_files_in_it(tmp_path):
    write(tmp_path, "a.csv", ORDERS)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(write(tmp_path, "c.csv", ORDERS).read_bytes()))
    (tmp_path / "notes.md").write_text("no data")
    assert infer(tmp_path).records == 3 * 200
    assert infer(str(tmp_path / "*.csv")).records == 2 * 200
    with pytest.raises(SourceError, match="no file matches"):
        infer(str(tmp_path / "*.tsv"))


def test_frames_and_records_are_drafted_from_as_files_are():
    rows = {"id": list(range(1, 41)), "kind": ["a", "b"] * 20, "at": [{"day": number % 5} for number in range(40)]}
    found = fields(infer(pl.DataFrame(rows)))
    assert {name: str(field.type) for name, field in found.items()} == {
        "id": "integer",
        "kind": "string",
        "day": "integer",
    }
    records = [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]
    assert list(fields(infer(records))) == ["id", "kind", "day"]
    assert infer(iter(records)).judgement.records["accepted"] == 40
    for wrong in ([1, 2], [{"a": object}], pl.DataFrame({"a": [object()]})):
        with pytest.raises(UsageError, match="a draft is made from"):
            infer(wrong)


def test_values_that_are_no_texts_are_not_accepted_as_texts():
    records = [{"extra": {"k": 1} if number % 3 == 0 else "ab"[number % 2]} for number in range(90)]
    draft = infer(records)
    assert "accepted_values: [a, b]" in draft.text


def test_of_a_header_alone_the_names_are_drafted(tmp_path):
    draft = infer(write(tmp_path, "orders.csv", ["id,name,amount"]))
    assert {name: str(field.type) for name, field in fields(draft).items()} == dict.fromkeys(
        ("id", "name", "amount"), "string"
    )
    assert draft.words() == "no record: only the names of the columns are known."
    with pytest.raises(UsageError, match="no record that can be read"):
        infer(write(tmp_path, "ragged.csv", ["a,b", "1"]))
    with pytest.raises(UsageError, match="no record with a field"):
        infer([{}])
