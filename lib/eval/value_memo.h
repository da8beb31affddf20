// Remembers what was found in the values that fields have again and again.
#ifndef VEDETTE_LIB_EVAL_VALUE_MEMO_H_
#define VEDETTE_LIB_EVAL_VALUE_MEMO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace vedette::inline v0 {

// Events repeat their images, users and channels: a text that a field has had before has the same
// facts. A table of fixed size of the texts seen twice, whole, so that no collision of hashes can
// give a text the facts of another; a new text takes the place of an old one. Belongs to one
// evaluator and its indexes. Thread-compatible.
class ValueMemo {
 public:
  // Places for texts in about so many bytes, taken when the first text is kept; 0: none.
  explicit ValueMemo(size_t bytes);

  // A text of one field of one index. Valid while the text is.
  struct Key {
    uint64_t owner;  // the index and the field
    std::string_view text;
    uint64_t hash;
  };
  // Nothing for texts that are never kept.
  std::optional<Key> KeyOf(uint64_t owner, std::string_view text) const;

  // The facts kept for the key; nothing if it is not there. Valid until the next Keep.
  std::optional<std::span<const uint32_t>> Find(const Key& key) const;
  // Keeps them, if the text was here before and there are not too many.
  void Keep(const Key& key, std::span<const uint32_t> facts);

  size_t bytes() const {
    return slots_.capacity() * sizeof(Slot) + tags_.capacity() * 2 + seen_.capacity() * 4;
  }

 private:
  // Facts first, then the text; most need two cache lines of it.
  struct alignas(64) Slot {
    uint64_t hash = 0;
    uint64_t owner = 0;
    uint16_t text_size = 0;
    uint16_t facts = 0;
    alignas(4) char room[228];
  };
  static constexpr size_t kWays = 2;

  // Never 0; of bits that do not choose the slot.
  static uint16_t TagOf(uint64_t hash) { return static_cast<uint16_t>(hash >> 48) | 1; }
  size_t FirstSlot(uint64_t hash) const { return (hash & (sets_ - 1)) * kWays; }

  size_t sets_;  // a power of two
  std::vector<Slot> slots_;
  std::vector<uint16_t> tags_;  // by slot; 0: nothing is kept there
  std::vector<uint32_t> seen_;  // by set: part of the hash of the last text that was not kept
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_VALUE_MEMO_H_
