// Finds which of many literals stand in a text.
#ifndef VEDETTE_LIB_EVAL_LITERAL_FINDER_H_
#define VEDETTE_LIB_EVAL_LITERAL_FINDER_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::inline v0 {

// Each literal is filed under the rarest run of up to four of its bytes. A text is looked at once:
// the run at each place asks a small table; the few that it lets through are looked up, and the
// literals filed there compared. Building takes time linear in the literals, and a text costs about
// the same for ten of them as for ten thousand, where an automaton outgrows the caches. Immutable;
// thread-safe.
class LiteralFinder {
 public:
  LiteralFinder() = default;
  // Pairs of a literal, not empty, and the number to report.
  explicit LiteralFinder(std::span<const std::pair<std::string_view, uint32_t>> literals);

  bool empty() const { return entries_.empty(); }

  // Calls `report(number)` for each literal in `text`, once for each place.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    if (!grams_[3].slots.empty()) Scan<4>(text, report);
    if (!grams_[2].slots.empty()) Scan<3>(text, report);
    if (!grams_[1].slots.empty()) Scan<2>(text, report);
    if (!grams_[0].slots.empty()) Scan<1>(text, report);
  }

 private:
  struct Entry {
    uint32_t begin;  // of the literal, in texts_
    uint32_t size;
    uint32_t offset;  // of the run in the literal
    uint32_t number;
  };
  struct Slot {
    uint32_t gram = 0;
    uint32_t first = 0;  // entries of this run
    uint32_t count = 0;  // 0: the slot is free
  };
  // The runs of one length: a filter and an open-addressed table behind it.
  struct Grams {
    uint32_t filter_mask = 0;
    uint32_t slot_shift = 0;
    std::vector<uint8_t> filter;  // 1 where some run is filed
    std::vector<Slot> slots;
  };

  // Bytes, not bits: shifts by a variable cost more than the caches do.
  static constexpr uint32_t kMaxFilter = 1 << 17;
  static constexpr uint32_t kFilterShift = 15;

  static uint32_t Mix(uint32_t gram) { return gram * 0x9E3779B1U; }

  template <size_t N>
  static uint32_t Load(const char* p) {
    // A copy of three bytes would go through memory, and wait for it at every place.
    if constexpr (N == 3) return Load<2>(p) | Load<1>(p + 2) << 16;
    uint32_t gram = 0;
    std::memcpy(&gram, p, N);
    return gram;
  }
  // The same for a number of bytes that is not known yet.
  static uint32_t Load(const char* p, size_t n);

  template <size_t N, typename Report>
  void Scan(std::string_view text, Report& report) const {
    if (text.size() < N) return;
    const Grams& grams = grams_[N - 1];
    const uint8_t* const filter = grams.filter.data();
    const uint32_t mask = grams.filter_mask;
    const char* const data = text.data();
    const auto passes = [filter, mask](const char* p) {
      return filter[(Mix(Load<N>(p)) >> kFilterShift) & mask];
    };
    const size_t end = text.size() - N + 1;
    size_t at = 0;
    for (; at + 4 <= end; at += 4) {
      // One branch, seldom taken, for four places.
      const char* const p = data + at;
      if ((passes(p) | passes(p + 1) | passes(p + 2) | passes(p + 3)) == 0) [[likely]]
        continue;
      for (size_t i = at; i < at + 4; ++i) {
        if (passes(data + i) != 0) Check(grams, Load<N>(data + i), text, i, report);
      }
    }
    for (; at < end; ++at) {
      if (passes(data + at) != 0) Check(grams, Load<N>(data + at), text, at, report);
    }
  }

  template <typename Report>
  void Check(const Grams& grams, uint32_t gram, std::string_view text, size_t at,
             Report& report) const {
    const size_t mask = grams.slots.size() - 1;
    for (size_t i = Mix(gram) >> grams.slot_shift;; ++i) {
      const Slot& slot = grams.slots[i & mask];
      if (slot.count == 0) return;
      if (slot.gram != gram) continue;
      for (const Entry& e : std::span(entries_).subspan(slot.first, slot.count)) {
        if (at < e.offset) continue;
        const size_t start = at - e.offset;
        if (text.size() - start < e.size) continue;
        if (std::memcmp(text.data() + start, texts_.data() + e.begin, e.size) == 0) {
          report(e.number);
        }
      }
      return;
    }
  }

  void File(size_t n, std::span<const std::pair<uint32_t, Entry>> filed);

  std::string texts_;
  std::vector<Entry> entries_;
  std::array<Grams, 4> grams_;  // [n - 1]: runs of n bytes
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_LITERAL_FINDER_H_
