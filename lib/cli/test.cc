// `vedette test`: runs the tests that stand in rules.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/engine.h"
#include "vedette/json.h"

namespace vedette::inline v0::cli {
namespace {

struct TestResult {
  const RuleTest* test = nullptr;
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

// The first event that the rule was expected to match and did not, explained.
std::string Explained(Evaluator* evaluator, const Event& event, size_t rule) {
  return FormatExplanation(evaluator->Explain(event.view(), rule));
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
      by_name_.emplace(Name(rules.program->rule(i)), RuleNumber{i, false});
    }
    for (size_t i = 0; i < rules.program->correlation_count(); ++i) {
      by_name_.emplace(Name(rules.program->correlation(i)), RuleNumber{i, true});
    }
  }

  TestResult Run(const RuleTest& test) {
    TestResult result;
    result.test = &test;
    const auto rule = by_name_.find(test.source + "\n" + test.rule);
    if (rule == by_name_.end()) {
      result.skipped = true;
      result.detail = "the rule has errors";
      return result;
    }
    Counter counter(rule->second);
    const std::unique_ptr<Processor> processor = engine_.NewProcessor(
        &counter, {.evaluation = {.indicator_sets = rules_.indicator_sets.get()}});
    std::string explained;
    for (size_t i = 0; i < test.events.size(); ++i) {
      Event event;
      const absl::Status parsed = parser_.Parse(test.events[i], &event);
      if (!parsed.ok()) {
        result.detail = "event " + std::to_string(i + 1) + ": " + MessageOf(parsed);
        return result;
      }
      GiveLogSource(rule->second, &event);
      const uint64_t before = counter.count;
      processor->Process(event.view(), TimeOf(test, i, event)).IgnoreError();  // the sink has none
      const bool hit = counter.count > before;
      const bool surprising = hit != (test.expected > 0);
      if (surprising && explained.empty() && !rule->second.is_correlation) {
        explained = Explained(&evaluator_, event, rule->second.index);
      }
    }
    if (rule->second.is_correlation) {
      for (const std::string& line : processor->correlator().DescribeState(rule->second.index, 5)) {
        explained += "at the end: " + line + "\n";
      }
    }
    processor->Flush().IgnoreError();
    result.passed = counter.count == test.expected;
    if (!result.passed) {
      result.detail = "expected " + Count(test.expected, "detection") + ", got " +
                      WithCommas(counter.count) + "\n" + explained;
    }
    return result;
  }

 private:
  struct RuleNumber {
    size_t index = 0;
    bool is_correlation = false;
  };
  // The detections of one rule.
  struct Counter : DetectionSink {
    explicit Counter(RuleNumber r) : rule(r) {}
    absl::Status OnDetection(const Detection& d) override {
      const bool is_it = d.rule == rule.index && (d.evidence != nullptr) == rule.is_correlation;
      count += is_it ? 1 : 0;
      return absl::OkStatus();
    }
    RuleNumber rule;
    uint64_t count = 0;
  };

  static std::string Name(const RuleMeta& rule) { return rule.source + "\n" + rule.name; }

  // `event at 10s` is so long after an arbitrary beginning; without it the event's own time counts.
  static EventTime TimeOf(const RuleTest& test, size_t i, const Event& event) {
    constexpr EventTime kBeginning = 1'700'000'000'000'000'000;  // 2023-11-14
    const bool timed = std::ranges::any_of(test.times_ns, [](int64_t t) { return t != 0; });
    return timed || event.time() == kNoEventTime ? kBeginning + test.times_ns[i] : event.time();
  }

  // An event that does not say of which log source it is counts as the rule's.
  void GiveLogSource(const RuleNumber& rule, Event* event) {
    const RuleMeta& meta = rule.is_correlation ? rules_.program->correlation(rule.index)
                                               : rules_.program->rule(rule.index);
    if (meta.log_source.empty() || !evaluator_.LogSourcesOf(event->view()).empty()) return;
    event->set_log_source(meta.log_source);
  }

  const LoadedRules& rules_;
  Engine engine_;
  Evaluator evaluator_;
  JsonParser parser_;
  std::map<std::string, RuleNumber> by_name_;
};

std::string Title(const RuleTest& test) {
  return Clean(test.rule) + (test.name.empty() ? "" : ": " + Clean(test.name));
}

void PrintText(const std::vector<TestResult>& results, bool verbose, Console* console) {
  const Paint paint(console->color_out);
  for (const TestResult& r : results) {
    if (r.passed && !verbose) continue;
    const std::string mark = r.passed    ? std::string(paint.Green()) + "ok"
                             : r.skipped ? std::string(paint.Dim()) + "skipped"
                                         : std::string(paint.Red()) + "FAILED";
    console->out->WriteLine(mark + std::string(paint.Off()) + "  " + Clean(r.test->source) + ":" +
                            std::to_string(r.test->span.line) + "  " + Title(*r.test));
    std::string_view rest = r.detail;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      console->out->WriteLine("    " + Clean(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
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
    out += "  <testcase classname=\"" + EscapeXml(r.test->source) + "\" name=\"" +
           EscapeXml(Title(*r.test)) + "\"";
    if (r.passed) {
      out += "/>\n";
    } else if (r.skipped) {
      out += "><skipped message=\"" + EscapeXml(r.detail) + "\"/></testcase>\n";
    } else {
      out += "><failure message=\"" + EscapeXml(r.detail.substr(0, r.detail.find('\n'))) +
             "\"/></testcase>\n";
    }
  }
  console->out->Write(out + "</testsuite>\n");
}

int Test(const Options& options, Console* console) {
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, options.arguments(), {});
  if (!rules.ok()) return Fail(rules.status(), "test", console);
  ReportNotRead(*rules, console);
  size_t errors = 0;
  for (const Diagnostic& d : rules->diagnostics) {
    if (d.severity != Severity::kError) continue;
    ++errors;
    console->err->Write(ShowDiagnostic(d, console->color_err));
  }
  TestRunner runner(*rules);
  std::vector<TestResult> results;
  size_t failed = 0;
  size_t skipped = 0;
  for (const RuleTest& test : rules->tests) {
    results.push_back(runner.Run(test));
    if (results.back().skipped) {
      ++skipped;
    } else if (!results.back().passed) {
      ++failed;
    }
  }
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
  spec.summary = "Run the tests that stand in rules.";
  spec.description =
      "Each `test` of a rule in the Vedette language (docs/language.md) gives its events to the "
      "rule and compares the number of detections, at the end of the events for rules over "
      "several. "
      "An event that tells no log source counts as one "
      "of the rule's. A failed test shows why the rule matched or did not.";
  spec.examples =
      "vedette test rules/\n"
      "vedette test -o junit rules/ > report.xml";
  spec.max_arguments = SIZE_MAX;
  spec.options = RuleOptions();
  const std::vector<OptionSpec> own = {
      {"output", 'o', OptionKind::kValue, "FORM", "text (default) or junit.", "text|junit"},
      {"verbose", 'v', OptionKind::kFlag, "", "Show passed tests, too."},
      {"color", 0, OptionKind::kValue, "WHEN", "auto, always or never. NO_COLOR is respected.",
       "auto|always|never"},
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Test};
}

}  // namespace vedette::inline v0::cli
