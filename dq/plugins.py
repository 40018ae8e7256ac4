"""Plugins: entry points that register kinds of their own.

An entry point of the group `dq.plugins` names a function without arguments; it is called once, and registers
checks, cleaning steps, expectations or questions of `ml` in the registries.  Nothing is imported for its effect.
"""

from __future__ import annotations

from importlib import metadata

from dq import checks, steps
from dq.checks import ml
from dq.errors import UsageError
from dq.steps import fitted

GROUP = "dq.plugins"
_loaded: set[str] = set()


def load() -> tuple[str, ...]:
    """Register the package's own kinds, then call every plugin that was not called yet; return the plugins' names.

    UsageError, naming the plugin, if one fails: a missing kind must never pass as a kind that found nothing.
    """
    checks.load()
    steps.load()
    fitted.load()
    ml.load()
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if entry.value in _loaded:
            continue
        try:
            entry.load()()
        except Exception as error:
            raise UsageError(f"the plugin {entry.name} ({entry.value}) failed: {error}") from error
        _loaded.add(entry.value)
    return tuple(sorted(_loaded))
