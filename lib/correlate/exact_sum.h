// Sums of numbers without any rounding, so that taking a number out again leaves no trace.
#ifndef VEDETTE_LIB_CORRELATE_EXACT_SUM_H_
#define VEDETTE_LIB_CORRELATE_EXACT_SUM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vedette::inline v0 {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

// A number of any size with a binary point anywhere: digits of 32 bits, of which only those that
// were ever touched are stored. Value type.
class ExactSum {
 public:
  // Adds (or takes off) bits * 2^exponent.
  void Add(Uint128 bits, int exponent, bool negative);
  void AddInteger(Int128 n);
  // `d` is finite.
  void AddDouble(double d, bool take_off);
  void AddSquare(double d, bool take_off);
  void Clear() { *this = ExactSum(); }

  // The nearest double, ties to even; infinite beyond the doubles.
  double Rounded() const;
  size_t heap_bytes() const { return digits_.capacity() * sizeof(int64_t); }

  // sqrt((n * squares - sum^2) / (n * (n - 1))), the inner difference exactly; n >= 2.
  static double StandardDeviation(uint64_t n, const ExactSum& sum, const ExactSum& squares);

 private:
  struct Magnitude;
  void Reach(int from, int to);
  void Normalize();
  Magnitude ToMagnitude() const;

  std::vector<int64_t> digits_;  // digit i counts 2^(32 * (low_ + i)); carries are put off
  int low_ = 0;
  uint32_t pending_ = 0;  // additions since the carries were settled
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_EXACT_SUM_H_
