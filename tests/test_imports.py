"""The drawing of the house, held: who may import whom, and sizes that keep a house livable.

Every import counts: at the top of a file, inside a function, and under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "version"}),
    frozenset({"diagnostics", "dtypes", "params", "registry", "patterns", "catalog", "outcome", "brokers"}),
    frozenset({"states", "expressions"}),
    frozenset({"spec", "checks", "steps", "sources", "sinks"}),
    frozenset({"plan"}),
    frozenset({"engines", "report", "sampling", "exchange"}),
    frozenset({"comparison", "drafting"}),
    frozenset({"plugins"}),
    frozenset(
        {"", "api", "conditions", "folder_conditions", "plan_folder", "results", "run_record", "serving"}
    ),  # "" is dq/__init__.py
    frozenset({"cli", "__main__"}),
)
NEIGHBOURS_MEET = frozenset({1, 8, 9})  # levels whose members may import one another, as long as there is no circle
PUBLIC = {"version"}  # what anybody may take from anywhere
ONE_HOME = {"pandera": {"dq/plan/lower/pandera.py"}, "kafka": set(), "pyspark": set()} | {
    "asyncio": {"dq/engines/gathering.py", "dq/serving/http.py"},  # neither opens a connection
    "confluent_kafka": {"dq/brokers/kafka.py", "dq/sources/kafka.py", "dq/sinks/kafka.py"},
    "redis": {"dq/brokers/redis.py", "dq/sources/redis.py", "dq/sinks/redis.py"},
}
CODE = {
    "pickle", "marshal", "shelve", "dill", "cloudpickle", "code", "codeop", "subprocess", "ctypes.util", "pty",
    "socket", "socketserver", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
    "telnetlib", "xmlrpc", "webbrowser",
}  # fmt: skip
CALLS = {
    "eval", "exec", "compile", "__import__", "breakpoint", "input",
    "os.system", "os.popen", "os.fork", "pl.sql", "pl.SQLContext", "polars.sql",
    "yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.safe_load", "yaml.load_all",
    "pl.Config.load", "pl.LazyFrame.deserialize", "pl.DataFrame.deserialize",
}  # fmt: skip
VAGUE = {"utils", "util", "common", "core", "helpers", "helper", "misc"}
MARKS = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
FILE_LINES = 400
BODY_LINES = 50
PRIVATE_LINES = 32  # a private function without a docstring; new ones have one


@dataclass(frozen=True)
class Import:
    """One name that a file imports: `dq.spec.model`, `polars`."""

    file: str
    line: int
    module: str


def files(root: Path) -> list[Path]:
    """Return every Python file of the package."""
    return sorted((root / "dq").rglob("*.py"))


@cache
def nodes(text: str) -> list[ast.AST]:
    """Return the nodes of a file by its text, the module first; most tests look at all files."""
    return list(ast.walk(ast.parse(text)))


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    """Keep the nodes no longer than the tests of this file need them."""
    yield
    nodes.cache_clear()


def imports(root: Path, path: Path) -> Iterator[Import]:
    """Yield what a file imports, wherever in the file it does."""
    name = path.relative_to(root).as_posix()
    for node in nodes(path.read_text()):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(name, node.lineno, whole if is_module(root, whole) else str(node.module))


def is_module(root: Path, name: str) -> bool:
    """Whether a dotted name is a module of the package, and not something in one."""
    path = root.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def room(dotted: str) -> str:
    """Return the package or file directly under dq that a module belongs to; "" for dq itself."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def level(name: str) -> int:
    """Return the level of a room; a new one must be drawn first."""
    found = [number for number, rooms in enumerate(LEVELS) if name in rooms]
    assert found, f"dq/{name} has no level: put it into LEVELS, where it belongs"
    return found[0]


def module(file: str) -> str:
    """Return the dotted name of a file."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def against_the_drawing(root: Path) -> list[str]:
    """Return every import that runs downward or to a neighbour."""
    wrong = []
    for path in files(root):
        for item in imports(root, path):
            if item.module.split(".")[0] != "dq":
                continue
            own, other = room(module(item.file)), room(item.module)
            mine, theirs = level(own), level(other)
            if (
                own != other
                and other not in PUBLIC
                and (theirs > mine or (theirs == mine and mine not in NEIGHBOURS_MEET))
            ):
                wrong.append(f"{item.file}:{item.line}: {own or 'dq'} imports {other or 'dq'}")
    return wrong


def circle(edges: dict[str, set[str]]) -> list[str] | None:
    """Return a circle in a graph, or None."""
    state: dict[str, int] = {}

    def visit(name: str, way: list[str]) -> list[str] | None:
        if state.get(name) == 1:
            return [*way[way.index(name) :], name]
        if state.get(name) == 2:
            return None
        state[name] = 1
        for other in sorted(edges.get(name, ())):
            if found := visit(other, [*way, name]):
                return found
        state[name] = 2
        return None

    return next((found for name in sorted(edges) if (found := visit(name, []))), None)


def module_edges(root: Path) -> dict[str, set[str]]:
    """Return which module imports which; what stands under TYPE_CHECKING never runs, so it makes no circle."""
    edges: dict[str, set[str]] = {}
    for path in files(root):
        quiet = {
            inner
            for node in nodes(path.read_text())
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for statement in node.body
            for inner in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        }
        name = module(path.relative_to(root).as_posix())
        found = {item.module for item in imports(root, path) if item.line not in quiet}
        edges[name] = {other for other in found if other.startswith("dq.") and other != name}
    return edges


def test_imports_run_one_way():
    assert against_the_drawing(ROOT) == []


def test_no_circle_between_modules_or_rooms():
    edges = module_edges(ROOT)
    assert circle(edges) is None
    rooms: dict[str, set[str]] = {}
    for name, others in edges.items():
        rooms.setdefault(room(name), set()).update(room(other) for other in others)
    for name, others in rooms.items():
        others.discard(name)
    assert circle(rooms) is None


def test_heavy_and_optional_packages_have_one_home():
    wrong = [
        f"{item.file}:{item.line}: {item.module}"
        for path in files(ROOT)
        for item in imports(ROOT, path)
        if (home := ONE_HOME.get(item.module.split(".")[0])) is not None and item.file not in home
    ]
    assert wrong == []


def forbidden(root: Path) -> list[str]:
    """Return everything that could run code from data, start a program, or open a connection."""
    wrong = []
    for path in files(root):
        name = path.relative_to(root).as_posix()
        for item in imports(root, path):
            if item.module in CODE or item.module.split(".")[0] in CODE:
                wrong += [f"{name}:{item.line}: imports {item.module}"]
        for node in nodes(path.read_text()):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if (
                called in CALLS
                or called.endswith(".sql")
                or called.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
            ):
                wrong.append(f"{name}:{node.lineno}: calls {called}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("__reduce"):
                wrong.append(f"{name}:{node.lineno}: {node.value}")
    return wrong


def test_no_code_from_data_no_program_no_connection():
    assert forbidden(ROOT) == []


def test_names_say_what_is_in_them():
    found = [path.relative_to(ROOT).as_posix() for path in files(ROOT) if VAGUE & {path.stem, path.parent.name}]
    assert found == []


def test_files_are_short():
    long = {path.name: lines for path in files(ROOT) if (lines := len(path.read_text().splitlines())) > FILE_LINES}
    assert long == {}


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(root: Path) -> Iterator[tuple[str, Function]]:
    """Yield every function of the package with its place."""
    for path in files(root):
        for node in nodes(path.read_text()):
            if isinstance(node, Function):
                yield f"{path.relative_to(root).as_posix()}:{node.lineno} {node.name}", node


def body_lines(node: Function) -> int:
    """Return how many lines a body has, its docstring aside."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_bodies_are_short():
    long = {place: lines for place, node in functions(ROOT) if (lines := body_lines(node)) > BODY_LINES}
    assert long == {}


def undocumented(root: Path) -> list[str]:
    """Return the functions without a docstring.

    Magic methods are documented by their protocol, constructors by their class; an overload, a nested function of a few
    lines, and a private one that is short, speak for themselves.
    """
    wrong = []
    for path in files(root):
        tree = nodes(path.read_text())
        nested = {
            id(inner)
            for outer in tree
            if isinstance(outer, Function)
            for inner in ast.walk(outer)
            if inner is not outer and isinstance(inner, Function)
        }
        for node in tree:
            if not isinstance(node, Function) or ast.get_docstring(node) is not None:
                continue
            if node.name.startswith("__") or (id(node) in nested and body_lines(node) <= 12):
                continue
            if node.name.startswith("_") and body_lines(node) <= PRIVATE_LINES:
                continue
            if any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list):
                continue
            wrong.append(f"{path.relative_to(root).as_posix()}:{node.lineno} {node.name}")
    return wrong


def test_what_others_use_is_documented():
    assert undocumented(ROOT) == []


def test_every_module_says_what_it_is():
    assert [path.name for path in files(ROOT) if not ast.get_docstring(nodes(path.read_text())[0])] == []


def test_nothing_is_left_for_later():
    assert [path.name for path in files(ROOT) if any(mark in path.read_text() for mark in MARKS)] == []


@pytest.fixture
def house(tmp_path):
    """Return a function that builds a small package and gives its root."""

    def build(**texts: str) -> Path:
        for name, text in texts.items():
            path = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return build


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("dq__checks__bounds", "from dq.steps.base import TextStep"),
        ("dq__checks__bounds", "def f():\n    import dq.sources.base"),
        ("dq__sources__csv", "from dq.plan import plan"),
        ("dq__states__counts", "from dq.expressions.parse import parse"),
        ("dq__engines__batch", "from dq import report"),
        ("dq__report__build", "import typing\nif typing.TYPE_CHECKING:\n    from dq.engines.base import Doors"),
        ("dq__errors", "from dq.diagnostics import Span"),
        ("dq__api", "from dq.cli.main import run"),
    ],
)
def test_the_drawing_is_not_paper(house, where, line):
    root = house(**{where: line, "dq__report__html": "", "dq__plan__plan": ""})
    assert len(against_the_drawing(root)) == 1


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from urllib.request import urlopen", "def f():\n    eval('1')", "pl.sql('select 1')",
     "yaml.safe_load(x)", "import os\nos.system('true')", "import os\nos.execv('true')"],
)  # fmt: skip
def test_what_is_forbidden_is_found(house, line):
    assert len(forbidden(house(dq__plan__plan=line))) == 1


def test_circles_are_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}}) is None


def test_the_levels_name_what_there_is():
    """A level that names a room that is gone draws another house."""
    there = {path.stem for path in (ROOT / "dq").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    drawn = {name or "__init__" for rooms in LEVELS for name in rooms}
    assert drawn == there
    assert all(not low & high for low, high in pairwise(LEVELS))
