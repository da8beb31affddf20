// `vedette test`: runs the tests that stand in rules.
#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/text.h"
#include "vedette/evaluator.h"
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

class TestRunner {
 public:
  explicit TestRunner(const LoadedRules& rules)
      : rules_(rules),
        evaluator_(rules.program, {.indicator_sets = rules.indicator_sets.get()}),
        parser_() {
    for (size_t i = 0; i < rules.program->rule_count(); ++i) {
      by_name_.emplace(rules.program->rule(i).source + "\n" + rules.program->rule(i).name, i);
    }
  }

  TestResult Run(const RuleTest& test) {
    TestResult result;
    result.test = &test;
    const auto rule = by_name_.find(test.source + "\n" + test.rule);
    if (rule == by_name_.end()) {
      result.skipped = true;
      result.detail = "rules over several events are not executed by this version";
      return result;
    }
    uint32_t matches = 0;
    std::string explained;
    for (size_t i = 0; i < test.events.size(); ++i) {
      Event event;
      const absl::Status parsed = parser_.Parse(test.events[i], &event);
      if (!parsed.ok()) {
        result.detail = "event " + std::to_string(i + 1) + ": " + MessageOf(parsed);
        return result;
      }
      const LogSource& source = rules_.program->rule(rule->second).log_source;
      // An event that does not say of which log source it is counts as the rule's.
      if (!source.empty() && evaluator_.LogSourcesOf(event.view()).empty()) {
        event.set_log_source(source);
      }
      const std::span<const Match> found = evaluator_.Evaluate(event.view());
      const bool hit = std::ranges::any_of(
          found, [&rule](const Match& match) { return match.rule == rule->second; });
      matches += hit ? 1 : 0;
      const bool surprising = hit != (test.expected > 0);
      if (surprising && explained.empty()) explained = Explained(&evaluator_, event, rule->second);
    }
    result.passed = matches == test.expected;
    if (!result.passed) {
      result.detail = "expected " + Count(test.expected, "detection") + ", got " +
                      WithCommas(matches) + "\n" + explained;
    }
    return result;
  }

 private:
  const LoadedRules& rules_;
  Evaluator evaluator_;
  JsonParser parser_;
  std::map<std::string, size_t> by_name_;
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
      "rule and compares the number of detections. An event that tells no log source counts as one "
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
