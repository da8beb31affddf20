#include "tests/rules/vedette_case.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tests/rules/case_text.h"
#include "tests/support/host_aggregates.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_file.h"
#include "vedette/json.h"

namespace vedette::testing {
namespace {

using Kind = VedetteCase::Kind;

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
    EndBlock();
    if (line.empty() || line.front() == '#') return;
    std::string_view rest;
    if (TakeKey(line, "case ", &rest)) {
      CheckLast();
      VedetteCase& c = cases_.emplace_back();
      c.name = rest;
      c.file = file_;
      c.line = number_;
    } else if (cases_.empty()) {
      Problem(number_, "text before the first case");
    } else {
      Part(line, &cases_.back());
    }
  }

  std::vector<VedetteCase> Take() {
    EndBlock();
    CheckLast();
    return std::move(cases_);
  }

 private:
  void Part(std::string_view line, VedetteCase* c) {
    std::string_view rest;
    if (TakeKey(line, "source:", &rest)) {
      c->source = rest;
    } else if (TakeKey(line, "expr:", &rest)) {
      Text(Kind::kCondition, rest, c);
    } else if (TakeKey(line, "value:", &rest)) {
      Text(Kind::kValue, rest, c);
    } else if (line == "vdt:") {
      Text(Kind::kFile, "", c);
      block_ = &c->text;
    } else if (line == "diagnostics:") {
      if (c->diagnostics.has_value()) Problem(number_, "a second `diagnostics:`");
      block_ = &c->diagnostics.emplace();
      c->diagnostics_line = number_;
    } else if (TakeKey(line, "indicator:", &rest)) {
      const size_t blank = rest.find(' ');
      if (blank == std::string_view::npos) Problem(number_, "an indicator without a set");
      c->indicators.emplace_back(rest.substr(0, blank), rest.substr(std::min(blank, rest.size())));
    } else if (TakeKey(line, "event:", &rest)) {
      VedetteCase::ExpectedEvent& event = c->events.emplace_back();
      event.line = number_;
      if (!SplitEvent(rest, &event.json, &event.expected)) Problem(number_, "an event without =>");
    } else {
      Problem(number_, "unknown line: " + std::string(line));
    }
  }

  void Text(Kind kind, std::string_view text, VedetteCase* c) {
    if (c->kind != Kind::kNone) Problem(number_, "a case has one text");
    c->kind = kind;
    c->text = text;
  }

  // Empty lines at the end of a block stand between it and the next case.
  void EndBlock() {
    if (block_ == nullptr) return;
    while (block_->ends_with("\n\n")) block_->pop_back();
    if (*block_ == "\n") block_->clear();
    block_ = nullptr;
  }

  void CheckLast() {
    if (cases_.empty()) return;
    const VedetteCase& c = cases_.back();
    if (c.kind == Kind::kNone) Problem(c.line, "the case has no expr:, value: or vdt:");
    if (c.source.empty()) Problem(c.line, "the case has no source:");
    if (c.events.empty() && !c.diagnostics.has_value()) Problem(c.line, "the case tests nothing");
  }

  void Problem(int line, const std::string& what) {
    problems_->push_back(file_ + ":" + std::to_string(line) + ": " + what);
  }

  std::string file_;
  std::vector<std::string>* problems_;
  std::vector<VedetteCase> cases_;
  std::string* block_ = nullptr;
  int number_ = 0;
};

std::string Indented(std::string_view text) {
  std::string out;
  ForEachLine(text, [&out](std::string_view line) {
    out += line.empty() ? "\n" : "    " + std::string(line) + "\n";
  });
  return out;
}

std::string CheckDiagnostics(const VedetteCase& c, const CompileResult& built) {
  std::string got;
  for (const Diagnostic& d : built.diagnostics) got += FormatDiagnostic(d);
  if (got == c.diagnostics.value_or("")) return "";
  const int line = c.diagnostics.has_value() ? c.diagnostics_line : c.line;
  std::string out = c.file + ":" + std::to_string(line) + ": other diagnostics than expected\n";
  out += "  expected:\n" + Indented(c.diagnostics.value_or("(none)\n"));
  out += "  got:\n" + Indented(got.empty() ? "(none)\n" : got);
  return out + "  of the file:\n" + Indented(FileOfCase(c));
}

// Blanks and `1.0` for `1` make no difference.
bool SameJson(const std::string& a, const std::string& b) {
  JsonParser parser;
  Event event;
  if (!parser.Parse("{\"a\":" + a + ",\"b\":" + b + "}", &event).ok()) return false;
  const Value x = event.root().Find("a");
  const Value y = event.root().Find("b");
  const bool whole = x.kind() == ValueKind::kInt && y.kind() == ValueKind::kInt;
  if (x.is_number() && y.is_number() && !whole) return x.AsDouble() == y.AsDouble();
  return x.ToJson() == y.ToJson();
}

// What came of one event, said as the case says it.
std::string Outcome(const VedetteCase& c, const std::string& expected, const EventView& view,
                    Evaluator* evaluator) {
  const std::span<const Match> matches = evaluator->Evaluate(view);
  if (c.kind == Kind::kValue) {
    if (matches.empty()) return "no detection";
    const Detection detection = evaluator->Describe(view, matches[0]);
    return detection.outcomes.empty() ? "no outcome" : detection.outcomes[0].second;
  }
  if (expected == "yes" || expected == "no") return matches.empty() ? "no" : "yes";
  std::vector<std::string> names;
  for (const Match& m : matches) names.push_back(evaluator->program().rule(m.rule).name);
  std::sort(names.begin(), names.end());
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

// The sets of the case's `indicator:` lines; what is wrong with one goes to `problems`.
void FillSets(const VedetteCase& c, IndicatorSets* sets, std::string* problems) {
  std::map<std::string, IndicatorSet::Builder> builders;
  DiagnosticSink sink;
  for (const auto& [name, text] : c.indicators) {
    const bool json = text.find('{') != std::string::npos;
    ReadIndicators({json ? "case.ndjson" : "case.txt", text}, {}, &builders[name], &sink);
  }
  for (const Diagnostic& d : sink.diagnostics()) *problems += FormatDiagnostic(d);
  for (auto& [name, builder] : builders) sets->Set(name, builder.Build());
}

std::string RunEvents(const VedetteCase& c, const CompileResult& built, const IndicatorSets& sets) {
  std::string out;
  Evaluator evaluator(built.program, {.indicator_sets = &sets});
  JsonParser parser;
  Event event;
  const LogSource none;
  for (const VedetteCase::ExpectedEvent& want : c.events) {
    const std::string at = c.file + ":" + std::to_string(want.line) + ": ";
    const absl::Status status = parser.Parse(want.json, &event);
    if (!status.ok()) {
      out += at + "the event is no JSON: " + std::string(status.message()) + "\n";
      continue;
    }
    EventView view = event.view();
    view.set_log_source(&none);
    const std::string got = Outcome(c, want.expected, view, &evaluator);
    const bool same = c.kind == Kind::kValue ? got == want.expected || SameJson(got, want.expected)
                                             : got == want.expected;
    if (same) continue;
    out += at + "expected " + want.expected + ", got " + got + "\n  event " + want.json + "\n";
    out += "  of the file:\n" + Indented(FileOfCase(c));
    if (c.kind == Kind::kValue) continue;
    for (size_t i = 0; i < built.program->rule_count(); ++i) {
      out += FormatExplanation(evaluator.Explain(view, i));
    }
  }
  return out;
}

}  // namespace

std::vector<VedetteCase> ParseVedetteCases(const std::string& file, std::string_view text,
                                           std::vector<std::string>* problems) {
  CaseParser parser(file, problems);
  ForEachLine(text, [&parser](std::string_view line) { parser.Line(line); });
  return parser.Take();
}

std::string FileOfCase(const VedetteCase& c) {
  switch (c.kind) {
    case Kind::kCondition:
      return "rule t { match any where " + c.text + " }\n";
    case Kind::kValue:
      return "rule t { match any where true outcome { v = " + c.text + " } }\n";
    default:
      return c.text;
  }
}

std::string RunVedetteCase(const VedetteCase& c) {
  IndicatorSets sets;
  std::string problems;
  FillSets(c, &sets, &problems);
  CompilerOptions options;
  if (!c.indicators.empty()) options.indicator_sets = &sets;
  options.functions = &TestFunctions();
  Compiler compiler(options);
  compiler.AddFrontend(VedetteFrontend({.functions = options.functions}));
  RuleSet rules;
  rules.Add("case.vdt", FileOfCase(c));
  const absl::StatusOr<CompileResult> built = compiler.Compile(rules);
  if (!built.ok()) return std::string(built.status().message()) + "\n";
  return problems + CheckDiagnostics(c, *built) + RunEvents(c, *built, sets);
}

}  // namespace vedette::testing
