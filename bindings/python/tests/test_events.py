"""Events of every kind of Python value; the three ways in agree with an oracle written here."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import json
import math
import random
import time
import uuid
from collections import OrderedDict, UserDict
from pathlib import Path
from typing import Any

import numpy
import pandas
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vedette

# Engines that were used before: a run begins with a fresh state.
_engines: dict[str, vedette.Engine] = {}


def engine_of(condition: str) -> vedette.Engine:
    if condition not in _engines:
        rules = vedette.compile(f"rule r {{ match any where {condition} }}", strict=True)
        _engines[condition] = vedette.Engine(rules)
    return _engines[condition]


def matches(condition: str, events: object) -> list[int | None]:
    return [d.event_index for d in engine_of(condition).run(events)]


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        (True, "a == true"),
        (numpy.bool_(True), "a == true"),
        (5, "a == 5"),
        (numpy.int32(5), "a == 5"),
        (numpy.float32(2.5), "a == 2.5"),
        (2**63, "a > 9223372036854775807"),
        (2**200, "a > 1000000000000000000000"),
        (-(2**2000), "a < 0"),
        pytest.param(10**5000, "a > 0", id="huge"),
        (float("inf"), "a > 0"),
        (float("nan"), "a == null"),
        (None, "a == null"),
        (pandas.NA, "a == null"),
        (pandas.NaT, "a == null"),
        ("text", 'a == "text"'),
        (b"text", 'a == "text"'),
        ("\ud800x", 'a == "\ufffdx"'),
        (["x", "text"], 'a == "text"'),
        (("x", "text"), 'a == "text"'),
        ({"text"}, 'a == "text"'),
        (numpy.array(["x", "text"]), 'a == "text"'),
        (numpy.array([[1, 2], [3, 4]]), "a == 4"),
        ({"b": {"c": 1}}, "a.b.c == 1"),
        (OrderedDict(b=1), "a.b == 1"),
        (UserDict({"b": 1}), "a.b == 1"),
        (datetime.datetime(2026, 11, 25, 10, 0, 0, 500000), 'a == "2026-11-25T10:00:00.5Z"'),
        (
            datetime.datetime(2026, 11, 25, 11, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
            'a == "2026-11-25T10:00:00Z"',
        ),
        (pandas.Timestamp("2026-11-25 10:00:00.000000001"), 'a == "2026-11-25T10:00:00.000000001Z"'),
        (ipaddress.ip_address("203.0.113.7"), 'a == "203.0.113.7"'),
        (uuid.UUID(int=1), 'a == "00000000-0000-0000-0000-000000000001"'),
        (Path("/etc/shadow"), 'a == "/etc/shadow"'),
    ],
)
def test_values(value: object, condition: str) -> None:
    assert matches(condition, [{"a": value}]) == [0]


def test_times_of_events() -> None:
    rules = vedette.compile("rule r { match any where a == 1 }")
    moment = datetime.datetime(2026, 11, 25, 10, tzinfo=datetime.timezone.utc)
    for given_time in (moment, moment.isoformat(), 1795600800, pandas.Timestamp(moment)):
        (found,) = vedette.Engine(rules).run([{"a": 1, "@timestamp": given_time}])
        assert found.time == moment


def test_keys_that_are_no_text() -> None:
    assert matches("a == 1", [{5: 2, None: 3, "a": 1, ("t",): 4}]) == [0]


class Hostile:
    def __init__(self, victim: dict[str, object] | None = None) -> None:
        self.victim = victim

    def __str__(self) -> str:
        if self.victim is None:
            raise ZeroDivisionError("str")
        self.victim.clear()
        self.victim.update({str(i): i for i in range(1000)})
        return "changed"


def test_values_that_fail_or_change_their_dict() -> None:
    result = vedette.Engine(vedette.compile("rule r { match any where a == 1 }")).run(
        [{"a": 1, "b": Hostile()}, {"a": 1}]
    )
    assert [d.event_index for d in result] == [0]
    assert result.stats["broken"] == 1 and "str" in result.broken[0][1]
    event: dict[str, object] = {"a": 1}
    event["b"] = Hostile(event)
    event["c"] = 2
    assert matches('b == "changed"', [event]) == [0]
    items: list[object] = [1]

    class Emptying:
        def __str__(self) -> str:
            items.clear()
            return "x"

    items += [Emptying(), 3]
    matches("a == 1", [{"a": items}])


def test_cycles_and_depth() -> None:
    cycle: dict[str, object] = {"a": 1}
    cycle["again"] = cycle
    assert matches("a == 1", [cycle]) == [0]
    knot: list[object] = []
    knot.append(knot)
    assert matches("a == 1", [{"a": 1, "knot": knot}]) == [0]
    wide: dict[str, object] = {"a": 1}
    wide["left"] = wide["right"] = [wide, wide]
    result = vedette.Engine(vedette.compile("rule r { match any where a == 1 }")).run([wide])
    assert (len(result), result.stats["broken"]) == (0, 1)
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"d": deep}
    assert matches("a == 1", [{"a": 1, "deep": deep}]) == [0]
    while deep:  # Python itself cannot let go of it at once
        deep = deep.pop("d")  # type: ignore[assignment]
    text = b'{"a":1,"d":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    matches("a == 1", text)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_events_or_counted(data: bytes) -> None:
    matches("a == 1", data)
    for tail in (b'{"a":1}\n', b'\n{"a":1}'):
        matches("a == 1", data + tail)


names = st.sampled_from(["a", "b", "c d", "e.f", "ö", "@timestamp", "Channel"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
events_of_json = st.lists(st.dictionaries(names, trees, max_size=6), max_size=6)

CONDITIONS = ["a == 1", 'b == "x"', "a == null", "b == true", "a > 5", "`c d` == 1", "e.f == 1", "`ö` == 1.5"]


@given(events_of_json, st.sampled_from(CONDITIONS))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_dicts_are_what_their_json_is(events: list[dict[str, Any]], condition: str) -> None:
    of_dicts = matches(condition, events)
    for ascii_only in (True, False):
        texts = [json.dumps(event, ensure_ascii=ascii_only) for event in events]
        assert matches(condition, "\n".join(texts).encode("utf-8", "surrogatepass")) == of_dicts
        assert matches(condition, texts) == of_dicts


# Flat rows of one type a column: what a table can hold, with an oracle for a few operators.
texts = st.sampled_from(["", "x", "X", "xy", "axb", "cmd.exe", "CMD.EXE", "ünï", "ÜNÏ"])
rows = st.lists(
    st.fixed_dictionaries(
        {
            "t": st.none() | texts,
            "n": st.none() | st.integers(-5, 5),
            "r": st.none() | st.sampled_from([-1.5, 0.0, 2.0, 2.5]),
            "l": st.none() | st.lists(texts, max_size=3),
        }
    ),
    min_size=1,
    max_size=40,
)


def folded(text: str) -> str:
    return text.lower()


def of_texts(value: Any, test: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(item is not None and test(folded(item)) for item in items)


ORACLE: dict[str, Any] = {
    "t: x": lambda row: of_texts(row["t"], lambda v: v == "x"),
    "t|contains: x": lambda row: of_texts(row["t"], lambda v: "x" in v),
    "t|startswith: X": lambda row: of_texts(row["t"], lambda v: v.startswith("x")),
    "t|endswith: .EXE": lambda row: of_texts(row["t"], lambda v: v.endswith(".exe")),
    "t: ünï": lambda row: of_texts(row["t"], lambda v: v == "ünï"),
    "t: 'a*b'": lambda row: of_texts(row["t"], lambda v: v.startswith("a") and v.endswith("b")),
    "t: null": lambda row: row["t"] is None,
    "n: 3": lambda row: row["n"] == 3,
    "n|gte: 2": lambda row: row["n"] is not None and row["n"] >= 2,
    "r|lt: 2.5": lambda row: row["r"] is not None and row["r"] < 2.5,
    "r: 2": lambda row: row["r"] == 2.0,
    "l: x": lambda row: of_texts(row["l"] or [], lambda v: v == "x"),
    "l|contains|all: [x, a]": lambda row: all(
        of_texts(row["l"] or [], lambda v, part=part: part in v) for part in "xa"
    ),
}
SELECTIONS = list(ORACLE)


def simple_engine() -> vedette.Engine:
    if "simple" not in _engines:
        sources = {}
        for i, one in enumerate(SELECTIONS):
            for j, other in enumerate(SELECTIONS):
                if i == j:
                    condition = "one"
                else:
                    condition = "one and not other" if (i + j) % 2 else "one or other"
                sources[f"{i}-{j}.yml"] = (
                    f"title: {i}-{j}\nlogsource: {{product: p}}\ndetection:\n  one: {{{one}}}\n  other: {{{other}}}\n"
                    f"  condition: {condition}\n"
                )
        rules = vedette.compile(sources, strict=True)
        _engines["simple"] = vedette.Engine(rules, log_source="product=p")
    return _engines["simple"]


def expected(row: dict[str, Any]) -> set[str]:
    held = [ORACLE[s](row) for s in SELECTIONS]
    out = set()
    for i, one in enumerate(held):
        for j, other in enumerate(held):
            result = one if i == j else (one and not other) if (i + j) % 2 else (one or other)
            if result:
                out.add(f"{i}-{j}")
    return out


@given(rows)
@settings(max_examples=60, deadline=None)
def test_the_oracle_agrees_with_every_way_in(events: list[dict[str, Any]]) -> None:
    engine = simple_engine()
    without_null = [{k: v for k, v in row.items() if v is not None} for row in events]
    schema = pyarrow.schema(
        [("t", pyarrow.utf8()), ("n", pyarrow.int64()), ("r", pyarrow.float64()), ("l", pyarrow.list_(pyarrow.utf8()))]
    )
    table = pyarrow.Table.from_pylist(events, schema=schema)
    wanted = [expected(row) for row in events]
    for form in (
        events,
        without_null,
        "\n".join(json.dumps(row) for row in events),
        table,
        table.combine_chunks().to_batches()[0],
    ):
        found: list[set[str]] = [set() for _ in events]
        for detection in engine.run(form):
            assert detection.event_index is not None
            found[detection.event_index].add(detection.title)
        assert found == wanted


@given(st.lists(st.none() | st.floats(width=32), max_size=20), st.floats(-1e6, 1e6))
@settings(max_examples=50, deadline=None)
def test_floats_of_tables_and_dicts(numbers: list[float | None], limit: float) -> None:
    # YAML 1.1 takes 1e-05 for a text.
    text = f"{limit:.20f}"
    limit = float(text)
    rules = vedette.compile(
        f"title: F\nlogsource: {{product: p}}\ndetection: {{s: {{a|gt: {text}}}, condition: s}}", strict=True
    )
    engine = vedette.Engine(rules, log_source="product=p")
    table = pyarrow.table({"a": pyarrow.array(numbers, pyarrow.float64())})
    wanted = [i for i, n in enumerate(numbers) if n is not None and not math.isnan(n) and n > limit]
    assert [d.event_index for d in engine.run(table)] == wanted
    assert [d.event_index for d in engine.run([{"a": n} for n in numbers])] == wanted


fragments = st.lists(
    st.sampled_from(
        ['{"a":1}', '{"a":1, "b":"}{"}', "\n", "\n", "\r\n", " ", "{", "}", '"', "[", "]", ",", "x", "\\",
         '{"a":\n1}', '{"a": "\n', '{\n"a":1\n}', '{"a":1}{"a":2}', "\ufeff", '{"Records":[', "\x00"]
    ),
    max_size=30,
)  # fmt: skip


def what_was_read(data: bytes) -> tuple[object, ...]:
    result = engine_of("a == 1").run(data)
    stats = result.stats
    places = [(d.event_index, d.to_dict()["event"]["line"]) for d in result]
    return stats["events"], stats["broken"], stats["oversized"], places, [n for n, _ in result.broken]


@given(fragments)
@settings(max_examples=500, deadline=None)
def test_lines_are_read_as_the_stream_reader_reads_them(parts: list[str]) -> None:
    """Packed bytes go through the library's reader as a whole; plain ones are cut into lines here."""
    data = "".join(parts).encode()
    assert what_was_read(data) == what_was_read(gzip.compress(data))


def test_broken_records_cost_little() -> None:
    """A reader of their own, each, that finds out what rules read took 6 ms a record."""
    data = b'{"a":1}\n' + b"{broken\n" * 3000
    begin = time.process_time()
    assert what_was_read(data)[:2] == (1, 3000)
    assert time.process_time() - begin < 5


def test_chunks_are_cut_where_records_begin() -> None:
    rng = random.Random(7)
    parts = [
        rng.choice(['{"a":1}\n', '{"a":\n 1}\n', "\n", "{broken\n", '{"a":1,"pad":"%s"}\n' % ("x" * 3000), '{"a": "\n'])
        for _ in range(8000)
    ]
    data = ('{"a":1}\n' + "".join(parts)).encode()
    assert len(data) > 1 << 21
    assert what_was_read(data) == what_was_read(gzip.compress(data))
