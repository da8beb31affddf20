// What all operators have in common: a table of keys, evicted and saved one by one.
#ifndef VEDETTE_LIB_CORRELATE_KEYED_OPERATOR_H_
#define VEDETTE_LIB_CORRELATE_KEYED_OPERATOR_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/correlate/key_table.h"
#include "lib/correlate/key_text.h"
#include "lib/correlate/operator.h"

namespace vedette::inline v0 {

// `State` is default-constructible and movable and owns everything of its key; `owned_bytes_`
// counts what states own beyond their size (records excepted), kept true by the operator through
// Charge and OwnedBytes.
template <typename State>
class KeyedOperator : public Operator {
 public:
  explicit KeyedOperator(const OperatorContext& context)
      : context_(context), spec_(*context.spec) {}

  std::string_view KeyOfSlot(uint32_t slot) const final {
    return table_.IsLive(slot) ? table_.key(slot) : std::string_view();
  }
  bool IsLive(uint32_t slot, uint32_t generation) const final {
    return table_.IsLive(slot, generation);
  }
  std::vector<std::string> Describe(size_t max_keys, EventTime now,
                                    std::string_view wanted) const final {
    std::vector<std::string> lines;
    for (uint32_t slot = table_.newest(); slot != kNoSlot && lines.size() < max_keys;
         slot = table_.OlderThan(slot)) {
      const std::string key = KeyText(spec_, table_.key(slot));
      if (key.find(wanted) == std::string::npos) continue;
      lines.push_back(key + ": " + DescribeState(table_[slot], now));
    }
    return lines;
  }
  size_t key_count() const final { return table_.size(); }
  size_t bytes() const final { return table_.bytes() + owned_bytes_; }
  bool EvictOldest() final {
    const uint32_t slot = table_.oldest();
    if (slot == kNoSlot) return false;
    RemoveKey(slot);
    degraded_ = true;
    return true;
  }
  void ListKeys(std::vector<std::pair<std::string_view, uint32_t>>* out) const final {
    table_.ForEach([&](uint32_t slot) { out->emplace_back(table_.key(slot), slot); });
  }

 protected:
  // What a state owns beyond its size, records excepted; an estimate.
  virtual size_t OwnedBytes(const State& state) const = 0;

  // What is open at `now`, for people.
  virtual std::string DescribeState(const State& state, EventTime now) const = 0;

  // The state of the record's key, most recently used now; kNoSlot if it may not be added.
  uint32_t SlotFor(std::string_view key) {
    const auto probe = KeyTable<State>::ProbeOf(key);
    const uint32_t slot = table_.Find(probe);
    if (slot != kNoSlot) {
      table_.Touch(slot);
      return slot;
    }
    return context_.host->MayAddKey() ? table_.Add(probe) : kNoSlot;
  }
  void RemoveKey(uint32_t slot) {
    owned_bytes_ -= OwnedBytes(table_[slot]);
    table_.Remove(slot);
  }
  // Call with OwnedBytes from before and after a change.
  void Charge(size_t before, size_t after) { owned_bytes_ += after - before; }
  void AddTimer(EventTime deadline, uint32_t slot) {
    context_.timers->Add({deadline, context_.correlation, slot, table_.generation(slot)});
  }

  OperatorContext context_;
  const ProgramCorrelation& spec_;
  KeyTable<State> table_;
  size_t owned_bytes_ = 0;
  bool degraded_ = false;  // some key was evicted
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEYED_OPERATOR_H_
