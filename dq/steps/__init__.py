"""What changes a record.  The text steps of `clean` are one file each in `dq.steps.text`."""

from __future__ import annotations

import importlib
import pkgutil

from dq.steps import text


def load() -> None:
    """Import every file of `dq.steps.text`, so that its step registers itself.  Calling it again does nothing."""
    for module in sorted(module.name for module in pkgutil.iter_modules(text.__path__)):
        importlib.import_module(f"{text.__name__}.{module}")
