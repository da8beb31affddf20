// State by group key: an open-addressed index over stable slots, ordered by last use.
#ifndef VEDETTE_LIB_CORRELATE_KEY_TABLE_H_
#define VEDETTE_LIB_CORRELATE_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kNoSlot = UINT32_MAX;

// Slots keep their place until removed; a slot that is used again has another generation.
// What a search and the order of use touch lies apart from keys and states, close together.
// Thread-compatible.
template <typename State>
class KeyTable {
 public:
  // A key with its hash, for looking it up and adding it.
  struct Probe {
    std::string_view key;
    uint32_t hash = 0;
  };

  KeyTable() : index_(0, Hash{this}, Equal{this}) {}
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  static Probe ProbeOf(std::string_view key) {
    const size_t hash = absl::HashOf(absl::string_view(key.data(), key.size()));
    return {key, static_cast<uint32_t>(hash ^ hash >> 32)};
  }
  uint32_t Find(std::string_view key) const { return Find(ProbeOf(key)); }
  uint32_t Find(const Probe& probe) const {
    const auto it = index_.find(probe);
    return it == index_.end() ? kNoSlot : *it;
  }
  // The key must not be there. It becomes the most recently used.
  uint32_t Add(std::string_view key) { return Add(ProbeOf(key)); }
  uint32_t Add(const Probe& probe) {
    uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<uint32_t>(heads_.size());
      heads_.emplace_back();
      if (slot % kChunk == 0) chunks_.push_back(std::make_unique<Entry[]>(kChunk));
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Entry& e = EntryOf(slot);
    e.key = probe.key;
    heads_[slot].hash = probe.hash;
    heads_[slot].generation |= kLive;
    bytes_ += EntryBytes(e);
    index_.insert(slot);
    LinkFront(slot);
    return slot;
  }
  void Remove(uint32_t slot) {
    Entry& e = EntryOf(slot);
    index_.erase(slot);
    Unlink(slot);
    bytes_ -= EntryBytes(e);
    e.key = std::string();
    // Not assigned: a container that is assigned an empty one may keep its memory uncounted.
    std::destroy_at(&e.state);
    std::construct_at(&e.state);
    ++heads_[slot].generation;  // not live, and the next one
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
  uint32_t OlderThan(uint32_t slot) const { return heads_[slot].older; }

  // Whether (slot, generation) still is the key it was.
  bool IsLive(uint32_t slot, uint32_t generation) const {
    return IsLive(slot) && heads_[slot].generation == generation;
  }
  bool IsLive(uint32_t slot) const {
    return slot < heads_.size() && (heads_[slot].generation & kLive) != 0;
  }
  uint32_t generation(uint32_t slot) const { return heads_[slot].generation; }
  std::string_view key(uint32_t slot) const { return EntryOf(slot).key; }
  State& operator[](uint32_t slot) { return EntryOf(slot).state; }
  const State& operator[](uint32_t slot) const { return EntryOf(slot).state; }

  size_t size() const { return index_.size(); }
  // Of the table and keys; what states own beyond sizeof(State) is for the operator to count.
  // By size: the capacity of a hash table depends on its seed, and evictions must not.
  size_t bytes() const { return bytes_ + index_.size() * 2 * (sizeof(uint32_t) + 1); }
  template <typename F>
  void ForEach(F f) const {
    for (uint32_t slot = newest_; slot != kNoSlot; slot = heads_[slot].older) f(slot);
  }

 private:
  static constexpr uint32_t kChunk = 16;  // entries, a power of two
  static constexpr uint32_t kLive = 1;    // of a generation: even ones are those of free slots

  struct Head {
    uint32_t hash = 0;
    uint32_t generation = 0;
    uint32_t newer = kNoSlot;
    uint32_t older = kNoSlot;
  };
  struct Entry {
    std::string key;
    State state;
  };
  static size_t Spread(uint32_t hash) { return hash * size_t{0x9E3779B97F4A7C15}; }
  struct Hash {
    using is_transparent = void;
    const KeyTable* table;
    size_t operator()(uint32_t slot) const { return Spread(table->heads_[slot].hash); }
    size_t operator()(const Probe& probe) const { return Spread(probe.hash); }
  };
  struct Equal {
    using is_transparent = void;
    const KeyTable* table;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, const Probe& b) const {
      return table->heads_[a].hash == b.hash && table->EntryOf(a).key == b.key;
    }
    bool operator()(const Probe& a, uint32_t b) const { return (*this)(b, a); }
  };

  Entry& EntryOf(uint32_t slot) { return chunks_[slot / kChunk][slot % kChunk]; }
  const Entry& EntryOf(uint32_t slot) const { return chunks_[slot / kChunk][slot % kChunk]; }
  static size_t EntryBytes(const Entry& e) {
    return sizeof(Head) + sizeof(Entry) + (e.key.size() > 15 ? e.key.size() + 1 : 0);
  }
  void LinkFront(uint32_t slot) {
    heads_[slot].older = newest_;
    heads_[slot].newer = kNoSlot;
    if (newest_ != kNoSlot) heads_[newest_].newer = slot;
    newest_ = slot;
    if (oldest_ == kNoSlot) oldest_ = slot;
  }
  void Unlink(uint32_t slot) {
    const Head& h = heads_[slot];
    (h.newer != kNoSlot ? heads_[h.newer].older : newest_) = h.older;
    (h.older != kNoSlot ? heads_[h.older].newer : oldest_) = h.newer;
  }

  std::vector<Head> heads_;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<uint32_t> free_;
  absl::flat_hash_set<uint32_t, Hash, Equal> index_;
  uint32_t newest_ = kNoSlot;
  uint32_t oldest_ = kNoSlot;
  size_t bytes_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_KEY_TABLE_H_
