"""The macro benchmark's orchestrator: reading rules and results, comparing, reporting."""
import collections
import contextlib
import gzip
import io
import json
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import bench  # noqa: E402
import bench_report  # noqa: E402

QUANTILES = {"1": 100, "50": 200, "99": 900, "99.9": 5000, "99.99": 20000, "100": 30000}


def run_of(lane, count, own_table=False, scale=1.0):
    """What the throughput program would report."""
    return {"lane_name": lane, "count": count, "own_table": own_table,
            "load": {"rule_files": count, "rules_loaded": count, "rules_skipped": 0,
                     "predicates": 10, "compile_seconds": 0.25, "program_bytes": 3 * 2**20,
                     "resident_bytes_grown": 1, "saved_bytes": 5, "load_saved_seconds": 0.0125},
            "lane": {"events": 1000, "bytes": 500000},
            "events_per_second": {"evaluate": 2e6 * scale, "evaluate_without_index": 1e4,
                                  "simdjson": 1e6, "parse": 9e5, "parse_evaluate": 6e5 * scale,
                                  "detect": 5e5 * scale},
            "rules": {"matches": 30, "matches_per_event": 0.03, "faced_per_event": 1177,
                      "evaluated_per_event": 2.5, "evaluated_p50": 2, "evaluated_p95": 7,
                      "never_evaluated": 1234, "matched": 4,
                      "warm_up_seconds": 0.1501},
            "evaluate_latency_ns": QUANTILES, "parse_evaluate_latency_ns": QUANTILES,
            "process": {"peak_resident_bytes": 64 * 2**20}}


def process_of(lane, count):
    def program(cpu, load, matches):
        return {"cpu": cpu, "wall": cpu, "rss": 2**27, "load_cpu": load, "matches": matches}
    return {"lane_name": lane, "count": count, "events": 50000, "vedette": program(1.0, 0.5, 30),
            "rsigma": program(3.0, 0.5, 90), "rsigma_routed": program(2.0, 0.5, 31),
            "differences": [["id-1", "Odd <rule>", 3, 4]]}


REPORT = {"machine": {"cpu": "Some CPU", "cores": 2, "system": "Linux", "load_average": [1.5, 1, 1],
                      "date": "2026-11-25"},
          "rules": "bundled", "rule_files": 3000, "events_per_lane": 50000, "fresh": 0.0,
          "rsigma": "rsigma 0.1",
          "runs": [run_of("lane<1>", 30, scale=1.5), run_of("lane<1>", 3000),
                   run_of("lane<1>", 3000, own_table=True, scale=3), run_of("two", 30), run_of("two", 3000)],
          "processes": [process_of("lane<1>", 3000)]}


class RulesTest(unittest.TestCase):
    def test_log_sources_in_all_spellings(self):
        for text in ("title: x\nlogsource:\n    category: file_event\n    product: windows\ndetection:\n",
                     "logsource: {category: file_event, product: windows}\n",
                     "logsource:\n  product: 'windows' # Sysmon\n  category: \"file_event\"\n"
                     "  definition: needs service: sysmon2\nlevel: high\n"):
            self.assertEqual(bench.log_source_of(text)[:2], ("windows", "file_event"), text)
        self.assertEqual(bench.log_source_of("logsource:\n  service: Sshd\nproduct: linux\n"),
                         ("", "", "sshd"))
        self.assertEqual(bench.log_source_of("detection:\n  a: b\n"), ("", "", ""))

    def test_routing_rows_are_open_for_what_events_do_not_tell(self):
        rows = bench.routing_table([("windows", "file_event", ""), ("", "", "ssh"), ("", "", ""),
                                    ("windows", "file_event", ""), ("a b", "", "")])
        self.assertEqual(rows, "service=!|ssh => service=ssh\n"
                               "product=!|windows category=!|file_event => "
                               "product=windows category=file_event\n")

    def test_finds_rules(self):
        self.assertEqual(bench.find_rules("mine", "out", {}), ("mine", "mine"))
        folder, name = bench.find_rules(None, "out", {"VEDETTE_DATA": "/no/such/folder"})
        self.assertEqual(name, "bundled rules")
        self.assertTrue(bench.rule_files(folder))


class ResultsTest(unittest.TestCase):
    def test_counts_matches_by_rule(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
            file.write('{"rule_id":"a"}\nnot json\n{"rule_id":"a","title":"A"}\n{"title":"No id"}\n')
            file.flush()
            self.assertEqual(bench.count_matches(file.name, "title"), {"a": 2, "No id": 1})

    def test_differences_largest_first(self):
        ours = collections.Counter(a=5, b=1, c=2)
        theirs = collections.Counter(a=5, b=9, d=1)
        self.assertEqual(bench.match_differences(ours, theirs, {"b": "B"}),
                         [["b", "B", 1, 9], ["c", "", 2, 0], ["d", "", 0, 1]])

    def test_runs_and_refuses_failures(self):
        core = min(os.sched_getaffinity(0))
        with tempfile.TemporaryFile() as out, open(os.devnull, "rb") as nothing:
            run = bench.run_pinned([sys.executable, "-c", "print(sum(range(10**6)))"], nothing, out, core)
            out.seek(0)
            self.assertEqual(out.read(), b"499999500000\n")
            self.assertGreater(run.cpu, 0)
            self.assertGreater(run.rss, 1 << 20)
            with self.assertRaisesRegex(RuntimeError, "exit 7\noh no"):
                bench.run_pinned([sys.executable, "-c",
                                  "import sys; sys.stderr.write('oh no'); sys.exit(7)"],
                                 nothing, out, core)

    def test_unpacks_events(self):
        with tempfile.TemporaryDirectory() as folder:
            packed = os.path.join(folder, "a.ndjson.gz")
            with gzip.open(packed, "wb") as out:
                out.write(b'{"a":1}\n')
            plain = bench.unpacked(packed, folder)
            self.assertEqual(plain, os.path.join(folder, "a.ndjson"))
            with open(plain, "rb") as file:
                self.assertEqual(file.read(), b'{"a":1}\n')
            self.assertEqual(bench.unpacked(plain, folder), plain)

    def test_arguments(self):
        args = bench.parse_args(["--quick"])
        self.assertEqual((args.lanes, args.counts, args.repeat), (bench.QUICK_LANES, [30, 0], 1))
        self.assertEqual(bench.parse_args([]).counts, [30, 300, 0, 30000])
        self.assertEqual(bench.parse_args(["r", "e1", "e2"]).events, ["e1", "e2"])
        for bad in (["--lanes", "nothing"], ["--counts", "x"], ["--fresh", "2"], ["--count", "-1"]):
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                bench.parse_args(bad)


class ReportTest(unittest.TestCase):
    def test_rates(self):
        row = bench_report.rate_rows(REPORT)[1]
        self.assertEqual(row, ["lane<1>", "3,000", "500", "900,000", "2,000,000", "-", "10,000",
                               "600,000", "500,000", "250", "50%"])
        self.assertEqual(len(row), len(bench_report.RATES_HEADER))
        self.assertEqual(bench_report.rate_rows(REPORT)[2][0], "lane<1> (own table)")

    def test_threads(self):
        self.assertEqual(bench_report.thread_rows(REPORT), [])
        run = dict(run_of("two", 3000), threads_events_per_second={"1": 5e5, "10": 4e6, "2": 9.5e5})
        rows = bench_report.thread_rows(dict(REPORT, runs=[run]))
        self.assertEqual([row[2:4] for row in rows],
                         [["1", "500,000"], ["2", "950,000"], ["10", "4,000,000"]])
        self.assertEqual(rows[1][4], "1.90x")
        self.assertTrue(all(len(row) == len(bench_report.THREADS_HEADER) for row in rows))

    def test_rules(self):
        row = bench_report.rule_rows(REPORT)[1]
        self.assertEqual(row, ["lane<1>", "3,000", "0.030", "1,177", "2.50", "2", "7", "1,234",
                               "200/900/5,000", "200/900/5,000", "0.25", "150", "12.5", "3.0",
                               "64"])
        self.assertEqual(len(row), len(bench_report.RULES_HEADER))

    def test_ratios_of_processes(self):
        rows = bench_report.process_rows(REPORT)
        self.assertEqual([r[1] for r in rows], ["vedette", "rsigma", "rsigma_routed"])
        # 50,000 events in 1.5 s without load are 33,333/s; ours does 500,000/s in memory.
        self.assertEqual(rows[2][4:], ["25,000", "0.50", "33,333", "128", "31", "2.0x", "15.0x"])
        self.assertEqual(rows[0][9:], ["", ""])
        short = json.loads(json.dumps(REPORT))
        short["processes"][0]["rsigma_routed"]["load_cpu"] = 1.99
        self.assertEqual(bench_report.process_rows(short)[2][6], "-")
        self.assertEqual(bench_report.process_rows(short)[2][10], "-")
        self.assertTrue(all(len(r) == len(bench_report.PROCESS_HEADER) for r in rows))

    def test_text(self):
        text = bench_report.text_report(REPORT)
        for expected in ("Some CPU, 2 cores, load 1.5", "rsigma 0.1", "Odd <rule>", "15.0x"):
            self.assertIn(expected, text)

    def test_tables_line_up(self):
        self.assertEqual(bench_report.table(["lane", "n"], [["a", "1,000"], ["longer", "2"]]),
                         "lane        n\na       1,000\nlonger      2")

    def test_plots_stay_inside_and_page_stands_alone(self):
        page = bench_report.html_report(REPORT)
        self.assertNotIn("lane<1>", page)
        self.assertNotIn("http", page.replace("http://www.w3.org/2000/svg", ""))
        charts = page.split("<svg")[1:]
        self.assertEqual(len(charts), 3)
        for chart in charts:
            root = ElementTree.fromstring("<svg" + chart.split("</svg>")[0] + "</svg>")
            _, _, width, height = map(float, root.get("viewBox").split())
            lines = [e for e in root if e.tag.endswith("polyline")]
            self.assertEqual(len(lines), 2)
            for line in lines:
                points = [tuple(map(float, p.split(","))) for p in line.get("points").split()]
                self.assertGreaterEqual(len(points), 2)
                self.assertEqual(points, sorted(points))
                for x, y in points:
                    self.assertTrue(0 <= x <= width and 0 <= y <= height, (x, y))

    def test_ticks_enclose(self):
        self.assertEqual(bench_report.log_ticks(150, 4000), [100, 1000, 10000])
        self.assertEqual(bench_report.log_ticks(100, 100), [100, 1000])


FAKE_THROUGHPUT = '''#!%s
import json, os, sys
flags = dict(f[2:].partition("=")[::2] for f in sys.argv[1:] if f.startswith("--"))
if "write_rules" in flags:
    os.makedirs(flags["write_rules"])
    open(os.path.join(flags["write_rules"], "000000.yml"), "w").write("title: one\\n")
else:
    json.dump(json.loads(%r), open(flags["json"], "w"))
'''
FAKE_MATCHER = '''#!%s
import sys
events = sum(1 for line in sys.stdin)
if "--logsource-routing" in sys.argv: events += 1
for _ in range(events): print('{"rule_id":"%s"}')
'''


class EndToEndTest(unittest.TestCase):
    def program(self, folder, name, text):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, 0o755)
        return path

    def test_writes_reports_of_all_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            throughput = self.program(folder, "throughput", FAKE_THROUGHPUT % (
                sys.executable, json.dumps(run_of("x", 1))))
            vedette = self.program(folder, "vedette", FAKE_MATCHER % (sys.executable, "rule-1"))
            rsigma = self.program(folder, "rsigma", FAKE_MATCHER % (sys.executable, "rule-1"))
            rules = os.path.join(folder, "rules")
            os.mkdir(rules)
            self.program(rules, "a.yml", "title: One\nid: rule-1\nlogsource: {product: windows}\n")
            out = os.path.join(folder, "out")
            with contextlib.redirect_stdout(io.StringIO()) as printed, \
                    contextlib.redirect_stderr(io.StringIO()):
                bench.main([rules, "--throughput", throughput, "--vedette", vedette, "--rsigma", rsigma,
                            "--out", out, "--lanes", "no_match,cisco_syslog", "--counts", "30,0",
                            "--process-counts", "30,0", "--count", "5", "--process-events", "7", "--repeat", "1"])
            with open(os.path.join(out, "bench.json"), encoding="utf-8") as file:
                report = json.load(file)
            self.assertEqual([(r["lane_name"], r["count"], r["own_table"]) for r in report["runs"]],
                             [(lane, count, own) for lane in ("no_match", "cisco_syslog")
                              for count, own in ((30, False), (1, False), (1, True))])
            self.assertEqual([p["vedette"]["matches"] for p in report["processes"]], [7] * 4)
            self.assertEqual(report["processes"][0]["differences"], [["rule-1", "One", 7, 8]])
            self.assertTrue(os.path.getsize(os.path.join(out, "bench.html")) > 1000)
            self.assertIn("cisco_syslog", printed.getvalue())

    def test_goes_on_without_a_rival_that_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            throughput = self.program(folder, "throughput", FAKE_THROUGHPUT % (
                sys.executable, json.dumps(run_of("x", 1))))
            vedette = self.program(folder, "vedette", FAKE_MATCHER % (sys.executable, "rule-1"))
            rsigma = self.program(folder, "rsigma", "#!/bin/sh\necho 'bad rule' >&2\nexit 2\n")
            with contextlib.redirect_stdout(io.StringIO()) as printed, \
                    contextlib.redirect_stderr(io.StringIO()):
                bench.main([os.path.join(bench.TOP, "rules"), "--throughput", throughput, "--vedette",
                            vedette, "--rsigma", rsigma, "--out", os.path.join(folder, "out"), "--lanes",
                            "no_match", "--counts", "0", "--count", "5", "--process-events", "7",
                            "--repeat", "1"])
            self.assertIn("bad rule", printed.getvalue())
            self.assertIn("Programs that failed", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
