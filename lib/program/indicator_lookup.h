// What `inSet` asks: the host's indicator sets as one evaluator sees them.
#ifndef VEDETTE_LIB_PROGRAM_INDICATOR_LOOKUP_H_
#define VEDETTE_LIB_PROGRAM_INDICATOR_LOOKUP_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "vedette/event.h"
#include "vedette/indicator_set.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Thread-compatible; `sets` (may be null) must outlive it.
class IndicatorLookup {
 public:
  // The last indicator that was found.
  struct Hit {
    const IndicatorSet* set = nullptr;  // null: none since ClearHit
    std::string_view name;              // of the set
    size_t indicator = 0;
    Value value;  // the first that was asked about
  };

  explicit IndicatorLookup(const IndicatorSets* sets) : sets_(sets) {}

  // Before an event: takes the sets that the host has set since, and the time at which indicators
  // must be valid.
  void Begin(EventTime at);
  // `inSet(value, set)`, `inSet(value, set, field, value, field, ..)`: null if a value is null.
  Value Call(std::span<const Value> args);

  void ClearHit() { hit_ = {}; }
  const Hit& hit() const { return hit_; }
  uint64_t missing_sets() const { return missing_sets_; }  // times that a set was not there

 private:
  const IndicatorSets* sets_;
  uint64_t version_ = 0;
  std::shared_ptr<const IndicatorSets::Map> map_;
  EventTime at_ = kNoEventTime;
  Hit hit_;
  uint64_t missing_sets_ = 0;
  std::string texts_;
  std::string scratch_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_INDICATOR_LOOKUP_H_
