"""Templates that are compiled once, as Python compiles its modules.

To compile the templates of a page costs a tenth of a second, as much as all the rest of it.  So Python's own loader
of source files is asked for their code: it keeps it in `__pycache__` (PEP 3147), and not where it may not or cannot.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from jinja2 import Environment
    from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Gives out the code of the templates of one folder.

    The code must depend on the templates alone, so the environment has to be made with `optimized=False`: filters of
    constants, which are ours, are then asked when a page is made, and not when its template is compiled.
    """

    def __init__(self, folder: Path) -> None:
        """Give out the code of the templates of this folder."""
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give out the code, compiled now or before; none where what was kept is damaged, and Jinja compiles it."""
        with suppress(EOFError, ValueError, TypeError):
            bucket.code = _Template(bucket.environment, bucket.key, self._folder / bucket.key).get_code(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Do nothing: the loader of source files has kept it."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of the template: all are of one folder."""
        del filename
        return name


class _Template(SourceFileLoader):
    """A template as a source file of Python, whose compiler is Jinja."""

    def __init__(self, environment: Environment, name: str, path: Path) -> None:
        """Compile by this environment."""
        super().__init__(name, str(path))
        self._environment = environment

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Return what tells whether kept code is still that of the source: here the version of Jinja, too."""
        stats = super().path_stats(path)
        return {**stats, "mtime": int(stats["mtime"]) + zlib.crc32(jinja2.__version__.encode())}

    def source_to_code(self, data: Any, path: Any, **_options: Any) -> CodeType:  # type: ignore[override]
        """Compile the text of the template."""
        return self._environment.compile(data.decode("utf-8"), self.name, path)
