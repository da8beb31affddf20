"""Events per second of each way into the package, beside the C++ command, over the same events.

    bench.py RULES EVENTS.jsonl --command build/cmake/vedette [--seconds 5] [--max-events N]
             [--log-sources ROWS] [--goal 0.8]

Rules are compiled once to a saved program, which both sides load. Every pass begins with a program that
was just loaded and a new engine, as the command does: nothing learnt from the pass before. The command's
time is that of its process less that of the same process without events. Times are CPU time, passes take
turns, and the fastest of each counts: a busy machine makes little difference. Threads are told by the wall
clock, two against one, and need a quiet machine.

With `--goal` the exit code is 1 if JSON bytes or the Arrow table are slower than that share of the command.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas
import polars
import pyarrow

import vedette

REFERENCE = "C++ command, file"


def seconds_of(f: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    begin = clock()
    f()
    return clock() - begin


def of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def command_seconds(command: str, rules: Path, events: Path, output: str) -> float:
    words = [command, "detect", "--rules", str(rules), "--events", str(events), "--output", output]
    return seconds_of(lambda: subprocess.run(words, check=True, capture_output=True), of_children)


def columns(events: list[dict[str, object]]) -> pyarrow.Table:
    """A table of texts and numbers; values of other kinds, or of two kinds in one column, are JSON."""
    names = dict.fromkeys(itertools.chain.from_iterable(events))
    out = {}
    for name in names:
        values = [event.get(name) for event in events]
        kinds = {type(v) for v in values if v is not None}
        if len(kinds) != 1 or not kinds <= {str, int, float, bool}:
            values = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
        out[name] = pyarrow.array(values)
    return pyarrow.table(out)


class Bench:
    def __init__(self, pack: Path, data: bytes, folder: Path, command: str) -> None:
        self.pack = pack
        self.data = data
        self.command = command
        self.path = folder / "events.jsonl"
        self.path.write_bytes(data)
        self.nothing = folder / "nothing.jsonl"
        self.nothing.write_bytes(b"")
        self.dicts: list[dict[str, object]] = [json.loads(line) for line in data.splitlines() if line.strip()]
        self.table = columns(self.dicts)
        self.polars = polars.DataFrame(self.table)
        self.pandas: pandas.DataFrame = self.table.to_pandas()

    def python(
        self, events: object, threads: int = 1, records: bool = False, clock: Callable[[], float] = time.process_time
    ) -> float:
        engine = vedette.Engine(vedette.load(self.pack), threads=threads)

        def run() -> None:
            found = engine.run(events)
            if records:
                found.to_pylist()

        return seconds_of(run, clock)

    def cpp(self, output: str) -> float:
        idle = min(command_seconds(self.command, self.pack, self.nothing, output) for _ in range(2))
        return command_seconds(self.command, self.pack, self.path, output) - idle

    def gain(self, events: object) -> float:
        """How many times faster two threads are, by the wall clock; the best of five of each."""
        one, two = (
            min(self.python(events, threads, clock=time.perf_counter) for _ in range(5)) for threads in (1, 2)
        )
        return one / two

    def ways(self) -> dict[str, Callable[[], float]]:
        lines = self.data.splitlines()
        return {
            REFERENCE: lambda: self.cpp("summary"),
            "C++ command, detections as NDJSON": lambda: self.cpp("ndjson"),
            "bytes": lambda: self.python(self.data),
            "bytes, detections as dicts": lambda: self.python(self.data, records=True),
            "file": lambda: self.python(self.path),
            "pyarrow table": lambda: self.python(self.table),
            "polars frame": lambda: self.python(self.polars),
            "pandas frame": lambda: self.python(self.pandas),
            "list of dicts": lambda: self.python(self.dicts),
            "list of lines": lambda: self.python(lines),
            "json.loads, then dicts": lambda: self.python(map(json.loads, lines)),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rules")
    parser.add_argument("events")
    parser.add_argument("--command", required=True)
    parser.add_argument("--seconds", type=float, default=5, help="for each way")
    parser.add_argument("--max-events", type=int, default=100_000)
    parser.add_argument("--log-sources", default=())
    parser.add_argument("--goal", type=float, default=0)
    options = parser.parse_args()

    rules = vedette.compile(options.rules, log_sources=options.log_sources)
    with open(options.events, "rb") as file:
        data = b"".join(itertools.islice(file, options.max_events))
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "rules.vpk"
        rules.save(pack)
        bench = Bench(pack, data, Path(folder), options.command)
        ways = bench.ways()
        best = dict.fromkeys(ways, float("inf"))
        spent = dict.fromkeys(ways, 0.0)
        while any(spent[name] < options.seconds for name in ways):
            for name, measure in ways.items():
                if spent[name] < options.seconds:
                    seconds = measure()
                    best[name] = min(best[name], max(seconds, 1e-9))
                    spent[name] += max(seconds, 0.05)
        gains = {name: bench.gain(events) for name, events in (("bytes", data), ("pyarrow table", bench.table))}
        found = len(vedette.Engine(rules).run(data))
        in_table = len(vedette.Engine(rules).run(bench.table))
    count = len(bench.dicts)
    print(f"{len(rules)} rules, {count} events of {len(data) // count} bytes, {found} detections")
    if found != in_table:
        print(f"the table gives {in_table} detections: its columns do not hold all that the lines do")
    print("\n| way in | events/s of one core | of the C++ command |\n|---|---:|---:|")
    for name, seconds in best.items():
        print(f"| {name} | {count / seconds:,.0f} | {best[REFERENCE] / seconds:.0%} |")
    print("\ntwo threads, by the wall clock: " + ", ".join(f"{n} {g:.2f} times" for n, g in gains.items()))
    slow = [n for n in ("bytes", "pyarrow table") if best[REFERENCE] / best[n] < options.goal]
    if slow:
        print(f"\nslower than {options.goal:.0%} of the C++ command: {', '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
