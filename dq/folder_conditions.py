"""What each spec of a folder is given in a run: the parts of earlier outputs, and of files beside, that are its own.

The output folder of a run over a folder of specs has the outputs of each spec in `event/version`.  So a state, rows to
compare keys with, a training set and a baseline are all named by such a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dq.api import Plan, load_state
from dq.conditions import Conditions, PathLike, make_terms
from dq.diagnostics import did_you_mean
from dq.errors import UsageError
from dq.plan.levels import unique_checks
from dq.plan.state import State

WAIVERS = ".waivers.yaml"


@dataclass(frozen=True, slots=True)
class FolderConditions:
    """What is asked of a run over a folder of specs; `conditions` says what that is for one of them.

    `state`, `against`, `train` and `baseline` name output folders of earlier runs over the folder, `waivers` a folder
    of files `event-version.waivers.yaml`.  `profile` concerns the specs whose gate has it.
    """

    fail_on: str | None = None
    profile: str | None = None
    state: PathLike | None = None
    against: Sequence[PathLike] = ()
    train: Sequence[PathLike] = ()
    waivers: PathLike | None = None
    baseline: PathLike | None = None
    mask_key: bytes | None = field(default=None, repr=False)

    def refuse_strangers(self, plans: Sequence[Plan]) -> None:
        """UsageError for what none of the plans can use, which is mistaken for something else."""
        for folder in (self.state, *self.against, *self.train, self.baseline):
            if folder is not None and not any(_part(folder, plan).is_dir() for plan in plans):
                raise UsageError(f"{os.fspath(folder)}: it has no output of a spec of this folder, as event/version")
        known = {_waivers_of(plan) for plan in plans}
        for path in _files(self.waivers):
            if path.name not in known:
                raise UsageError(f"{path}: there is no spec of this event and version; they are named as {min(known)}")
        profiles = {str(gate.profile) for plan in plans for gate in plan.compiled.profiles}
        if self.profile is not None and self.profile not in profiles:
            near = did_you_mean(self.profile, sorted(profiles))
            hint = f"; did you mean {near!r}?" if near else ""
            raise UsageError(f"no spec of this folder has a profile {self.profile!r} of its gate{hint}")

    def plan(self, plan: Plan) -> Plan:
        """Return a plan under the profile that was asked for, if its gate has it, and with the key of masks."""
        if self.mask_key is not None:
            plan = plan.with_mask_key(self.mask_key)
        return plan.with_profile(self.profile) if self.profile and _has_profile(plan, self.profile) else plan

    def conditions(self, plan: Plan) -> Conditions:
        """Return what a run of one plan is given.  UsageError where it learns and has no state in the folder."""
        baseline = _file(self.baseline, plan, "report.json")
        waivers = next((path for path in _files(self.waivers) if path.name == _waivers_of(plan)), None)
        return Conditions(
            self._state(plan),
            _parts(self.against, plan) if _has_keys(plan) else (),
            _parts(self.train, plan) if plan.compiled.ml is not None else (),
            make_terms(plan.compiled, self.fail_on, waivers, baseline),
        )

    def _state(self, plan: Plan) -> State | None:
        """Return the state of a plan in the folder of states."""
        if self.state is None or not (plan.compiled.learns or plan.compiled.compared):
            return None
        path = _file(self.state, plan, "state.json")
        if path is None and plan.compiled.learns:
            raise UsageError(f"{os.fspath(self.state)}: it has no state of {_name(plan)}, which has steps that learn")
        return None if path is None else load_state(path)


def _name(plan: Plan) -> str:
    return f"{plan.compiled.event} {plan.compiled.version}"


def _part(folder: PathLike, plan: Plan) -> Path:
    """Return where the outputs of a plan are in an output folder."""
    return Path(folder) / plan.compiled.event / plan.compiled.version


def _parts(folders: Iterable[PathLike], plan: Plan) -> tuple[Path, ...]:
    """Return the outputs of a plan in some output folders; it may be newer than some of them."""
    return tuple(part for folder in folders if (part := _part(folder, plan)).is_dir())


def _file(folder: PathLike | None, plan: Plan, name: str) -> Path | None:
    """Return a file of a plan's outputs in an output folder, if there is one."""
    path = None if folder is None else _part(folder, plan) / name
    return path if path is not None and path.is_file() else None


def _files(folder: PathLike | None) -> list[Path]:
    """Return the files of waivers in a folder.  UsageError where there is none."""
    if folder is None:
        return []
    found = sorted(Path(folder).glob(f"*{WAIVERS}"))
    if not found:
        raise UsageError(f"{os.fspath(folder)}: there is no *{WAIVERS} in this folder")
    return found


def _waivers_of(plan: Plan) -> str:
    return f"{plan.compiled.event}-{plan.compiled.version}{WAIVERS}"


def _has_profile(plan: Plan, profile: str) -> bool:
    return profile in {gate.profile for gate in plan.compiled.profiles}


def _has_keys(plan: Plan) -> bool:
    """Whether records of a plan are compared by keys."""
    return bool((plan.compiled.dedupe and plan.compiled.dedupe.key) or unique_checks(plan.compiled))
