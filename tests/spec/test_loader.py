from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import SpecError, UsageError
from dq.spec.loader import load, loads, read, reads
from spec.sample import FULL, HEAD, MINIMAL


def said(text: str) -> list[str]:
    return [f"{found.span.line}:{found.span.column} {found.code}" for found in reads(text)[1]]


def messages(text: str) -> str:
    return "\n".join(str(found) for found in reads(text)[1])


def test_the_language_of_the_design_is_read():
    document = loads(FULL, "full")
    spec = document.spec
    assert list(spec.fields) == ["order_id", "country", "amount", "email", "status", "placed_at", "consent", "year"]
    assert spec.sources["crm"].quote is None
    assert spec.sources["web"].quote == '"'
    assert spec.sources["crm"].header == ["a", "b"]
    assert spec.sources["crm"].multiline == "false"
    assert spec.fields["consent"].words.true == ["yes"]
    assert spec.gate.quarantined == 1 / 100 or float(spec.gate.quarantined) == 0.01
    assert document.places.value(("dedupe", "order_by")).line == FULL[: FULL.index("order_by")].count("\n") + 1
    assert document.file == "full"
    assert document.parents == ()


def test_load_reads_a_file_and_names_it_as_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.dq.yaml").write_text(MINIMAL)
    document = load("a.dq.yaml")
    assert document.file == "a.dq.yaml"
    assert document.texts == {"a.dq.yaml": MINIMAL}
    assert load(tmp_path / "a.dq.yaml").root == tmp_path


def test_unreadable_files_are_wrong_usage(tmp_path):
    for path in (tmp_path / "absent", tmp_path, "a\0b"):
        with pytest.raises(UsageError, match="cannot read the spec"):
            load(path)


def test_all_mistakes_are_raised_in_order_of_place():
    with pytest.raises(SpecError) as caught:
        loads("fields:\n  b: {typ: string}\n  a: *x\nversion: 1\nevent: e\ndq: 3\ntags: x\n", "f")
    found = [(item.span.line, item.code) for item in caught.value.diagnostics]
    assert found == [(2, "DQ201"), (3, "DQ103"), (4, "DQ205"), (6, "DQ204"), (7, "DQ203")]
    assert "f:2:7: DQ201" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        (MINIMAL + "chekcs: []\n", "6:1 DQ201", "did you mean 'checks'"),
        (MINIMAL + "severity: error\n", "6:1 DQ201", "stands beside the name of a check"),
        (MINIMAL + "gate: {keep: first}\n", "6:8 DQ201", "stands in an entry of 'filter' or in 'dedupe'"),
        (HEAD + "fields: {}\n", "4:9 DQ203", "at least one entry, not an empty mapping"),
        (HEAD, "1:1 DQ202", "the spec needs the key 'fields'"),
        (HEAD + "fields: {a: {}}\n", "4:10 DQ202", "field 'a' needs the key 'type'"),
        (HEAD + "fields: {a: string}\n", "4:13 DQ203", "expects a mapping, not 'string'"),
        (HEAD + "fields: {a: {type: string, required: NO}}\n", "4:38 DQ203", "true or false, not 'NO'"),
        (HEAD + "fields: {a: {type: string, required: 'true'}}\n", "4:38 DQ203", "true or false"),
        (HEAD + "fields: {a: {type: }}\n", "4:20 DQ203", "expects text, not nothing"),
        (HEAD + "fields: {a: {type: string, checks: unique}}\n", "4:36 DQ203", "expects a list"),
        (MINIMAL + "missing: [~]\n", "6:11 DQ203", "null (~ in quotes would be text)"),
        (MINIMAL + "sources: {s: {format: csv, header: yes}}\n", "6:36 DQ203", "true or false or a list, not 'yes'"),
        (
            MINIMAL + "sources: {s: {format: csv, header: [[]]}}\n",
            "6:37 DQ203",
            "'header[1]' expects text, not an empty list",
        ),
        (MINIMAL + "sources: {s: {format: csv, skip_rows: -1}}\n", "6:39 DQ203", "whole number from 0"),
        (MINIMAL + "sources: {s: {format: xml}}\n", "6:23 DQ203", "'csv', 'jsonl', 'json' or 'parquet', not 'xml'"),
        (MINIMAL + "sources: {s: {format: jsno}}\n", "6:23 DQ203", "did you mean 'json'"),
        (MINIMAL + "gate: {quarantined: 150%}\n", "6:21 DQ203", "a share such as 5%"),
        (MINIMAL + "gate: {profiles: {prod: {quarantined: 150%}}}\n", "6:39 DQ203", "a share such as 5%"),
        (MINIMAL + "gate: {profiles: {prod: {quarantine: 5%}}}\n", "6:26 DQ201", "gate.profiles.prod"),
        (MINIMAL + "gate: {profiles: {prod: {fail_on: warn}}}\n", "6:35 DQ203", "warning"),
        (MINIMAL + "gate: {profiles: {a b: {fail_on: error}}}\n", "6:19 DQ206", "a name is letters"),
        (MINIMAL + "examples: {valid: [x]}\n", "6:20 DQ203", "a mapping of fields to values"),
        (MINIMAL + "examples: {invalid: [{record: {}}]}\n", "6:22 DQ202", "needs the key 'violates'"),
        (MINIMAL + "filter: [{keeep: a}]\n", "6:11 DQ201", "did you mean 'keep'"),
        (MINIMAL.replace("dq: 1", "dq: one"), "1:5 DQ203", "a whole number, not 'one'"),
        (MINIMAL.replace("dq: 1", "dq: 1.0"), "1:5 DQ203", "a whole number"),
        (MINIMAL.replace("dq: 1", "dq: 01"), "1:5 DQ204", "not 01"),
        (MINIMAL.replace("1.2.0", "01.2.0"), "3:10 DQ205", "SemVer"),
        (MINIMAL.replace("1.2.0", "1.2.0\\n"), "3:10 DQ205", "SemVer"),
        (MINIMAL.replace("amount:", "a-b:"), "5:3 DQ206", "letters, digits"),
        (MINIMAL.replace("amount:", "__a:"), "5:3 DQ206", "kept for dq"),
        (MINIMAL.replace("amount:", "и\u0306:"), "5:3 DQ206", "NFC"),
        (MINIMAL + "extends: a/b.dq.yaml\n", "6:10 DQ209", "same folder"),
        (MINIMAL + "extends: ../b.dq.yaml\n", "6:10 DQ208", "'..'"),
        (MINIMAL + "extends: ftp://b\n", "6:10 DQ207", "URL"),
        (MINIMAL + "extends: [a]\n", "6:10 DQ203", "expects text, not a list"),
    ],
)
def test_one_mistake_one_diagnostic(text, expected, words):
    found = [line for line in said(text) if line != "6:11 DQ202" or expected == line]
    if "keeep" in text:
        found = [line for line in found if not line.endswith("DQ202")]
    assert found == [expected]
    assert words in messages(text)


def test_no_jargon_of_the_library_is_shown():
    text = HEAD + "fields: [a]\nsources: {a: {files: {}, header: {}}}\ndedupe: x\nexamples: x\noutput: {fields: a}\n"
    shown = messages(text).lower()
    assert "another kind of value" not in shown
    for word in ("input", "valid ", "dictionary", "instance", "function", "pydantic", "model"):
        assert word not in shown


@pytest.mark.parametrize(
    "version", ["0.0.0", "1.2.3-rc.1+build.5", "10.20.30", "1.0.0-alpha-a.b-c", "1.0.0--", "1.0.0+001"]
)
def test_versions_by_semver(version):
    assert said(MINIMAL.replace("1.2.0", version)) == []


@pytest.mark.parametrize("version", ["1", "1.2", "1.2.3.4", "v1.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.x", "١.2.3"])
def test_versions_not_by_semver(version):
    assert said(MINIMAL.replace("1.2.0", version)) == ["3:10 DQ205"]


@pytest.mark.parametrize(
    ("written", "cut"),
    [
        ("assert: amount > 0 # x", True),
        ("assert: amount > 0  #x", True),
        ("assert: name = 'a  # x'", True),
        ("assert: (a or  # x", True),
        ("pattern: ^[a  # ]$", True),
        ("pattern: ^a\\(  # note", False),
        ("where: a = '#1'", False),
        ("where: a = 1   # note", False),
        ('assert: "amount > 0" # x', False),
        ("description: amount # x", False),
        ("regex: a #", True),
    ],
)
def test_comments_that_may_have_cut_an_expression(written, cut):
    text = MINIMAL + f"checks:\n  - id: x\n    {written}\n"
    assert [line for line in said(text) if "DQ108" in line] == ([f"8:{written.index(':') + 7} DQ108"] if cut else [])


@pytest.mark.parametrize(
    "lines",
    [
        "filter:\n  - keep: a #b\n",
        "checks:\n  - assert: a #b\n",
        "checks:\n  - unique: [a]\n    where: a #b\n",
        "  b:\n    type: integer\n    derive: a #b\n",
        "  b:\n    type: string\n    checks:\n      - pattern: a #b\n",
        "  b:\n    type: string\n    checks:\n      - pattern:\n          pattern: a #b\n",
        "  b:\n    type: string\n    clean:\n      - replace:\n          pattern: a #b\n",
    ],
)
def test_every_place_of_an_expression_is_watched(lines):
    assert [line[-5:] for line in said(MINIMAL + lines)] == ["DQ108"]


def test_data_is_not_taken_for_paths_or_expressions():
    text = FULL.replace("order_id: orderId,", "order_id: https, file: //x, files: /y,").replace(
        "{рф: RU", "{file: /x, where: b"
    )
    assert said(text) == []


def test_faults_after_a_merge_key_are_not_invented():
    assert said(HEAD + "fields:\n  a:\n    <<: {type: string}\n") == ["6:5 DQ111"]


def test_many_mistakes_stay_quick_and_bounded():
    keys = "".join(f"k{number}: x\n" for number in range(5_000))
    assert len(reads(keys)[1]) == 1000
    files = "[" + "{}, " * 5_000 + "]"
    assert len(reads(MINIMAL + f"sources: {{s: {{format: csv, files: {files}}}}}\n")[1]) == 999
    long = "k" * 900_000
    assert said(MINIMAL + f'? "{long}"\n: x\n') == ["6:3 DQ201"]


def test_source_names_line_by_line_with_crlf():
    assert said((MINIMAL + "tagz: []\n").replace("\n", "\r\n")) == ["6:1 DQ201"]


@settings(max_examples=150)
@given(st.binary(max_size=120))
def test_any_bytes_are_a_spec_or_a_spec_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.dq.yaml"
    path.write_bytes(data)
    document, diagnostics = read(path)
    assert (document is None) == bool(diagnostics)


LINES = FULL.splitlines(keepends=True)
JUNK = st.sampled_from(
    [
        "",
        "x",
        ":",
        ": ",
        "- ",
        "[",
        "}",
        "'",
        "&a",
        "*a",
        "!t ",
        "\t",
        "  ",
        "#",
        " #",
        "<<: ",
        "~",
        "\x00",
        "😀",
        "\n",
        "%",
        "\\",
    ]
)


@st.composite
def mutated(draw) -> str:
    text = FULL
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(JUNK) + text[start + draw(st.integers(0, 6)) :]
    return text


@settings(max_examples=200)
@given(mutated())
def test_mutated_specs_are_read_or_refused_with_places_in_the_text(text):
    document, diagnostics = reads(text)
    assert (document is None) == bool(diagnostics)
    last = text.count("\n") + text.count("\r") + 1
    assert all(1 <= item.span.line <= item.span.end_line <= last for item in diagnostics)
    assert all(item.message.isprintable() for item in diagnostics)
    assert diagnostics == sorted(diagnostics, key=lambda item: (item.span, item.code, item.message))


def rename(key: str) -> str:
    return key[:-1] + ("x" if key[-1] != "x" else "y")


KEYS = ["event", "version", "sources", "format", "missing", "fields", "type", "required", "clean", "checks", "impute", "pii",
        "formats", "timezone", "words", "derive", "filter", "keep", "dedupe", "key", "order_by", "gate", "quarantined", "fail_on", "ml",
        "output", "examples", "valid", "invalid", "record", "violates", "owner", "tags", "encoding", "delimiter"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_key_renamed_by_a_letter_is_refused_on_its_line(key):
    number = next(
        index
        for index, line in enumerate(LINES)
        if f"{key}:" in line.replace("{", " ").replace(",", " ").split("#")[0].split()
    )
    line = LINES[number]
    place = line.index(f"{key}:")
    text = "".join([*LINES[:number], line[:place] + rename(key) + line[place + len(key) :], *LINES[number + 1 :]])
    found = [item for item in reads(text)[1] if item.code == "DQ201"]
    assert [item.span.line for item in found] == [number + 1]
    assert found[0].suggestion == (key if len(key) > 2 else None)
