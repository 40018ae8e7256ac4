"""The pages do not lie: their commands run, their outputs are printed, their specs lint, their links lead somewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

import dq
from dq.cli.main import cli
from dq.plan.compiler import lint

from . import pages
from .pages import PAGES, ROOT, Block

EXAMPLES = "examples/"  # their commands are run by tests/golden/test_commands.py


@pytest.fixture
def workplace(tmp_path, monkeypatch, warm):
    """Return a copy of what a reader has before him, in which `dq` and `python` are those of this test."""
    for folder in ("docs", "examples", "specs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    programs = warm.install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def run(block: Block, command: list[str], folder: Path) -> str | None:
    """Run a block and say what is wrong, or return None."""
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False
    )
    if done.returncode != block.code:
        return f"ended with {done.returncode}, not {block.code}:\n{done.stdout}"
    if block.output is None:
        return None
    line = pages.missing_line(block.output, done.stdout)
    return None if line is None else f"does not print {line!r}:\n{done.stdout}"


def stories(tag: str) -> list[object]:
    """Return the blocks of each page that run, together: a later one may need what an earlier one wrote."""
    found: dict[str, list[Block]] = {}
    for block in pages.of_pages(tag):
        if block.runs and not block.page.startswith(EXAMPLES):
            found.setdefault(block.page, []).append(block)
    return [pytest.param(blocks, id=page) for page, blocks in found.items()]


@pytest.mark.parametrize("blocks", stories("sh"))
def test_commands_run_and_print_what_is_stated(blocks, workplace):
    for block in blocks:
        problem = run(block, ["bash", "-e", "-c", block.text], workplace)
        assert problem is None, f"{block.name} {problem}"


@pytest.mark.parametrize("blocks", stories("python"))
def test_python_runs_and_prints_what_is_stated(blocks, workplace, warm):
    for block in blocks:
        problem = run(block, warm.command("python", "-c", block.text), workplace)
        assert problem is None, f"{block.name} {problem}"


def test_what_is_not_run_says_why():
    assert [block.name for block in pages.of_pages("sh", "python") if block.comment == "not run:"] == []
    assert not [
        block.name for page in PAGES for block in pages.of_pages("bash", "shell", "console", "py") if block.page == page
    ]


def whole_specs() -> list[Block]:
    """Return the blocks that are a whole spec; the reference shows right and wrong parts, which are run elsewhere."""
    found = [block for block in pages.of_pages("yaml") if block.page != "docs/reference.md"]
    return [block for block in found if {"dq", "event", "fields"} <= set(yaml.load(block.text, yaml.BaseLoader) or ())]


@pytest.mark.parametrize("block", whole_specs(), ids=lambda block: block.name)
def test_specs_lint(block, workplace):
    path = workplace / "docs" / "tour" / "page.dq.yaml"
    path.write_text(block.text, encoding="utf-8")
    assert [str(mistake) for mistake in lint(path)] == []


def test_every_block_of_yaml_is_yaml():
    for block in pages.of_pages("yaml"):
        if block.page != "docs/reference.md":
            yaml.load(block.text, yaml.BaseLoader)


def test_files_that_are_shown_are_the_files():
    shown = [block for block in pages.of_pages("yaml", "text", "python") if block.comment.startswith("file:")]
    assert shown
    for block in shown:
        path = ROOT / block.comment.removeprefix("file:").strip()
        assert path.read_text(encoding="utf-8") == block.text, f"{block.name} is not {path.name}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in pages.links(text):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in pages.anchors(target.read_text(encoding="utf-8")), f"{page}: {link}"


def documented() -> str:
    """Return everything that the pages say."""
    return "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)


def test_every_verb_and_option_is_documented():
    text, context = documented(), click.Context(cli, info_name="dq")
    for verb in cli.list_commands(context):
        command = cli.get_command(context, verb)
        assert command is not None
        assert f"### `dq {verb} " in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"dq {verb} {option.opts[0]} has no help"
                assert f"`{option.opts[-1]}`" in text, f"dq {verb} {option.opts[-1]}"


def test_every_public_name_is_documented():
    text = documented()
    assert [name for name in dq.__all__ if f"`dq.{name}" not in text] == []


def test_nothing_names_a_place_that_readers_do_not_have():
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for word in (str(ROOT), str(Path.home()) + "/", "localhost", "/tmp/"):
            assert word not in text, f"{page} names {word}"


class TestTheReaderOfPages:
    """What reads the pages must see what is wrong with them."""

    def test_blocks_and_outputs(self):
        text = "# t\n<!-- not run: why -->\n```sh\nx\n```\n```sh\ny\n# exit code 2\n```\n<!-- output -->\n```text\nz\n```\n"
        first, second = pages.blocks("p", text)
        assert (first.runs, first.line, first.output) == (False, 3, None)
        assert (second.runs, second.code, second.output) == (True, 2, "z\n")

    @pytest.mark.parametrize(
        ("stated", "printed", "missing"),
        [
            ("a\nb\n", "a\nb\n", None),
            ("b\n", "a\nb\n", None),
            ("a\nc\n", "a\nb\nc\n", "c"),
            ("a\n…\nc\n", "a\nb\nc\n", None),
            ("c\n…\na\n", "a\nb\nc\n", "a"),
            ("read 8\n", "read 8   \n", None),
            ("a\n\nb", "a\nx\nb\n", ""),
        ],
    )
    def test_outputs_are_compared(self, stated, printed, missing):
        assert pages.missing_line(stated, printed) == missing

    def test_a_command_that_ends_otherwise_or_prints_otherwise_is_found(self, tmp_path):
        block = Block("p", 1, "sh", "echo a; exit 1")
        assert "ended with 1" in (run(block, ["bash", "-c", block.text], tmp_path) or "")
        block = Block("p", 1, "sh", "echo a", output="b\n")
        assert "does not print 'b'" in (run(block, ["bash", "-c", block.text], tmp_path) or "")

    def test_links_in_code_are_no_links(self):
        assert list(pages.links("[a](b.md) `[c](d.md)` ![p](q.svg)\n```sh\n[e](f)\n```\n")) == ["b.md", "q.svg"]
