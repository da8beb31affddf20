// Numbers in order, with insertion, removal and selection in a large set.
#ifndef VEDETTE_LIB_CORRELATE_SORTED_NUMBERS_H_
#define VEDETTE_LIB_CORRELATE_SORTED_NUMBERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vedette::inline v0 {

// Sorted blocks of at most kBlock doubles: a binary search over the blocks and one within, and a
// move of at most one block. A million numbers are some 4,000 blocks. No NaN.
class SortedNumbers {
 public:
  void Insert(double d);
  // Takes out one number equal to `d`; false if there is none.
  bool Erase(double d);
  void Clear() { *this = SortedNumbers(); }
  size_t size() const { return size_; }
  // The k-th smallest, k < size().
  double Select(size_t k) const;
  size_t heap_bytes() const;

 private:
  static constexpr size_t kBlock = 512;
  // The first block whose largest number is at least `d`; the last one if there is none.
  size_t BlockFor(double d) const;
  void RemoveBlock(size_t at);

  std::vector<std::vector<double>> blocks_;  // none is empty
  std::vector<double> largest_;              // of each block
  std::vector<uint32_t> sizes_;              // of each block
  size_t size_ = 0;
  size_t block_bytes_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SORTED_NUMBERS_H_
