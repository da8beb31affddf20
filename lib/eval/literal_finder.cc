#include "lib/eval/literal_finder.h"

#include <algorithm>
#include <bit>

#include "absl/container/flat_hash_map.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxGram = 4;
// Entries of the filter for each run filed: one foreign run in so many is looked up in vain.
constexpr size_t kFilterBytes = 16;

// How common a byte is in the texts of events, roughly: the rarer, the better to file by.
uint32_t Commonness(char c) {
  constexpr std::string_view kFrequent = "etaoinsrc.\\ :-/ldmpw0";
  if (kFrequent.find(c) != std::string_view::npos) return 3;
  const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return plain ? 2 : 1;
}

}  // namespace

uint32_t LiteralFinder::Load(const char* p, size_t n) {
  switch (n) {
    case 1:
      return Load<1>(p);
    case 2:
      return Load<2>(p);
    case 3:
      return Load<3>(p);
    default:
      return Load<4>(p);
  }
}

LiteralFinder::LiteralFinder(std::span<const std::pair<std::string_view, uint32_t>> literals) {
  // How many literals share a run: words that rules name often are frequent in events, too.
  absl::flat_hash_map<uint32_t, uint32_t> shared;
  for (const auto& [text, number] : literals) {
    for (size_t at = 0; at + kMaxGram <= text.size(); ++at) {
      ++shared[Load<kMaxGram>(text.data() + at)];
    }
  }
  std::array<std::vector<std::pair<uint32_t, Entry>>, kMaxGram> filed;
  for (const auto& [text, number] : literals) {
    const size_t n = std::min(text.size(), kMaxGram);
    size_t best = 0;
    uint32_t least = UINT32_MAX;
    for (size_t at = 0; n == kMaxGram && at + n <= text.size(); ++at) {
      uint32_t weight = 16 * std::min<uint32_t>(shared[Load<kMaxGram>(text.data() + at)], 1 << 20);
      for (size_t i = 0; i < n; ++i) weight += Commonness(text[at + i]);
      if (weight < least) {
        least = weight;
        best = at;
      }
    }
    const Entry entry{static_cast<uint32_t>(texts_.size()), static_cast<uint32_t>(text.size()),
                      static_cast<uint32_t>(best), number};
    texts_.append(text);
    filed[n - 1].emplace_back(Load(text.data() + best, n), entry);
  }
  for (size_t n = 1; n <= kMaxGram; ++n) {
    std::stable_sort(filed[n - 1].begin(), filed[n - 1].end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    if (!filed[n - 1].empty()) File(n, filed[n - 1]);
  }
}

void LiteralFinder::File(size_t n, std::span<const std::pair<uint32_t, Entry>> filed) {
  Grams& grams = grams_[n - 1];
  const size_t size =
      std::clamp<size_t>(std::bit_ceil(filed.size() * kFilterBytes), 512, kMaxFilter);
  grams.filter.assign(size, 0);
  grams.filter_mask = static_cast<uint32_t>(size - 1);
  const size_t slots = std::max<size_t>(std::bit_ceil(filed.size() * 2), 16);
  grams.slots.assign(slots, Slot());
  grams.slot_shift = 32 - static_cast<uint32_t>(std::countr_zero(slots));
  for (size_t i = 0; i < filed.size();) {
    const uint32_t gram = filed[i].first;
    Slot slot{gram, static_cast<uint32_t>(entries_.size()), 0};
    for (; i < filed.size() && filed[i].first == gram; ++i, ++slot.count) {
      entries_.push_back(filed[i].second);
    }
    grams.filter[(Mix(gram) >> kFilterShift) & grams.filter_mask] = 1;
    size_t at = Mix(gram) >> grams.slot_shift;
    while (grams.slots[at & (slots - 1)].count != 0) ++at;
    grams.slots[at & (slots - 1)] = slot;
  }
}

}  // namespace vedette::inline v0
