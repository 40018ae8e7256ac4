"""What a run is given beside its plan and its inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from dq.plan.state import State
from dq.report.terms import PLAIN_TERMS, Terms

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is learnt already, what went before, and on which terms the batch is judged; a run needs none of it.

    Fitted steps apply the `state`.  `against` and `train` name output folders of earlier runs.
    """

    state: State | None = None
    against: Sequence[PathLike] = ()
    train: Sequence[PathLike] = ()
    terms: Terms = PLAIN_TERMS


NO_CONDITIONS = Conditions()
