// A set of byte strings, exact, in the order of their last use.
#ifndef VEDETTE_LIB_CORRELATE_RECENT_SET_H_
#define VEDETTE_LIB_CORRELATE_RECENT_SET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"

namespace vedette::inline v0 {

// Owned bytes; short ones lie in the object.
class ShortBytes {
 public:
  ShortBytes() = default;
  explicit ShortBytes(std::string_view bytes) : size_(static_cast<uint32_t>(bytes.size())) {
    char* to = inline_;
    if (is_long()) {
      to = new char[size_];
      std::memcpy(inline_, &to, sizeof(to));
    }
    if (size_ > 0) std::memcpy(to, bytes.data(), size_);
  }
  ShortBytes(ShortBytes&& other) noexcept { *this = std::move(other); }
  ShortBytes& operator=(ShortBytes&& other) noexcept {
    if (this == &other) return *this;
    Free();
    std::memcpy(inline_, other.inline_, kInline);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~ShortBytes() { Free(); }

  std::string_view view() const { return {is_long() ? Far() : inline_, size_}; }
  size_t owned_bytes() const { return is_long() ? size_ : 0; }

 private:
  static constexpr size_t kInline = 20;

  bool is_long() const { return size_ > kInline; }
  char* Far() const {
    char* far;
    std::memcpy(&far, inline_, sizeof(far));
    return far;
  }
  void Free() {
    if (is_long()) delete[] Far();
  }

  char inline_[kInline] = {};
  uint32_t size_ = 0;
};

// Each string has a payload. Items are numbered; numbers last until ShrinkIfSparse. Whole strings
// are kept and compared, so no collision can hide one. Thread-compatible.
template <typename Payload>
class RecentSet {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  RecentSet() = default;
  RecentSet(RecentSet&& other) noexcept { *this = std::move(other); }
  RecentSet& operator=(RecentSet&& other) noexcept {
    items_ = std::exchange(other.items_, {});
    index_ = std::exchange(other.index_, {});
    heap_bytes_ = std::exchange(other.heap_bytes_, 0);
    size_ = std::exchange(other.size_, 0);
    newest_ = std::exchange(other.newest_, kNone);
    oldest_ = std::exchange(other.oldest_, kNone);
    free_ = std::exchange(other.free_, kNone);
    return *this;
  }

  uint32_t Find(std::string_view bytes) const {
    const uint32_t hash = HashOf(bytes);
    if (index_.empty()) {
      for (uint32_t i = newest_; i != kNone; i = items_[i].older) {
        if (Is(i, hash, bytes)) return i;
      }
      return kNone;
    }
    for (size_t at = hash & Mask(); index_[at] != kNone; at = (at + 1) & Mask()) {
      if (Is(index_[at], hash, bytes)) return index_[at];
    }
    return kNone;
  }
  // The string must not be there. It is the newest.
  uint32_t Add(std::string_view bytes, Payload payload) {
    uint32_t i = free_;
    if (i == kNone) {
      i = static_cast<uint32_t>(items_.size());
      items_.emplace_back();
    } else {
      free_ = items_[i].older;
    }
    Item& item = items_[i];
    item.bytes = ShortBytes(bytes);
    item.hash = HashOf(bytes);
    item.payload = std::move(payload);
    heap_bytes_ += item.bytes.owned_bytes();
    ++size_;
    LinkNewest(i);
    if (!index_.empty() && size_ * 4 <= index_.size() * 3) {
      Index(i);
    } else if (size_ > kScanned) {
      Reindex();
    }
    return i;
  }
  void Touch(uint32_t i) {
    if (newest_ == i) return;
    Unlink(i);
    LinkNewest(i);
  }
  void Remove(uint32_t i) {
    Item& item = items_[i];
    if (!index_.empty()) Unindex(i);
    Unlink(i);
    heap_bytes_ -= item.bytes.owned_bytes();
    item.bytes = ShortBytes();
    item.payload = Payload();
    item.older = free_;
    free_ = i;
    --size_;
  }
  void Clear() { *this = RecentSet(); }
  // Gives memory back after many were removed; other numbers hold afterwards.
  void ShrinkIfSparse() {
    if (size_ == 0) return Clear();
    if (items_.size() < 4 * kScanned || size_ * 4 > items_.size()) return;
    RecentSet smaller;
    smaller.items_.reserve(size_ + size_ / 4);
    for (uint32_t i = oldest_; i != kNone; i = items_[i].newer) {
      smaller.Add(items_[i].bytes.view(), std::move(items_[i].payload));
    }
    *this = std::move(smaller);
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  uint32_t oldest() const { return oldest_; }  // kNone if empty
  uint32_t newest() const { return newest_; }
  uint32_t NewerThan(uint32_t i) const { return items_[i].newer; }
  std::string_view bytes_of(uint32_t i) const { return items_[i].bytes.view(); }
  Payload& operator[](uint32_t i) { return items_[i].payload; }
  const Payload& operator[](uint32_t i) const { return items_[i].payload; }
  // Owned, beyond the set's own size; not what payloads own.
  size_t owned_bytes() const {
    return items_.capacity() * sizeof(Item) + index_.capacity() * sizeof(uint32_t) + heap_bytes_;
  }

 private:
  struct Item {
    Payload payload{};
    ShortBytes bytes;
    uint32_t hash = 0;
    uint32_t newer = kNone;
    uint32_t older = kNone;  // of a free one: the next free one
  };
  static constexpr size_t kScanned = 8;  // so few are searched one by one

  static uint32_t HashOf(std::string_view bytes) {
    const size_t h = absl::HashOf(bytes);
    return static_cast<uint32_t>(h ^ h >> 32);
  }
  bool Is(uint32_t i, uint32_t hash, std::string_view bytes) const {
    return items_[i].hash == hash && items_[i].bytes.view() == bytes;
  }
  size_t Mask() const { return index_.size() - 1; }
  void Index(uint32_t i) {
    size_t at = items_[i].hash & Mask();
    while (index_[at] != kNone) at = (at + 1) & Mask();
    index_[at] = i;
  }
  void Reindex() {
    size_t places = 4 * kScanned;
    while (places < size_ * 2) places *= 2;
    index_ = std::vector<uint32_t>(places, kNone);
    for (uint32_t i = newest_; i != kNone; i = items_[i].older) Index(i);
  }
  // Moves what was pushed past the gap back into it.
  void Unindex(uint32_t i) {
    size_t gap = items_[i].hash & Mask();
    while (index_[gap] != i) gap = (gap + 1) & Mask();
    for (size_t at = (gap + 1) & Mask(); index_[at] != kNone; at = (at + 1) & Mask()) {
      const size_t wanted = items_[index_[at]].hash & Mask();
      if (((at - wanted) & Mask()) < ((at - gap) & Mask())) continue;
      index_[gap] = index_[at];
      gap = at;
    }
    index_[gap] = kNone;
  }
  void LinkNewest(uint32_t i) {
    items_[i].older = newest_;
    items_[i].newer = kNone;
    (newest_ != kNone ? items_[newest_].newer : oldest_) = i;
    newest_ = i;
  }
  void Unlink(uint32_t i) {
    const Item& item = items_[i];
    (item.newer != kNone ? items_[item.newer].older : newest_) = item.older;
    (item.older != kNone ? items_[item.older].newer : oldest_) = item.newer;
  }

  std::vector<Item> items_;
  std::vector<uint32_t> index_;  // open addressing; empty: search `items_`
  size_t heap_bytes_ = 0;
  uint32_t size_ = 0;
  uint32_t newest_ = kNone;
  uint32_t oldest_ = kNone;
  uint32_t free_ = kNone;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_RECENT_SET_H_
