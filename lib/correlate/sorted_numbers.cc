#include "lib/correlate/sorted_numbers.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

std::ptrdiff_t Offset(size_t i) { return static_cast<std::ptrdiff_t>(i); }

}  // namespace

size_t SortedNumbers::BlockFor(double d) const {
  const auto it = std::lower_bound(largest_.begin(), largest_.end(), d);
  return static_cast<size_t>((it == largest_.end() ? it - 1 : it) - largest_.begin());
}

void SortedNumbers::Insert(double d) {
  ++size_;
  if (blocks_.empty()) {
    blocks_.push_back({d});
    largest_.push_back(d);
    sizes_.push_back(1);
    block_bytes_ += blocks_[0].capacity() * sizeof(double);
    return;
  }
  const size_t at = BlockFor(d);
  std::vector<double>& block = blocks_[at];
  const size_t capacity = block.capacity();
  block.insert(std::upper_bound(block.begin(), block.end(), d), d);
  block_bytes_ += (block.capacity() - capacity) * sizeof(double);
  largest_[at] = block.back();
  sizes_[at] = static_cast<uint32_t>(block.size());
  if (block.size() < kBlock) return;
  std::vector<double> upper(block.begin() + Offset(kBlock / 2), block.end());
  block.resize(kBlock / 2);
  block_bytes_ += upper.capacity() * sizeof(double);
  largest_[at] = block.back();
  largest_.insert(largest_.begin() + Offset(at + 1), upper.back());
  sizes_[at] = static_cast<uint32_t>(block.size());
  sizes_.insert(sizes_.begin() + Offset(at + 1), static_cast<uint32_t>(upper.size()));
  blocks_.insert(blocks_.begin() + Offset(at + 1), std::move(upper));
}

bool SortedNumbers::Erase(double d) {
  if (blocks_.empty()) return false;
  const size_t at = BlockFor(d);
  std::vector<double>& block = blocks_[at];
  const auto it = std::lower_bound(block.begin(), block.end(), d);
  if (it == block.end() || *it != d) return false;
  block.erase(it);
  --size_;
  sizes_[at] = static_cast<uint32_t>(block.size());
  if (!block.empty()) {
    largest_[at] = block.back();
    // Blocks that a window has left nearly empty must not pile up.
    if (block.size() < kBlock / 8 && at + 1 < blocks_.size() &&
        block.size() + blocks_[at + 1].size() < kBlock / 2) {
      std::vector<double>& next = blocks_[at + 1];
      const size_t capacity = next.capacity();
      next.insert(next.begin(), block.begin(), block.end());
      block_bytes_ += (next.capacity() - capacity) * sizeof(double);
      sizes_[at + 1] = static_cast<uint32_t>(next.size());
      RemoveBlock(at);
    }
    return true;
  }
  RemoveBlock(at);
  return true;
}

void SortedNumbers::RemoveBlock(size_t at) {
  block_bytes_ -= blocks_[at].capacity() * sizeof(double);
  blocks_.erase(blocks_.begin() + Offset(at));
  largest_.erase(largest_.begin() + Offset(at));
  sizes_.erase(sizes_.begin() + Offset(at));
  if (blocks_.empty()) Clear();
}

double SortedNumbers::Select(size_t k) const {
  size_t at = 0;
  while (k >= sizes_[at]) k -= sizes_[at++];
  return blocks_[at][k];
}

size_t SortedNumbers::heap_bytes() const {
  return block_bytes_ + blocks_.capacity() * sizeof(blocks_[0]) +
         largest_.capacity() * sizeof(double) + sizes_.capacity() * sizeof(uint32_t);
}

}  // namespace vedette::inline v0
