#include "lib/eval/value_memo.h"

#include <bit>
#include <cstring>

#include "absl/hash/hash.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxText = 220;

}  // namespace

ValueMemo::ValueMemo(size_t bytes) : sets_(std::bit_floor(bytes / (kWays * sizeof(Slot)))) {}

std::optional<ValueMemo::Key> ValueMemo::KeyOf(uint64_t owner, std::string_view text) const {
  if (sets_ == 0 || text.empty() || text.size() > kMaxText) return std::nullopt;
  // Hosts share hashes with nobody: absl's differ from process to process, which only moves places.
  return Key{owner, text, absl::HashOf(owner, ToAbsl(text))};
}

std::optional<std::span<const uint32_t>> ValueMemo::Find(const Key& key) const {
  if (slots_.empty()) return std::nullopt;
  const size_t first = FirstSlot(key.hash);
  const Slot* slot = slots_.data() + first;
  for (size_t way = 0; way < kWays; ++way, ++slot) {
    // Tags stay in the nearest cache, slots do not: a new text need not wait for them.
    if (tags_[first + way] != TagOf(key.hash)) continue;
    if (slot->hash != key.hash || slot->owner != key.owner) continue;
    const size_t facts = slot->facts;
    if (slot->text_size != key.text.size() ||
        std::memcmp(slot->room + facts * sizeof(uint32_t), key.text.data(), key.text.size()) != 0) {
      continue;
    }
    return std::span(reinterpret_cast<const uint32_t*>(slot->room), facts);
  }
  return std::nullopt;
}

void ValueMemo::Keep(const Key& key, std::span<const uint32_t> facts) {
  if (facts.size_bytes() + key.text.size() > sizeof(Slot::room)) return;
  if (slots_.empty()) {
    slots_.resize(sets_ * kWays);
    tags_.assign(sets_ * kWays, 0);
    seen_.assign(sets_, 0);
  }
  // Most texts never come again, and would only drive out those that do.
  uint32_t& seen = seen_[key.hash & (sets_ - 1)];
  const auto tag = static_cast<uint32_t>(key.hash >> 32) | 1;
  if (seen != tag) {
    seen = tag;
    return;
  }
  seen = 0;
  Slot* const first = slots_.data() + FirstSlot(key.hash);
  uint16_t* const tags = tags_.data() + FirstSlot(key.hash);
  // The older of the two stands second.
  if (tags[0] != 0) first[1] = *first;
  tags[1] = tags[0];
  tags[0] = TagOf(key.hash);
  first->hash = key.hash;
  first->owner = key.owner;
  first->text_size = static_cast<uint16_t>(key.text.size());
  first->facts = static_cast<uint16_t>(facts.size());
  if (!facts.empty()) std::memcpy(first->room, facts.data(), facts.size_bytes());
  std::memcpy(first->room + facts.size_bytes(), key.text.data(), key.text.size());
}

}  // namespace vedette::inline v0
