#include "lib/correlate/timers.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace vedette::inline v0 {
namespace {

bool Later(const Timer& a, const Timer& b) { return a.deadline > b.deadline; }

// Keeps the order of deadlines.
uint64_t Digits(EventTime t) {
  return static_cast<uint64_t>(t) ^ uint64_t { 1 } << 63;
}

}  // namespace

Timers::Timers(Timers&& other) noexcept
    : key_of_(std::move(other.key_of_)),
      levels_(std::move(other.levels_)),
      used_levels_(std::exchange(other.used_levels_, 0)),
      base_(other.base_),
      early_(std::move(other.early_)),
      due_(std::move(other.due_)),
      spare_(std::exchange(other.spare_, nullptr)),
      spares_(std::exchange(other.spares_, 0)),
      blocks_(std::exchange(other.blocks_, 0)),
      size_(std::exchange(other.size_, 0)) {}

Timers::~Timers() {
  Purge([](const Timer&) { return true; });
}

void Timers::Add(const Timer& timer) {
  ++size_;
  if (timer.deadline >= base_) return AddToWheel(timer);
  early_.push_back(timer);
  std::push_heap(early_.begin(), early_.end(), Later);
}

void Timers::AddToWheel(const Timer& timer) {
  if (levels_ == nullptr) levels_ = std::make_unique<Levels>();
  const uint64_t differs = Digits(timer.deadline) ^ Digits(base_);
  const auto level = static_cast<size_t>((63 - std::countl_zero(differs | 1)) / kDigitBits);
  const size_t digit = Digits(timer.deadline) >> (level * kDigitBits) & (kSlots - 1);
  Slot& slot = (*levels_)[level].slots[digit];
  if (slot.head == nullptr) {
    (*levels_)[level].used |= uint64_t{1} << digit;
    used_levels_ |= uint32_t{1} << level;
    slot.first = timer.deadline;
  } else if (timer.deadline < slot.first) {
    slot.first = timer.deadline;
  }
  if (slot.head == nullptr || slot.head->count == Block::kTimers) {
    Block* const block = NewBlock();
    block->next = slot.head;
    slot.head = block;
  }
  slot.head->timers[slot.head->count++] = timer;
}

bool Timers::Pop(EventTime bound, Timer* out) {
  // A timer that was added while those of its deadline are handed out comes after them.
  if (!early_.empty() && (due_.empty() || early_.front().deadline < due_.back().deadline)) {
    if (early_.front().deadline >= bound) return false;
    TakeFromEarly();
  } else if (due_.empty()) {
    if (used_levels_ == 0) return false;
    const auto level = static_cast<size_t>(std::countr_zero(used_levels_));
    const auto slot = static_cast<size_t>(std::countr_zero((*levels_)[level].used));
    if ((*levels_)[level].slots[slot].first >= bound) return false;
    TakeFromWheel(level, slot);
  }
  if (due_.back().deadline >= bound) return false;
  *out = due_.back();
  due_.pop_back();
  --size_;
  constexpr size_t kKept = 4096;
  if (due_.empty() && due_.capacity() > kKept) due_ = std::vector<Timer>();
  return true;
}

void Timers::TakeFromWheel(size_t level, size_t digit) {
  Level& from = (*levels_)[level];
  const EventTime deadline = from.slots[digit].first;
  Block* block = std::exchange(from.slots[digit].head, nullptr);
  from.used &= ~(uint64_t{1} << digit);
  if (from.used == 0) used_levels_ &= ~(uint32_t{1} << level);
  base_ = deadline;
  const size_t sorted = due_.size();
  if (level == 0 && block->next != nullptr) {
    size_t count = 0;
    for (const Block* b = block; b != nullptr; b = b->next) count += b->count;
    due_.reserve(sorted + count);
  }
  while (block != nullptr) {
    for (uint32_t i = 0; i < block->count; ++i) {
      const Timer& timer = block->timers[i];
      if (timer.deadline == deadline) {
        due_.push_back(timer);
      } else {
        AddToWheel(timer);
      }
    }
    FreeBlock(std::exchange(block, block->next));
  }
  SortDue(sorted);
}

void Timers::TakeFromEarly() {
  const EventTime deadline = early_.front().deadline;
  const size_t sorted = due_.size();
  while (!early_.empty() && early_.front().deadline == deadline) {
    std::pop_heap(early_.begin(), early_.end(), Later);
    due_.push_back(early_.back());
    early_.pop_back();
  }
  SortDue(sorted);
}

void Timers::SortDue(size_t from) {
  if (due_.size() - from < 2) return;
  const auto key = [this](const Timer& t) {
    return key_of_ ? key_of_(t.correlation, t.slot) : std::string_view();
  };
  std::sort(due_.begin() + static_cast<std::ptrdiff_t>(from), due_.end(),
            [&key](const Timer& a, const Timer& b) {
              if (a.correlation != b.correlation) return a.correlation > b.correlation;
              const int order = key(a).compare(key(b));
              if (order != 0) return order > 0;
              return std::tie(a.slot, a.generation) > std::tie(b.slot, b.generation);
            });
}

void Timers::Purge(const std::function<bool(const Timer&)>& is_stale) {
  std::erase_if(early_, is_stale);
  std::make_heap(early_.begin(), early_.end(), Later);
  early_.shrink_to_fit();
  std::erase_if(due_, is_stale);
  due_.shrink_to_fit();
  size_ = early_.size() + due_.size();
  for (uint32_t levels = used_levels_; levels != 0; levels &= levels - 1) {
    const int number = std::countr_zero(levels);
    Level& level = (*levels_)[static_cast<size_t>(number)];
    for (uint64_t slots = level.used; slots != 0; slots &= slots - 1) {
      const int digit = std::countr_zero(slots);
      Slot& slot = level.slots[static_cast<size_t>(digit)];
      PurgeSlot(is_stale, &slot);
      if (slot.head == nullptr) level.used &= ~(uint64_t{1} << digit);
    }
    if (level.used == 0) used_levels_ &= ~(uint32_t{1} << number);
  }
  if (used_levels_ == 0) levels_.reset();
  FreeSpares();
}

void Timers::PurgeSlot(const std::function<bool(const Timer&)>& is_stale, Slot* slot) {
  // Those that stay are copied to the front of the slot's own blocks, which they never fill faster
  // than they are read.
  Block* to = slot->head;
  uint32_t kept = 0;
  EventTime first = INT64_MAX;
  for (const Block* from = slot->head; from != nullptr; from = from->next) {
    for (uint32_t i = 0, count = from->count; i < count; ++i) {
      const Timer timer = from->timers[i];
      if (is_stale(timer)) continue;
      if (kept == Block::kTimers) {
        to->count = std::exchange(kept, 0);
        to = to->next;
      }
      to->timers[kept++] = timer;
      first = std::min(first, timer.deadline);
      ++size_;
    }
  }
  for (Block* block = std::exchange(to->next, nullptr); block != nullptr;) {
    FreeBlock(std::exchange(block, block->next));
  }
  to->count = kept;
  slot->first = first;
  if (kept == 0) {
    FreeBlock(std::exchange(slot->head, nullptr));
    return;
  }
  // The block that is not full comes first, where timers are added.
  if (to == slot->head) return;
  Block* before = slot->head;
  while (before->next != to) before = before->next;
  before->next = nullptr;
  to->next = std::exchange(slot->head, to);
}

Timers::Block* Timers::NewBlock() {
  if (spare_ == nullptr) {
    ++blocks_;
    return new Block;
  }
  Block* const block = std::exchange(spare_, spare_->next);
  --spares_;
  block->next = nullptr;
  block->count = 0;
  return block;
}

void Timers::FreeBlock(Block* block) {
  if (spares_ == kSpareBlocks) {
    --blocks_;
    delete block;
    return;
  }
  block->next = spare_;
  spare_ = block;
  ++spares_;
}

void Timers::FreeSpares() {
  while (spare_ != nullptr) {
    delete std::exchange(spare_, spare_->next);
    --blocks_;
  }
  spares_ = 0;
}

size_t Timers::bytes() const {
  return (levels_ != nullptr ? sizeof(Levels) : 0) + blocks_ * sizeof(Block) +
         (early_.capacity() + due_.capacity()) * sizeof(Timer);
}

}  // namespace vedette::inline v0
