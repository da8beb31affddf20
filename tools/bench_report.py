"""Tables and plots of what bench.py measured."""
import html
import math

COLOURS = ["#1b6ca8", "#c8553d", "#3a7d44", "#8d6a9f", "#b08900", "#5c677d", "#d1495b", "#00798c"]


def table(header, rows):
    """Text columns: the first to the left, the others to the right."""
    cells = [header] + rows
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        lines.append("  ".join([row[0].ljust(widths[0])] +
                               [c.rjust(w) for c, w in zip(row[1:], widths[1:])]).rstrip())
    return "\n".join(lines)


def thousands(number):
    return "{:,.0f}".format(number)


def ratio(a, b):
    return "%.1fx" % (a / b) if b else "-"


def rate_rows(report):
    rows = []
    for run in report["runs"]:
        rates, rules, lane = run["events_per_second"], run["rules"], run["lane"]
        size = lane["bytes"] / lane["events"]
        without = rates.get("evaluate_without_memo")
        rows.append([
            run["lane_name"] + (" (own table)" if run["own_table"] else ""), thousands(run["count"]),
            thousands(size), thousands(rates["parse"]), thousands(rates["evaluate"]),
            thousands(without) if without else "-", thousands(rates["evaluate_without_index"]),
            thousands(rates["parse_evaluate"]), thousands(rates["detect"]),
            thousands(rates["detect"] * size / 1e6),
            "%.0f%%" % (100 * rates["detect"] / rates["simdjson"]) if rates["simdjson"] else "-"])
    return rows


RATES_HEADER = ["lane", "rules", "B/event", "parse", "evaluate", "no memo", "no index",
                "parse+evaluate", "detect", "MB/s", "of simdjson"]


def rule_rows(report):
    rows = []
    for run in report["runs"]:
        rules, load = run["rules"], run["load"]
        latency, whole = run["evaluate_latency_ns"], run["parse_evaluate_latency_ns"]
        rows.append([
            run["lane_name"] + (" (own table)" if run["own_table"] else ""), thousands(run["count"]),
            "%.3f" % rules["matches_per_event"], thousands(rules["faced_per_event"]),
            "%.2f" % rules["evaluated_per_event"], thousands(rules["evaluated_p50"]),
            thousands(rules["evaluated_p95"]), thousands(rules["never_evaluated"]),
            "%s/%s/%s" % tuple(thousands(latency[q]) for q in ("50", "99", "99.9")),
            "%s/%s/%s" % tuple(thousands(whole[q]) for q in ("50", "99", "99.9")),
            "%.2f" % load["compile_seconds"], thousands(1000 * rules["warm_up_seconds"]),
            "%.1f" % (1000 * load["load_saved_seconds"]),
            "%.1f" % (load["program_bytes"] / 2**20),
            "%.0f" % (run["process"]["peak_resident_bytes"] / 2**20)])
    return rows


RULES_HEADER = ["lane", "rules", "matches", "faced", "evaluated", "p50", "p95", "never",
                "ns p50/p99/p99.9", "with parsing", "compile s", "index ms", "saved ms", "MiB", "RSS MiB"]


def thread_rows(report):
    rows = []
    for run in report["runs"]:
        rates = run.get("threads_events_per_second", {})
        for threads in sorted(rates, key=int):
            rows.append([run["lane_name"], thousands(run["count"]), threads,
                         thousands(rates[threads]), "%.2fx" % (rates[threads] / rates["1"])])
    return rows


THREADS_HEADER = ["lane", "rules", "threads", "parse+evaluate", "of one"]


def process_rows(report):
    rows = []
    in_process = {(r["lane_name"], r["count"]): r["events_per_second"]["detect"]
                  for r in report["runs"] if not r["own_table"]}
    for p in report["processes"]:
        events = p["events"]
        ours = p["vedette"]
        for name in ("vedette", "rsigma", "rsigma_routed"):
            if name not in p:
                continue
            run = p[name]
            # Times of loading differ by some percent: a shorter rest says nothing.
            working = run["cpu"] - run["load_cpu"]
            working = working if working > 0.2 * run["load_cpu"] else None
            whole, core = "", ""
            if name != "vedette":
                whole = ratio(run["cpu"], ours["cpu"])
                detect = in_process.get((p["lane_name"], p["count"]))
                core = ratio(detect, events / working) if detect and working else "-"
            rows.append([p["lane_name"], name, thousands(p["count"]), thousands(events),
                         thousands(events / run["cpu"]), "%.2f" % run["load_cpu"],
                         thousands(events / working) if working else "-", "%.0f" % (run["rss"] / 2**20),
                         thousands(run["matches"]), whole, core])
    return rows


PROCESS_HEADER = ["lane", "program", "rules", "events", "events/s", "load s", "less load",
                  "RSS MiB", "matches", "ours is", "in-process is"]


def difference_rows(report):
    return [[p["lane_name"], str(d[0]), d[1], thousands(d[2]), thousands(d[3])]
            for p in report["processes"] for d in p.get("differences", [])]


DIFFERENCE_HEADER = ["lane", "rule", "title", "ours", "rsigma routed"]


def failure_rows(report):
    return [[p["lane_name"], " ".join(text.split())]
            for p in report["processes"] for text in p.get("failures", [])]


def headline(report):
    machine = report["machine"]
    return "%s, %d cores, load %.1f, %s; %s, %s files%s" % (
        machine["cpu"], machine["cores"], machine["load_average"][0], machine["date"],
        report["rules"], thousands(report["rule_files"]),
        "; " + report["rsigma"] if report.get("rsigma") else "; no rsigma in PATH")


def sections(report):
    """(title, header, rows) of every table."""
    found = [("Events per second of one thread, in memory", RATES_HEADER, rate_rows(report)),
             ("Rules and latency", RULES_HEADER, rule_rows(report)),
             ("Whole processes on one core (CPU time)", PROCESS_HEADER, process_rows(report))]
    if thread_rows(report):
        found.append(("Events per second of several threads (time by the clock on the wall)",
                      THREADS_HEADER, thread_rows(report)))
    if any("differences" in p for p in report["processes"]):
        found.append(("Rules with different matches", DIFFERENCE_HEADER, difference_rows(report)))
    if failure_rows(report):
        found.append(("Programs that failed", ["lane", "error"], failure_rows(report)))
    return found


def text_report(report):
    parts = [headline(report)]
    for title, header, rows in sections(report):
        parts.append("%s\n%s" % (title, table(header, rows) if rows else "none"))
    return "\n\n".join(parts)


# --- plots ----------------------------------------------------------------------------------------

def log_ticks(low, high):
    """Powers of ten that enclose [low, high]."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** e for e in range(first, max(last, first + 1) + 1)]


def line_chart(title, x_title, y_title, series, x_ticks):
    """An SVG of named lines [(name, [(x, y), ...])]; y is logarithmic, x is what `x_ticks`
    [(x, label)] spread evenly from first to last."""
    width, height, left, right, top, bottom = 760, 380, 80, 200, 36, 48
    values = [y for _, points in series for _, y in points if y > 0]
    if not values or len(x_ticks) < 1:
        return ""
    ticks = log_ticks(min(values), max(values))
    span_x = max(x_ticks[-1][0] - x_ticks[0][0], 1e-9)
    span_y = math.log10(ticks[-1] / ticks[0])

    def at(x, y):
        return (left + (x - x_ticks[0][0]) / span_x * (width - left - right),
                height - bottom - math.log10(y / ticks[0]) / span_y * (height - top - bottom))

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d">' % (
        width, height, width), '<text x="%d" y="20" class="t">%s</text>' % (left, html.escape(title))]
    for y in ticks:
        _, py = at(x_ticks[0][0], y)
        out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" class="g"/>'
                   '<text x="%d" y="%.1f" class="y">%s</text>' % (
                       left, width - right, py, py, left - 6, py + 4, thousands(y)))
    for x, label in x_ticks:
        px, _ = at(x, ticks[0])
        out.append('<text x="%.1f" y="%d" class="x">%s</text>' % (
            px, height - bottom + 18, html.escape(label)))
    out.append('<text x="%d" y="%d" class="x">%s</text>' % (
        (left + width - right) // 2, height - 8, html.escape(x_title)))
    out.append('<text x="14" y="%d" class="x" transform="rotate(-90 14 %d)">%s</text>' % (
        height // 2, height // 2, html.escape(y_title)))
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        path = ["%.1f,%.1f" % at(x, y) for x, y in points if y > 0]
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (
            " ".join(path), colour))
        out += ['<circle cx="%s" cy="%s" r="3" fill="%s"/>' % (*p.split(","), colour) for p in path]
        out.append('<text x="%d" y="%d" fill="%s">%s</text>' % (
            width - right + 12, top + 16 + 18 * i, colour, html.escape(name)))
    out.append("</svg>")
    return "\n".join(out)


def lanes_of(report):
    return list(dict.fromkeys(r["lane_name"] for r in report["runs"]))


def throughput_plot(report):
    runs = [r for r in report["runs"] if not r["own_table"]]
    counts = sorted({r["count"] for r in runs})
    series = [(lane, sorted((math.log10(r["count"]), r["events_per_second"]["parse_evaluate"])
                            for r in runs if r["lane_name"] == lane)) for lane in lanes_of(report)]
    return line_chart("Throughput and number of rules", "rules", "events/s (parse, evaluate)", series,
                      [(math.log10(c), thousands(c)) for c in counts])


def latency_plot(report, key, title):
    """Latency of single events by how many are slower: each tick to the right is ten times fewer."""
    series = []
    for lane in lanes_of(report):
        runs = [r for r in report["runs"] if r["lane_name"] == lane and not r["own_table"]
                and r["count"] <= report["rule_files"]]
        if runs:
            quantiles = max(runs, key=lambda r: r["count"])[key]
            series.append((lane, sorted((-math.log10(1 - float(q) / 100), ns)
                                        for q, ns in quantiles.items() if float(q) < 100)))
    return line_chart(title, "share of events that are as fast", "ns", series,
                      [(0, "0"), (1, "90%"), (2, "99%"), (3, "99.9%"), (4, "99.99%")])


STYLE = """body{font:14px sans-serif;margin:2em auto;max-width:1200px;color:#222}
table{border-collapse:collapse;font-size:12px}td,th{padding:2px 8px;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}svg text{font:11px sans-serif}svg .t{font-size:14px}
svg .g{stroke:#ddd}svg .y{text-anchor:end}svg .x{text-anchor:middle}"""


def html_table(header, rows):
    lines = ["<tr>%s</tr>" % "".join("<th>%s</th>" % html.escape(c) for c in header)]
    lines += ["<tr>%s</tr>" % "".join("<td>%s</td>" % html.escape(c) for c in row) for row in rows]
    return "<table>%s</table>" % "\n".join(lines)


def html_report(report):
    """One page that needs no other file."""
    parts = ["<!DOCTYPE html><html><head><meta charset='utf-8'><title>Vedette bench</title>"
             "<style>%s</style></head><body><h1>Detection benchmark</h1><p>%s</p>" % (
                 STYLE, html.escape(headline(report))), throughput_plot(report),
             latency_plot(report, "evaluate_latency_ns", "Evaluation of one event, all rules"),
             latency_plot(report, "parse_evaluate_latency_ns",
                          "Parsing and evaluation of one event, all rules")]
    for title, header, rows in sections(report):
        parts.append("<h2>%s</h2>" % html.escape(title))
        parts.append(html_table(header, rows) if rows else "<p>none</p>")
    return "\n".join(parts) + "</body></html>\n"
