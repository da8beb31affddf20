#include "lib/cli/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "lib/cli/filter.h"
#include "lib/cli/table.h"
#include "lib/cli/terminal.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kMaxBrokenExamples = 3;
constexpr size_t kMaxKinds = 1000;
constexpr size_t kTopRules = 10;
constexpr size_t kTopKinds = 5;
constexpr size_t kLabel = 16;

void Line(std::string_view label, std::string_view text, std::string* out) {
  out->append("  ").append(Pad(label, kLabel)).append(text).append("\n");
}

std::string Rate(uint64_t n, double seconds) {
  if (seconds <= 0) return "-";
  return WithCommas(static_cast<uint64_t>(std::llround(static_cast<double>(n) / seconds)));
}

std::string Megabytes(uint64_t bytes) {
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text.data();
}

}  // namespace

void Summary::SetRules(uint64_t loaded, uint64_t skipped, uint64_t chosen, uint64_t correlations) {
  rules_loaded_ = loaded;
  rules_skipped_ = skipped;
  rules_chosen_ = chosen;
  correlations_ = correlations;
}

void Summary::AddFile(const ReadStats& stats) {
  ++files_;
  events_ += stats.events;
  bytes_ += stats.bytes;
  broken_ += stats.broken + stats.oversized;
  incomplete_ += stats.incomplete;
  damaged_ += stats.damaged;
}

void Summary::AddBroken(std::string_view file, uint64_t line, std::string_view reason) {
  if (broken_examples_.size() >= kMaxBrokenExamples) return;
  broken_examples_.push_back(Clean(file) + ":" + std::to_string(line) + ": " + Fit(reason, 120));
}

void Summary::AddDetection(const RuleMeta& rule) {
  ++detections_;
  ++levels_[static_cast<size_t>(rule.level)];
  const std::string_view name = rule.display_name();
  auto it = rules_.find(name);
  if (it == rules_.end()) {
    it = rules_.emplace(name, 0).first;
    rule_levels_.emplace(name, rule.level);
  }
  ++it->second;
  std::set<std::string> tactics;
  for (const std::string& tag : rule.tags) tactics.insert(TacticOfTag(tag));
  for (const std::string& tactic : tactics) {
    if (!tactic.empty()) ++tactics_[tactic];
  }
}

void Summary::AddUnknown(std::string_view kind) {
  ++unknown_;
  auto it = unknown_kinds_.find(kind);
  if (it == unknown_kinds_.end()) {
    if (unknown_kinds_.size() >= kMaxKinds) kind = "(other)";
    it = unknown_kinds_.emplace(kind, 0).first;
  }
  ++it->second;
}

template <typename Map>
Summary::Ranking Summary::Ranked(const Map& counts) {
  Ranking out(counts.begin(), counts.end());
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

Summary::Ranking Summary::Tactics() const {
  Ranking out(tactics_.begin(), tactics_.end());
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) {
    return TacticOrder(a.first) < TacticOrder(b.first);
  });
  return out;
}

std::string Summary::LevelsText(bool color) const {
  std::string out;
  for (size_t i = levels_.size(); i-- > 0;) {
    if (levels_[i] == 0) continue;
    const Level level = static_cast<Level>(i);
    if (!out.empty()) out.append(", ");
    out.append(LevelColor(level, color)).append(WithCommas(levels_[i])).append(" ");
    out.append(level == Level::kUnset ? "without level" : LevelName(level));
    out.append(Paint(color).Off());
  }
  return out;
}

std::string Summary::Text(bool color) const {
  const Paint paint(color);
  std::string out(paint.Bold());
  out.append("Summary").append(paint.Off());
  if (interrupted_) out.append(" (interrupted: only the part read so far)");
  if (cut_off_) out.append(" (stopped at --max-detections)");
  out.append("\n");
  std::string rules = WithCommas(rules_loaded_) + " loaded";
  if (rules_chosen_ != rules_loaded_) rules += ", " + WithCommas(rules_chosen_) + " chosen";
  if (rules_skipped_ > 0) {
    rules += ", " + WithCommas(rules_skipped_) + " skipped (see `vedette check`)";
  }
  if (correlations_ > 0) rules += ", " + WithCommas(correlations_) + " over several events";
  if (unroutable_ > 0) rules += ", " + WithCommas(unroutable_) + " of unknown log sources";
  Line("rules", rules, &out);
  std::string events = WithCommas(events_) + " in " + Count(files_, "file");
  if (bytes_ > 0) events += ", " + Megabytes(bytes_);
  Line("events", events, &out);
  Line("time", FormatSeconds(seconds_) + " (" + Rate(events_, seconds_) + " events/s)", &out);
  for (const std::string& message : unreadable_) Line("unreadable", Clean(message), &out);
  if (undecided_events_ > 0) {
    Line("undecided",
         Count(undecided_rules_, "verdict") + " of " + Count(undecided_events_, "event") +
             " with very long values",
         &out);
  }
  if (late_ > 0) {
    Line("late", Count(late_, "record") + " left out of rules over several events (see --lateness)",
         &out);
  }
  if (without_time_ > 0) {
    Line("no time", Count(without_time_, "event") + " left out of rules over several events", &out);
  }
  if (evicted_ > 0) {
    Line("evicted", Count(evicted_, "group key") + " for want of memory (see --max-state)", &out);
  }
  if (damaged_ > 0) Line("damaged", Count(damaged_, "block") + " of the input", &out);
  if (incomplete_ > 0) Line("incomplete", Count(incomplete_, "event"), &out);
  if (broken_ > 0) Line("broken", Count(broken_, "record") + " skipped", &out);
  if (broken_ + incomplete_ + damaged_ > 0) {
    for (const std::string& example : broken_examples_) Line("", example, &out);
    if (broken_ + incomplete_ + damaged_ > broken_examples_.size()) Line("", "...", &out);
  }
  if (unknown_ > 0) {
    Line("no log source", Count(unknown_, "event") + " (`vedette logsources` shows the table)",
         &out);
    const Ranking kinds = Ranked(unknown_kinds_);
    for (size_t i = 0; i < std::min(kTopKinds, kinds.size()); ++i) {
      const std::string_view kind = kinds[i].first.empty() ? "(empty event)" : kinds[i].first;
      Line("", Pad(WithCommas(kinds[i].second), 9) + Fit(kind, 70), &out);
    }
    if (kinds.size() > kTopKinds) {
      Line("", "and " + Count(kinds.size() - kTopKinds, "more kind"), &out);
    }
  }
  Line("detections", detections_ == 0 ? "none" : WithCommas(detections_), &out);
  if (detections_ == 0) return out;
  Line("by level", LevelsText(color), &out);
  std::string_view label = "by tactic";
  for (const auto& [tactic, n] : Tactics()) {
    Line(label, Pad(WithCommas(n), 9) + Fit(tactic, 60), &out);
    label = "";
  }
  const Ranking ranked = Ranked(rules_);
  label = "top rules";
  for (size_t i = 0; i < std::min(kTopRules, ranked.size()); ++i) {
    const Level level = rule_levels_.find(ranked[i].first)->second;
    std::string text = Pad(WithCommas(ranked[i].second), 9);
    text.append(LevelColor(level, color)).append(Pad(ShortLevel(level), 10)).append(paint.Off());
    Line(label, text.append(Fit(ranked[i].first, 70)), &out);
    label = "";
  }
  if (ranked.size() > kTopRules) {
    Line("", "and " + Count(ranked.size() - kTopRules, "more rule"), &out);
  }
  return out;
}

namespace {

template <typename Ranking>
std::string Counts(const Ranking& ranking) {
  std::string out = "{";
  for (const auto& [name, n] : ranking) AppendJsonMember(name, n, &out);
  return out.append("}");
}

}  // namespace

std::string Summary::Json() const {
  std::string out = "{";
  AppendJsonKey("rules", &out);
  std::string rules = "{";
  AppendJsonMember("loaded", rules_loaded_, &rules);
  AppendJsonMember("chosen", rules_chosen_, &rules);
  AppendJsonMember("skipped", rules_skipped_, &rules);
  AppendJsonMember("over_several_events", correlations_, &rules);
  AppendJsonMember("of_unknown_log_sources", unroutable_, &rules);
  out.append(rules).append("}");
  AppendJsonMember("files", files_, &out);
  AppendJsonMember("events", events_, &out);
  AppendJsonMember("bytes", bytes_, &out);
  AppendJsonMember("broken", broken_, &out);
  AppendJsonMember("incomplete", incomplete_, &out);
  AppendJsonMember("damaged", damaged_, &out);
  AppendJsonKey("broken_examples", &out);
  out.append(JsonStrings(broken_examples_));
  AppendJsonKey("unreadable", &out);
  out.append(JsonStrings(unreadable_));
  AppendJsonMember("events_without_log_source", unknown_, &out);
  AppendJsonMember("events_undecided", undecided_events_, &out);
  AppendJsonMember("verdicts_undecided", undecided_rules_, &out);
  AppendJsonMember("late_records", late_, &out);
  AppendJsonMember("events_without_time", without_time_, &out);
  AppendJsonMember("evicted_keys", evicted_, &out);
  AppendJsonKey("unknown_log_sources", &out);
  out.append(Counts(Ranked(unknown_kinds_)));
  AppendJsonMember("detections", detections_, &out);
  AppendJsonKey("by_level", &out);
  std::string levels = "{";
  for (size_t i = levels_.size(); i-- > 0;) {
    const Level level = static_cast<Level>(i);
    if (levels_[i] > 0) {
      AppendJsonMember(level == Level::kUnset ? "unset" : LevelName(level), levels_[i], &levels);
    }
  }
  out.append(levels).append("}");
  AppendJsonKey("by_tactic", &out);
  out.append(Counts(Tactics()));
  AppendJsonKey("by_rule", &out);
  out.append(Counts(Ranked(rules_)));
  AppendJsonKey("interrupted", &out);
  out.append(interrupted_ ? "true" : "false");
  AppendJsonMember("milliseconds", static_cast<uint64_t>(std::llround(seconds_ * 1000)), &out);
  return out.append("}");
}

}  // namespace vedette::inline v0::cli
