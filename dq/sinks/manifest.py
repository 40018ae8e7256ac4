"""`manifest.json`: the SHA-256 sum, size and row count of every file of an output folder.

It is written last.  A folder with a manifest that `verify` has nothing to say about is complete and unchanged.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from dq.errors import SinkError

MANIFEST = "manifest.json"
UNLISTED = frozenset({MANIFEST, "run.json"})  # itself, and the one file that is not reproducible
_KEYS = {"sha256", "size", "rows"}


def render(entries: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the manifest's bytes: canonical JSON, `{name: {"rows", "sha256", "size"}}`, sorted, indented."""
    return orjson.dumps(dict(entries), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the manifest of a folder.  SinkError if it is absent or is not one."""
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise SinkError(f"{folder} has no readable {MANIFEST}: it is not a complete output folder") from error
    except orjson.JSONDecodeError as error:
        raise SinkError(f"{folder / MANIFEST} is not JSON") from error
    if not isinstance(manifest, dict) or not all(_is_entry(entry) for entry in manifest.values()):
        raise SinkError(f"{folder / MANIFEST} is not a manifest")
    return manifest


def _is_entry(entry: object) -> bool:
    """Whether a value of the manifest describes a file."""
    return isinstance(entry, dict) and set(entry) == _KEYS and isinstance(entry["sha256"], str)


def verify(folder: Path) -> list[str]:
    """Compare a folder with its manifest and say, sentence by sentence, what is wrong; nothing if it is complete."""
    try:
        manifest = read(folder)
    except SinkError as error:
        return [str(error)]
    present = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not _is_folder(path)}
    strangers = [name for name in sorted(present) if name not in manifest and present[name].name not in UNLISTED]
    problems = [f"{name} is not in the manifest" for name in strangers]
    for name, entry in sorted(manifest.items()):
        path = present.get(name)
        problem = "is missing" if path is None else _difference(path, entry)
        if problem:
            problems.append(f"{name} {problem}")
    return problems


def _is_folder(path: Path) -> bool:
    """Whether a path is a folder itself, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def _difference(path: Path, entry: Mapping[str, Any]) -> str | None:
    """Say how a file differs from its entry, or None."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_size != entry["size"]:
        return f"has {status.st_size} bytes, not {entry['size']}"
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != entry["sha256"]:
            return "has other content than was written"
    return None
