"""Tables in, tables out, by the Arrow C data interface."""

from __future__ import annotations

import ctypes
import datetime
import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from conftest import shell, sign_in

import vedette

EVENTS: list[dict[str, Any]] = [shell(parent=r"C:\explorer.exe"), shell(), shell()]


def indexes(result: vedette.Detections) -> list[int | None]:
    return [d.event_index for d in result]


def matches(condition: str, table: object) -> list[int | None]:
    rules = vedette.compile(f"rule r {{ match any where {condition} }}", strict=True)
    found = indexes(vedette.Engine(rules).run(table))
    assert found == indexes(vedette.Engine(rules, threads=3).run(table))
    return found


@pytest.mark.parametrize("threads", [1, 3])
def test_tables_of_all_libraries(office: vedette.Rules, threads: int) -> None:
    engine = vedette.Engine(office, threads=threads)
    arrow = pyarrow.Table.from_pylist(EVENTS)
    tables = [
        arrow,
        arrow.to_batches()[0],
        pyarrow.array(EVENTS),
        pyarrow.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches(max_chunksize=2)),
        polars.DataFrame(EVENTS),
        pandas.DataFrame(EVENTS),
        arrow.to_batches(max_chunksize=1),
    ]
    for table in tables:
        assert indexes(engine.run(table)) == [1, 2]


def test_offsets_and_nulls() -> None:
    arrow = pyarrow.table(
        {
            "a": pyarrow.array(["x", None, "y", "x", None, "x"]),
            "n": pyarrow.array([1, 2, None, 4, 5, 6], pyarrow.int16()),
            "b": pyarrow.array([True, None, False, True, True, None]),
        }
    )
    for begin in range(6):
        table = arrow.slice(begin)
        rows = arrow.to_pylist()[begin:]
        for form in (table, pyarrow.array(rows).slice(0), polars.from_arrow(table)):
            assert matches('a == "x"', form) == [i for i, r in enumerate(rows) if r["a"] == "x"]
            assert matches("n > 3", form) == [i for i, r in enumerate(rows) if (r["n"] or 0) > 3]
            assert matches("b == true", form) == [i for i, r in enumerate(rows) if r["b"]]
            assert matches("a == null", form) == [i for i, r in enumerate(rows) if r["a"] is None]
    whole = pyarrow.StructArray.from_arrays(
        [pyarrow.array(["x", "x", "x"])], names=["a"], mask=pyarrow.array([False, True, False])
    )
    assert matches('a == "x"', whole) == [0, 2]
    assert matches('a == "x"', whole[1:]) == [1]


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.int8(), pyarrow.int16(), pyarrow.int32(), pyarrow.int64(),
        pyarrow.uint8(), pyarrow.uint16(), pyarrow.uint32(), pyarrow.uint64(),
        pyarrow.float32(), pyarrow.float64(),
    ],
)  # fmt: skip
def test_numbers(kind: Any) -> None:
    table = pyarrow.table({"n": pyarrow.array([1, 7, None, 100], kind)})
    assert matches("n >= 7", table) == [1, 3]
    assert matches('n == "7"', table) == [1]


def test_wide_numbers() -> None:
    table = pyarrow.table({"n": pyarrow.array([2**64 - 1, 2**63, 5], pyarrow.uint64())})
    assert matches("n > 9223372036854775806", table) == [0, 1]
    table = pyarrow.table({"n": pyarrow.array([float("nan"), float("inf"), 2.5])})
    assert matches("n == null", table) == [0]
    assert matches("n > 1", table) == [1, 2]


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.utf8(), pyarrow.large_utf8(), pyarrow.string_view(), pyarrow.binary(),
        pyarrow.large_binary(), pyarrow.binary_view(), pyarrow.dictionary(pyarrow.int8(), pyarrow.utf8()),
        pyarrow.dictionary(pyarrow.uint32(), pyarrow.large_utf8()),
    ],
)  # fmt: skip
def test_texts(kind: Any) -> None:
    texts = ["short", "", None, "a text that is longer than twelve bytes", "ünï", "short"]
    table = pyarrow.table({"t": pyarrow.array(texts, pyarrow.utf8()).cast(kind)})
    assert matches('t == "short"', table) == [0, 5]
    assert matches('t == "a text that is longer than twelve bytes"', table) == [3]
    assert matches('t == "ünï"', table.slice(1)) == [3]
    assert matches('t == ""', table) == [1]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_times_are_text_and_event_time(guessing: vedette.Rules, unit: str, zone: str | None) -> None:
    moments = [datetime.datetime(2026, 11, 25, 10, 0, s, tzinfo=datetime.timezone.utc) for s in range(3)]
    events = [sign_in(s) for s in range(3)]
    columns = {name: [e[name] for e in events] for name in ("event", "source")}
    kind = pyarrow.timestamp(unit, zone)
    stamps = pyarrow.array(moments, pyarrow.timestamp(unit, "UTC")).cast(kind)
    table = pyarrow.table({"@timestamp": stamps, **columns})
    (found,) = vedette.Engine(guessing).run(table)
    assert found.first_time == moments[0] and found.last_time == moments[2]
    assert matches('`@timestamp` == "2026-11-25T10:00:01Z"', table) == [1]


def test_odd_times() -> None:
    stamps = [0, -1, 1_500_000_000, -86_400_000_000_001, 2**62, None, -(2**62)]
    table = pyarrow.table({"t": pyarrow.array(stamps, pyarrow.timestamp("ns"))})
    wanted = {0: "1970-01-01T00:00:00Z", 1: "1969-12-31T23:59:59.999999999Z",
              2: "1970-01-01T00:00:01.5Z", 3: "1969-12-30T23:59:59.999999999Z"}  # fmt: skip
    for i, text in wanted.items():
        assert matches(f't == "{text}"', table) == [i]
    assert matches("t == null", table) == [5]
    far = pyarrow.table({"t": pyarrow.array([2**62], pyarrow.timestamp("s"))})
    assert matches("t == null", far) == [0]
    days = pyarrow.table({"t": pyarrow.array([datetime.date(2026, 11, 25)])})
    assert matches('t == "2026-11-25T00:00:00Z"', days) == [0]


def test_nested_columns() -> None:
    rows: list[dict[str, Any]] = [
        {"process": {"name": "cmd.exe", "parent": {"name": "word"}}, "tags": ["a", None], "l": [[1], [2, 3]]},
        {"process": {"name": None, "parent": None}, "tags": [], "l": None},
        {"process": None, "tags": None, "l": [[3]]},
        {"process": {"name": "x", "parent": {"name": "word"}}, "tags": ["b", "a"], "l": []},
    ]
    lists = pyarrow.table({"f": pyarrow.array([[1, 2], None, [3, 4]], pyarrow.list_(pyarrow.int8(), 2))})
    for table in (pyarrow.Table.from_pylist(rows), polars.DataFrame(rows)):
        assert matches('process.name == "cmd.exe"', table) == [0]
        assert matches('process.parent.name == "word"', table) == [0, 3]
        assert matches('tags == "a"', table) == [0, 3]
        assert matches("l == 3", table) == [0, 2]
        assert matches("process.name == null", table) == [1, 2]
    assert matches("f == 4", lists) == [2]
    large = pyarrow.table({"f": pyarrow.array([[1], [2]], pyarrow.large_list(pyarrow.int8()))})
    assert matches("f == 2", large.slice(1)) == [0]
    objects = pyarrow.Table.from_pylist([{"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 3}]}])
    assert matches("a.b == 2", objects) == [0]


def test_rows_of_different_forms() -> None:
    """A table of several log sources has all columns, mostly empty: rows are told by what they have."""
    events: list[dict[str, Any]] = [
        shell(),
        {"_path": "dns", "ts": 1.0, "query": "evil.example", "id.orig_h": "10.0.0.1"},
        {"event": {"category": ["process"], "type": ["start"]}, "host": {"os": {"type": "linux"}},
         "process": {"command_line": "x"}, "@timestamp": "2026-01-01T00:00:00Z"},
    ] * 50
    rules = vedette.compile(
        "title: Z\nlogsource: {product: zeek, service: dns}\ndetection: {s: {query|contains: evil}, condition: s}",
        "title: W\nlogsource: {product: windows}\ndetection: {s: {Image|endswith: cmd.exe}, condition: s}",
        "title: E\nlogsource: {category: process_creation}\ndetection: {s: {CommandLine: x}, condition: s}",
        strict=True,
    )
    engine = vedette.Engine(rules)
    expected = [(d.event_index, d.title) for d in engine.run(events)]
    assert len(expected) == 150
    table = pyarrow.Table.from_struct_array(pyarrow.array(events))  # all names, not the first row's
    assert table.num_columns == 13
    for form in (table, polars.DataFrame(events, infer_schema_length=None), table.slice(0)):
        assert [(d.event_index, d.title) for d in engine.run(form)] == expected


def test_evtx_records_as_structs() -> None:
    event = {
        "Event": {
            "System": {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                       "TimeCreated": {"#attributes": {"SystemTime": "2026-11-25T10:00:00Z"}}},
            "EventData": {"Image": r"C:\cmd.exe", "ParentImage": r"C:\winword.exe"},
        }
    }  # fmt: skip
    rules = vedette.compile(
        "title: W\nlogsource: {product: windows, category: process_creation}\n"
        "detection: {s: {Image|endswith: cmd.exe}, condition: s}"
    )
    for form in ([event], pyarrow.Table.from_pylist([event]), polars.DataFrame([event])):
        (found,) = vedette.Engine(rules).run(form)
        assert found.time == datetime.datetime(2026, 11, 25, 10, tzinfo=datetime.timezone.utc)


def test_columns_that_no_rule_can_read_are_named() -> None:
    import decimal

    table = pyarrow.table(
        {
            "d": pyarrow.array([decimal.Decimal("1.5")]),
            "s": pyarrow.StructArray.from_arrays([pyarrow.array([datetime.timedelta(1)])], names=["span"]),
            "m": pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.utf8(), pyarrow.int8())),
            "a": ["x"],
        }
    )
    rules = vedette.compile('rule r { match any where a == "x" and d == null }', strict=True)
    engine = vedette.Engine(rules)
    with pytest.warns(UserWarning, match=r"d \(d:.*\), s\.span \(tD.*\), m \(\+m\)"):
        assert indexes(engine.run(table)) == [0]
    assert indexes(engine.run(table)) == [0]  # said once


def test_results_are_tables(office: vedette.Rules, guessing: vedette.Rules) -> None:
    result = vedette.Engine(office).run(EVENTS)
    table = result.to_arrow()
    assert table.column_names == [
        "rule_id", "title", "level", "kind", "event_index", "time", "source", "line", "group_key",
        "first_time", "last_time", "matched", "outcomes", "tags",
    ]  # fmt: skip
    table.validate(full=True)
    row = table.to_pylist()[0]
    assert (row["event_index"], row["line"], row["group_key"]) == (1, 2, None)
    assert row["time"] == result[0].time
    assert row["tags"] == list(result[0].tags)
    assert [m["field"] for m in json.loads(row["matched"])] == [m.field for m in result[0].matched]
    assert polars.DataFrame(result)["event_index"].to_list() == [1, 2]
    assert result.to_polars().shape == (2, 14)
    frame = result.to_pandas()
    assert list(frame["level"]) == ["high", "high"]
    (found,) = vedette.Engine(guessing).run([sign_in(s) for s in range(3)])
    row = vedette.Engine(guessing).run([sign_in(s) for s in range(3)]).to_arrow().to_pylist()[0]
    assert row["event_index"] is None
    assert json.loads(row["group_key"]) == found.group_key
    assert row["first_time"] == found.first_time
    empty = vedette.Engine(office).run([]).to_arrow()
    assert empty.num_rows == 0 and empty.schema == table.schema
    empty.validate(full=True)


def test_many_results_come_in_batches(office: vedette.Rules) -> None:
    result = vedette.Engine(office).run([shell()] * 20_000)
    table = result.to_arrow()
    table.validate(full=True)
    assert table.column("event_index").to_pylist() == list(range(20_000))
    one = pyarrow.RecordBatchReader.from_stream(result).read_next_batch().column("tags")
    del table, result
    gc.collect()
    assert one[5].as_py() == ["attack.execution", "attack.t1059.003"]


def test_results_feed_another_engine(office: vedette.Rules) -> None:
    result = vedette.Engine(office).run(EVENTS)
    assert matches('level == "high" and tags == "attack.t1059.003"', result) == [0, 1]


class Exporter:
    """Gives capsules that others made."""

    def __init__(self, **methods: Callable[..., object]) -> None:
        for name, method in methods.items():
            setattr(self, f"__arrow_c_{name}__", method)


def test_capsules_are_used_once(office: vedette.Rules) -> None:
    engine = vedette.Engine(office)
    stream = pyarrow.Table.from_pylist(EVENTS).__arrow_c_stream__()
    exporter = Exporter(stream=lambda requested_schema=None: stream)
    assert indexes(engine.run(exporter)) == [1, 2]
    with pytest.raises(vedette.VedetteError, match="used before"):
        engine.run(exporter)
    array = pyarrow.array(EVENTS).__arrow_c_array__()
    exporter = Exporter(array=lambda requested_schema=None: array)
    assert indexes(engine.run(exporter)) == [1, 2]
    with pytest.raises(vedette.VedetteError, match="used before"):
        engine.run(exporter)


@pytest.mark.parametrize("answer", [None, 5, (), (1, 2), (1,), object(), "capsule"])
def test_what_is_no_capsule(office: vedette.Rules, answer: object) -> None:
    engine = vedette.Engine(office)
    for name in ("stream", "array"):
        with pytest.raises(vedette.VedetteError):
            engine.run(Exporter(**{name: lambda requested_schema=None: answer}))
    swapped = pyarrow.array(EVENTS).__arrow_c_array__()
    with pytest.raises(vedette.VedetteError):
        engine.run(Exporter(stream=lambda requested_schema=None: swapped[0]))
    with pytest.raises(vedette.VedetteError):
        engine.run(Exporter(array=lambda requested_schema=None: (swapped[1], swapped[0])))
    with pytest.raises(vedette.VedetteError, match="table"):
        engine.run(pyarrow.array([1, 2]))
    with pytest.raises(vedette.VedetteError, match="table"):
        engine.run(pyarrow.chunked_array([[1, 2]]))


def test_exporters_that_fail(office: vedette.Rules) -> None:
    def fails(requested_schema: object = None) -> object:
        raise ZeroDivisionError("here")

    def batches() -> Iterator[Any]:
        yield pyarrow.Table.from_pylist(EVENTS).to_batches()[0]
        raise ZeroDivisionError("later")

    engine = vedette.Engine(office)
    with pytest.raises(ZeroDivisionError, match="here"):
        engine.run(Exporter(stream=fails))
    schema = pyarrow.Table.from_pylist(EVENTS).schema
    with pytest.raises((ZeroDivisionError, vedette.VedetteError), match="later"):
        engine.run(pyarrow.RecordBatchReader.from_batches(schema, batches()))
    assert indexes(engine.run(EVENTS)) == [1, 2]


class _Schema(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class _Array(ctypes.Structure):
    pass


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.c_void_p),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


_release_type = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_schema_release = _release_type(lambda p: setattr(_Schema.from_address(p), "release", None))
_array_release = _release_type(lambda p: setattr(_Array.from_address(p), "release", None))


def copied(struct: Any, release: Any, keep: list[object]) -> Any:
    """A tree of structs that point at the producer's memory, and that nobody else releases."""
    kind = type(struct)
    out = kind.from_buffer_copy(struct)
    out.release = ctypes.cast(release, ctypes.c_void_p)
    children = [copied(struct.children[i].contents, release, keep) for i in range(struct.n_children)]
    pointers = (ctypes.POINTER(kind) * max(len(children), 1))(*map(ctypes.pointer, children))
    out.children = ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(kind)))
    keep += [out, children, pointers]
    return out


def damaged(damage: Callable[[Any, Any], object]) -> Exporter:
    """A table whose structs a test spoils before they are handed over."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype = ctypes.c_void_p
    pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    new = ctypes.pythonapi.PyCapsule_New
    new.restype = ctypes.py_object
    new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    rows = [{"t": "a text of more than twelve bytes", "n": 1, "l": ["x"], "s": {"a": 1}}] * 3
    capsules = pyarrow.array(rows).__arrow_c_array__()
    keep: list[object] = [capsules]
    schema = copied(_Schema.from_address(pointer(capsules[0], b"arrow_schema")), _schema_release, keep)
    array = copied(_Array.from_address(pointer(capsules[1], b"arrow_array")), _array_release, keep)
    damage(schema, array)
    names = (b"arrow_schema", b"arrow_array")
    given = tuple(new(ctypes.addressof(s), name, None) for s, name in zip((schema, array), names))
    exporter = Exporter(array=lambda requested_schema=None: given)
    setattr(exporter, "keep", (keep, names))
    return exporter


def test_structs_that_contradict_themselves(office: vedette.Rules) -> None:
    def assign(which: int, path: str, value: object) -> Callable[[Any, Any], object]:
        def damage(*structs: Any) -> None:
            target = structs[which]
            *steps, last = path.split(".")
            for step in steps:
                target = target.children[int(step)].contents
            setattr(target, last, value)

        return damage

    damages = [
        assign(0, "n_children", 3),
        assign(0, "format", b"u"),
        assign(0, "format", b"+l"),
        assign(0, "0.format", b"l"),
        assign(0, "1.format", b"u"),
        assign(0, "2.format", b"+s"),
        assign(0, "2.n_children", -1),
        assign(0, "3.n_children", 99999999),
        assign(0, "1.format", None),
        assign(1, "length", -1),
        assign(1, "length", 4),
        assign(1, "offset", -1),
        assign(1, "offset", 2**62),
        assign(1, "n_children", 2),
        assign(1, "0.n_buffers", 2),
        assign(1, "0.length", 2),
        assign(1, "1.buffers", None),
        assign(1, "2.n_children", 0),
        assign(1, "3.length", 0),
    ]
    engine = vedette.Engine(office)
    assert engine.run(damaged(lambda schema, array: None)).stats["events"] == 3
    for damage in damages:
        with pytest.raises(vedette.VedetteError, match="Arrow"):
            engine.run(damaged(damage))
    assert indexes(engine.run(EVENTS)) == [1, 2]
