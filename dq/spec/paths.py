"""Paths that a spec names: relative, inside the folder of the spec, on this machine."""

from __future__ import annotations

import re
import stat
from pathlib import Path, PurePosixPath

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")


def is_url(text: str) -> bool:
    """Return whether a text names something by a scheme or a host (`https:…`, `file:…`, `//host/…`)."""
    return bool(_SCHEME.match(text)) or text.startswith(("//", "\\\\"))


def path_problem(relative: str) -> str | None:
    """Return in words why a path may not stand in a spec, or None if it may.  The disk is not looked at."""
    parts = PurePosixPath(relative).parts
    reasons = (
        (not relative, "it is empty"),
        ("\0" in relative, "it holds a NUL character"),
        (is_url(relative), "it is a URL"),
        (bool(_DRIVE.match(relative)), "it begins with a drive letter"),
        ("\\" in relative, "folders are separated by /"),
        (relative.startswith("/"), "it is absolute"),
        (".." in parts, "it holds '..'"),
        (relative == ".", "it is the folder itself"),
    )
    return next((words for holds, words in reasons if holds), None)


def resolve(root: Path, relative: str) -> Path:
    """Return the path of a file that a spec names, below `root`, the folder of the spec.

    The file need not exist.  ValueError, in words, for absolute paths, `..`, URLs, drive letters, NUL, and where
    any component below the root is a symbolic link.
    """
    problem = path_problem(relative)
    if problem:
        raise ValueError(problem)
    path = root
    for component in PurePosixPath(relative).parts:
        path = path / component
        if _is_link(path):
            raise ValueError("it leads through a symbolic link")
    return path


def _is_link(path: Path) -> bool:
    """Return whether a path is a symbolic link; what does not exist is none.  ValueError if it cannot be told."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ValueError(f"it cannot be looked up ({error.strerror})") from None
