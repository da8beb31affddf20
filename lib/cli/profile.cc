// `vedette profile`: what rules and their tests cost on events.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <optional>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/evaluator.h"

namespace vedette::inline v0::cli {
namespace {

int64_t Nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double Share(int64_t part, int64_t whole) {
  return whole <= 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, share >= 0.0995 ? "%.0f%%" : "%.1f%%", share * 100);
  return text;
}

std::string Nanos(int64_t time, uint64_t events) {
  const double each = events == 0 ? 0 : static_cast<double>(time) / static_cast<double>(events);
  char text[32];
  std::snprintf(text, sizeof text, each >= 99.5 ? "%.0f" : "%.1f", each);
  return text;
}

// A rule of the program, the author's or the condition of a correlation's source.
struct Row {
  size_t rule = 0;
  RuleCost cost;
};

// What could make a rule cheaper; nothing if it is cheap, or its cost is what it finds.
std::optional<std::string> Advice(const Row& row, const EvaluationProfile& profile) {
  constexpr double kDear = 0.01;    // of all the time
  constexpr double kOften = 0.05;   // of the events that it faces
  constexpr double kSeldom = 0.05;  // of those for which it is evaluated
  const RuleCost& c = row.cost;
  if (Share(c.time, profile.time) < kDear) return std::nullopt;
  if (c.always) {
    return "no test in it must hold that an index can look up, so it is evaluated for each event "
           "of "
           "its log source: add an equality or a literal of three or more characters";
  }
  if (Share(c.evaluated, c.faced) > kOften && Share(c.held, c.evaluated) < kSeldom) {
    return "its rarest required test holds for " + Percent(Share(c.evaluated, c.faced)) +
           " of the events of its log source, the rule for " + Percent(Share(c.held, c.evaluated)) +
           " of those: require something rarer";
  }
  return std::nullopt;
}

std::optional<std::string> Advice(const TestCost& test, const EvaluationProfile& profile) {
  constexpr double kDear = 0.02;
  if (!test.regex || Share(test.time, profile.time) < kDear) return std::nullopt;
  return "a regular expression without a literal that seldom stands in the field: it is tried on " +
         WithCommas(test.evaluated) + " values and holds for " + WithCommas(test.held);
}

class Report {
 public:
  Report(const LoadedRules& rules, EvaluationProfile profile, size_t top, uint64_t events,
         Console* console)
      : program_(*rules.program), profile_(std::move(profile)), events_(events), console_(console) {
    // Conditions of correlation sources have no name to show; their tests are shown all the same.
    for (size_t i = 0; i < program_.rule_count(); ++i) {
      const RuleCost& cost = profile_.rules[i];
      faced_ += cost.faced > 0 ? 1 : 0;
      if (cost.evaluated > 0) rows_.push_back({i, cost});
    }
    evaluated_ = rows_.size();
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.cost.time > b.cost.time; });
    tests_ = std::min(top, profile_.tests.size());
    for (const Row& row : rows_) {
      if (auto advice = Advice(row, profile_)) advice_.emplace_back(row.rule, *std::move(advice));
    }
    shown_ = std::min(top, rows_.size());
  }

  void PrintText() const {
    Output& out = *console_->out;
    out.Write(Head());
    if (shown_ > 0) out.Write("\n" + Rules());
    if (tests_ > 0) out.Write("\n" + Tests());
    out.Write("\n" + Rewriting());
  }

  void PrintJson() const {
    std::string out = "{";
    AppendJsonMember("events", events_, &out);
    AppendJsonMember("sampled", profile_.events, &out);
    AppendJsonMember("nanoseconds", static_cast<uint64_t>(profile_.time), &out);
    AppendJsonMember("index_nanoseconds", static_cast<uint64_t>(profile_.index_time), &out);
    AppendJsonMember("rules_faced", faced_, &out);
    AppendJsonMember("rules_evaluated", evaluated_, &out);
    AppendJsonKey("rules", &out);
    out += "[";
    for (size_t i = 0; i < shown_; ++i) out += (i > 0 ? ",\n" : "\n") + RuleJson(rows_[i]);
    out += "\n]";
    AppendJsonKey("tests", &out);
    out += "[";
    for (size_t i = 0; i < tests_; ++i) {
      out += (i > 0 ? ",\n" : "\n") + TestJson(profile_.tests[i]);
    }
    console_->out->Write(out + "\n]}\n");
  }

 private:
  std::string Head() const {
    const int64_t in_rules =
        std::accumulate(profile_.rules.begin(), profile_.rules.end(), int64_t{0},
                        [](int64_t sum, const RuleCost& c) { return sum + c.time; });
    std::string out = Count(events_, "event");
    if (profile_.events != events_) out += ", " + WithCommas(profile_.events) + " sampled";
    out += ": " + Nanos(profile_.time, profile_.events) + " ns each without reading, " +
           Percent(Share(profile_.index_time, profile_.time)) + " for the index, " +
           Percent(Share(in_rules, profile_.time)) + " for rules\n";
    out += Count(program_.rule_count(), "rule") + ": " + WithCommas(faced_) +
           " met an event of their log source, " + WithCommas(evaluated_) + " were evaluated\n";
    return out;
  }

  std::string Rules() const {
    ListTable table({{"RULE", 20},
                     {"SHARE", 5, Keep::kBegin, true},
                     {"NS/EVENT", 8, Keep::kBegin, true},
                     {"FACED", 5, Keep::kBegin, true},
                     {"EVALUATED", 9, Keep::kBegin, true},
                     {"HELD", 4, Keep::kBegin, true}});
    for (size_t i = 0; i < shown_; ++i) {
      const RuleCost& c = rows_[i].cost;
      table.Add({Clean(program_.rule(rows_[i].rule).display_name()),
                 Percent(Share(c.time, profile_.time)), Nanos(c.time, profile_.events),
                 WithCommas(c.faced), WithCommas(c.evaluated), WithCommas(c.held)});
    }
    return table.Format(console_->width, console_->color_out);
  }

  std::string Tests() const {
    ListTable table({{"TEST", 24},
                     {"SHARE", 5, Keep::kBegin, true},
                     {"RULES", 5, Keep::kBegin, true},
                     {"EVALUATED", 9, Keep::kBegin, true},
                     {"HELD", 4, Keep::kBegin, true}});
    for (size_t i = 0; i < tests_; ++i) {
      const TestCost& t = profile_.tests[i];
      table.Add({Clean(t.test), Percent(Share(t.time, profile_.time)), WithCommas(t.rules),
                 WithCommas(t.evaluated), WithCommas(t.held)});
    }
    return table.Format(console_->width, console_->color_out);
  }

  std::string Rewriting() const {
    std::string out;
    for (const auto& [rule, advice] : advice_) {
      const RuleMeta& meta = program_.rule(rule);
      out += Clean(meta.display_name()) + " (" + Clean(meta.source) + ":" +
             std::to_string(meta.line) + ")\n  ";
      AppendWrapped(advice, 2, console_->width, &out);
      out += "\n";
    }
    for (const TestCost& test : profile_.tests) {
      const std::optional<std::string> advice = Advice(test, profile_);
      if (!advice) continue;
      out += Clean(test.test) + "\n  ";
      AppendWrapped(*advice, 2, console_->width, &out);
      out += "\n";
    }
    return out.empty() ? "Nothing stands out that is worth rewriting.\n"
                       : "Worth rewriting:\n" + out;
  }

  std::string RuleJson(const Row& row) const {
    const RuleMeta& meta = program_.rule(row.rule);
    std::string out = "{";
    AppendJsonMember("rule_id", meta.id, &out);
    AppendJsonMember("title", meta.display_name(), &out);
    AppendJsonMember("file", meta.source, &out);
    AppendJsonMember("nanoseconds", static_cast<uint64_t>(row.cost.time), &out);
    AppendJsonMember("faced", row.cost.faced, &out);
    AppendJsonMember("evaluated", row.cost.evaluated, &out);
    AppendJsonMember("held", row.cost.held, &out);
    AppendJsonKey("always", &out);
    out += row.cost.always ? "true" : "false";
    if (const auto advice = Advice(row, profile_)) AppendJsonMember("advice", *advice, &out);
    return out + "}";
  }

  std::string TestJson(const TestCost& test) const {
    std::string out = "{";
    AppendJsonMember("field", test.field, &out);
    AppendJsonMember("test", test.test, &out);
    AppendJsonMember("nanoseconds", static_cast<uint64_t>(test.time), &out);
    AppendJsonMember("rules", test.rules, &out);
    AppendJsonMember("evaluated", test.evaluated, &out);
    AppendJsonMember("held", test.held, &out);
    if (const auto advice = Advice(test, profile_)) AppendJsonMember("advice", *advice, &out);
    return out + "}";
  }

  const Program& program_;
  const EvaluationProfile profile_;
  const uint64_t events_;
  Console* const console_;
  std::vector<Row> rows_;  // the costliest first
  uint64_t faced_ = 0;
  uint64_t evaluated_ = 0;
  size_t shown_ = 0;
  size_t tests_ = 0;
  std::vector<std::pair<size_t, std::string>> advice_;
};

int Profile(const Options& options, Console* console) {
  if (options.Values("events").empty()) {
    return Fail(absl::InvalidArgumentError("no events given; use --events PATH, or - for stdin"),
                "profile", console);
  }
  const absl::StatusOr<uint64_t> top = options.Number("top", 15);
  if (!top.ok()) return Fail(top.status(), "profile", console);
  const absl::StatusOr<uint64_t> every = options.Number("every", 1);
  if (!every.ok()) return Fail(every.status(), "profile", console);
  if (*every == 0 || *every > UINT32_MAX) {
    return Fail(absl::InvalidArgumentError("--every: at least 1"), "profile", console);
  }
  absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "profile", console);
  const absl::StatusOr<LoadedRules> rules = LoadRules(options, {}, {.only_selected = true});
  if (!rules.ok()) return Fail(rules.status(), "profile", console);
  ReportSkipped(*rules, console);
  if (rules->stats.rules_loaded + rules->stats.correlations == 0) {
    console->Error("no rule could be loaded");
    return kExitFailed;
  }
  const absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), "profile", console);
  if (files->empty()) {
    console->Error("no event file found");
    return kExitFailed;
  }
  events->read.json.only_fields_of = rules->program.get();
  // What is measured is the index, whatever it costs to make.
  Evaluator evaluator(rules->program, {.events_before_index = 0,
                                       .profile_every = static_cast<uint32_t>(*every),
                                       .profile_clock = Nanoseconds,
                                       .indicator_sets = rules->indicator_sets.get()});
  const bool all_read = ForEachEvent(*files, *events, console, [&](const Event& event) {
    const EventView view = events->View(event);
    evaluator.Evaluate(view);
    evaluator.Records(view);
  });
  const Report report(*rules, evaluator.Profile(), *top, evaluator.stats().events, console);
  if (options.Value("output") == "json") {
    report.PrintJson();
  } else {
    report.PrintText();
  }
  return Interrupted() ? kExitInterrupted : all_read ? kExitOk : kExitFailed;
}

}  // namespace

Command ProfileCommand() {
  CommandSpec spec;
  spec.name = "profile";
  spec.summary = "Show what rules cost on events, and which are worth rewriting.";
  spec.description =
      "Evaluates the events and times each rule and each of its tests. FACED are the events of the "
      "rule's log source, EVALUATED those for which it could hold after one look at each field for "
      "all rules, HELD those for which it held. A test that several rules share is paid by the "
      "first that asks.";
  spec.examples =
      "vedette profile --rules rules --events events.jsonl\n"
      "vedette profile -r rules -e logs/ --every 16 --top 50 -o json > profile.json";
  spec.options = RuleOptions();
  for (OptionSpec& o : EventReadOptions()) spec.options.push_back(o);
  for (OptionSpec& o : FilterOptions()) spec.options.push_back(o);
  const std::vector<OptionSpec> own = {
      {"top", 'n', OptionKind::kValue, "N", "Rules and tests shown. Default: 15."},
      {"every", 0, OptionKind::kValue, "N",
       "Time only each N-th event: faster, and without the cost of looking at the clock so often. "
       "Default: 1."},
      {"output", 'o', OptionKind::kValue, "FORM", "table (the default) or json.", "table|json"},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Profile};
}

}  // namespace vedette::inline v0::cli
