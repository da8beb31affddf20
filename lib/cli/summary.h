// The account of a detection run: what was read, what was found, what was left out.
#ifndef VEDETTE_LIB_CLI_SUMMARY_H_
#define VEDETTE_LIB_CLI_SUMMARY_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/rule.h"
#include "vedette/sink.h"

namespace vedette::inline v0::cli {

// Counts, kept while reading. Nothing that is dropped goes uncounted. Thread-compatible.
class Summary {
 public:
  // Rules first; `correlations` of the loaded ones are over several events.
  void SetRules(uint64_t loaded, uint64_t skipped, uint64_t chosen, uint64_t correlations);

  void AddFile(const ReadStats& stats);
  void AddUnreadable(std::string message) { unreadable_.push_back(std::move(message)); }
  // A record that was no event; the first few are told.
  void AddBroken(std::string_view file, uint64_t line, std::string_view reason);
  void AddDetection(const RuleMeta& rule);
  // An event without a log source. At most 1,000 kinds are told apart, the rest counted together.
  void AddUnknown(std::string_view kind);
  // Events so costly that some rules were not decided for them, and how many rules in all.
  void set_undecided(uint64_t events, uint64_t rules) {
    undecided_events_ = events;
    undecided_rules_ = rules;
  }
  // What rules over several events did not see: records below the watermark, events without a
  // time; and group keys that were forgotten for want of memory.
  void set_left_out(uint64_t late, uint64_t without_time, uint64_t evicted) {
    late_ = late;
    without_time_ = without_time;
    evicted_ = evicted;
  }
  // Rules whose log source no event can have.
  void set_unroutable(uint64_t rules) { unroutable_ = rules; }
  void set_interrupted() { interrupted_ = true; }
  void set_cut_off() { cut_off_ = true; }
  void set_seconds(double seconds) { seconds_ = seconds; }

  uint64_t detections() const { return detections_; }
  uint64_t broken() const { return broken_; }
  const std::vector<std::string>& unreadable() const { return unreadable_; }

  // For people; ends in a newline.
  std::string Text(bool color) const;
  // One JSON object.
  std::string Json() const;

 private:
  // Name and count, most first.
  using Ranking = std::vector<std::pair<std::string_view, uint64_t>>;
  template <typename Map>
  static Ranking Ranked(const Map& counts);
  Ranking Tactics() const;
  std::string LevelsText(bool color) const;

  uint64_t rules_loaded_ = 0;
  uint64_t rules_skipped_ = 0;
  uint64_t rules_chosen_ = 0;
  uint64_t correlations_ = 0;
  uint64_t files_ = 0;
  uint64_t events_ = 0;
  uint64_t bytes_ = 0;
  uint64_t broken_ = 0;
  uint64_t incomplete_ = 0;
  uint64_t damaged_ = 0;
  uint64_t detections_ = 0;
  uint64_t unknown_ = 0;
  uint64_t undecided_events_ = 0;
  uint64_t undecided_rules_ = 0;
  uint64_t unroutable_ = 0;
  uint64_t late_ = 0;
  uint64_t without_time_ = 0;
  uint64_t evicted_ = 0;
  double seconds_ = 0;
  bool interrupted_ = false;
  bool cut_off_ = false;
  std::array<uint64_t, 6> levels_ = {};
  std::map<std::string, uint64_t, std::less<>> tactics_;
  std::map<std::string, uint64_t, std::less<>> rules_;
  std::map<std::string, Level, std::less<>> rule_levels_;
  std::map<std::string, uint64_t, std::less<>> unknown_kinds_;
  std::vector<std::string> broken_examples_;
  std::vector<std::string> unreadable_;
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_SUMMARY_H_
