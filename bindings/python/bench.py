"""Events per second of each way into the package, beside the C++ command, over the same events.

    bench.py RULES EVENTS.jsonl [--command build/cmake/vedette] [--seconds 3] [--max-events N]

Every figure is the best of several passes in turns, so that a busy machine is unfair to all alike.
The command's time is that of its whole process less that of the same process without events.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow

import vedette


def seconds_of(f: Callable[[], object]) -> float:
    begin = time.perf_counter()
    f()
    return time.perf_counter() - begin


def command_seconds(command: str, rules: str, events: str) -> float:
    words = [command, "detect", "--rules", rules, "--events", events, "--quiet", "--output", "ndjson"]
    return seconds_of(lambda: subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules")
    parser.add_argument("events")
    parser.add_argument("--command")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--max-events", type=int, default=50_000)
    options = parser.parse_args()

    rules = vedette.compile(options.rules)
    with open(options.events, "rb") as file:
        data = b"".join(itertools.islice(file, options.max_events))
    dicts = [json.loads(line) for line in data.splitlines() if line.strip()]
    table = columns(dicts)
    one, two = vedette.Engine(rules), vedette.Engine(rules, threads=2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(data)
        nothing = Path(folder) / "nothing.jsonl"
        nothing.write_bytes(b"")
        ways: dict[str, Callable[[], float]] = {
            "bytes": lambda: seconds_of(lambda: one.run(data)),
            "bytes, 2 threads": lambda: seconds_of(lambda: two.run(data)),
            "file": lambda: seconds_of(lambda: one.run(path)),
            "Arrow table": lambda: seconds_of(lambda: one.run(table)),
            "Arrow table, 2 threads": lambda: seconds_of(lambda: two.run(table)),
            "list of dicts": lambda: seconds_of(lambda: one.run(dicts)),
        }
        idle = 0.0
        if options.command:
            command: str = options.command
            idle = min(command_seconds(command, options.rules, str(nothing)) for _ in range(3))
            ways["C++ command, file"] = lambda: (
                command_seconds(command, options.rules, str(path)) - idle
            )
        best = dict.fromkeys(ways, float("inf"))
        end = time.perf_counter() + options.seconds * len(ways)
        while time.perf_counter() < end:
            for name, measure in ways.items():
                best[name] = min(best[name], max(measure(), 1e-9))
    found = one.run(data)
    print(f"{len(rules)} rules, {len(dicts)} events of {len(data) // len(dicts)} bytes, {len(found)} detections")
    reference = best.get("C++ command, file")
    for name, spent in best.items():
        ratio = f"   {reference / spent:5.2f} x C++" if reference else ""
        print(f"{name:24} {len(dicts) / spent:12,.0f} events/s{ratio}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
