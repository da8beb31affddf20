"""Engines: inputs, state, threads, errors."""

from __future__ import annotations

import asyncio
import gzip
import json
import mmap
import pickle
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import BRUTE_FORCE, shell, sign_in

import vedette
from vedette.engine import nanoseconds

ODD: list[dict[str, object]] = [shell(parent=r"C:\explorer.exe"), shell(), {"x": 1}, shell()]


def indexes(result: vedette.Detections) -> list[int | None]:
    return [d.event_index for d in result]


def lines(events: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.mark.parametrize("threads", [1, 3])
def test_all_inputs_find_the_same(office: vedette.Rules, tmp_path: Path, threads: int) -> None:
    engine = vedette.Engine(office, threads=threads)
    plain = tmp_path / "events.jsonl"
    plain.write_bytes(lines(ODD))
    packed = tmp_path / "events.jsonl.gz"
    packed.write_bytes(gzip.compress(lines(ODD)))
    inputs: list[object] = [
        ODD,
        tuple(ODD),
        (event for event in ODD),
        [json.dumps(event) for event in ODD],
        [json.dumps(event).encode() for event in ODD],
        lines(ODD),
        lines(ODD).decode(),
        bytearray(lines(ODD)),
        memoryview(lines(ODD)),
        json.dumps(ODD).encode(),
        json.dumps({"Records": ODD}),
        "\n".join(json.dumps(event, indent=1) for event in ODD),
        gzip.compress(lines(ODD)),
        plain,
        str(plain),
        packed,
        [plain],
    ]
    for events in inputs:
        result = engine.run(events)
        assert indexes(result) == [1, 3], events
        assert result.stats["events"] == 4
        assert result.stats["broken"] == 0
    with plain.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert indexes(engine.run(mapped)) == [1, 3]
    assert indexes(engine.run(shell())) == [0]
    assert engine.run([]).stats["events"] == 0
    assert engine.run(b"").stats["events"] == 0


def test_a_detection_says_all(office: vedette.Rules, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n" + lines(ODD))
    first = vedette.Engine(office).run(path)[0]
    assert first.title == "Office starts a shell"
    assert first.rule_id == "7c1f0a52-3c0e-4a53-9a52-0a6bd1f5e001"
    assert (first.level, first.kind, first.techniques) == ("high", "event", ("T1059.003",))
    assert first.time == datetime(2026, 11, 25, 10, tzinfo=timezone.utc)
    assert first.first_time == first.last_time == first.time
    assert {m.field for m in first.matched} == {"Image", "ParentImage"}
    assert first.to_dict()["event"] == {"source": str(path), "line": 3}
    assert "WINWORD" in first._repr_html_()
    assert "Office starts a shell" in repr(first)
    assert first.group_key == {} and first.evidence is None and first.outcomes == {}


def test_rules_over_several_events(guessing: vedette.Rules) -> None:
    engine = vedette.Engine(guessing)
    (found,) = engine.run([sign_in(second) for second in range(4)])
    assert (found.kind, found.event_index) == ("correlation", None)
    assert found.group_key == {"source.ip": "203.0.113.9"}
    assert found.evidence is not None and found.evidence["total_events"] == 3
    assert found.first_time == datetime(2026, 11, 25, 10, tzinfo=timezone.utc)
    assert "203.0.113.9" in found._repr_html_()
    # Each run begins anew.
    assert len(engine.run([sign_in(second) for second in range(2)])) == 0
    assert len(engine.run([sign_in(second) for second in range(2, 4)])) == 0


def test_pieces_snapshots_and_pickle(guessing: vedette.Rules) -> None:
    engine = vedette.Engine(guessing, lateness="10s")
    assert len(engine.push([sign_in(0), sign_in(1)])) == 0
    engine.run([sign_in(0)])  # its own state
    copy = pickle.loads(pickle.dumps(engine))
    restored = vedette.Engine.restore(guessing, engine.snapshot(), lateness="10s")
    for each in (engine, copy, restored):
        assert len(each.push([sign_in(2)])) == 0  # the watermark is 10 s behind
        assert len(each.advance("2026-11-25T10:01:00Z")) == 1
        assert len(each.finish()) == 0
    other = vedette.Engine(vedette.compile(BRUTE_FORCE.replace(">= 3", ">= 9")))
    assert other.restore_state(copy.snapshot())["kept"] == []
    for broken in (b"", b"x" * 99, copy.snapshot()[:-1]):
        with pytest.raises(vedette.VedetteError):
            other.restore_state(broken)


def test_advance_takes_moments(guessing: vedette.Rules) -> None:
    for moment in ("2026-11-25T11:00:00Z", datetime(2026, 11, 25, 11), 1_795_604_400_000_000_000):
        engine = vedette.Engine(guessing)
        engine.push([sign_in(second) for second in range(3)])
        assert len(engine.advance(moment)) == 1
    with pytest.raises(ValueError):
        vedette.Engine(guessing).advance("yesterday")


def test_hot_swap_keeps_unchanged_state(guessing: vedette.Rules) -> None:
    engine = vedette.Engine(guessing)
    engine.push([sign_in(0), sign_in(1)])
    engine.set_rules(vedette.compile(BRUTE_FORCE, "rule x { match any where a == 1 }"))
    found = [*engine.push([sign_in(2), {"a": 1}]), *engine.finish()]
    assert sorted(d.title for d in found) == ["Guessing", "x"]


def test_context_manager_ends_with_a_fresh_state(guessing: vedette.Rules) -> None:
    with vedette.Engine(guessing) as engine:
        engine.push([sign_in(0), sign_in(1)])
    engine.push([sign_in(2)])
    assert len(engine.finish()) == 0


def test_several_files_are_read_by_time(guessing: vedette.Rules, tmp_path: Path) -> None:
    paths = []
    for part in range(3):
        paths.append(tmp_path / f"{part}.jsonl")
        paths[-1].write_bytes(lines([sign_in(60 * minute + part * 100) for minute in (0, 1)]))
    result = vedette.Engine(guessing).run(paths)
    assert len(result) >= 1
    assert result.stats["events"] == 6
    assert len({e["event"]["source"] for d in result for e in (d.evidence or {})["events"]}) > 1


def test_threads_agree_with_one(office: vedette.Rules) -> None:
    events = [shell() if i % 7 == 0 else shell(parent=f"p{i}") for i in range(20_000)]
    data = lines(events)
    one = vedette.Engine(office).run(data)
    for threads in (2, 4):
        many = vedette.Engine(office, threads=threads).run(data)
        assert indexes(many) == indexes(one)
        assert many.to_pylist() == one.to_pylist()
    assert len(one) == 2858


def test_engines_in_threads(office: vedette.Rules) -> None:
    data = lines(ODD * 500)
    counts: list[int] = []

    def work() -> None:
        engine = vedette.Engine(office)
        for _ in range(5):
            counts.append(len(engine.run(data)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1000] * 20


@pytest.mark.parametrize("kind", ["bytes", "table"])
def test_the_interpreter_is_free_while_an_engine_runs(office: vedette.Rules, kind: str) -> None:
    events: list[dict[str, object]] = [shell(parent=f"p{i}") for i in range(2_000)] * 50
    data: object = lines(events) if kind == "bytes" else pyarrow.Table.from_pylist(events)
    worker = threading.Thread(target=lambda: vedette.Engine(office).run(data))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # a thread that has the lock keeps it until it lets go
    try:
        turns = 0
        worker.start()
        while worker.is_alive():
            time.sleep(0.0005)
            turns += 1
    finally:
        sys.setswitchinterval(interval)
        worker.join()
    assert turns > 10


def test_a_running_engine_refuses_others(office: vedette.Rules) -> None:
    engine = vedette.Engine(office)

    def events() -> Iterator[dict[str, object]]:
        yield shell()
        with pytest.raises(RuntimeError, match="one thread at a time"):
            engine.push([shell()])
        yield shell()

    assert len(engine.push(events())) == 2
    assert len(engine.push([shell()])) == 1


def test_an_iterator_that_fails(office: vedette.Rules) -> None:
    def events() -> Iterator[dict[str, object]]:
        yield shell()
        raise ZeroDivisionError("here")

    engine = vedette.Engine(office)
    for feed in (engine.run, engine.push):
        with pytest.raises(ZeroDivisionError, match="here"):
            feed(events())
    assert len(engine.run([shell()])) == 1


def test_broken_records_are_counted(office: vedette.Rules) -> None:
    data = lines([shell()]) + b"{no json}\n\n[1]\n" + b'{"a": "\xff"}\n' + lines([shell()])
    for threads in (1, 2):
        result = vedette.Engine(office, threads=threads).run(data)
        assert len(result) == 2
        assert result.stats["broken"] == 2 and result.stats["blank"] == 1
        assert [line for line, _ in result.broken] == [2, 4]
        assert result[1].to_dict()["event"]["line"] == 6
        assert result.stats["events"] == 3
    result = vedette.Engine(office).run([shell(), 5, None, "nonsense", [1], shell()])
    assert indexes(result) == [0, 1]
    assert result.stats["broken"] == 4
    assert "dict" in result.broken[0][1]
    with pytest.raises(vedette.VedetteError, match="no events"):
        vedette.Engine(office, strict=True).run(data)


def test_what_is_no_input(office: vedette.Rules) -> None:
    engine = vedette.Engine(office)
    for nonsense in (5, None, object()):
        with pytest.raises(TypeError):
            engine.run(nonsense)
    with pytest.raises(FileNotFoundError):
        engine.run("nowhere.jsonl")
    with pytest.raises(vedette.VedetteError):
        engine.run("/")
    with pytest.raises(vedette.VedetteError, match="gzip"):
        engine.run(gzip.compress(lines(ODD))[:-30])
    with pytest.raises((BufferError, ValueError)):
        engine.run(memoryview(b"abcdef")[::2])
    assert indexes(engine.run(ODD)) == [1, 3]


def test_options_are_checked(office: vedette.Rules) -> None:
    bad: list[dict[str, Any]] = [
        {"threads": 0},
        {"lateness": "soon"},
        {"log_source": "nonsense"},
        {"format": "nonsense"},
        {"on_function_error": "panic"},
    ]
    for options in bad:
        with pytest.raises(vedette.VedetteError):
            vedette.Engine(office, **options)
    with pytest.raises(TypeError):
        vedette.Engine("rules")  # type: ignore[arg-type]
    spans: list[float | timedelta | str] = [1.5, "1500ms", timedelta(seconds=1.5), "1.5s"]
    assert {nanoseconds(span) for span in spans} == {1_500_000_000}
    assert nanoseconds("5m") == 300 * 10**9 and nanoseconds("2h") == 7200 * 10**9


def test_log_source_of_all_events(office: vedette.Rules) -> None:
    event = {"Image": r"C:\cmd.exe", "ParentImage": r"C:\winword.exe"}
    assert len(vedette.Engine(office).run([event])) == 0
    given = "product=windows,category=process_creation"
    assert len(vedette.Engine(office, log_source=given).run([event])) == 1


def test_max_detections(office: vedette.Rules) -> None:
    engine = vedette.Engine(office, max_detections=3)
    with pytest.warns(UserWarning, match="7 detections"):
        result = engine.run([shell()] * 10)
    assert (len(result), result.stats["dropped"]) == (3, 7)


def test_other_formats_are_seen_or_said(tmp_path: Path) -> None:
    rules = vedette.compile('rule r { match any where user == "root" }', strict=True)
    path = tmp_path / "table.csv"
    path.write_text("time,user\n2026-11-25T10:00:00Z,eve\n2026-11-25T10:00:01Z,root\n")
    assert indexes(vedette.Engine(rules).run(path)) == [1]
    logfmt = "time=2026-11-25T10:00:00Z user=root\n"
    assert indexes(vedette.Engine(rules, format="logfmt").run(logfmt)) == [0]


def test_asynchronous_streams(office: vedette.Rules, guessing: vedette.Rules) -> None:
    async def events(count: int, pause: float) -> AsyncIterator[object]:
        for second in range(count):
            await asyncio.sleep(pause)
            yield sign_in(second)

    async def collect(engine: vedette.Engine, stream: Any) -> list[vedette.Detection]:
        return [d async for d in engine.arun(stream)]

    for pause in (0.0, 0.002):
        found = asyncio.run(collect(vedette.Engine(guessing), events(4, pause)))
        assert [d.title for d in found] == ["Guessing"]
    assert len(asyncio.run(collect(vedette.Engine(office), ODD))) == 2
    assert len(asyncio.run(collect(vedette.Engine(office), [lines(ODD), shell()]))) == 3

    async def fails() -> AsyncIterator[object]:
        yield shell()
        raise ZeroDivisionError

    async def collect_until_it_fails() -> int:
        count = 0
        with pytest.raises(ZeroDivisionError):
            async for _ in vedette.Engine(office).arun(fails()):
                count += 1
        return count

    assert asyncio.run(collect_until_it_fails()) == 1


def test_a_live_stream_waits_for_nobody(office: vedette.Rules) -> None:
    async def run() -> None:
        queue: asyncio.Queue[object] = asyncio.Queue()

        async def events() -> AsyncIterator[object]:
            while True:
                yield await queue.get()

        stream = vedette.Engine(office).arun(events())
        for _ in range(3):
            queue.put_nowait(shell())
            found = await asyncio.wait_for(anext(stream), 10)
            assert found.title == "Office starts a shell"
        await stream.aclose()

    asyncio.run(run())


def test_counters(office: vedette.Rules) -> None:
    engine = vedette.Engine(office)
    engine.push(ODD)
    assert engine.stats["events"] == 4
    assert engine.stats["matches"] == 2
    assert engine.stats["events_without_log_source"] == 1
    assert "1 rules" in repr(engine)
