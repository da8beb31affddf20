// Makes records for correlations from the event that was evaluated.
#ifndef VEDETTE_LIB_EVAL_RECORDS_H_
#define VEDETTE_LIB_EVAL_RECORDS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/eval/frame.h"
#include "lib/eval/runner.h"
#include "lib/program/program_layout.h"
#include "vedette/evaluator.h"
#include "vedette/match_record.h"

namespace vedette::inline v0 {

// Belongs to one evaluator. What it makes points into the frame's arena.
class RecordMaker {
 public:
  RecordMaker(const ProgramLayout& layout, Frame* frame, Runner* runner)
      : layout_(layout), frame_(frame), runner_(runner) {}

  // The records of the frame's event, for which `rules` hold.
  void Make(const EventView& event, std::span<const uint32_t> rules, EvaluatorStats* stats);
  std::span<const MatchRecord> records() const { return records_; }

 private:
  // The distinct values of one key, as bytes: parts_[first] .. parts_[first + count - 1].
  struct KeyValues {
    size_t first = 0;
    size_t count = 0;
    size_t dropped = 0;  // more than fit
  };

  void MakeOf(const CorrelationFeed& feed, const EventView& event, EvaluatorStats* stats);
  // False if a part of the key is missing.
  bool CollectKeys(const CorrelationFeed& feed);
  void CollectKey(const CompiledKey& key, KeyValues* out);
  // Whether the values could be found within the budget.
  bool FillColumns(const CorrelationFeed& feed, std::span<Value> out);
  void Combine(const MatchRecord& like, EvaluatorStats* stats);

  const ProgramLayout& layout_;
  Frame* frame_;
  Runner* runner_;
  std::vector<MatchRecord> records_;
  std::vector<KeyValues> keys_;  // of the feed at hand
  std::vector<std::string_view> parts_;
  std::vector<size_t> at_;
  std::string scratch_;
  std::vector<Value> choices_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_RECORDS_H_
