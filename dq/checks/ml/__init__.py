"""The gate of training sets: is this batch fit to train on?  One question a file.

`load()` imports the files of the kinds, each of which registers its class in `ML_CHECKS`.
"""

from __future__ import annotations

from importlib import import_module

from dq.checks.ml.base import ML_CHECKS, Answer, Evidence, Finding, MlCheck, Training, TrainingSet

FILES = (
    "class_balance",
    "classes",
    "constant",
    "id_like",
    "leakage",
    "overlap",
    "representation",
    "spread",
    "target_missing",
)


def load() -> None:
    """Import the files of the package's own kinds, so that they register.  A second call changes nothing."""
    for name in FILES:
        import_module(f"{__name__}.{name}")


__all__ = ["ML_CHECKS", "Answer", "Evidence", "Finding", "MlCheck", "Training", "TrainingSet", "load"]
