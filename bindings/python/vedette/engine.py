"""Engines: events in, detections out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time as clock
import warnings
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any

from vedette import _vedette
from vedette._vedette import IndicatorSets, VedetteError
from vedette.detections import Detection, Detections
from vedette.functions import FunctionError
from vedette.rules import Rules

_NANOSECONDS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def nanoseconds(span: float | timedelta | str) -> int:
    """Of seconds, a timedelta, or a text such as `90s`, `5m`, `250ms`."""
    if isinstance(span, timedelta):
        return (span.days * 86400 + span.seconds) * 10**9 + span.microseconds * 1000
    if isinstance(span, str):
        digits = span.rstrip("nusmh ")
        unit = _NANOSECONDS.get(span[len(digits) :].strip())
        try:
            return int(float(digits) * (unit or 0)) if unit else _fail_span(span)
        except ValueError:
            return _fail_span(span)
    return int(span * 10**9)


def _fail_span(span: str) -> int:
    raise VedetteError(f"'{span}' is no span of time; write 90s, 5m, 2h, 250ms")


def _time_ns(moment: datetime | int | str) -> int:
    """Nanoseconds since 1970 of a moment; a naive datetime is UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        span = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
        return nanoseconds(span)
    return moment


def _is_table(events: object) -> bool:
    return hasattr(events, "__arrow_c_stream__") or hasattr(events, "__arrow_c_array__")


def _is_path(events: object) -> bool:
    if isinstance(events, os.PathLike):
        return True
    return isinstance(events, str) and "\n" not in events and not events.lstrip().startswith(("{", "["))


def _is_bytes(events: object) -> bool:
    if isinstance(events, (bytes, bytearray, memoryview)):
        return True
    try:
        with memoryview(events) as view:  # type: ignore[arg-type]
            return view.ndim == 1 and view.format in ("B", "b", "c")
    except (TypeError, ValueError, BufferError):
        return False


class Engine:
    """Runs rules over events. Belongs to one thread at a time; several engines share rules.

    Events are dicts (a list or any iterable), text or bytes (JSON lines and arrays, gzip, zstd; mmap,
    too), paths of files (JSON, EVTX, syslog, CEF, CSV, ..: docs/readers.md), or tables: whatever has `__arrow_c_stream__` or `__arrow_c_array__`
    (polars, pyarrow, pandas, DuckDB), read in place. In a table null is a field that the event lacks.

    `run` takes a whole stream. `push`, `advance` and `finish` take it piece by piece: rules over
    several events go on between pieces, and `snapshot` and `restore` (or pickle) keep their state.

    `threads` evaluate events of one call in parallel, with the same detections in the same order.
    `lateness` is how far behind the newest event one may come and still count where it belongs.
    `log_source` (`"product=windows,category=process_creation"`) is that of all events; without it
    each event's is derived from its fields. `format` is that of bytes and files, if it is not seen
    by itself. A call keeps at most `max_detections`, and counts the
    others. The state of rules over several events stays within `max_state_bytes`, and their detections
    show at most `max_evidence` events, the first and the last ones. `strict` raises `VedetteError` after a call with records that are no events; without it
    they are counted. `on_function_error="count"` counts calls of functions that failed, without
    raising `FunctionError` after the call.

    >>> import vedette
    >>> rules = vedette.compile('rule root { match any where user.name == "root" }')
    >>> with vedette.Engine(rules) as engine:
    ...     first = engine.push([{"user": {"name": "root"}}])
    ...     second = engine.push(b'{"user.name": "eve"}')
    >>> len(first), len(second)
    (1, 0)
    """

    def __init__(
        self,
        rules: Rules,
        *,
        threads: int = 1,
        lateness: float | timedelta | str = 0,
        idle_timeout: float | timedelta | str = 0,
        log_source: str | None = None,
        format: str | None = None,
        indicators: IndicatorSets | None = None,
        max_detections: int = 1_000_000,
        max_state_bytes: int = 256 << 20,
        max_evidence: int = 16,
        strict: bool = False,
        on_function_error: str = "raise",
    ) -> None:
        if not isinstance(rules, Rules):
            raise TypeError("rules are what vedette.compile or vedette.load gives")
        if not 1 <= threads <= 256:
            raise VedetteError("threads must be from 1 to 256")
        if on_function_error not in ("raise", "count"):
            raise VedetteError("on_function_error is 'raise' or 'count'")
        self.rules = rules
        self.indicators = indicators or rules.indicators or IndicatorSets()
        self._strict = strict
        self._on_function_error = on_function_error
        self._options: dict[str, Any] = {
            "threads": threads,
            "max_detections": max_detections,
            "lateness_ns": nanoseconds(lateness),
            "idle_timeout_ns": nanoseconds(idle_timeout),
            "max_state_bytes": max_state_bytes,
            "max_evidence": max_evidence,
            "log_source": log_source,
            "format": format,
        }
        self._engine = self._new_engine()
        self._runner: _vedette.Engine | None = None
        self._warned: set[str] = set()

    def _new_engine(self) -> _vedette.Engine:
        return _vedette.Engine(
            self.rules._program, indicators=self.indicators, **self._options
        )

    # Whole streams.

    def run(self, events: object) -> Detections:
        """Evaluates a whole stream, from a fresh state to its end.

        Several paths are read together in the order of their events' times if some rule is about
        several events. What was pushed before, and its state, is not touched.
        """
        if self._runner is None:
            self._runner = self._new_engine()
        found = self._found()
        try:
            self._feed(self._runner, found, events)
            self._runner.finish(found)
        except BaseException:
            self._runner = None  # whatever state is left, nobody shall see it
            raise
        return self._result(found)

    async def arun(
        self, events: AsyncIterable[object] | Iterable[object], *, batch: int = 256
    ) -> AsyncGenerator[Detection, None]:
        """Detections of an asynchronous stream of events, tables or JSON, as they come.

        Events that are there are evaluated together, up to `batch`; none waits for others. At the
        end of the stream what waits is decided. The state is that of `push`.
        """
        async with contextlib.aclosing(self._pushed(_asynchronous(events), batch)) as stream:
            async for pushed in stream:
                for detection in pushed:
                    yield detection
        for detection in await asyncio.to_thread(self.finish):
            yield detection

    async def _pushed(
        self, events: AsyncIterator[object], batch: int
    ) -> AsyncGenerator[Detections, None]:
        waiting: list[object] = []
        coming: asyncio.Task[object] | None = asyncio.ensure_future(_next(events))
        try:
            while coming is not None:
                done, _ = await asyncio.wait({coming}, timeout=0 if waiting else None)
                big: object | None = None
                if done:
                    if coming.exception() is not None and waiting:
                        yield await asyncio.to_thread(self.push, waiting)
                    item = coming.result()
                    coming = None if item is _END else asyncio.ensure_future(_next(events))
                    if item is not _END:
                        is_big = _is_table(item) or isinstance(item, (str, bytes, bytearray))
                        big = item if is_big else None
                        if big is None:
                            waiting.append(item)
                if waiting and (not done or coming is None or big is not None or len(waiting) >= batch):
                    yield await asyncio.to_thread(self.push, waiting)
                    waiting = []
                if big is not None:
                    yield await asyncio.to_thread(self.push, big)
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    # Streams in pieces.

    def push(self, events: object) -> Detections:
        """Evaluates the next events of the stream; gives what is decided by now."""
        found = self._found()
        self._feed(self._engine, found, events)
        return self._result(found)

    def advance(self, time: datetime | int | str) -> Detections:
        """No further event before `time` (a datetime, ISO text or nanoseconds) comes: timers fire."""
        found = self._found()
        self._engine.advance(found, _time_ns(time))
        return self._result(found)

    def finish(self) -> Detections:
        """The stream has ended: decides what waits. The next push begins another stream."""
        found = self._found()
        self._engine.finish(found)
        return self._result(found)

    # State.

    def snapshot(self) -> bytes:
        """The state of rules over several events, between two calls."""
        return self._engine.snapshot()

    def restore_state(self, snapshot: bytes) -> dict[str, Any]:
        """Goes on from a snapshot; rules that changed begin anew. Says which: kept, dropped, fresh."""
        return self._engine.restore(snapshot)

    @classmethod
    def restore(cls, rules: Rules, snapshot: bytes, **options: Any) -> Engine:
        """An engine that goes on from a snapshot; options as for `Engine`."""
        engine = cls(rules, **options)
        engine.restore_state(snapshot)
        return engine

    def set_rules(self, rules: Rules) -> None:
        """Goes on with other rules from the next event; state of unchanged rules stays."""
        self._engine.set_program(rules._program)
        self._runner = None
        self.rules = rules

    @property
    def stats(self) -> dict[str, int]:
        """Counters of `push` so far, and of its current state."""
        return self._engine.stats()

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            "options": self._options,
            "strict": self._strict,
            "on_function_error": self._on_function_error,
        }
        return _rebuild, (self.rules, state, self.snapshot())

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets go of the state; call `finish` first for what waits."""
        self._engine = self._new_engine()
        self._runner = None

    def __repr__(self) -> str:
        return f"<vedette.Engine of {len(self.rules)} rules, {self._options['threads']} threads>"

    # Inside.

    def _found(self, number_events: bool = False) -> _vedette.Detections:
        return _vedette.Detections(self._options["max_detections"], number_events)

    def _feed(self, engine: _vedette.Engine, found: _vedette.Detections, events: object) -> None:
        if _is_table(events):
            self._warn(engine.push_arrow(found, events, ""))
        elif isinstance(events, Mapping):
            engine.push_events(found, iter([events]), "")
        elif _is_path(events):
            engine.push_files(found, [os.fsdecode(events)])  # type: ignore[arg-type]
        elif isinstance(events, str):
            engine.push_bytes(found, events.encode("utf-8", "surrogatepass"), "")
        elif _is_bytes(events):
            engine.push_bytes(found, events, "")
        elif isinstance(events, Iterable):
            self._feed_iterable(engine, found, events)
        else:
            raise TypeError(f"events cannot be read from {type(events).__name__}")

    def _feed_iterable(
        self, engine: _vedette.Engine, found: _vedette.Detections, events: Iterable[object]
    ) -> None:
        if isinstance(events, (list, tuple)) and events and all(_is_path(e) for e in events):
            paths = [os.fsdecode(e) for e in events]
            if any(rule.kind == "correlation" for rule in self.rules):
                engine.push_files(found, paths)
            else:
                for path in paths:
                    engine.push_files(found, [path])
            return
        iterator = iter(events)
        first = next(iterator, None)
        if first is None:
            return
        if _is_table(first):
            self._warn(engine.push_arrow(found, first, ""))
            for table in iterator:
                self._warn(engine.push_arrow(found, table, ""))
            return
        engine.push_events(found, _chain(first, iterator), "")

    def _warn(self, columns: list[str]) -> None:
        new = [column for column in columns if column not in self._warned]
        if not new:
            return
        self._warned.update(new)
        warnings.warn(
            f"columns whose Arrow type no rule can read are left out: {', '.join(new)}",
            stacklevel=4,
        )

    def _result(self, found: _vedette.Detections) -> Detections:
        result = Detections(found)
        failed = found.take_function_error()
        stats = found.stats()
        if failed is not None and self._on_function_error == "raise":
            name, error = failed
            count = stats["function_errors"]
            raise FunctionError(f"{name}() failed; {count} calls in all: {error}", count) from error
        if self._strict and stats["broken"] + stats["oversized"] > 0:
            reasons = "; ".join(f"{line}: {reason}" for line, reason in result.broken[:3])
            raise VedetteError(f"{stats['broken'] + stats['oversized']} records are no events: {reasons}")
        if stats["dropped"] > 0:
            warnings.warn(
                f"{stats['dropped']} detections beyond max_detections were dropped", stacklevel=3
            )
        return result


def _chain(first: object, rest: Iterable[object]) -> Any:
    yield first
    yield from rest


def _rebuild(rules: Rules, state: dict[str, Any], snapshot: bytes) -> Engine:
    engine = Engine(
        rules, strict=state["strict"], on_function_error=state["on_function_error"]
    )
    engine._options = state["options"]
    engine._engine = engine._new_engine()
    engine.restore_state(snapshot)
    return engine


_END = object()


async def _next(events: AsyncIterator[object]) -> object:
    return await anext(events, _END)


async def _asynchronous(
    events: AsyncIterable[object] | Iterable[object],
) -> AsyncIterator[object]:
    if isinstance(events, AsyncIterable):
        async for event in events:
            yield event
    else:
        for event in events:
            yield event


def throughput(engine: Engine, events: object) -> tuple[Detections, float]:
    """A run and its events per second, by the wall clock."""
    begin = clock.perf_counter()
    result = engine.run(events)
    seconds = max(clock.perf_counter() - begin, 1e-9)
    return result, result.stats["events"] / seconds
