"""Conservation: whatever the bytes, every byte is placed and every record leaves through exactly one door."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import event, example, given, settings
from noisy_inputs import Case, cases, plans_of_all_forms
from whole_runs import NOW, SETTINGS, Kept, run

import dq
from dq.engines.inputs import bind_paths


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conservation")


@pytest.fixture(scope="module")
def plans(folder: Path) -> dict[Case, dq.Plan]:
    return plans_of_all_forms(folder)


def tiles(plan: dq.Plan, path: Path, size: int) -> int:
    """Read a file alone; return how many records it has, whose spans and what lies between fill the file once."""
    [item] = bind_paths(plan.compiled, [path])
    reader = item.open(SETTINGS, None, None)
    spans = []
    for chunk in reader.chunks():
        assert chunk.offset is not None
        assert chunk.length is not None
        spans += list(zip(chunk.offset.tolist(), chunk.length.tolist(), strict=True))
        spans += [(one.offset, one.length) for one in [*chunk.unreadable, *chunk.spans]]
    account = reader.account
    if account.refused is not None:
        assert account.records == 0
        event("refused")
        return 0
    at = 0
    for offset, length in sorted(spans):
        assert offset == at
        at += length
    assert at == size
    return account.records


def without_line_end(data: bytes) -> bytes:
    return data.removesuffix(b"\n").removesuffix(b"\r")


@settings(max_examples=200)
@given(drawn=cases())
@example(drawn=(("csv", ""), b'a,b,c\n1,"q,z\n2,x,no\n'))
@example(drawn=(("json", ""), b'[{"a":1},{"a"'))
def test_arbitrary_bytes(folder: Path, plans: dict[Case, dq.Plan], drawn: tuple[Case, bytes]) -> None:
    case, data = drawn
    plan, path = plans[case], folder / "input"
    path.write_bytes(data)
    framed = tiles(plan, path, len(data))
    doors, tally, report = run(plan, [path])
    counts = report["records"]
    assert counts["read"] == framed
    assert counts["read"] == sum(counts[door] for door in ("accepted", "quarantined", "deduplicated", "filtered"))
    assert counts["accepted"] == len(doors.rows())
    assert counts["quarantined"] == len(doors.refused)
    assert counts["deduplicated"] + counts["filtered"] == len(doors.gone)
    numbers = [kept.record for kept in [*doors.refused, *doors.gone]]
    assert len(set(numbers)) == len(numbers)
    assert all(kept.reasons for kept in doors.refused)
    if framed:
        event(f"{case[0]}: {', '.join(door for door, count in counts.items() if count and door != 'read')}")
    for kept in [*doors.refused, *doors.gone]:
        raw_is_the_input(kept, data, utf16="utf-16" in case[1])
    assert tally.read == framed


def raw_is_the_input(kept: Kept, data: bytes, *, utf16: bool) -> None:
    """A record that was not accepted is stored with the very bytes of its span, but for its line end."""
    assert kept.offset is not None
    assert kept.length is not None
    span = data[kept.offset :][: kept.length]
    assert len(span) == kept.length
    if utf16:
        assert span.startswith(kept.raw)
    else:
        assert kept.raw in (span, without_line_end(span))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_of_nothing(folder: Path, plans: dict[Case, dq.Plan], form: str) -> None:
    path = folder / "nothing"
    path.write_bytes(b"")
    result = plans[form, ""].run(path, now=NOW)
    assert result.report.records["read"] == 0
