"""Fields that stand in a file of shared definitions: found, narrowed, and refused at their places."""

from __future__ import annotations

import pytest

import dq
from dq.cli.main import run
from dq.plan.compiler import lint
from dq.spec.loader import read, reads
from spec.sample import HEAD

ADDRESS = """\
fields:
  zip:
    type: string
    clean: [strip]
    checks: [{pattern: "^[0-9]{5}$"}]
  home: {$ref: "#/fields/zip", description: Where the customer lives.}
  work: {$ref: shared/more.yaml#/fields/work}
"""
MORE = """\
fields:
  work: {$ref: shared/address.yaml#/fields/zip, checks: [not_accepted_values: ["00000"]]}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "address.yaml").write_text(ADDRESS)
    (tmp_path / "shared" / "more.yaml").write_text(MORE)
    return tmp_path


def write(folder, fields: str, name: str = "spec.dq.yaml", head: str = HEAD) -> str:
    (folder / name).write_text(head + "fields:\n" + fields)
    return name


def mistakes(path: str) -> list[str]:
    return [f"{found.span} {found.code}" for found in lint(path)]


def test_a_reference_means_what_it_stands_for(folder):
    short = write(
        folder,
        "  zip: {$ref: shared/address.yaml#/fields/zip, required: true, checks: [min_length: 1]}\n"
        "  home: {$ref: shared/address.yaml#/fields/home}\n"
        "  work: {$ref: shared/address.yaml#/fields/work}\n"
        '  here: {$ref: "#/fields/home"}\n',
    )
    pattern = '{pattern: "^[0-9]{5}$"}'
    long = write(
        folder,
        f"  zip: {{type: string, required: true, clean: [strip], checks: [{pattern}, min_length: 1]}}\n"
        f"  home: {{type: string, clean: [strip], checks: [{pattern}]}}\n"
        f'  work: {{type: string, clean: [strip], checks: [{pattern}, not_accepted_values: ["00000"]]}}\n'
        f"  here: {{type: string, clean: [strip], checks: [{pattern}]}}\n",
        "long.dq.yaml",
    )
    assert mistakes(short) == []
    assert dq.load(short).fingerprint == dq.load(long).fingerprint
    document, _ = read(short)
    assert document.shared == ("shared/address.yaml", "shared/more.yaml")
    assert document.spec.fields["home"].description == "Where the customer lives."


def test_paths_are_relative_to_the_folder_of_the_spec(folder, monkeypatch):
    write(folder, "  zip: {$ref: shared/address.yaml#/fields/work}\n")
    monkeypatch.chdir(folder.parent)
    assert mistakes(f"{folder.name}/spec.dq.yaml") == []
    text = HEAD + "fields: {zip: {$ref: shared/address.yaml#/fields/work}}\n"
    assert reads(text, root=folder)[1] == []


def test_a_mistake_stands_where_it_was_written(folder):
    (folder / "shared" / "address.yaml").write_text(
        "fields:\n  zip: {type: strin}\n  home: {type: string, chekcs: []}\n"
    )
    path = write(
        folder,
        "  zip: {$ref: shared/address.yaml#/fields/zip, required: maybe}\n"
        "  home: {$ref: shared/address.yaml#/fields/home}\n",
    )
    assert mistakes(path) == [
        "shared/address.yaml:2:15 DQ313",
        "shared/address.yaml:3:24 DQ201",
        "spec.dq.yaml:5:58 DQ203",
    ]


def test_a_shared_file_that_is_no_yaml_says_so_once(folder):
    (folder / "shared" / "address.yaml").write_text("fields: {zip: {type: string}\n")
    path = write(
        folder,
        "  zip: {$ref: shared/address.yaml#/fields/zip}\n  home: {$ref: shared/address.yaml#/fields/zip}\n",
    )
    assert mistakes(path) == ["shared/address.yaml:2:1 DQ101"]


@pytest.mark.parametrize(("text", "problem"), [("- 1\n", "mapping"), ("field: {}\n", "no mapping 'fields'")])
def test_a_shared_file_without_fields_is_refused(folder, text, problem):
    (folder / "shared" / "address.yaml").write_text(text)
    found = lint(write(folder, "  zip: {$ref: shared/address.yaml#/fields/zip}\n"))
    assert len(found) == 1
    assert problem in found[0].message


def test_a_definition_that_is_no_mapping_is_refused_where_it_stands(folder):
    (folder / "shared" / "address.yaml").write_text("fields:\n  zip: string\n")
    assert mistakes(write(folder, "  zip: {$ref: shared/address.yaml#/fields/zip}\n")) == [
        "shared/address.yaml:2:8 DQ690"
    ]


def test_links_lead_nowhere(folder):
    (folder / "link.yaml").symlink_to(folder / "shared" / "address.yaml")
    found = lint(write(folder, "  zip: {$ref: link.yaml#/fields/zip}\n"))
    assert [diagnostic.code for diagnostic in found] == ["DQ208"]


def test_a_base_and_its_child_may_both_refer(folder):
    write(folder, "  zip: {$ref: shared/address.yaml#/fields/zip}\n", "base.dq.yaml")
    child = write(folder, "  zip: {$ref: shared/more.yaml#/fields/work}\n", head=HEAD + "extends: base.dq.yaml\n")
    assert mistakes(child) == []
    document, _ = read(child)
    assert document.shared == ("shared/more.yaml", "shared/address.yaml")


def test_a_folder_of_specs_tells_a_shared_mistake_once(folder, capsys):
    (folder / "shared" / "address.yaml").write_text("fields:\n  zip: {type: strin}\n")
    for event in ("first", "second"):
        head = HEAD.replace("order_placed", event)
        write(folder, "  zip: {$ref: shared/address.yaml#/fields/zip}\n", f"{event}.dq.yaml", head)
    assert run(["lint", str(folder)]) == 2
    assert capsys.readouterr().err.count("error DQ313") == 1
