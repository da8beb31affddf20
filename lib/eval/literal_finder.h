// Finds which of many literals stand in a text.
#ifndef VEDETTE_LIB_EVAL_LITERAL_FINDER_H_
#define VEDETTE_LIB_EVAL_LITERAL_FINDER_H_

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::inline v0 {

// Literals are filed under runs of their bytes. Short ones: under the rarest run, and a text is
// looked at from place to place: the run there asks a small table; the few that it lets through are
// looked up, and the literals filed there compared. Longer ones: under several runs that follow
// each other, so that a text need only be looked at in every second or fourth place to meet one of
// them. Building takes time linear in the literals, and a text costs about the same for ten of them
// as for ten thousand, where an automaton outgrows the caches. Immutable; thread-safe.
class LiteralFinder {
 public:
  using Literals = std::span<const std::pair<std::string_view, uint32_t>>;

  LiteralFinder() = default;
  // Pairs of a literal, not empty, and the number to report. `vectors` must be false where
  // HasVectors() is; it changes nothing but the speed.
  explicit LiteralFinder(Literals literals, bool vectors = HasVectors());

  // Whether this processor has the instructions (AVX2).
  static bool HasVectors();

  bool empty() const { return entries_.empty(); }

  // Calls `report(number)` for each literal in `text`, once for each place.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    for (const Grams& grams : grams_) {
      switch (grams.pass) {
        case Pass::kFourOfLong:
          Scan<4, 4>(grams, text, report);
          break;
        case Pass::kThreeOfSome:
          Scan<3, 2>(grams, text, report);
          break;
        case Pass::kFour:
          Scan<4, 1>(grams, text, report);
          break;
        case Pass::kVectors:
          ScanVectors(grams, text, report);
          break;
        case Pass::kTwoOfSome:
          Scan<2, 2>(grams, text, report);
          break;
        case Pass::kThree:
          Scan<3, 1>(grams, text, report);
          break;
        case Pass::kTwo:
          Scan<2, 1>(grams, text, report);
          break;
        case Pass::kFewOfTwo:
          ScanPairs(grams, text, report);
          break;
        case Pass::kOne:
          Scan<1, 1>(grams, text, report);
          break;
      }
    }
  }

 private:
  // The ways to go through a text: length of the runs, and which literals are filed so.
  enum class Pass : uint8_t {
    kFourOfLong,   // from 7 bytes on, every fourth place
    kVectors,      // 3 to 6 bytes, if they are few
    kThreeOfSome,  // 4 to 6 bytes, every second place: if they are few
    kFour,         // 4 to 6 bytes
    kTwoOfSome,    // 3 bytes, every second place: if they are few
    kThree,
    kTwo,
    kFewOfTwo,  // 2 bytes, one literal after the other
    kOne,
  };
  struct Entry {
    uint32_t begin;  // of the literal, in texts_
    uint32_t size;
    uint32_t offset;  // of the run in the literal
    uint32_t number;
  };
  using Filed = std::vector<std::pair<uint32_t, Entry>>;  // by run
  struct Slot {
    uint32_t gram = 0;
    uint32_t first = 0;  // entries of this run
    uint32_t count = 0;  // 0: the slot is free
  };
  // For each of the three bytes of a run and each half of the byte, by its value: in which of eight
  // buckets some run has it there.
  struct Nibbles {
    alignas(32) std::array<std::array<uint8_t, 16>, 3> low{};
    std::array<std::array<uint8_t, 16>, 3> high{};
  };
  // The runs of one pass: a filter and an open-addressed table behind it.
  struct Grams {
    Pass pass = Pass::kFour;
    uint32_t filter_mask = 0;
    uint32_t slot_shift = 0;
    std::vector<uint8_t> filter;  // 1 where some run is filed
    std::vector<Slot> slots;
    Nibbles nibbles;  // with vectors
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
  static size_t LengthOf(Pass pass);
  static size_t StrideOf(Pass pass);

  // The first of the blocks of 32 places from `at` on that may have a run, and where in it, as
  // bits; the begin of what is left, without bits, if there are not 34 bytes more.
  static size_t NextBlock(const Nibbles& nibbles, std::string_view text, size_t at,
                          uint32_t* places);

  // The first place from `at` on where `pair` stands, its first byte lowest; npos if there is none.
  static size_t NextPair(std::string_view text, size_t at, uint32_t pair);

  template <typename Report>
  void ScanPairs(const Grams& grams, std::string_view text, Report& report) const {
    for (const Slot& slot : grams.slots) {
      if (slot.count == 0) continue;
      for (size_t at = NextPair(text, 0, slot.gram); at != std::string_view::npos;
           at = NextPair(text, at + 1, slot.gram)) {
        for (uint32_t i = 0; i < slot.count; ++i) report(entries_[slot.first + i].number);
      }
    }
  }

  template <typename Report>
  void ScanVectors(const Grams& grams, std::string_view text, Report& report) const {
    size_t at = 0;
    for (uint32_t places = 0;; at += 32) {
      at = NextBlock(grams.nibbles, text, at, &places);
      if (places == 0) break;
      for (; places != 0; places &= places - 1) {
        const size_t i = at + static_cast<size_t>(std::countr_zero(places));
        Check(grams, Load<3>(text.data() + i), text, i, report);
      }
    }
    Scan<3, 1>(grams, text, report, at);
  }

  // From the place `first` on.
  template <size_t N, size_t S, typename Report>
  void Scan(const Grams& grams, std::string_view text, Report& report, size_t first = 0) const {
    if (text.size() < N) return;
    const uint8_t* const filter = grams.filter.data();
    const uint32_t mask = grams.filter_mask;
    const char* const data = text.data();
    const auto passes = [filter, mask](const char* p) {
      return filter[(Mix(Load<N>(p)) >> kFilterShift) & mask];
    };
    const size_t end = text.size() - N + 1;
    size_t at = first;
    for (; at + 4 * S <= end; at += 4 * S) {
      // One branch, seldom taken, for four places.
      const char* const p = data + at;
      if ((passes(p) | passes(p + S) | passes(p + 2 * S) | passes(p + 3 * S)) == 0) [[likely]]
        continue;
      for (size_t i = at; i < at + 4 * S; i += S) {
        if (passes(data + i) != 0) Check(grams, Load<N>(data + i), text, i, report);
      }
    }
    for (; at < end; at += S) {
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

  // By the length of literals; the last for all longer ones.
  static std::array<Pass, 8> PassesFor(Literals literals, bool vectors);
  void File(Pass pass, Filed filed);
  static Nibbles NibblesOf(const std::vector<Slot>& slots);

  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<Grams> grams_;  // one a pass
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_LITERAL_FINDER_H_
