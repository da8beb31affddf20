#!/usr/bin/env python3
"""Compares the instructions of evaluating one event with a committed number: a gate for speed that
does not depend on what else the machine does.

Usage: instructions.py --throughput PROGRAM [--update]

Runs the throughput program over the bundled rules and events under callgrind, with one pass and
with several; the difference is evaluation alone, once warmed up. Fails if it is more than the
baseline's band above bench/instructions.json, and says so if it is more than that below: then run
with --update and commit. Another compiler makes other code, so the check is skipped, aloud, if the
compiler is not the baseline's.
"""
import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASELINE = os.path.join(TOP, "bench", "instructions.json")
PASSES = (2, 6)
EVENTS = 1000
BAND_PERCENT = 3.0


def machine():
    """The kind of processor, with what the library chooses code by when it runs."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            has_vectors = re.search(r"\bavx2\b", file.read()) is not None
    except OSError:
        has_vectors = False
    return platform.machine() + (" with AVX2" if has_vectors else "")


def compiler_of(program):
    """The compiler that made the program, from its .comment section, and the machine's kind."""
    text = subprocess.run(["readelf", "-p", ".comment", program], capture_output=True, text=True,
                          check=True).stdout
    found = sorted(set(re.findall(r"\]\s+(GCC:[^\n]*|[^\n]*clang version[^\n]*)", text)))
    # Libraries that are linked in have comments of their own: gcc's start-up files beside clang.
    clang = [name for name in found if "clang" in name]
    names = clang or found
    if not names:
        raise RuntimeError("%s does not say which compiler made it" % program)
    return "%s; %s" % (", ".join(names), machine())


def total_of(callgrind_output):
    """All instructions of a callgrind output file."""
    found = re.search(r"^(?:summary|totals): (\d+)", callgrind_output, re.M)
    if not found:
        raise RuntimeError("callgrind wrote no total")
    return int(found.group(1))


def count(program, rules, events, passes):
    """(instructions, matches) of a run with so many passes."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, program,
                   "--passes=%d" % passes, "--max_events=%d" % EVENTS, rules, events]
        # Addresses are the seeds of Abseil's hash tables.
        if shutil.which("setarch"):
            command = ["setarch", platform.machine(), "-R"] + command
        run = subprocess.run(command, capture_output=True, text=True, cwd=TOP)
        if run.returncode != 0:
            raise RuntimeError("callgrind: exit %d\n%s" % (run.returncode, run.stderr[-2000:]))
        done = re.search(r"(\d+) events, (\d+) matches", run.stdout)
        with open(out, encoding="utf-8", errors="replace") as file:
            return total_of(file.read()), int(done.group(1)), int(done.group(2))


def measure(program, rules, events):
    first, first_events, first_matches = count(program, rules, events, PASSES[0])
    last, last_events, last_matches = count(program, rules, events, PASSES[1])
    between = last_events - first_events
    return {"instructions_per_event": round((last - first) / between, 1),
            "matches_per_pass": (last_matches - first_matches) // (PASSES[1] - PASSES[0]),
            "compiler": compiler_of(program)}


def judge(measured, baseline):
    """(exit code, what to say)."""
    if measured["compiler"] != baseline["compiler"]:
        return 0, "SKIPPED: the baseline is of '%s', this program of '%s'" % (
            baseline["compiler"], measured["compiler"])
    new, old = measured["instructions_per_event"], baseline["instructions_per_event"]
    percent = 100.0 * (new - old) / old
    text = "%.1f instructions per event, baseline %.1f: %+.1f %% (band %.1f %%)" % (
        new, old, percent, baseline["band_percent"])
    if measured["matches_per_pass"] != baseline["matches_per_pass"]:
        return 1, "FAILED: %d matches, baseline %d; other rules or events need --update\n%s" % (
            measured["matches_per_pass"], baseline["matches_per_pass"], text)
    if percent > baseline["band_percent"]:
        return 1, "FAILED: %s\nIf the work is worth it, run `./run bench --instructions --update`" % text
    if percent < -baseline["band_percent"]:
        return 0, "ok, and better: %s\nKeep it: `./run bench --instructions --update`" % text
    return 0, "ok: " + text


def main(argv=None):
    parser = argparse.ArgumentParser(description="Instructions per event against the baseline.")
    parser.add_argument("--throughput", required=True, help="the program, built with optimisation")
    parser.add_argument("--rules", default="rules")
    parser.add_argument("--events", default=os.path.join("examples", "data", "attack.ndjson.gz"))
    parser.add_argument("--baseline", default=BASELINE)
    parser.add_argument("--update", action="store_true", help="write the baseline")
    args = parser.parse_args(argv)
    if not shutil.which("valgrind"):
        print("SKIPPED: no valgrind")
        return 0
    measured = measure(os.path.abspath(args.throughput), args.rules, args.events)
    if args.update:
        with open(args.baseline, "w", encoding="utf-8") as out:
            json.dump(dict(measured, band_percent=BAND_PERCENT), out, indent=2, sort_keys=True)
            out.write("\n")
        print("baseline: %.1f instructions per event" % measured["instructions_per_event"])
        return 0
    with open(args.baseline, encoding="utf-8") as file:
        code, text = judge(measured, json.load(file))
    print(text)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit("instructions: %s" % error)
