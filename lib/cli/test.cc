// `vedette test`: runs the tests that stand in rules and beside them.
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/side_tests.h"
#include "lib/cli/text.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace vedette::inline v0::cli {
namespace {

struct TestResult {
  std::string file;
  uint32_t line = 0;
  std::string title;
  bool passed = false;
  bool skipped = false;
  std::string detail;  // why not
};

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (const char c : Clean(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Title(std::string_view rule, std::string_view test) {
  return Clean(rule) + (rule.empty() || test.empty() ? "" : ": ") + Clean(test);
}

// Runs each test through a processor of its own, so that rules over several events have their
// time and state.
class TestRunner {
 public:
  explicit TestRunner(const LoadedRules& rules)
      : rules_(rules),
        engine_(rules.program),
        evaluator_(rules.program, {.indicator_sets = rules.indicator_sets.get()}) {
    for (size_t i = 0; i < rules.program->rule_count(); ++i) {
      by_name_.emplace(Name(rules.program->rule(i)), TestedRule{i, false});
    }
    for (size_t i = 0; i < rules.program->correlation_count(); ++i) {
      by_name_.emplace(Name(rules.program->correlation(i)), TestedRule{i, true});
    }
  }

  TestResult Run(const RuleTest& test) {
    TestResult result;
    result.file = test.source;
    result.line = test.span.line;
    result.title = Title(test.rule, test.name);
    const auto rule = by_name_.find(test.source + "\n" + test.rule);
    if (rule == by_name_.end()) {
      result.skipped = true;
      result.detail = "the rule has errors";
      return result;
    }
    std::vector<Event> events(test.events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      const absl::Status parsed = parser_.Parse(test.events[i], &events[i]);
      if (parsed.ok()) continue;
      result.detail = "event " + std::to_string(i + 1) + ": " + MessageOf(parsed);
      return result;
    }
    // `event at 10s` is so long after an arbitrary beginning.
    const bool timed = std::ranges::any_of(test.times_ns, [](int64_t t) { return t != 0; });
    for (size_t i = 0; timed && i < events.size(); ++i) {
      events[i].set_time(kBeginning + test.times_ns[i]);
    }
    Judge(rule->second, test.expected, test.expected, &events, &result);
    return result;
  }

  TestResult Run(const SideTest& test) {
    TestResult result;
    result.file = test.file;
    result.line = test.line;
    result.title = Clean(test.why);
    result.detail = test.problem;
    if (!test.rule.has_value()) return result;
    result.title = Title(Meta(*test.rule).display_name(), test.why);
    Event record;
    parser_.Parse(test.record, &record).IgnoreError();  // read before
    const Value one = record.root().Find("event");
    std::vector<Value> roots = {one};
    if (one.absent()) {
      const std::span<const Value> several = record.root().Find("events").list();
      roots.assign(several.begin(), several.end());
    }
    std::vector<Event> events(roots.size());
    for (size_t i = 0; i < roots.size(); ++i) {
      events[i].set_root(events[i].arena().DeepCopy(roots[i]));
    }
    Judge(*test.rule, test.least, test.most, &events, &result);
    return result;
  }

 private:
  // The detections of one rule.
  struct Counter : DetectionSink {
    explicit Counter(TestedRule r) : rule(r) {}
    absl::Status OnDetection(const Detection& d) override {
      const bool is_it = d.rule == rule.index && (d.evidence != nullptr) == rule.is_correlation;
      count += is_it ? 1 : 0;
      return absl::OkStatus();
    }
    TestedRule rule;
    uint64_t count = 0;
  };

  static constexpr EventTime kBeginning = 1'700'000'000'000'000'000;  // 2023-11-14

  static std::string Name(const RuleMeta& rule) { return rule.source + "\n" + rule.name; }

  const RuleMeta& Meta(const TestedRule& rule) const {
    return rule.is_correlation ? rules_.program->correlation(rule.index)
                               : rules_.program->rule(rule.index);
  }

  // An event that does not say of which log source it is counts as the rule's.
  void GiveLogSource(const RuleMeta& rule, Event* event) {
    if (rule.log_source.empty() || !evaluator_.LogSourcesOf(event->view()).empty()) return;
    event->set_log_source(rule.log_source);
  }

  // Whether the events give `least` to `most` detections, and why not.
  void Judge(const TestedRule& rule, uint32_t least, uint32_t most, std::vector<Event>* events,
             TestResult* result) {
    Counter counter(rule);
    const std::unique_ptr<Processor> processor = engine_.NewProcessor(
        &counter, {.evaluation = {.indicator_sets = rules_.indicator_sets.get()}});
    std::string explained;  // the first event that is a surprise, or what waits at the end
    EventTime last = kNoEventTime;
    for (Event& event : *events) {
      GiveLogSource(Meta(rule), &event);
      const uint64_t before = counter.count;
      const EventTime time = event.time() == kNoEventTime ? kBeginning : event.time();
      last = std::max(last, time);
      processor->Process(event.view(), time).IgnoreError();  // the sink has none
      const bool surprising = (counter.count > before) != (least > 0);
      if (surprising && explained.empty() && !rule.is_correlation) {
        explained = FormatExplanation(evaluator_.Explain(event.view(), rule.index));
      }
    }
    if (rule.is_correlation && last < std::numeric_limits<EventTime>::max()) {
      processor->AdvanceWatermark(last + 1).IgnoreError();
      for (const std::string& line : processor->correlator().DescribeState(rule.index, 5)) {
        explained += "at the end: " + line + "\n";
      }
    }
    processor->Flush().IgnoreError();
    result->passed = counter.count >= least && counter.count <= most;
    if (result->passed) return;
    result->detail = "expected " + Count(least, "detection") + (least < most ? " or more" : "") +
                     ", got " + WithCommas(counter.count) + "\n" + explained;
  }

  const LoadedRules& rules_;
  Engine engine_;
  Evaluator evaluator_;
  JsonParser parser_;
  std::map<std::string, TestedRule> by_name_;
};

void PrintText(const std::vector<TestResult>& results, bool verbose, Console* console) {
  const Paint paint(console->color_out);
  for (const TestResult& r : results) {
    if (r.passed && !verbose) continue;
    const std::string mark = r.passed    ? std::string(paint.Green()) + "ok"
                             : r.skipped ? std::string(paint.Dim()) + "skipped"
                                         : std::string(paint.Red()) + "FAILED";
    console->out->WriteLine(mark + std::string(paint.Off()) + "  " + Clean(r.file) + ":" +
                            std::to_string(r.line) + "  " + r.title);
    for (const std::string_view line : Lines(r.detail)) {
      console->out->WriteLine("    " + Clean(line));
    }
  }
}

void PrintJunit(const std::vector<TestResult>& results, size_t failed, size_t skipped,
                Console* console) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"vedette\" "
      "tests=\"" +
      std::to_string(results.size()) + "\" failures=\"" + std::to_string(failed) + "\" skipped=\"" +
      std::to_string(skipped) + "\">\n";
  for (const TestResult& r : results) {
    out += "  <testcase classname=\"" + EscapeXml(r.file) + "\" name=\"" + EscapeXml(r.title) +
           "\" line=\"" + std::to_string(r.line) + "\"";
    if (r.passed) {
      out += "/>\n";
    } else if (r.skipped) {
      out += "><skipped message=\"" + EscapeXml(r.detail) + "\"/></testcase>\n";
    } else {
      const std::vector<std::string_view> lines = Lines(r.detail);
      out += "><failure message=\"" + EscapeXml(lines.empty() ? "" : lines[0]) + "\">\n";
      for (const std::string_view line : lines) out += EscapeXml(line) + "\n";
      out += "</failure></testcase>\n";
    }
  }
  console->out->Write(out + "</testsuite>\n");
}

int Test(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules =
      LoadRules(options, options.arguments(), {.emit_all = true});
  if (!rules.ok()) return Fail(rules.status(), "test", console);
  ReportNotRead(*rules, console);
  size_t errors = 0;
  for (const Diagnostic& d : rules->diagnostics) {
    if (d.severity != Severity::kError) continue;
    ++errors;
    console->err->Write(ShowDiagnostic(d, console->color_err));
  }
  std::vector<std::string> paths = options.Values("rules");
  paths.insert(paths.end(), options.arguments().begin(), options.arguments().end());
  const absl::StatusOr<std::vector<SideTest>> beside = FindSideTests(paths, *rules);
  if (!beside.ok()) return Fail(beside.status(), "test", console);
  TestRunner runner(*rules);
  std::vector<TestResult> results;
  for (const RuleTest& test : rules->tests) results.push_back(runner.Run(test));
  for (const SideTest& test : *beside) results.push_back(runner.Run(test));
  const auto is_skipped = [](const TestResult& r) { return r.skipped; };
  const auto is_failed = [](const TestResult& r) { return !r.skipped && !r.passed; };
  const auto skipped = static_cast<size_t>(std::ranges::count_if(results, is_skipped));
  const auto failed = static_cast<size_t>(std::ranges::count_if(results, is_failed));
  if (options.Value("output") == "junit") {
    PrintJunit(results, failed, skipped, console);
  } else {
    PrintText(results, options.Has("verbose"), console);
    const Paint paint(console->color_out);
    std::string line(failed + errors > 0 ? paint.Red() : paint.Green());
    line.append(Count(results.size(), "test")).append(paint.Off()).append(": ");
    line.append(WithCommas(results.size() - failed - skipped)).append(" passed, ");
    line.append(WithCommas(failed)).append(" failed, ");
    line.append(WithCommas(skipped)).append(" skipped");
    if (errors > 0) line.append("; ").append(Count(errors, "error")).append(" in the rules");
    console->out->WriteLine(line);
  }
  return failed + errors > 0 ? kExitFailed : kExitOk;
}

}  // namespace

Command TestCommand() {
  CommandSpec spec;
  spec.name = "test";
  spec.arguments = "PATH...";
  spec.summary = "Run the tests that stand in rules and beside them.";
  spec.description =
      "Each `test` of a rule in the Vedette language (docs/language.md) gives its events to the "
      "rule and compares the number of detections, at the end of the events for rules over "
      "several. So does each line of NAME.test.jsonl beside a rule file NAME.yml (or another "
      "language's): {\"expect\": true, \"why\": \"..\", \"event\": {..}}. An event that tells no "
      "log "
      "source counts as one of the rule's. A failed test shows why the rule matched or did not.";
  spec.examples =
      "vedette test rules/\n"
      "vedette test -o junit rules/ > report.xml";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM", "text (default) or junit.", "text|junit"},
      {"verbose", 'v', OptionKind::kFlag, "", "Show passed tests, too."},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Test};
}

}  // namespace vedette::inline v0::cli
