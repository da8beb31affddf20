// Remembers which plan events had, by what their routing fields say.
#ifndef VEDETTE_LIB_EVAL_PLAN_MEMO_H_
#define VEDETTE_LIB_EVAL_PLAN_MEMO_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

struct Plan;

// Of some sixty fields that tell log sources an event has a handful, and the same handful as all
// events of its shape. Classifying their texts and finding the plan is done once for each
// combination of values. Bounded: what is full starts over. Thread-compatible.
class PlanMemo {
 public:
  // Which routing fields events of one kind can have; null: not known yet. `kind` is the binding's
  // number and the shape's.
  const std::vector<uint32_t>* FieldsOf(uint64_t kind) const {
    const auto it = fields_.find(kind);
    return it == fields_.end() ? nullptr : &it->second;
  }
  void SetFields(uint64_t kind, std::vector<uint32_t> fields);

  // Begins a key; then come its parts.
  void BeginKey(uint64_t kind);
  // False, with nothing appended, for all but short scalars: they have ever new values.
  bool AppendToKey(const Value& value);
  // What such a value is for routing.
  void AppendToKey(std::span<const uint16_t> numbers);
  void AppendToKey(std::string_view text);
  // The plan of the key; null if it is not known.
  Plan* Find() const {
    const auto it = plans_.find(key_);
    return it == plans_.end() ? nullptr : it->second;
  }
  void Keep(Plan* plan);
  // Forgets all plans and what events can have.
  void Clear();

 private:
  static constexpr size_t kMaxPlans = 4096;
  static constexpr size_t kMaxKinds = 4096;

  std::string key_;
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> fields_;
  absl::flat_hash_map<std::string, Plan*, StringHash, StringEq> plans_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_PLAN_MEMO_H_
