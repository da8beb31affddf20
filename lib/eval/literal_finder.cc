#include "lib/eval/literal_finder.h"

#ifdef __x86_64__
#include <immintrin.h>  // SSE2, too
#endif

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
// Up to so many literals of two bytes are looked for one by one.
constexpr size_t kFewOfTwo = 4;
// More than so many fill the eight buckets of the vectors.
constexpr size_t kMaxVectors = 96;

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
    case Pass::kVectors:
    case Pass::kThreeOfSome:
    case Pass::kThree:
      return 3;
    case Pass::kTwoOfSome:
    case Pass::kTwo:
    case Pass::kFewOfTwo:
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

std::array<LiteralFinder::Pass, 8> LiteralFinder::PassesFor(Literals literals, bool vectors) {
  std::array<size_t, 8> lengths{};
  for (const auto& [text, number] : literals) ++lengths[std::min<size_t>(text.size(), 7)];
  Pass three = lengths[3] <= kSomeOfThree ? Pass::kTwoOfSome : Pass::kThree;
  const size_t fours = lengths[4] + lengths[5] + lengths[6];
  Pass four = fours <= kSomeOfFour ? Pass::kThreeOfSome : Pass::kFour;
  if (vectors && lengths[3] + fours <= kMaxVectors) three = four = Pass::kVectors;
  const Pass two = lengths[2] <= kFewOfTwo ? Pass::kFewOfTwo : Pass::kTwo;
  return {Pass::kOne, Pass::kOne, two, three, four, four, four, Pass::kFourOfLong};
}

LiteralFinder::LiteralFinder(Literals literals, bool vectors) {
  const std::array<Pass, 8> passes = PassesFor(literals, vectors);
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
  if (pass == Pass::kVectors) grams.nibbles = NibblesOf(grams.slots);
}

LiteralFinder::Nibbles LiteralFinder::NibblesOf(const std::vector<Slot>& slots) {
  // Runs that begin with the same bytes share a bucket: fewer different halves in each.
  std::vector<uint32_t> runs;
  for (const Slot& slot : slots) {
    if (slot.count > 0) runs.push_back(slot.gram);
  }
  std::sort(runs.begin(), runs.end(),
            [](uint32_t a, uint32_t b) { return std::pair(a & 0xFF, a) < std::pair(b & 0xFF, b); });
  Nibbles nibbles;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto bucket = static_cast<uint8_t>(1U << (i * 8 / runs.size()));
    for (size_t k = 0; k < 3; ++k) {
      const uint32_t byte = (runs[i] >> (8 * k)) & 0xFF;
      nibbles.low[k][byte & 15] |= bucket;
      nibbles.high[k][byte >> 4] |= bucket;
    }
  }
  return nibbles;
}

size_t LiteralFinder::NextPair(std::string_view text, size_t at, uint32_t pair) {
#ifdef __x86_64__
  const __m128i first = _mm_set1_epi8(static_cast<char>(pair & 0xFF));
  const __m128i second = _mm_set1_epi8(static_cast<char>(pair >> 8));
  for (; at + 17 <= text.size(); at += 16) {
    const auto* const p = reinterpret_cast<const __m128i*>(text.data() + at);
    const auto* const next = reinterpret_cast<const __m128i*>(text.data() + at + 1);
    const auto places = static_cast<uint32_t>(_mm_movemask_epi8(_mm_and_si128(
        _mm_cmpeq_epi8(_mm_loadu_si128(p), first), _mm_cmpeq_epi8(_mm_loadu_si128(next), second))));
    if (places != 0) return at + static_cast<size_t>(std::countr_zero(places));
  }
#endif
  for (; at + 2 <= text.size(); ++at) {
    if (Load<2>(text.data() + at) == pair) return at;
  }
  return std::string_view::npos;
}

#ifdef __x86_64__

bool LiteralFinder::HasVectors() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

__attribute__((target("avx2"))) size_t LiteralFinder::NextBlock(const Nibbles& nibbles,
                                                                std::string_view text, size_t at,
                                                                uint32_t* places) {
  __m256i low[3];
  __m256i high[3];
  for (size_t k = 0; k < 3; ++k) {
    low[k] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(nibbles.low[k].data())));
    high[k] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(nibbles.high[k].data())));
  }
  const __m256i half = _mm256_set1_epi8(15);
  for (; at + 34 <= text.size(); at += 32) {
    __m256i buckets = _mm256_set1_epi8(-1);
    for (size_t k = 0; k < 3; ++k) {
      const __m256i bytes =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at + k));
      const __m256i by_low = _mm256_shuffle_epi8(low[k], _mm256_and_si256(bytes, half));
      const __m256i by_high =
          _mm256_shuffle_epi8(high[k], _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
      buckets = _mm256_and_si256(buckets, _mm256_and_si256(by_low, by_high));
    }
    const __m256i none = _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256());
    *places = ~static_cast<uint32_t>(_mm256_movemask_epi8(none));
    if (*places != 0) return at;
  }
  *places = 0;
  return at;
}

#else

bool LiteralFinder::HasVectors() { return false; }

size_t LiteralFinder::NextBlock(const Nibbles&, std::string_view, size_t at, uint32_t* places) {
  *places = 0;
  return at;
}

#endif

}  // namespace vedette::inline v0
