#include "tests/support/correlation_generator.h"

#include <algorithm>
#include <utility>

namespace vedette::testing {
namespace {

using Shape = CorrelationShape;

constexpr int64_t kSecond = 1000000000;
constexpr std::string_view kSpans[] = {"1s", "2s", "5s", "10s", "10s", "30s"};
constexpr std::string_view kNumbers[] = {"1",
                                         "2",
                                         "3",
                                         "0",
                                         "-1",
                                         "1.5",
                                         "\"2\"",
                                         "\"z\"",
                                         "null",
                                         "[1,2]",
                                         "1.0",
                                         "\"0.5\"",
                                         "9007199254740993"};
constexpr std::string_view kValues[] = {"\"p\"",        "\"p\"", "\"q\"", "1",
                                        "\"1\"",        "1.0",   "null",  "[\"p\",\"q\"]",
                                        "[\"q\",null]", "true",  "[]"};
// Gaps between events; spans of rules are among them, and a nanosecond more.
constexpr int64_t kGaps[] = {0,
                             0,
                             0,
                             kSecond,
                             kSecond,
                             kSecond,
                             2 * kSecond,
                             5 * kSecond,
                             10 * kSecond,
                             10 * kSecond + 1,
                             kSecond / 2,
                             1,
                             30 * kSecond,
                             4 * kSecond - 1};

std::string Joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() ? "" : std::string(between)) + part;
  }
  return out;
}

}  // namespace

std::string CorrelationScenario::Rules() const { return Joined(rules, "\n") + "\n"; }

std::string CorrelationScenario::Dump() const {
  std::string out = "vdt:\n";
  for (const std::string& rule : rules) out += "  " + rule + "\n";
  out += "events:\n";
  for (const reference::CorrelationEvent& event : events) {
    out += "  " + (event.time.has_value() ? std::to_string(*event.time) + "ns" : "-");
    if (event.tiebreak.has_value()) out += " !" + std::to_string(*event.tiebreak);
    out += " " + event.json + "\n";
  }
  return out;
}

CorrelationScenario CorrelationGenerator::Scenario(Shape shape, size_t max_rules,
                                                   size_t max_events) {
  CorrelationScenario out;
  known_.clear();
  if (shape == Shape::kAny || OneIn(4)) {
    out.rules.push_back(EventRule("e0"));
    known_.push_back({"e0", false, 0});
  }
  const size_t rules = 1 + Below(static_cast<unsigned>(max_rules));
  for (size_t i = 0; i < rules; ++i) {
    const Shape own = shape == Shape::kAny ? static_cast<Shape>(1 + Below(7)) : shape;
    const std::string name = "r" + std::to_string(i);
    out.rules.push_back(Rule(own, name));
    if (depth_ < 3) known_.push_back({name, true, depth_});
  }
  int64_t time = OneIn(4) ? -20 * kSecond : 0;
  const bool concurrent = OneIn(5);
  const size_t events = 5 + Below(static_cast<unsigned>(max_events));
  for (size_t i = 0; i < events; ++i) {
    time += kGaps[Below(std::size(kGaps))];
    reference::CorrelationEvent& event = out.events.emplace_back();
    event.json = Json();
    if (!OneIn(40)) event.time = time;
    if (concurrent) event.tiebreak = Below(2);
  }
  if (concurrent) {
    // Of one time the smaller tiebreak comes first, or it would be late.
    std::stable_sort(out.events.begin(), out.events.end(), [](const auto& a, const auto& b) {
      return a.time == b.time && a.time.has_value() && a.tiebreak < b.tiebreak;
    });
  }
  return out;
}

std::vector<reference::CorrelationEvent> CorrelationGenerator::Shuffled(
    std::vector<reference::CorrelationEvent> events, int64_t lateness_ns) {
  std::vector<std::pair<int64_t, reference::CorrelationEvent>> placed;
  uint64_t number = 0;
  for (reference::CorrelationEvent& event : events) {
    ++number;
    if (!event.tiebreak.has_value()) event.tiebreak = number;
    const auto late = static_cast<int64_t>(random_() % static_cast<uint64_t>(lateness_ns + 1));
    placed.emplace_back(event.time.value_or(0) + late, event);
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  events.clear();
  for (auto& [at, event] : placed) events.push_back(std::move(event));
  return events;
}

std::string CorrelationGenerator::Json() {
  std::vector<std::string> members;
  static constexpr std::string_view kKinds[] = {"\"a\"", "\"a\"", "\"b\"", "\"c\""};
  static constexpr std::string_view kHosts[] = {"\"x\"", "\"x\"", "\"x\"",         "\"x\"",
                                                "\"y\"", "\"y\"", "[\"x\",\"y\"]", "null"};
  static constexpr std::string_view kIds[] = {"1", "2", "3", "4", "\"1\""};
  members.push_back("\"k\":" + Pick(kKinds));
  if (!OneIn(12)) members.push_back("\"h\":" + Pick(kHosts));
  if (!OneIn(6)) members.push_back("\"u\":" + Pick(kValues));
  if (!OneIn(6)) members.push_back("\"n\":" + Pick(kNumbers));
  if (!OneIn(3)) members.push_back("\"id\":" + Pick(kIds));
  if (!OneIn(3)) members.push_back("\"pid\":" + Pick(kIds));
  return "{" + Joined(members, ",") + "}";
}

std::string CorrelationGenerator::Query() {
  static constexpr std::string_view kConditions[] = {
      "k == \"a\"",          "k == \"a\"", "k == \"b\"", "k == \"b\"", "k == \"c\"",
      "k in (\"a\", \"b\")", "n > 1",      "u == \"p\"", "true",       "k != \"a\""};
  return "any where " + Pick(kConditions);
}

std::string CorrelationGenerator::EventRule(const std::string& name) {
  std::string out = "rule " + name + " { ";
  if (OneIn(2)) out += "meta { emit = false } ";
  out += "match " + Query();
  if (OneIn(3)) out += OneIn(2) ? " suppress by h for 5s" : " suppress by ?u for 10s";
  if (OneIn(3)) out += " outcome { w = lower(u) }";
  return out + " }";
}

std::string CorrelationGenerator::Keys() {
  const unsigned kind = Below(8);
  keyed_ = kind > 0;
  if (kind == 0) return "";
  if (kind == 1) return " by h, u";
  if (kind == 2) return " by ?h";
  if (kind == 3) return " by h, ?u";
  return " by h";
}

std::string CorrelationGenerator::Source(const std::string& alias) {
  std::string out = alias.empty() ? "[" : alias + ": [";
  if (known_.empty() || !OneIn(3)) return out + Query() + "]";
  const Known& first = known_[Below(static_cast<unsigned>(known_.size()))];
  depth_ = std::max(depth_, first.depth + 1);
  out += "rule " + first.name;
  if (OneIn(3)) {
    const Known& second = known_[Below(static_cast<unsigned>(known_.size()))];
    if (second.name != first.name) {
      depth_ = std::max(depth_, second.depth + 1);
      out += ", rule " + second.name;
    }
  }
  return out + "]";
}

std::string CorrelationGenerator::Sources(unsigned count) {
  std::string out;
  for (unsigned i = 0; i < count; ++i) {
    aliases_.push_back("s" + std::to_string(i));
    out += " " + Source(aliases_.back());
  }
  return out;
}

std::string CorrelationGenerator::Number(const std::string& alias) {
  static constexpr std::string_view kFunctions[] = {
      "count", "count",  "count",      "distinct", "distinct", "sum",  "avg",    "min",
      "max",   "stddev", "percentile", "rate",     "entropy",  "peak", "changes"};
  const std::string function = Pick(kFunctions);
  if (function == "count" || function == "rate") return function + "(" + alias + ")";
  // Of small numbers: a large deviation would seem whole, and its last digits are not compared.
  if (function == "stddev") return "stddev(" + alias + ".id)";
  if (function == "percentile") return "percentile(" + alias + ".n, 75)";
  if (function == "entropy" || function == "changes") return function + "(" + alias + ".u)";
  if (function != "distinct") return function + "(" + alias + ".n)";
  return OneIn(3) ? "distinct(" + alias + ".u, " + alias + ".n)" : "distinct(" + alias + ".u)";
}

// Bounds that no sum of rounding errors decides.
std::string CorrelationGenerator::Comparison() {
  static constexpr std::string_view kSigns[] = {">=", ">=", ">=", ">", "<", "<=", "==", "!="};
  const std::string number = Number(Alias());
  const bool whole = number.starts_with("count") || number.starts_with("distinct") ||
                     number.starts_with("changes");
  if (number.starts_with("rate")) return number + " > 0.33";
  if (!whole) {
    static constexpr std::string_view kBounds[] = {"0.37", "1.37", "2.61", "4.13", "-0.9"};
    static constexpr std::string_view kUnequal[] = {">", ">=", "<", "<="};
    return number + " " + Pick(kUnequal) + " " + Pick(kBounds);
  }
  const std::string bound = std::to_string(1 + Below(4));
  if (OneIn(8)) return bound + " <= " + number;
  return number + " " + Pick(kSigns) + " " + bound;
}

std::string CorrelationGenerator::Having(int depth) {
  const unsigned kind = Below(depth > 0 ? 9 : 6);
  switch (kind) {
    case 0:
      return "seen(" + Alias() + ")";
    case 1:
      return "count(" + Alias() + ") " + (OneIn(2) ? ">" : "==") + " count(" + Alias() + ")";
    case 2:
      return Alias() + ".u == \"p\"";
    case 6:
      return "not (" + Having(depth - 1) + ")";
    case 7:
      return "(" + Having(depth - 1) + " or " + Having(depth - 1) + ")";
    case 8:
      return "(" + Having(depth - 1) + " and " + Having(depth - 1) + ")";
    default:
      return Comparison();
  }
}

std::string CorrelationGenerator::Rearm() {
  static constexpr std::string_view kRearms[] = {"when false", "immediately", "immediately",
                                                 "after 5s",   "reset",       "never"};
  return OneIn(2) ? "" : " rearm " + Pick(kRearms);
}

std::string CorrelationGenerator::Suppress() {
  if (!OneIn(6)) return "";
  if (keyed_ && OneIn(2)) return " suppress by h for 10s";
  if (OneIn(3)) return " suppress for 5s";
  return std::string(" suppress by ") + (OneIn(2) ? "?" : "") + Alias() + ".u for 10s";
}

std::string CorrelationGenerator::Outcomes() {
  if (OneIn(3)) return "";
  const std::string s = Alias();
  std::string out = " outcome { n = " + Number(s) + " u = " + Alias() + ".u";
  if (OneIn(3)) out += " v = values(" + Alias() + ".u)";
  if (OneIn(4)) out += " p = trail(" + s + ".u, " + s + ".n)";
  if (OneIn(3)) out += " f = first(" + Alias() + ".u) l = last(" + Alias() + ".n)";
  if (OneIn(4)) out += " t = \"${count(" + s + ")} of ${" + s + ".k}\"";
  if (OneIn(4)) out += " x = count(" + s + ") * 3 + 1";
  if (!keyed_ && OneIn(2)) out += " h = " + s + ".h";
  return out + " }";
}

std::string CorrelationGenerator::Window() {
  std::string out = "window " + Pick(kSpans);
  const unsigned kind = Below(4);
  if (kind == 0) out += " tumbling";
  if (kind == 1) out += " session gap " + Pick(kSpans);
  out += Keys();
  out += Sources(1 + Below(3));
  return out + " having " + Having(2) + Rearm();
}

std::string CorrelationGenerator::Together(Shape shape) {
  std::string out = shape == Shape::kAll ? "all" : "sample";
  out += Keys();
  if (shape == Shape::kAll) out += " within " + Pick(kSpans);
  out += Sources(2 + Below(2));
  if (shape == Shape::kAll && OneIn(3)) out += " having " + Having(1);
  return out + Rearm();
}

std::string CorrelationGenerator::Stage(unsigned index, bool* quantified) {
  aliases_.push_back("s" + std::to_string(index));
  std::string out = " " + Source(aliases_.back());
  // On an event of the stage, with fields of an earlier one.
  if (index > 0 && OneIn(4) && out.find("any where") != std::string::npos) {
    const std::string earlier = aliases_[Below(index)];
    out.pop_back();
    out += OneIn(2) ? " and u == " + earlier + ".u]" : " and n > " + earlier + ".n]";
  }
  switch (Below(9)) {
    case 0:
      *quantified = true;
      out += " count >= " + std::to_string(2 + Below(2));
      break;
    case 1:
      *quantified = true;
      out += " distinct(u) >= 2";
      break;
    case 2:
      *quantified = true;
      out += " {" + std::to_string(1 + Below(2)) + ",3}";
      break;
    case 3:
      *quantified = true;
      out += " with runs=2";
      break;
    default:
      break;
  }
  if (index > 0 && OneIn(5)) out += " within " + Pick(kSpans) + " of previous";
  if (index > 0 && OneIn(6)) out += " at least " + Pick(kSpans) + " after previous";
  return out;
}

std::string CorrelationGenerator::Sequence() {
  std::string out = "sequence" + Keys();
  const bool limited = !OneIn(6);
  if (limited) out += " within " + Pick(kSpans);
  const unsigned stages = 1 + Below(3);
  bool quantified = false;
  std::string body;
  for (unsigned i = 0; i < stages; ++i) {
    if (limited && OneIn(6)) body += " ![" + Query() + "]";
    body += Stage(i, &quantified);
  }
  if (stages == 1 && !quantified) body += " count >= 2";
  if (const size_t one = body.find(" {1,"); stages == 1 && one != std::string::npos) {
    body[one + 2] = '2';
  }
  if (limited && OneIn(6)) body += " ![" + Query() + "]";
  out += body;
  if (OneIn(5)) out += " until " + Source("");
  if (OneIn(5)) out += " having " + Comparison();
  const unsigned select = Below(5);
  if (select == 0) out += " select first";
  if (select == 1) out += " select all up to " + std::to_string(1 + Below(3));
  return out + Rearm();
}

std::string CorrelationGenerator::Absence() {
  aliases_.push_back("s0");
  std::string out = "absence of " + Source("s0") + Keys() + " for " + Pick(kSpans);
  if (!OneIn(2)) return out + Rearm();
  aliases_.push_back("s1");
  return out + " after " + Source("s1") + Rearm();
}

std::string CorrelationGenerator::NewValue() {
  aliases_.push_back("s0");
  const std::string values = OneIn(3) ? "u, n" : OneIn(3) ? "lower(u)" : "u";
  std::string out = "new value of " + values + " in " + Source("s0") + Keys();
  if (OneIn(2)) out += " history " + Pick(kSpans);
  return out + Rearm();
}

std::string CorrelationGenerator::Lineage() {
  const std::string keys = OneIn(2) ? " by h" : "";
  keyed_ = !keys.empty();
  aliases_ = {"s0", "s1"};
  std::string out = OneIn(3) ? "child" : "descendant";
  out += " of s0: [" + Query() + "]" + keys + " s1: [" + Query() + "]" + keys;
  if (OneIn(2)) out += " within " + Pick(kSpans);
  out += " link id to pid";
  return out + Rearm();
}

std::string CorrelationGenerator::Rule(Shape shape, const std::string& name) {
  aliases_.clear();
  depth_ = 1;
  keyed_ = false;
  std::string match;
  switch (shape) {
    case Shape::kSequence:
      match = Sequence();
      break;
    case Shape::kAll:
    case Shape::kSample:
      match = Together(shape);
      break;
    case Shape::kAbsence:
      match = Absence();
      break;
    case Shape::kNewValue:
      match = NewValue();
      break;
    case Shape::kLineage:
      match = Lineage();
      break;
    default:
      match = Window();
      break;
  }
  return "rule " + name + " { " + (OneIn(6) ? "meta { emit = false } " : "") + "match " + match +
         Outcomes() + Suppress() + " }";
}

CorrelationScenario Shrink(CorrelationScenario scenario,
                           const std::function<bool(const CorrelationScenario&)>& fails) {
  const auto drop = [&](auto CorrelationScenario::*list, size_t from, size_t count) {
    CorrelationScenario smaller = scenario;
    auto& items = smaller.*list;
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(from),
                items.begin() + static_cast<std::ptrdiff_t>(std::min(from + count, items.size())));
    if (!fails(smaller)) return false;
    scenario = std::move(smaller);
    return true;
  };
  for (size_t i = scenario.rules.size(); i-- > 0;) drop(&CorrelationScenario::rules, i, 1);
  for (size_t size = std::max<size_t>(scenario.events.size() / 2, 1); size > 0; size /= 2) {
    for (size_t i = 0; i < scenario.events.size();) {
      if (!drop(&CorrelationScenario::events, i, size)) i += size;
    }
  }
  for (size_t i = 0; i < scenario.events.size();) {
    if (!drop(&CorrelationScenario::events, i, 1)) ++i;
  }
  return scenario;
}

}  // namespace vedette::testing
