"""Renames of whole folders: to a name that must be free, and as an atomic exchange.

`renameat2(2)` does both on Linux.  Python has no binding, hence ctypes.  Where the system or the file system
does not know it, `move` falls back to a check and a rename, and `exchange` raises `ExchangeUnsupportedError`.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2
_UNKNOWN = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


class ExchangeUnsupportedError(OSError):
    """This system or file system cannot exchange two names atomically."""


@functools.cache
def _binding() -> Callable[..., int] | None:
    """Return libc's `renameat2`, or None where there is none."""
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
        function.restype = ctypes.c_int
    return function


def _renameat2(source: Path, target: Path, flags: int) -> int:
    """Call `renameat2` and return 0 or the error number."""
    function = _binding()
    if function is None:
        return errno.ENOSYS
    if function(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags) == 0:
        return 0
    return ctypes.get_errno()


def move(source: Path, target: Path) -> None:
    """Rename to a name that must be free.  FileExistsError if it is not, OSError for other failures."""
    code = _renameat2(source, target, _RENAME_NOREPLACE)
    if code in _UNKNOWN:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        source.rename(target)
    elif code:
        raise OSError(code, os.strerror(code), str(target))


def exchange(source: Path, target: Path) -> None:
    """Let two existing names change places in one step.  ExchangeUnsupportedError, or OSError."""
    code = _renameat2(source, target, _RENAME_EXCHANGE)
    if code in _UNKNOWN:
        raise ExchangeUnsupportedError(code, os.strerror(code), str(target))
    if code:
        raise OSError(code, os.strerror(code), str(target))
