// The sequences of top-level names with which value trees come: most streams have a few dozen.
#ifndef VEDETTE_LIB_EVAL_TREE_SHAPES_H_
#define VEDETTE_LIB_EVAL_TREE_SHAPES_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "vedette/field_path.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Numbers these sequences, so that what was found out about one event's names serves all events
// with the same. Bounded: a stream with ever new names starts over. Thread-compatible.
class TreeShapes {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The number of `root`'s names; kNone for what is no object or has names that need more than
  // comparison (blanks), and for very wide ones.
  uint32_t NumberOf(const Value& root);
  // Room to remember where the `fields` fields of a binding stand in trees of one number, all
  // kPlaceUnknown at first. `binding` tells bindings apart. Valid until the next call.
  std::span<int16_t> Places(uint32_t binding, uint32_t number, size_t fields);

 private:
  void StartOver();

  static constexpr size_t kMaxShapes = 1024;
  static constexpr size_t kMaxNames = 1024;
  static constexpr size_t kMaxTables = 4096;

  std::vector<std::vector<std::string>> shapes_;
  absl::flat_hash_map<uint64_t, uint32_t> by_hash_;
  absl::flat_hash_map<uint64_t, std::vector<int16_t>> places_;  // by binding and number
};

// Where a field stands among the members of a tree's root.
enum : int16_t {
  kPlaceUnknown = -3,
  kPlaceAbsent = -2,  // no path can lead anywhere
  kPlaceInside = -1,  // only looking tells
};                    // 0 and above: it is that member

// The place of the first of `paths` that trees with the names of `root` can have.
int16_t PlaceOf(const std::vector<std::pair<FieldPath, int>>& paths, const Value& root);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_TREE_SHAPES_H_
