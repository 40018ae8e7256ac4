"""What changes a record.  The steps of `clean` are one file each in `dq.steps.text` and `dq.steps.domains`."""

from __future__ import annotations

import importlib
import pkgutil

from dq.steps import domains, text


def load() -> None:
    """Import every file of the two packages, so that its step registers itself.  Calling it again does nothing."""
    for package in (text, domains):
        for module in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
            importlib.import_module(f"{package.__name__}.{module}")
