"""The frozen state: what fitted steps learnt, readable, versioned, and bound to the plan that learnt it.

A state is applied and never merged.  It is refused where the fit fingerprint of a step differs (the step itself,
or anything upstream of it, means something else now), and never for a change of checks, severity or prose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from dq.errors import UsageError
from dq.plan.levels import reference_parts
from dq.states.profile import Profile
from dq.version import VERSION

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

FORMAT = 1


@dataclass(frozen=True, slots=True)
class FrozenStep:
    """One fitted step: its fit fingerprint, and the values it learnt, as JSON."""

    fingerprint: str
    kind: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FrozenReference:
    """The reference profile of one field, and the fingerprint of each part of the spec that decides its values."""

    type: str
    upstream: Mapping[str, str]
    profile: Profile


@dataclass(frozen=True, slots=True)
class State:
    """What a plan learnt from some records: what fitted steps apply, and reference profiles of fields, for drift.

    `records` is how many took part; `sources` names what was read with its SHA-256.  It holds values of the
    data (groups, medians), also of `pii` fields, and is written with mode 0600.
    """

    event: str
    version: str
    records: int
    sources: tuple[tuple[str, str], ...]
    steps: Mapping[str, FrozenStep]
    references: Mapping[str, FrozenReference] = field(default_factory=dict)

    def json(self) -> bytes:
        """Return the bytes of `state.json`, the same for the same state."""
        steps = {
            name: {"fingerprint": step.fingerprint, "kind": step.kind, "values": step.values}
            for name, step in self.steps.items()
        }
        state: dict[str, Any] = {
            "dq": VERSION,
            "format": FORMAT,
            "spec": {"event": self.event, "version": self.version},
            "records": self.records,
            "sources": [{"name": name, "sha256": sha256} for name, sha256 in self.sources],
            "steps": steps,
        }
        if self.references:
            state["references"] = {
                name: {"type": kept.type, "upstream": dict(kept.upstream), "profile": kept.profile.as_json()}
                for name, kept in self.references.items()
            }
        return orjson.dumps(state, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def thaw(self, plan: CompiledPlan) -> dict[str, Any]:
        """Return the values of every fitted step as it applies them.

        UsageError, naming the step, where one is missing or was learnt under another meaning.
        """
        thawed: dict[str, Any] = {}
        for level in plan.levels:
            for fit in level.fits:
                step = self.steps.get(fit.id)
                if step is None:
                    raise UsageError(f"the state has learnt nothing for {fit.id}: fit it with this spec")
                if step.fingerprint != level.fingerprints[fit.id]:
                    raise UsageError(
                        f"the state does not fit this spec: {fit.id} ({step.kind}), or what comes before it, "
                        f"was different when it was learnt; fit it again, or use the spec of that time"
                    )
                thawed[fit.id] = fit.step.thaw(step.values)
        return thawed

    def profiles(self, plan: CompiledPlan) -> dict[str, Profile]:
        """Return the reference profiles that the plan compares with, as far as the state has them.

        UsageError, naming the difference, where one was learnt under another meaning, or the state is of another event.
        """
        found: dict[str, Profile] = {}
        for name in plan.compared:
            kept = self.references.get(name)
            if kept is None and self.event != plan.event:
                raise UsageError(f"the state has learnt nothing of {name}: it is of the event {self.event}")
            if kept is None:
                continue
            parts = reference_parts(plan, name)
            differing = [
                part for part in sorted({*parts, *kept.upstream}) if parts.get(part) != kept.upstream.get(part)
            ]
            if differing:
                raise UsageError(
                    f"the state does not fit this spec: of {name}, which is compared with its reference profile, there "
                    f"was another meaning when that was learnt ({', '.join(differing)}); fit it again, or use the spec "
                    f"of that time"
                )
            found[name] = kept.profile
        return found


def read_state(content: bytes, name: str = "state.json") -> State:
    """Return the state in these bytes.  UsageError, in words, if it is none."""
    try:
        raw = orjson.loads(content)
        if raw["format"] != FORMAT:
            raise UsageError(f"{name}: this dq reads states of format {FORMAT}, not {raw['format']}")
        return State(
            raw["spec"]["event"],
            raw["spec"]["version"],
            raw["records"],
            tuple((source["name"], source["sha256"]) for source in raw["sources"]),
            {key: FrozenStep(step["fingerprint"], step["kind"], step["values"]) for key, step in raw["steps"].items()},
            {key: _reference(kept) for key, kept in raw.get("references", {}).items()},
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{name}: this is no state written by dq") from error


def _reference(raw: dict[str, Any]) -> FrozenReference:
    """Return a reference profile from its JSON values; KeyError, TypeError or ValueError if they are none."""
    return FrozenReference(raw["type"], dict(raw["upstream"]), Profile.from_json(raw["profile"]))
