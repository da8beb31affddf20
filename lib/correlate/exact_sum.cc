#include "lib/correlate/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vedette::inline v0 {
namespace {

constexpr int kDigitBits = 32;
constexpr int64_t kDigitMask = 0xFFFFFFFF;

int FloorDiv(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

// d = bits * 2^exponent.
void Split(double d, uint64_t* bits, int* exponent) {
  const uint64_t raw = std::bit_cast<uint64_t>(d);
  const int field = static_cast<int>(raw >> 52 & 0x7FF);
  *bits = (raw & ((uint64_t{1} << 52) - 1)) | (field == 0 ? 0 : uint64_t{1} << 52);
  *exponent = (field == 0 ? 1 : field) - 1075;
}

}  // namespace

// Digits below 2^32, the lowest first, none of them zero at either end, and a sign.
struct ExactSum::Magnitude {
  std::vector<uint32_t> digits;
  int low = 0;
  bool negative = false;

  // mantissa * 2^exponent is nearest, ties to even; the mantissa has 53 bits or is zero.
  void Round(double* mantissa, int* exponent) const {
    *mantissa = 0;
    *exponent = 0;
    if (digits.empty()) return;
    const size_t n = digits.size();
    const auto digit = [&](size_t from_top) {
      return from_top < n ? uint64_t{digits[n - 1 - from_top]} : 0;
    };
    // The top 64 bits, and whether there is anything below.
    const int shift = std::countl_zero(static_cast<uint32_t>(digit(0)));
    uint64_t top = digit(0) << kDigitBits | digit(1);
    uint64_t rest = digit(2);
    if (shift > 0) {
      top = top << shift | rest >> (kDigitBits - shift);
      rest = rest << shift & 0xFFFFFFFF;
    }
    bool sticky = rest != 0;
    for (size_t i = 3; i < n && !sticky; ++i) sticky = digit(i) != 0;
    constexpr int kDropped = 11;
    const uint64_t tail = top & ((1U << kDropped) - 1);
    uint64_t kept = top >> kDropped;
    constexpr uint64_t kHalf = 1U << (kDropped - 1);
    if (tail > kHalf || (tail == kHalf && (sticky || (kept & 1) != 0))) ++kept;
    *mantissa = static_cast<double>(kept);
    *exponent = kDigitBits * (low + static_cast<int>(n) - 2) - shift + kDropped;
  }

  Magnitude Times(const Magnitude& other) const {
    Magnitude product;
    product.low = low + other.low;
    product.digits.assign(digits.size() + other.digits.size(), 0);
    for (size_t i = 0; i < digits.size(); ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; j < other.digits.size(); ++j) {
        carry += uint64_t{digits[i]} * other.digits[j] + product.digits[i + j];
        product.digits[i + j] = static_cast<uint32_t>(carry);
        carry >>= kDigitBits;
      }
      product.digits[i + other.digits.size()] = static_cast<uint32_t>(carry);
    }
    return product;
  }
};

// Makes digits from .. to exist.
void ExactSum::Reach(int from, int to) {
  if (digits_.empty()) low_ = from;
  if (from < low_) {
    digits_.insert(digits_.begin(), static_cast<size_t>(low_ - from), 0);
    low_ = from;
  }
  if (const auto needed = static_cast<size_t>(to - low_ + 1); needed > digits_.size()) {
    digits_.resize(needed, 0);
  }
}

void ExactSum::Add(Uint128 bits, int exponent, bool negative) {
  if (bits == 0) return;
  // Each addition moves a digit by less than 2^32.
  if (++pending_ == (1U << 30)) Normalize();
  const int first = FloorDiv(exponent, kDigitBits);
  const int shift = exponent - first * kDigitBits;
  int digits = 1;
  for (Uint128 rest = bits >> (kDigitBits - shift); rest != 0; rest >>= kDigitBits) ++digits;
  Reach(first, first + digits - 1);
  int64_t* at = digits_.data() + (first - low_);
  int64_t digit = static_cast<int64_t>(static_cast<uint64_t>(bits) << shift) & kDigitMask;
  for (Uint128 rest = bits >> (kDigitBits - shift);; rest >>= kDigitBits) {
    *at++ += negative ? -digit : digit;
    if (rest == 0) return;
    digit = static_cast<int64_t>(static_cast<uint64_t>(rest)) & kDigitMask;
  }
}

void ExactSum::AddInteger(Int128 n) {
  const auto bits = static_cast<Uint128>(n);
  Add(n < 0 ? Uint128{0} - bits : bits, 0, n < 0);
}

void ExactSum::AddDouble(double d, bool take_off) {
  uint64_t bits = 0;
  int exponent = 0;
  Split(d, &bits, &exponent);
  Add(bits, exponent, std::signbit(d) != take_off);
}

void ExactSum::AddSquare(double d, bool take_off) {
  uint64_t bits = 0;
  int exponent = 0;
  Split(d, &bits, &exponent);
  Add(Uint128{bits} * bits, 2 * exponent, take_off);
}

// All digits but the highest become 0 .. 2^32 - 1.
void ExactSum::Normalize() {
  pending_ = 0;
  if (digits_.empty()) return;
  int64_t carry = 0;
  for (size_t i = 0; i + 1 < digits_.size(); ++i) {
    const int64_t digit = digits_[i] + carry;
    carry = digit >> kDigitBits;
    digits_[i] = digit & kDigitMask;
  }
  int64_t top = digits_.back() + carry;
  digits_.back() = top;
  while (top > kDigitMask || top < -kDigitMask) {
    digits_.back() = top & kDigitMask;
    top >>= kDigitBits;
    digits_.push_back(top);
  }
}

ExactSum::Magnitude ExactSum::ToMagnitude() const {
  ExactSum settled = *this;
  settled.Normalize();
  Magnitude m;
  m.negative = !settled.digits_.empty() && settled.digits_.back() < 0;
  if (m.negative) {
    for (int64_t& digit : settled.digits_) digit = -digit;
    settled.Normalize();
  }
  const auto is_zero = [](int64_t digit) { return digit == 0; };
  const auto first = std::find_if_not(settled.digits_.begin(), settled.digits_.end(), is_zero);
  const auto last = std::find_if_not(settled.digits_.rbegin(), settled.digits_.rend(), is_zero);
  if (first == settled.digits_.end()) return m;
  m.low = settled.low_ + static_cast<int>(first - settled.digits_.begin());
  for (auto it = first; it != last.base(); ++it) m.digits.push_back(static_cast<uint32_t>(*it));
  return m;
}

double ExactSum::Rounded() const {
  const Magnitude m = ToMagnitude();
  double mantissa = 0;
  int exponent = 0;
  m.Round(&mantissa, &exponent);
  // No sum of doubles has bits below the smallest double, so this does not round again.
  const double d = std::ldexp(mantissa, exponent);
  return m.negative ? -d : d;
}

double ExactSum::StandardDeviation(uint64_t n, const ExactSum& sum, const ExactSum& squares) {
  ExactSum count;
  count.Add(n, 0, false);
  const Magnitude s = sum.ToMagnitude();
  ExactSum difference;
  const auto add = [&difference](const Magnitude& m, bool negative) {
    for (size_t i = 0; i < m.digits.size(); ++i) {
      difference.Add(m.digits[i], kDigitBits * (m.low + static_cast<int>(i)), negative);
    }
  };
  add(count.ToMagnitude().Times(squares.ToMagnitude()), false);
  add(s.Times(s), true);
  double mantissa = 0;
  int exponent = 0;
  difference.ToMagnitude().Round(&mantissa, &exponent);
  if (exponent % 2 != 0) {
    mantissa *= 2;
    --exponent;
  }
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1);
  return std::ldexp(std::sqrt(mantissa / pairs), exponent / 2);
}

}  // namespace vedette::inline v0
