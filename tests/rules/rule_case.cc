#include "tests/rules/rule_case.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/rules/case_text.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

std::string Lower(std::string s) {
  for (char& c : s) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return s;
}

class CaseParser {
 public:
  CaseParser(const std::string& file, std::vector<std::string>* problems)
      : file_(file), problems_(problems) {}

  void Line(std::string_view line) {
    ++number_;
    if (block_ != nullptr && (line.starts_with("  ") || Trim(line).empty())) {
      block_->append(line.starts_with("  ") ? line.substr(2) : std::string_view()).append("\n");
      return;
    }
    block_ = nullptr;
    if (line.empty() || line.front() == '#') return;
    std::string_view rest;
    if (TakeKey(line, "case ", &rest)) {
      RuleCase& c = cases_.emplace_back();
      c.name = rest;
      c.file = file_;
      c.line = number_;
      return;
    }
    if (cases_.empty()) {
      Problem("text before the first case");
      return;
    }
    Part(line);
  }
  std::vector<RuleCase> Take() { return std::move(cases_); }

 private:
  void Part(std::string_view line) {
    RuleCase& c = cases_.back();
    std::string_view rest;
    if (TakeKey(line, "source:", &rest)) {
      c.source = rest;
    } else if (TakeKey(line, "rule:", &rest)) {
      block_ = &c.rules.emplace_back();
    } else if (TakeKey(line, "vars:", &rest)) {
      block_ = &c.vars;
    } else if (TakeKey(line, "pipeline:", &rest)) {
      block_ = &c.pipeline;
    } else if (TakeKey(line, "logsource:", &rest)) {
      c.log_source = rest;
    } else if (TakeKey(line, "event:", &rest)) {
      Event(rest, &c);
    } else if (TakeKey(line, "error:", &rest)) {
      AddDiagnostic(true, rest, &c);
    } else if (TakeKey(line, "warning:", &rest)) {
      AddDiagnostic(false, rest, &c);
    } else if (TakeKey(line, "line:", &rest) && !c.diagnostics.empty()) {
      c.diagnostics.back().rule_line = std::atoi(std::string(rest).c_str());
    } else {
      Problem("unknown line: " + std::string(line));
    }
  }

  void Event(std::string_view rest, RuleCase* c) {
    RuleCase::ExpectedEvent& event = c->events.emplace_back();
    event.line = number_;
    if (!SplitEvent(rest, &event.json, &event.expected)) Problem("an event without =>");
  }

  void AddDiagnostic(bool is_error, std::string_view rest, RuleCase* c) {
    const size_t blank = rest.find(' ');
    RuleCase::ExpectedDiagnostic d;
    d.is_error = is_error;
    d.code = rest.substr(0, blank);
    if (blank != std::string_view::npos) d.fragment = Trim(rest.substr(blank));
    d.line = number_;
    c->diagnostics.push_back(std::move(d));
  }

  void Problem(const std::string& what) {
    problems_->push_back(file_ + ":" + std::to_string(number_) + ": " + what);
  }

  std::string file_;
  std::vector<std::string>* problems_;
  std::vector<RuleCase> cases_;
  std::string* block_ = nullptr;
  int number_ = 0;
};

bool HasLine(const std::string& text, std::string_view start) {
  return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string::npos;
}

bool Fits(const Diagnostic& d, const RuleCase::ExpectedDiagnostic& want, int added) {
  if ((d.severity == Severity::kError) != want.is_error) return false;
  if (want.code.ends_with('*')) {
    if (!d.code.starts_with(want.code.substr(0, want.code.size() - 1))) return false;
  } else if (d.code != want.code) {
    return false;
  }
  if (Lower(d.message).find(Lower(want.fragment)) == std::string::npos) return false;
  return want.rule_line == 0 || static_cast<int>(d.span.line) == want.rule_line + added;
}

std::string All(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) out += FormatDiagnostic(d);
  return out.empty() ? "  (no diagnostics)\n" : out;
}

std::string CheckDiagnostics(const RuleCase& c, const CompileResult& built, int added) {
  std::string out;
  const std::vector<Diagnostic>& got = built.diagnostics;
  bool wants_error = false;
  for (const RuleCase::ExpectedDiagnostic& want : c.diagnostics) {
    wants_error = wants_error || want.is_error;
    const bool found = std::any_of(got.begin(), got.end(), [&want, added](const Diagnostic& d) {
      return Fits(d, want, added);
    });
    if (!found) {
      out += c.file + ":" + std::to_string(want.line) + ": expected " +
             (want.is_error ? "error " : "warning ") + want.code + " '" + want.fragment + "'" +
             (want.rule_line != 0 ? " at line " + std::to_string(want.rule_line) : "") +
             "\n  got:\n" + All(got);
    }
  }
  if (!wants_error && built.stats.rules_skipped > 0) {
    out += c.file + ":" + std::to_string(c.line) + ": a rule was refused\n" + All(got);
  }
  if (wants_error && c.events.empty() && built.stats.rules_skipped == 0 &&
      std::none_of(got.begin(), got.end(),
                   [](const Diagnostic& d) { return d.severity == Severity::kError; })) {
    out += c.file + ":" + std::to_string(c.line) + ": no rule was refused\n";
  }
  return out;
}

std::string RunEvents(const RuleCase& c, const CompileResult& built) {
  std::string out;
  Evaluator evaluator(built.program);
  JsonParser parser;
  Event event;
  LogSource source{"", "test", ""};
  if (!c.log_source.empty() && c.log_source != "derive") {
    const auto parsed = LogSource::Parse(c.log_source);
    if (!parsed.ok()) return c.file + ": " + std::string(parsed.status().message()) + "\n";
    source = *parsed;
  }
  for (const RuleCase::ExpectedEvent& want : c.events) {
    const std::string at = c.file + ":" + std::to_string(want.line) + ": ";
    const absl::Status status = parser.Parse(want.json, &event);
    if (!status.ok()) {
      out += at + "the event is no JSON: " + std::string(status.message()) + "\n";
      continue;
    }
    EventView view = event.view();
    if (c.log_source != "derive") view.set_log_source(&source);
    const std::span<const Match> matches = evaluator.Evaluate(view);
    std::vector<std::string> titles;
    for (const Match& m : matches) titles.push_back(built.program->rule(m.rule).title);
    std::sort(titles.begin(), titles.end());
    std::string got;
    if (want.expected == "yes" || want.expected == "no") {
      got = titles.empty() ? "no" : "yes";
    } else {
      for (const std::string& title : titles) got += (got.empty() ? "" : ", ") + title;
      if (got.empty()) got = "none";
    }
    if (got == want.expected) continue;
    out += at + "expected " + want.expected + ", got " + got + "\n  event " + want.json + "\n";
    for (size_t i = 0; i < built.program->rule_count(); ++i) {
      out += FormatExplanation(evaluator.Explain(view, i));
    }
  }
  return out;
}

}  // namespace

std::vector<RuleCase> ParseRuleCases(const std::string& file, std::string_view text,
                                     std::vector<std::string>* problems) {
  CaseParser parser(file, problems);
  ForEachLine(text, [&parser](std::string_view line) { parser.Line(line); });
  return parser.Take();
}

std::string CompleteRule(const std::string& rule, int* added) {
  *added = 0;
  const bool single = !HasLine(rule, "---");
  if (!single || (HasLine(rule, "title:") && HasLine(rule, "logsource:"))) return rule;
  if (!HasLine(rule, "detection:")) return rule;
  std::string head;
  if (!HasLine(rule, "title:")) {
    head += "title: t\n";
    ++*added;
  }
  if (!HasLine(rule, "logsource:")) {
    head += "logsource: {category: test}\n";
    ++*added;
  }
  return head + rule;
}

std::string RunRuleCase(const RuleCase& c) {
  SigmaOptions options;
  DiagnosticSink sink;
  if (!c.vars.empty()) options.placeholders = ParseSigmaPlaceholders({"vars.yml", c.vars}, &sink);
  if (!c.pipeline.empty()) options.pipelines.push_back({"pipeline.yml", c.pipeline});
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend(std::move(options)));
  RuleSet rules;
  int added = 0;
  for (size_t i = 0; i < c.rules.size(); ++i) {
    rules.Add(std::string(1, static_cast<char>('a' + i)) + ".yml",
              CompleteRule(c.rules[i], &added));
  }
  absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (!built.ok()) return std::string(built.status().message()) + "\n";
  for (Diagnostic& d : sink.Take()) built->diagnostics.push_back(std::move(d));
  return CheckDiagnostics(c, *built, added) + RunEvents(c, *built);
}

}  // namespace vedette::testing
