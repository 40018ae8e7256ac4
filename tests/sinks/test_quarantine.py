"""Refused and removed records: raw text, place, reasons, and nothing lost."""

import hashlib
import json
from base64 import b64decode

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dq.errors import InternalError, SinkError
from dq.outcome import Reason
from dq.sinks.file import OutputFile
from dq.sinks.quarantine import LostTo, QuarantineWriter, RecordBatch, RemovedWriter, SourceLine, later, raw_member

SPEC = {"event": "order_placed", "version": "1.2.0", "fingerprint": "f" * 64}
NOW = "2026-01-01T00:00:00Z"
REASON: Reason = {"check": "amount.between", "code": "between", "field": "amount", "value": "-1", "message": "expected 0 to 10", "severity": "error"}  # fmt: skip


def lines_of(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def accepted(ordinals: list[int]) -> list[str]:
    return ["accepted"] * len(ordinals)


def quarantine(tmp_path) -> QuarantineWriter:
    return QuarantineWriter(OutputFile(tmp_path / "quarantine.jsonl"), SPEC, NOW)


def test_the_shape_of_a_file(tmp_path):
    writer = quarantine(tmp_path)
    writer.write(
        RecordBatch(
            "web",
            record=np.array([3, 9]),
            line=[4, 11],
            offset=np.array([20, 90]),
            length=np.array([3, 3]),
            raw=[b"a,b", "ы,\x00".encode()],
            reasons=[[REASON], [REASON, REASON]],
        )
    )
    writer.write(RecordBatch("frame", record=[1], raw=['{"a":1}'], reasons=[[]]))
    writer.add_source(SourceLine("web", ["id", "amount"], {"format": "csv", "delimiter": ";"}, "0" * 64))
    writer.add_source(SourceLine("frame", None, {"format": "frame"}, "1" * 64))
    assert writer.close() == 3
    assert [item.name for item in tmp_path.iterdir()] == ["quarantine.jsonl"]
    web, frame, first, second, third = lines_of(tmp_path / "quarantine.jsonl")
    assert web == {
        "source": "web", "header": ["id", "amount"], "dialect": {"format": "csv", "delimiter": ";"}, "sha256": "0" * 64
    }  # fmt: skip
    assert frame["header"] is None
    reason = {
        "check": "amount.between", "code": "between", "field": "amount", "value": "-1",
        "message": "expected 0 to 10", "severity": "error",
    }  # fmt: skip
    assert list(first) == ["source", "record", "line", "offset", "length", "raw", "reasons", "spec", "now"]
    assert first == {
        "source": "web", "record": 3, "line": 4, "offset": 20, "length": 3, "raw": "a,b", "reasons": [reason],
        "spec": SPEC, "now": NOW,
    }  # fmt: skip
    assert second["raw"] == "ы,\x00"
    assert second["reasons"] == [reason, reason]
    assert third["line"] is third["offset"] is third["length"] is None
    assert writer._file.sha256 == hashlib.sha256((tmp_path / "quarantine.jsonl").read_bytes()).hexdigest()
    assert writer._file.rows == 3


def test_an_over_long_record_keeps_its_beginning_and_its_sum(tmp_path):
    writer = quarantine(tmp_path)
    beginning = ("x" + "ы" * 10).encode()[:10]  # cut in the middle of a character
    writer.write(RecordBatch("s", record=[1, 2], raw=[beginning, b"ok"], reasons=[[], []], sha256=["a" * 64, None]))
    writer.close()
    first, second = lines_of(tmp_path / "quarantine.jsonl")
    assert first["raw"] == "xыыыы"
    assert first["raw_sha256"] == "a" * 64
    assert "raw_sha256" not in second


@given(st.binary(max_size=30), st.sampled_from(["utf-8", "cp1251", "shift_jis", "gb18030", "utf-16-le", "ascii"]))
def test_every_raw_text_can_be_replayed(raw, encoding):
    key, value = raw_member(raw, encoding)
    restored = b64decode(value) if key == "raw_base64" else value.encode(encoding)
    assert restored == raw
    assert orjson.loads(orjson.dumps(value)) == value


def test_undecodable_bytes_are_base64(tmp_path):
    writer = quarantine(tmp_path)
    writer.write(RecordBatch("s", record=[1], raw=[b"a\xff"], reasons=[[]]))
    writer.write(RecordBatch("s", record=[2], raw=[b"\x98"], reasons=[[]], encoding="cp1251"))
    writer.write(RecordBatch("s", record=[3], raw=["Москва".encode("cp1251")], reasons=[[]], encoding="cp1251"))
    writer.close()
    first, second, third = lines_of(tmp_path / "quarantine.jsonl")
    assert b64decode(first["raw_base64"]) == b"a\xff"
    assert "raw" not in first
    assert b64decode(second["raw_base64"]) == b"\x98"
    assert third["raw"] == "Москва"


def test_sequences_of_different_lengths_would_lose_a_record():
    for name in ("raw", "reasons", "line", "offset", "length", "sha256"):
        good = {"record": [1, 2], "raw": [b"", b""], "reasons": [[], []]}
        with pytest.raises(InternalError):
            RecordBatch("s", **(good | {name: [None]}))


def test_a_file_without_records_still_names_its_sources(tmp_path):
    writer = quarantine(tmp_path)
    writer.add_source(SourceLine("web", None, {}, "0" * 64))
    assert writer.close() == 0
    assert len(lines_of(tmp_path / "quarantine.jsonl")) == 1


def test_removed_records_name_their_door_and_what_they_lost_to(tmp_path):
    writer = RemovedWriter(OutputFile(tmp_path / "removed.jsonl"), SPEC, NOW)
    batch = RecordBatch("s", record=[5, 6], raw=[b"a", b'b"door":"'], reasons=[[], []])
    writer.write(batch, [None, None])
    writer.write(batch, [LostTo("s", 1, 100), LostTo("t", 2, 7, "quarantined")])
    asked = []
    assert writer.close(lambda ordinals: asked.extend(ordinals) or ["accepted"] * len(ordinals)) == 4
    filtered, _, late, known = lines_of(tmp_path / "removed.jsonl")
    assert asked == [100]
    assert (filtered["outcome"], filtered["lost_to"]) == ("filtered", None)
    assert late["lost_to"] == {"source": "s", "record": 1, "door": "accepted"}
    assert known["lost_to"] == {"source": "t", "record": 2, "door": "quarantined"}
    assert list(known)[-5:] == ["reasons", "outcome", "lost_to", "spec", "now"]
    assert known["raw"] == 'b"door":"'
    assert b"\x00" not in (tmp_path / "removed.jsonl").read_bytes()


def test_reasons_that_are_known_late_are_put_in_at_the_close(tmp_path):
    writer = RemovedWriter(OutputFile(tmp_path / "removed.jsonl"), SPEC, NOW)
    batch = RecordBatch("s", record=[5, 6], raw=[b"a", b"b"], reasons=[*later(3, 1), b"[]"])
    writer.write(batch, [LostTo("s", 1, 7), None])
    writer.close(accepted, lambda numbers: [b'[{"code":"%d"}]' % number for number in numbers])
    late, known = lines_of(tmp_path / "removed.jsonl")
    assert (late["reasons"], late["lost_to"]["door"]) == ([{"code": "3"}], "accepted")
    assert known["reasons"] == []


def test_a_raw_nul_is_not_taken_for_a_fence(tmp_path):
    writer = RemovedWriter(OutputFile(tmp_path / "removed.jsonl"), SPEC, NOW)
    writer.write(RecordBatch("s", record=[1], raw=[b"\x001\x00"], reasons=[[]]), [LostTo("s", 1, 9)])
    writer.close(accepted)
    (record,) = lines_of(tmp_path / "removed.jsonl")
    assert record["raw"] == "\x001\x00"
    assert record["lost_to"]["door"] == "accepted"


def test_a_missing_resolver_or_winner_is_our_bug(tmp_path):
    writer = RemovedWriter(OutputFile(tmp_path / "removed.jsonl"), SPEC, NOW)
    batch = RecordBatch("s", record=[1], raw=[b""], reasons=[[]])
    with pytest.raises(InternalError):
        writer.write(batch, [])
    writer.write(batch, [LostTo("s", 1, 9)])
    with pytest.raises(InternalError):
        writer.close()
    with pytest.raises(InternalError):
        writer.close(None, lambda numbers: [b"[]"] * len(numbers))
    writer.abort()


def test_abort_removes_the_spool(tmp_path):
    writer = quarantine(tmp_path)
    writer.write(RecordBatch("s", record=[1], raw=[b"a"], reasons=[[]]))
    writer.abort()
    writer.abort()
    assert [item.name for item in tmp_path.iterdir()] == ["quarantine.jsonl"]


def test_a_full_disk_is_a_sink_error(tmp_path, monkeypatch):
    writer = quarantine(tmp_path)

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

        def close(self):
            raise OSError(28, "No space left on device")

    writer.write(RecordBatch("s", record=[1], raw=[b"a"], reasons=[[]]))
    writer._spool.close()
    monkeypatch.setattr(writer, "_spool", Full())
    with pytest.raises(SinkError, match=r"cannot write quarantine\.jsonl: the disk is full"):
        writer.write(RecordBatch("s", record=[1], raw=[b"a"], reasons=[[]]))
    writer.abort()
    assert not (tmp_path / ".quarantine.jsonl.spool").exists()


def test_where_the_sources_are_known_records_need_no_spool(tmp_path):
    batch = RecordBatch("web", record=np.array([1, 2]), raw=[b"a", b"b"], reasons=[[], []])
    texts = []
    for name, early in (("early", True), ("late", False)):
        (tmp_path / name).mkdir()
        writer = quarantine(tmp_path / name)
        source = SourceLine("web", ["id"], {"format": "csv"}, "0" * 64)
        if early:
            writer.add_source(source)
            writer.begin()
        writer.write(batch)
        assert (tmp_path / name / ".quarantine.jsonl.spool").exists() != early
        if not early:
            writer.add_source(source)
        assert writer.close() == 2
        texts.append((tmp_path / name / "quarantine.jsonl").read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].startswith(b'{"source":"web","header"')


def test_marks_are_resolved_wherever_the_spool_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("dq.sinks.quarantine._BLOCK", 7)
    writer = RemovedWriter(OutputFile(tmp_path / "removed.jsonl"), SPEC, NOW)
    numbers = range(1, 40)
    batch = RecordBatch("s", record=list(numbers), raw=[b"a\x00\n"] * 39, reasons=later(1, 39))
    writer.write(
        batch, [LostTo("%d", n, n * n, None if n % 3 else "filtered", n / 8 if n % 2 else None) for n in numbers]
    )
    doors = ["accepted", "quarantined"]
    writer.close(
        lambda ordinals: [doors[ordinal % 2] for ordinal in ordinals],
        lambda asked: [b"[%d]" % number for number in asked],
    )
    found = lines_of(tmp_path / "removed.jsonl")
    assert [one["reasons"] for one in found] == [[n] for n in numbers]
    assert [one["lost_to"] for one in found] == [
        {"source": "%d", "record": n, "door": doors[n % 2] if n % 3 else "filtered"}
        | ({"score": n / 8} if n % 2 else {})
        for n in numbers
    ]
