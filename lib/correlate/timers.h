// Event-time timers of all operators of one depth.
#ifndef VEDETTE_LIB_CORRELATE_TIMERS_H_
#define VEDETTE_LIB_CORRELATE_TIMERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/event.h"

namespace vedette::inline v0 {

struct Timer {
  EventTime deadline = 0;
  uint32_t correlation = 0;
  uint32_t slot = 0;        // the operator's key
  uint32_t generation = 0;  // tells a later key in the same slot
};

// Hands timers out by (deadline, correlation, key). Timers are never taken back: whoever gets a
// stale one ignores it. Thread-compatible.
//
// A hierarchical wheel: a timer lies on the level of the highest digit (of 6 bits) in which its
// deadline differs from the last one handed out, in the slot of that digit. So adding is O(1), the
// lowest slot has the next deadline, and a slot is spread over the levels below when it is reached.
class Timers {
 public:
  // Whose key a slot is, to order timers of one deadline; null or no key: by slot.
  using KeyOf = std::function<std::string_view(uint32_t correlation, uint32_t slot)>;
  explicit Timers(KeyOf key_of) : key_of_(std::move(key_of)) {}
  ~Timers();
  Timers(Timers&& other) noexcept;
  Timers& operator=(Timers&&) = delete;

  void Add(const Timer& timer);
  // The first timer with a deadline before `bound`; false if there is none.
  bool Pop(EventTime bound, Timer* out);
  // Forgets those for which `is_stale` gives true.
  void Purge(const std::function<bool(const Timer&)>& is_stale);
  size_t size() const { return size_; }
  size_t bytes() const;

 private:
  static constexpr int kDigitBits = 6;
  static constexpr size_t kSlots = size_t{1} << kDigitBits;
  static constexpr size_t kLevels = 11;  // 66 bits
  static constexpr size_t kSpareBlocks = 64;

  // Timers of a slot, in no order.
  struct Block {
    static constexpr uint32_t kTimers = 31;
    Block* next = nullptr;
    uint32_t count = 0;
    std::array<Timer, kTimers> timers;
  };
  struct Slot {
    Block* head = nullptr;
    EventTime first = 0;  // the lowest deadline
  };
  struct Level {
    uint64_t used = 0;  // slots with timers
    std::array<Slot, kSlots> slots;
  };

  using Levels = std::array<Level, kLevels>;

  void AddToWheel(const Timer& timer);
  void PurgeSlot(const std::function<bool(const Timer&)>& is_stale, Slot* slot);
  // Moves the timers of the next deadline of the wheel to the end of `due_`.
  void TakeFromWheel(size_t level, size_t slot);
  void TakeFromEarly();
  void SortDue(size_t from);
  Block* NewBlock();
  void FreeBlock(Block* block);
  void FreeSpares();

  KeyOf key_of_;
  std::unique_ptr<Levels> levels_;  // since the first timer
  uint32_t used_levels_ = 0;
  EventTime base_ = INT64_MIN;  // no deadline in the wheel is lower
  std::vector<Timer> early_;    // a heap of those below `base_`, the first on top
  std::vector<Timer> due_;      // groups of one deadline, sorted; the next is the last
  Block* spare_ = nullptr;
  size_t spares_ = 0;
  size_t blocks_ = 0;  // with the spare ones
  size_t size_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_TIMERS_H_
