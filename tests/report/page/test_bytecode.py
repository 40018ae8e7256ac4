"""Compiled templates: kept once, found again, and not believed where what made them has changed."""

from __future__ import annotations

import os
import sys

import jinja2
import pytest
from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError

from dq.report.page.bytecode import CompiledTemplates
from dq.report.page.environment import TEMPLATES

NAME = "greeting.html.j2"


@pytest.fixture
def templates(tmp_path, monkeypatch):
    """A folder with one template, where bytecode may be written."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / NAME).write_text("Hello {{ name }}")
    return tmp_path


def made(folder):
    """Make the page as a new process would; return it and how many templates were compiled."""
    environment = Environment(
        loader=FileSystemLoader(folder), bytecode_cache=CompiledTemplates(folder), optimized=False, autoescape=True
    )
    compile_it, calls = environment.compile, []
    environment.compile = lambda *args, **named: calls.append(args) or compile_it(*args, **named)
    return environment.get_template(NAME).render(name="<you>"), len(calls)


def kept(folder):
    """Return the files that are kept."""
    return sorted((folder / "__pycache__").iterdir()) if (folder / "__pycache__").is_dir() else []


def test_the_second_process_compiles_nothing(templates):
    assert made(templates) == ("Hello &lt;you&gt;", 1)
    assert made(templates) == ("Hello &lt;you&gt;", 0)
    assert len(kept(templates)) == 1


def test_a_changed_template_is_compiled_again(templates):
    made(templates)
    (templates / NAME).write_text("Bye {{ name }}")
    assert made(templates) == ("Bye &lt;you&gt;", 1)
    (templates / NAME).write_text("Bay {{ name }}")
    os.utime(templates / NAME, (1, 1))
    assert made(templates) == ("Bay &lt;you&gt;", 1)
    assert made(templates) == ("Bay &lt;you&gt;", 0)


def test_the_code_of_another_jinja_is_not_used(templates, monkeypatch):
    made(templates)
    monkeypatch.setattr(jinja2, "__version__", "0.0")
    assert made(templates) == ("Hello &lt;you&gt;", 1)


@pytest.mark.parametrize("keep", [0, 3, 20, -5])
def test_a_file_that_was_cut_off_is_compiled_again(templates, keep):
    made(templates)
    [file] = kept(templates)
    file.write_bytes(file.read_bytes()[:keep])
    assert made(templates) == ("Hello &lt;you&gt;", 1)


def test_nothing_is_written_where_python_writes_no_bytecode(templates, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert made(templates) == made(templates) == ("Hello &lt;you&gt;", 1)
    assert kept(templates) == []


def test_a_folder_that_cannot_be_written_is_no_mistake(templates):
    (templates / "__pycache__").write_text("a file where a folder should be")
    assert made(templates) == ("Hello &lt;you&gt;", 1)


def test_every_template_of_the_pages_has_a_place_of_its_own():
    names = [path.name for path in TEMPLATES.glob("*.j2")]
    assert len({name.removesuffix(".j2") for name in names}) == len(names) > 10


def test_a_mistake_in_a_template_is_still_a_mistake(templates):
    (templates / NAME).write_text("{% if %}")
    with pytest.raises(TemplateSyntaxError):
        made(templates)


def test_the_pages_are_made_by_it():
    from dq.report.page.environment import _environment

    assert isinstance(_environment().bytecode_cache, CompiledTemplates)
    assert not _environment().optimized
