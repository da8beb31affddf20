#include "lib/eval/literal_finder.h"

#include <algorithm>
#include <bit>

#include "absl/container/flat_hash_map.h"

namespace vedette::inline v0 {
namespace {

// Entries of the filter for each run filed: one foreign run in so many is looked up in vain.
constexpr size_t kFilterBytes = 16;
// Up to so many literals, their shorter runs are rare enough in texts to look at fewer places.
constexpr size_t kSomeOfThree = 32;
constexpr size_t kSomeOfFour = 512;

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

size_t LiteralFinder::LengthOf(Pass pass) {
  switch (pass) {
    case Pass::kFourOfLong:
    case Pass::kFour:
      return 4;
    case Pass::kThreeOfSome:
    case Pass::kThree:
      return 3;
    case Pass::kTwoOfSome:
    case Pass::kTwo:
      return 2;
    case Pass::kOne:
      break;
  }
  return 1;
}

size_t LiteralFinder::StrideOf(Pass pass) {
  switch (pass) {
    case Pass::kFourOfLong:
      return 4;
    case Pass::kThreeOfSome:
    case Pass::kTwoOfSome:
      return 2;
    default:
      return 1;
  }
}

LiteralFinder::LiteralFinder(Literals literals) {
  std::array<size_t, 8> lengths{};
  for (const auto& [text, number] : literals) ++lengths[std::min<size_t>(text.size(), 7)];
  const Pass three = lengths[3] <= kSomeOfThree ? Pass::kTwoOfSome : Pass::kThree;
  const bool some = lengths[4] + lengths[5] + lengths[6] <= kSomeOfFour;
  const Pass four = some ? Pass::kThreeOfSome : Pass::kFour;
  const std::array<Pass, 8> passes = {Pass::kOne, Pass::kOne, Pass::kTwo, three,
                                      four,       four,       four,       Pass::kFourOfLong};
  // How many literals share a run: words that rules name often are frequent in events, too.
  absl::flat_hash_map<uint64_t, uint32_t> shared;
  const auto key = [](const char* p, size_t n) { return uint64_t{n} << 32 | Load(p, n); };
  for (const auto& [text, number] : literals) {
    const size_t n = LengthOf(passes[std::min<size_t>(text.size(), 7)]);
    for (size_t at = 0; at + n <= text.size(); ++at) ++shared[key(text.data() + at, n)];
  }
  std::array<Filed, static_cast<size_t>(Pass::kOne) + 1> filed;
  std::vector<uint32_t> weights;
  for (const auto& [text, number] : literals) {
    const Pass pass = passes[std::min<size_t>(text.size(), 7)];
    const size_t n = LengthOf(pass);
    const size_t runs = StrideOf(pass);
    weights.clear();
    for (size_t at = 0; at + n <= text.size(); ++at) {
      const uint32_t sharing = shared.find(key(text.data() + at, n))->second;
      uint32_t weight = 16 * std::min<uint32_t>(sharing, 1 << 20);
      for (size_t i = 0; i < n; ++i) weight += Commonness(text[at + i]);
      weights.push_back(weight);
    }
    size_t best = 0;
    uint64_t least = UINT64_MAX;
    for (size_t at = 0; at + runs <= weights.size(); ++at) {
      uint64_t sum = 0;
      for (size_t i = 0; i < runs; ++i) sum += weights[at + i];
      if (sum < least) {
        least = sum;
        best = at;
      }
    }
    for (size_t i = best; i < best + runs; ++i) {
      filed[static_cast<size_t>(pass)].emplace_back(
          Load(text.data() + i, n),
          Entry{static_cast<uint32_t>(texts_.size()), static_cast<uint32_t>(text.size()),
                static_cast<uint32_t>(i), number});
    }
    texts_.append(text);
  }
  for (size_t pass = 0; pass < filed.size(); ++pass) {
    if (!filed[pass].empty()) File(static_cast<Pass>(pass), std::move(filed[pass]));
  }
}

void LiteralFinder::File(Pass pass, Filed filed) {
  std::stable_sort(filed.begin(), filed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Grams& grams = grams_.emplace_back();
  grams.pass = pass;
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
