#!/usr/bin/env python3
"""The macro benchmark of detection: every lane, several numbers of rules, and rsigma where it is.

Usage: bench.py --throughput PROGRAM --vedette PROGRAM [OPTION] [RULES [EVENTS...]]

Prints tables and writes OUT/bench.json and OUT/bench.html. Rules are the folder RULES, else
SigmaHQ's in VEDETTE_DATA, else the bundled ones; lanes are generated (gen_lanes.py), or the files
EVENTS. docs/benchmarks.md says what the figures mean and how the two programs are run.
"""
import argparse
import collections
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench_report  # noqa: E402
import gen_lanes  # noqa: E402

ALL = 0  # as a number of rules: all files of the folder
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUICK_LANES = ["raw_windows", "structured_windows", "cisco_syslog", "sysmon_file_event"]


# --- rules ----------------------------------------------------------------------------------------

def find_rules(given, out, environ):
    """The folder of rules, and what to call it."""
    if given:
        return given, given
    packed = os.path.join(environ.get("VEDETTE_DATA", ""), "sigma", "sigma_rules.tar.zst")
    if os.path.isfile(packed):
        folder = os.path.join(out, "sigma")
        if not os.path.isdir(os.path.join(folder, "sigmahq", "rules")):
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["tar", "--zstd", "-xf", packed, "-C", folder], check=True)
        return os.path.join(folder, "sigmahq", "rules"), "SigmaHQ rules/"
    return os.path.join(TOP, "rules"), "bundled rules"


def rule_files(folder):
    found = []
    for where, _, names in os.walk(folder):
        found += [os.path.join(where, n) for n in names if n.endswith(".yml")]
    return sorted(found)


def log_source_of(text):
    """The (product, category, service) of a Sigma rule, as far as its lines tell."""
    block = re.search(r"^logsource:[ \t]*(\{.*\}|(?:\r?\n(?:[ \t].*|[ \t]*))+)", text, re.M)
    parts = []
    for key in ("product", "category", "service"):
        value = re.search(r"(?:^|[\s{,])%s:[ \t]*([^\s,}#]+)" % key, block.group(1)) if block else None
        parts.append(value.group(1).strip("'\"").lower() if value else "")
    return tuple(parts)


def routing_table(log_sources):
    """Rows by which an event faces each rule whose log source its own product, category and service
    do not contradict: what rsigma's --logsource-routing does, so that both do the same work."""
    keys = ("product", "category", "service")
    rows = []
    for source in sorted(set(log_sources)):
        given = [(k, v) for k, v in zip(keys, source) if v]
        if not given or any(re.search(r"[\s\"|=*!]", v) for _, v in given):
            continue
        rows.append("%s => %s" % (" ".join("%s=!|%s" % pair for pair in given),
                                  " ".join("%s=%s" % pair for pair in given)))
    return "".join(row + "\n" for row in rows)


def unpacked(path, out):
    """The path of the events as plain text: not every program that is run reads packed files."""
    name, ending = os.path.splitext(os.path.basename(path))
    if ending not in (".gz", ".zst"):
        return path
    plain = os.path.join(out, name)
    with open(plain, "wb") as to:
        subprocess.run(["gzip" if ending == ".gz" else "zstd", "-dc", path], stdout=to, check=True)
    return plain


# --- processes ------------------------------------------------------------------------------------

Run = collections.namedtuple("Run", "cpu wall rss")


def run_pinned(command, stdin, stdout, core):
    """Runs a program on one core; its CPU seconds, wall seconds and peak memory in bytes."""
    def pin():
        os.sched_setaffinity(0, {core})
    environ = dict(os.environ, RAYON_NUM_THREADS="1")
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                               preexec_fn=pin, env=environ)
    with process.stderr:
        errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("%s: exit %d\n%s" % (command[0], process.returncode,
                                                errors.decode(errors="replace")[-2000:]))
    return Run(usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss * 1024)


def best_run(command, events, found, core, repeat):
    """The run with the least CPU time of several; the matches go to the file `found`."""
    runs = []
    for _ in range(repeat):
        with open(events, "rb") as stdin, open(found, "wb") as stdout:
            runs.append(run_pinned(command, stdin, stdout, core))
    return min(runs)


def count_matches(path, title_key):
    """How often each rule matched, by its id, or title where it has none."""
    counts = collections.Counter()
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("{"):
                record = json.loads(line)
                counts[record.get("rule_id") or record.get(title_key) or "?"] += 1
    return counts


def match_differences(ours, theirs, titles):
    """[rule, title, ours, theirs] of every rule whose counts differ, largest difference first."""
    rows = [[rule, titles.get(rule, ""), ours[rule], theirs[rule]]
            for rule in set(ours) | set(theirs) if ours[rule] != theirs[rule]]
    return sorted(rows, key=lambda r: (-abs(r[2] - r[3]), r[0]))


def rule_titles(files):
    titles = {}
    for path in files:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        rule = re.search(r"^id:\s*(\S+)", text, re.M)
        title = re.search(r"^title:\s*(.+?)\s*$", text, re.M)
        if rule and title:
            titles[rule.group(1).strip("'\"")] = title.group(1).strip("'\"")
    return titles


# --- the bench ------------------------------------------------------------------------------------

class Bench:
    def __init__(self, args):
        self.args = args
        self.out = args.out
        os.makedirs(self.out, exist_ok=True)
        self.folder, self.rules_name = find_rules(args.rules, self.out, os.environ)
        self.files = rule_files(self.folder)
        if not self.files:
            raise RuntimeError("no *.yml in " + self.folder)
        self.titles = rule_titles(self.files)
        self.loads = {}
        self.routing = os.path.join(self.out, "routing.txt")
        with open(self.routing, "w", encoding="utf-8") as out:
            sources = []
            for path in self.files:
                with open(path, encoding="utf-8", errors="replace") as file:
                    sources.append(log_source_of(file.read()))
            out.write(routing_table(sources))
        self.one_event = os.path.join(self.out, "one_event.jsonl")
        with open(self.one_event, "w", encoding="utf-8") as out:
            out.write('{"product":"none","service":"none","category":"none"}\n')

    def lanes(self):
        if self.args.events:
            return [(os.path.basename(path), unpacked(path, self.out)) for path in self.args.events]
        lanes = []
        for name in self.args.lanes:
            path = os.path.join(self.out, "lanes", name + ".jsonl")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="\n") as out:
                gen_lanes.write_lane(out, name, self.args.process_events,
                                     fresh=self.args.fresh)
            lanes.append((name, path))
        return lanes

    def slow_events(self, count):
        """So few that evaluating every rule for each of them takes seconds, not minutes."""
        rules = count or len(self.files)
        return max(20, min(1000, (600000 if self.args.quick else 3000000) // rules))

    def throughput(self, lane, path, count, own_table):
        """The figures of our own program for one lane and number of rules."""
        figures = os.path.join(self.out, "throughput.json")
        command = [self.args.throughput, "--json=" + figures, "--rules_limit=%d" % count,
                   "--faced_first", "--seconds=%g" % self.args.seconds,
                   "--max_events=%d" % self.args.count,
                   "--slow_events=%d" % self.slow_events(count)]
        if not own_table:
            command.append("--logsource_map=" + self.routing)
            if count == ALL:
                command.append("--threads=%d" % self.args.threads)
        subprocess.run(command + [self.folder, path], check=True, stdout=subprocess.DEVNULL)
        with open(figures, encoding="utf-8") as file:
            result = json.load(file)
        return dict(result, lane_name=lane, count=count or len(self.files), own_table=own_table)

    def rules_for(self, path, count):
        """A folder with just the rules that throughput takes for this lane."""
        if count == ALL:
            return self.folder
        folder = os.path.join(self.out, "rules")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([self.args.throughput, "--write_rules=" + folder, "--rules_limit=%d" % count,
                        "--faced_first", "--max_events=%d" % self.args.count,
                        "--logsource_map=" + self.routing, self.folder, path], check=True)
        return folder

    def load_of(self, name, command, found, count):
        """The run on one event; once for all lanes if the rules are the same for all."""
        if count == ALL and name in self.loads:
            return self.loads[name]
        run = best_run(command, self.one_event, found, self.args.core, self.args.repeat)
        if count == ALL:
            self.loads[name] = run
        return run

    def whole_processes(self, lane, path, count):
        """Ours and rsigma's, from the same rules and events to matches in a file."""
        rules = self.rules_for(path, count)
        ours = [self.args.vedette, "detect", "--rules", rules, "--events", "-", "--output", "ndjson",
                "--quiet", "--no-progress", "--logsource-map", self.routing]
        rival = [self.args.rsigma, "engine", "eval", "-r", rules, "--quiet", "--output-format",
                 "ndjson", "--no-stats"]
        commands = [("vedette", ours, "title")]
        if self.args.rsigma:
            commands += [("rsigma", rival, "rule_title"),
                         ("rsigma_routed", rival + ["--logsource-routing"], "rule_title")]
        result = {"lane_name": lane, "count": count or len(self.files)}
        with open(path, "rb") as file:
            result["events"] = sum(1 for line in file if line.strip())
        counts = {}
        for name, command, title_key in commands:
            found = os.path.join(self.out, name + ".ndjson")
            try:
                load = self.load_of(name, command, found, count)
                run = best_run(command, path, found, self.args.core, self.args.repeat)
            except RuntimeError as error:
                if name == "vedette":
                    raise
                # One rule that it cannot compile is enough.
                result.setdefault("failures", []).append(str(error))
                continue
            counts[name] = count_matches(found, title_key)
            result[name] = {"cpu": run.cpu, "wall": run.wall, "rss": run.rss, "load_cpu": load.cpu,
                            "matches": sum(counts[name].values())}
            os.remove(found)
        if "rsigma_routed" in counts:
            result["differences"] = match_differences(counts["vedette"], counts["rsigma_routed"],
                                                      self.titles)
        return result

    def run(self):
        runs, processes = [], []
        for lane, path in self.lanes():
            for count in self.args.counts:
                print("%s, %s rules" % (lane, count or len(self.files)), file=sys.stderr, flush=True)
                runs.append(self.throughput(lane, path, count, own_table=False))
            for count in self.args.process_counts:
                print("%s, %s rules, whole processes" % (lane, count or len(self.files)),
                      file=sys.stderr, flush=True)
                processes.append(self.whole_processes(lane, path, count))
            if not self.args.quick:
                runs.append(self.throughput(lane, path, ALL, own_table=True))
        return {"machine": machine(), "rules": self.rules_name, "rule_files": len(self.files),
                "events_per_lane": self.args.count, "fresh": self.args.fresh, "runs": runs,
                "processes": processes, "rsigma": version_of(self.args.rsigma)}


def machine():
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = re.search(r"model name\s*:\s*(.+)", file.read()).group(1)
    except (OSError, AttributeError):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform(),
            "load_average": list(os.getloadavg()), "date": time.strftime("%Y-%m-%d")}


def version_of(program):
    if not program:
        return ""
    text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    return text.splitlines()[0] if text else os.path.basename(program)


def parse_args(argv):
    parser = argparse.ArgumentParser(
        prog="run bench", description="The macro benchmark of detection; see docs/benchmarks.md.")
    parser.add_argument("rules", nargs="?", metavar="RULES", help="folder of Sigma rules")
    parser.add_argument("events", nargs="*", metavar="EVENTS", help="event files instead of lanes")
    parser.add_argument("--quick", action="store_true",
                        help="the four main lanes, few events, 30 and all rules: under a minute")
    parser.add_argument("--lanes", help="comma-separated; all but correlation unless given")
    parser.add_argument("--counts", help="numbers of rules, 0 for all of the folder; "
                                         "default 30,300,0,30000")
    parser.add_argument("--process-counts", help="numbers of rules to run as whole processes, "
                                                 "default 0")
    parser.add_argument("--count", type=int, help="events held in memory (default 50000)")
    parser.add_argument("--process-events", type=int,
                        help="events of a lane for whole processes (default 100000)")
    parser.add_argument("--fresh", type=gen_lanes.share, default=0.0, metavar="F",
                        help="share of values of the lanes that hardly repeat (default 0)")
    parser.add_argument("--seconds", type=float, help="for each measurement (default 1)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), metavar="N",
                        help="measure all rules on 1 to N threads, too (default: the cores)")
    parser.add_argument("--repeat", type=int, help="runs of each process; the best counts (3)")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)),
                        help="that processes are pinned to (default: the last)")
    parser.add_argument("--out", default=os.path.join("build", "bench"))
    parser.add_argument("--throughput", default="bazel-bin/bench/throughput", help=argparse.SUPPRESS)
    parser.add_argument("--vedette", default="bazel-bin/lib/cli/vedette", help=argparse.SUPPRESS)
    parser.add_argument("--rsigma", default=shutil.which("rsigma"),
                        help="to compare with (default: the one in PATH, if there is one)")
    args = parser.parse_args(argv)
    quick = args.quick
    every = [name for name in gen_lanes.LANES if name != "correlation"]
    args.lanes = args.lanes.split(",") if args.lanes else QUICK_LANES if quick else every
    for name in args.lanes:
        if name not in gen_lanes.LANES:
            parser.error("no lane %s; there are %s" % (name, ", ".join(gen_lanes.LANES)))
    try:
        args.counts = [int(n) for n in (args.counts or ("30,0" if quick else "30,300,0,30000")).split(",")]
        args.process_counts = [int(n) for n in (args.process_counts or "0").split(",")]
    except ValueError:
        parser.error("--counts and --process-counts take numbers")
    args.count = args.count or (5000 if quick else 50000)
    args.process_events = args.process_events or (20000 if quick else 100000)
    args.seconds = args.seconds or (0.1 if quick else 1)
    args.repeat = args.repeat or (1 if quick else 3)
    if args.count < 1 or args.process_events < args.count or args.repeat < 1 or args.seconds <= 0 or min(args.counts) < 0:
        parser.error("numbers must be positive, --process-events at least --count")
    return args


def main(argv=None):
    args = parse_args(argv)
    bench = Bench(args)
    report = bench.run()
    for name, text in (("bench.json", json.dumps(report, indent=1) + "\n"),
                       ("bench.html", bench_report.html_report(report))):
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as out:
            out.write(text)
    print(bench_report.text_report(report))
    print("written: %s, %s" % (os.path.join(args.out, "bench.json"),
                               os.path.join(args.out, "bench.html")))


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit("bench: %s" % error)
