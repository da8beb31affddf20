// State by group key: an open-addressed index over stable slots, ordered by last use.
#ifndef VEDETTE_LIB_CORRELATE_KEY_TABLE_H_
#define VEDETTE_LIB_CORRELATE_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kNoSlot = UINT32_MAX;

// Slots keep their place until removed; a slot that is used again has another generation.
// Thread-compatible.
template <typename State>
class KeyTable {
 public:
  KeyTable() : index_(0, Hash{this}, Equal{this}) {}
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  uint32_t Find(std::string_view key) const {
    const auto it = index_.find(key);
    return it == index_.end() ? kNoSlot : *it;
  }
  // The key must not be there. It becomes the most recently used.
  uint32_t Add(std::string_view key) {
    uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Entry& e = entries_[slot];
    e.key = key;
    e.hash = absl::HashOf(key);
    e.live = true;
    bytes_ += EntryBytes(e);
    index_.insert(slot);
    LinkFront(slot);
    return slot;
  }
  void Remove(uint32_t slot) {
    Entry& e = entries_[slot];
    index_.erase(slot);
    Unlink(slot);
    bytes_ -= EntryBytes(e);
    e.key = std::string();
    // Not assigned: a container that is assigned an empty one may keep its memory uncounted.
    std::destroy_at(&e.state);
    std::construct_at(&e.state);
    e.live = false;
    ++e.generation;
    free_.push_back(slot);
  }
  // Makes it the most recently used.
  void Touch(uint32_t slot) {
    if (newest_ == slot) return;
    Unlink(slot);
    LinkFront(slot);
  }
  uint32_t oldest() const { return oldest_; }  // kNoSlot if empty
  uint32_t newest() const { return newest_; }
  uint32_t OlderThan(uint32_t slot) const { return entries_[slot].older; }

  // Whether (slot, generation) still is the key it was.
  bool IsLive(uint32_t slot, uint32_t generation) const {
    return slot < entries_.size() && entries_[slot].live && entries_[slot].generation == generation;
  }
  bool IsLive(uint32_t slot) const { return slot < entries_.size() && entries_[slot].live; }
  uint32_t generation(uint32_t slot) const { return entries_[slot].generation; }
  std::string_view key(uint32_t slot) const { return entries_[slot].key; }
  State& operator[](uint32_t slot) { return entries_[slot].state; }
  const State& operator[](uint32_t slot) const { return entries_[slot].state; }

  size_t size() const { return index_.size(); }
  // Of the table and keys; what states own beyond sizeof(State) is for the operator to count.
  // By size: the capacity of a hash table depends on its seed, and evictions must not.
  size_t bytes() const { return bytes_ + index_.size() * 2 * (sizeof(uint32_t) + 1); }
  template <typename F>
  void ForEach(F f) const {
    for (uint32_t slot = newest_; slot != kNoSlot; slot = entries_[slot].older) f(slot);
  }

 private:
  struct Entry {
    std::string key;
    size_t hash = 0;
    State state;
    uint32_t generation = 0;
    uint32_t newer = kNoSlot;
    uint32_t older = kNoSlot;
    bool live = false;
  };
  struct Hash {
    using is_transparent = void;
    const KeyTable* table;
    size_t operator()(uint32_t slot) const { return table->entries_[slot].hash; }
    size_t operator()(std::string_view key) const { return absl::HashOf(key); }
  };
  struct Equal {
    using is_transparent = void;
    const KeyTable* table;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, std::string_view b) const { return table->entries_[a].key == b; }
    bool operator()(std::string_view a, uint32_t b) const { return table->entries_[b].key == a; }
  };

  static size_t EntryBytes(const Entry& e) {
    return sizeof(Entry) + (e.key.size() > 15 ? e.key.size() + 1 : 0);
  }
  void LinkFront(uint32_t slot) {
    Entry& e = entries_[slot];
    e.older = newest_;
    e.newer = kNoSlot;
    if (newest_ != kNoSlot) entries_[newest_].newer = slot;
    newest_ = slot;
    if (oldest_ == kNoSlot) oldest_ = slot;
  }
  void Unlink(uint32_t slot) {
    Entry& e = entries_[slot];
    (e.newer != kNoSlot ? entries_[e.newer].older : newest_) = e.older;
    (e.older != kNoSlot ? entries_[e.older].newer : oldest_) = e.newer;
  }

  std::deque<Entry> entries_;
  std::vector<uint32_t> free_;
  absl::flat_hash_set<uint32_t, Hash, Equal> index_;
  uint32_t newest_ = kNoSlot;
  uint32_t oldest_ = kNoSlot;
  size_t bytes_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEY_TABLE_H_
