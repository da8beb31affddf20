#include "tests/rules/correlation_case.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "tests/reference/oracle_value.h"
#include "tests/rules/case_text.h"
#include "tests/support/conversion.h"
#include "tests/support/correlation_engine.h"
#include "tests/support/host_aggregates.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette::testing {
namespace {

using reference::CanonicalJson;
using reference::CorrelationDetection;
using reference::CorrelationEvent;
using reference::OracleEvent;

// Words at blanks that stand outside of quotes and brackets.
std::vector<std::string> Words(std::string_view text, char separator = ' ') {
  std::vector<std::string> out(1);
  int open = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (!quoted && (c == '(' || c == '[' || c == '{')) ++open;
    if (!quoted && (c == ')' || c == ']' || c == '}')) --open;
    if (c == separator && open == 0 && !quoted) {
      if (!out.back().empty()) out.emplace_back();
    } else if (!(c == ' ' && out.back().empty())) {
      out.back() += c;
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// JSON as it is, anything else as a text.
std::string AsJson(const std::string& word) {
  if (OracleEvent::FromJson("[" + word + "]").has_value()) return CanonicalJson(word);
  return CanonicalJson("\"" + word + "\"");
}

// "1m30s", "10s-1ns", "0"; nothing if it is no time.
std::optional<int64_t> ParseTime(std::string_view text) {
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"ns", 1},          {"us", 1000},         {"ms", 1000000},       {"s", 1000000000},
      {"m", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000},
  };
  if (text == "0") return 0;
  int64_t total = 0;
  int64_t sign = 1;
  bool any = false;
  while (!text.empty()) {
    if (text[0] == '-' || text[0] == '+') {
      sign = text[0] == '-' ? -1 : 1;
      text.remove_prefix(1);
    }
    const size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    const int64_t count = std::strtoll(std::string(text.substr(0, digits)).c_str(), nullptr, 10);
    text.remove_prefix(digits);
    const size_t letters = std::min(text.find_first_of("0123456789+-"), text.size());
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& u) {
      return u.first == text.substr(0, letters);
    });
    if (unit == std::end(kUnits)) return std::nullopt;
    total += sign * count * unit->second;
    text.remove_prefix(letters);
    any = true;
  }
  if (!any) return std::nullopt;
  return total;
}

std::string TimeText(int64_t t) {
  constexpr int64_t kSecond = 1000000000;
  if (t % kSecond == 0) return std::to_string(t / kSecond) + "s";
  if (t % kSecond == kSecond - 1) return std::to_string(t / kSecond + 1) + "s-1ns";
  if (t % 1000000 == 0) return std::to_string(t / 1000000) + "ms";
  return std::to_string(t) + "ns";
}

// `10s a h=x n=1`, `10s !2 {"k":"a"}`.
bool ParseEvent(std::string_view line, CorrelationEvent* out) {
  std::vector<std::string> words = Words(line);
  if (words.size() < 2) return false;
  if (words[0] != "-") {
    out->time = ParseTime(words[0]);
    if (!out->time.has_value()) return false;
  }
  std::string json;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word[0] == '!') {
      out->tiebreak = std::strtoull(word.c_str() + 1, nullptr, 10);
    } else if (word[0] == '{') {
      if (!json.empty()) return false;
      out->json = word;
    } else {
      const size_t equal = word.find('=');
      const std::string name = equal == std::string::npos ? "k" : word.substr(0, equal);
      json += (json.empty() ? "\"" : ",\"") + name +
              "\":" + AsJson(equal == std::string::npos ? word : word.substr(equal + 1));
    }
  }
  if (out->json.empty()) out->json = "{" + json + "}";
  return OracleEvent::FromJson(out->json).has_value();
}

class CaseParser {
 public:
  CaseParser(const std::string& file, std::vector<std::string>* problems)
      : file_(file), problems_(problems) {}

  void Line(std::string_view line) {
    ++number_;
    const bool indented = line.starts_with("  ");
    if (block_ != Block::kNone && (indented || Trim(line).empty())) {
      return InBlock(indented ? line.substr(2) : std::string_view());
    }
    block_ = Block::kNone;
    if (line.empty() || line.front() == '#') return;
    std::string_view rest;
    if (TakeKey(line, "case ", &rest)) {
      CheckLast();
      CorrelationCase& c = cases_.emplace_back();
      c.name = rest;
      c.file = file_;
      c.line = number_;
    } else if (cases_.empty()) {
      Problem(number_, "text before the first case");
    } else {
      Part(line, &cases_.back());
    }
  }

  std::vector<CorrelationCase> Take() {
    CheckLast();
    return std::move(cases_);
  }

 private:
  enum class Block { kNone, kVdt, kSigma, kEvents, kExpect };

  void Part(std::string_view line, CorrelationCase* c) {
    std::string_view rest;
    if (TakeKey(line, "source:", &rest)) {
      c->source = rest;
    } else if (TakeKey(line, "rules:", &rest)) {
      c->base_rules = Words(rest);
    } else if (line == "vdt:") {
      block_ = Block::kVdt;
    } else if (line == "sigma:") {
      block_ = Block::kSigma;
    } else if (line == "events:") {
      block_ = Block::kEvents;
    } else if (line == "expect: none") {
      c->expects = true;
    } else if (line == "expect:") {
      c->expects = true;
      block_ = Block::kExpect;
    } else {
      Problem(number_, "unknown line: " + std::string(line));
    }
  }

  void InBlock(std::string_view line) {
    CorrelationCase& c = cases_.back();
    if (block_ == Block::kVdt) c.vdt.append(line).append("\n");
    if (block_ == Block::kSigma) c.sigma.append(line).append("\n");
    const bool comment = Trim(line).empty() || Trim(line).front() == '#';
    if (block_ == Block::kEvents && !comment) {
      c.event_text.append("    ").append(line).append("\n");
      if (!ParseEvent(line, &c.events.emplace_back())) Problem(number_, "no event");
    }
    if (block_ == Block::kExpect && !comment) {
      c.expected.push_back({std::string(Trim(line)), number_});
    }
  }

  void CheckLast() {
    if (cases_.empty()) return;
    const CorrelationCase& c = cases_.back();
    if (c.vdt.empty() == c.sigma.empty()) Problem(c.line, "the case needs vdt: or sigma:");
    if (c.source.empty()) Problem(c.line, "the case has no source:");
    if (!c.expects || c.events.empty()) Problem(c.line, "the case tests nothing");
  }

  void Problem(int line, const std::string& what) {
    problems_->push_back(file_ + ":" + std::to_string(line) + ": " + what);
  }

  std::string file_;
  std::vector<std::string>* problems_;
  std::vector<CorrelationCase> cases_;
  Block block_ = Block::kNone;
  int number_ = 0;
};

// The parts of a detection, each as it would be written in a case.
std::string KeyText(const std::vector<std::string>& key) {
  std::string out;
  for (const std::string& part : key) {
    const std::string bare =
        part.size() > 2 && part[0] == '"' ? part.substr(1, part.size() - 2) : part;
    out += (out.empty() ? "" : ",") + (AsJson(bare) == part ? bare : part);
  }
  return "[" + out + "]";
}

std::string CauseText(CorrelationDetection::Cause cause) {
  static constexpr const char* kTexts[] = {"event", "record", "close", "timer"};
  return kTexts[static_cast<int>(cause)];
}

// Names of sigma rules may be titles.
std::string Plain(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return out;
}

const std::string* FindValue(const CorrelationDetection& d, const std::string& name) {
  for (const auto* list : {&d.aggregates, &d.outcomes}) {
    for (const auto& [key, value] : *list) {
      if (key == name) return &value;
    }
  }
  return nullptr;
}

// The detection, in as many words as `expected` has; equal texts if it is as expected.
std::string SaidAs(const CorrelationDetection& d, const std::vector<std::string>& expected,
                   std::vector<std::string>* normalized) {
  std::string out = Plain(d.rule);
  size_t event = 0;
  bool events = false;
  for (size_t i = 1; i < expected.size(); ++i) {
    const std::string& word = expected[i];
    std::string said;
    std::string meant = word;
    const size_t equal = word.rfind('=');
    const std::string name = word.substr(0, equal);
    if (word[0] == '@') {
      said = "@" + TimeText(d.time);
      if (const auto t = ParseTime(word.substr(1))) meant = "@" + TimeText(*t);
    } else if (word[0] == '[') {
      said = KeyText(d.key);
      std::vector<std::string> parts = Words(word.substr(1, word.size() - 2), ',');
      for (std::string& part : parts) part = AsJson(part);
      meant = KeyText(parts);
    } else if (word.find('#') != std::string::npos ||
               (word.find('@') != std::string::npos && equal == std::string::npos)) {
      events = true;
      said = event < d.events.size() ? d.events[event] : "no-event";
      if (word[0] == '#' && said.find('#') != std::string::npos) {
        said.erase(0, said.find('#'));
      }
      ++event;
    } else if (equal == std::string::npos) {
      said = CauseText(d.cause);
    } else if (name == "total") {
      said = "total=" + std::to_string(d.total);
    } else if (name == "start" || name == "end" || name == "first" || name == "last") {
      const int64_t t = name == "start"   ? d.start
                        : name == "end"   ? d.end
                        : name == "first" ? d.first
                                          : d.last;
      said = name + "=" + TimeText(t);
      if (const auto at = ParseTime(word.substr(equal + 1))) meant = name + "=" + TimeText(*at);
    } else {
      const std::string* const value = FindValue(d, name);
      said = name + "=" + (value == nullptr ? "missing" : *value);
      meant = name + "=" + AsJson(word.substr(equal + 1));
    }
    out += " " + said;
    normalized->push_back(meant);
  }
  if (events && event < d.events.size()) {
    for (; event < d.events.size(); ++event) out += " " + d.events[event];
  }
  return out;
}

std::string InFull(const CorrelationDetection& d) {
  std::string out = Plain(d.rule) + " @" + TimeText(d.time) + " " + CauseText(d.cause);
  if (d.cause != CorrelationDetection::Cause::kEvent) {
    out += " " + KeyText(d.key) + " start=" + TimeText(d.start) + " end=" + TimeText(d.end) +
           " total=" + std::to_string(d.total);
  }
  for (const auto& [name, value] : d.aggregates) out += " " + name + "=" + value;
  for (const auto& [name, value] : d.outcomes) out += " " + name + "=" + value;
  for (const std::string& event : d.events) out += " " + event;
  return out;
}

std::string Indented(std::string_view text) {
  std::string out;
  ForEachLine(text, [&out](std::string_view line) {
    out += line.empty() ? "\n" : "    " + std::string(line) + "\n";
  });
  return out;
}

// One document of a rule over one event: field k has the rule's name.
std::string BaseRule(const std::string& name) {
  return "title: " + name + "\nname: " + name +
         "\nlogsource: {category: test}\ndetection:\n  s:\n    k: " + name +
         "\n  condition: s\n---\n";
}

RuleSet RulesOf(const CorrelationCase& c) {
  RuleSet rules;
  if (c.sigma.empty()) {
    rules.Add("case.vdt", c.vdt);
    return rules;
  }
  std::string text;
  for (const std::string& name : c.base_rules) text += BaseRule(name);
  rules.Add("case.yml", text + c.sigma);
  return rules;
}

void AddFrontends(Compiler* compiler) {
  compiler->AddFrontend(SigmaFrontend());
  compiler->AddFrontend(VedetteFrontend({.functions = &TestFunctions()}));
}

CompilerOptions WithTestFunctions() {
  CompilerOptions options;
  options.functions = &TestFunctions();
  return options;
}

std::string Errors(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity == Severity::kError) out += FormatDiagnostic(d);
  }
  return out;
}

std::string CompareWithEngine(const CorrelationCase& c) {
  Compiler compiler(WithTestFunctions());
  AddFrontends(&compiler);
  const absl::StatusOr<CompileResult> built = compiler.Compile(RulesOf(c));
  if (!built.ok()) return std::string(built.status().message()) + "\n";
  if (const std::string errors = Errors(built->diagnostics); !errors.empty()) return errors;
  EngineRun run;
  run.allowed_lateness_ns = int64_t{1} << 60;  // events may stand in any order
  if (!c.sigma.empty()) run.log_source.category = "test";
  const auto got = RunEngine(built->program, c.events, run);
  if (!got.ok()) return "the engine says: " + std::string(got.status().message()) + "\n";
  const std::string differs = ConvertAndCompare(RulesOf(c)).differs;
  if (!differs.empty()) {
    return c.file + ":" + std::to_string(c.line) + ": converted, the rules differ:\n" + differs;
  }
  return CompareWithCase(c, "the engine", *got);
}

}  // namespace

std::vector<CorrelationCase> ParseCorrelationCases(const std::string& file, std::string_view text,
                                                   std::vector<std::string>* problems) {
  CaseParser parser(file, problems);
  ForEachLine(text, [&parser](std::string_view line) { parser.Line(line); });
  return parser.Take();
}

std::string CompareWithCase(const CorrelationCase& c, const std::string& who,
                            const std::vector<CorrelationDetection>& got) {
  bool same = got.size() == c.expected.size();
  std::string expected;
  std::string said;
  for (size_t i = 0; i < std::max(got.size(), c.expected.size()); ++i) {
    if (i >= c.expected.size()) {
      said += "  + " + InFull(got[i]) + "\n";
      continue;
    }
    const std::vector<std::string> words = Words(c.expected[i].text);
    std::vector<std::string> normalized;
    const std::string actual = i < got.size() ? SaidAs(got[i], words, &normalized) : "(nothing)";
    std::string wanted = Plain(words[0]);
    for (const std::string& word : normalized) wanted += " " + word;
    const bool equal = i < got.size() && actual == wanted;
    same = same && equal;
    expected += "  line " + std::to_string(c.expected[i].line) + ": " + c.expected[i].text + "\n";
    said += (equal ? "    " : "  ! ") + (equal || i >= got.size() ? actual : InFull(got[i])) + "\n";
  }
  if (same) return "";
  std::string out = c.file + ":" + std::to_string(c.line) + ": " + who + " detects otherwise\n";
  out += " expected:\n" + (expected.empty() ? "    (nothing)\n" : expected);
  out += " got:\n" + (said.empty() ? "    (nothing)\n" : said);
  out += " events:\n" + c.event_text;
  return out + " of the rules:\n" + Indented(c.vdt.empty() ? c.sigma : c.vdt);
}

std::string VedetteTextOf(const CorrelationCase& c, std::string* why) {
  if (!c.vdt.empty()) return c.vdt;
  Compiler compiler(WithTestFunctions());
  AddFrontends(&compiler);
  const absl::StatusOr<ConvertResult> converted = compiler.Convert(RulesOf(c));
  if (!converted.ok()) {
    *why = std::string(converted.status().message());
    return "";
  }
  *why = Errors(converted->diagnostics);
  std::string out;
  for (const ConvertedRule& rule : converted->rules) out += rule.text + "\n";
  return why->empty() ? out : "";
}

std::string RunCorrelationCase(const CorrelationCase& c) {
  std::string why;
  const std::string text = VedetteTextOf(c, &why);
  reference::CorrelationRun run;
  if (!c.sigma.empty()) run.category = "test";
  run.key_bytes = KeyBytes;
  auto by_oracle = reference::RunCorrelationOracle(text, c.events, run, &why);
  if (!by_oracle.has_value()) {
    return c.file + ":" + std::to_string(c.line) + ": " + why + "\n" + Indented(text);
  }
  SortDetections(&*by_oracle);
  return CompareWithCase(c, "the oracle", *by_oracle) + CompareWithEngine(c);
}

}  // namespace vedette::testing
