// The sequences of top-level names with which value trees come: most streams have a few dozen.
#ifndef VEDETTE_LIB_EVAL_TREE_SHAPES_H_
#define VEDETTE_LIB_EVAL_TREE_SHAPES_H_

#include <cstdint>
#include <memory>
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

  // What is known of the fields of a binding in trees of one number.
  struct Table {
    std::vector<int16_t> places;  // by field; kPlaceUnknown at first
    // What the index of the binding's plan looks at in such trees, once it knows: groups of its own
    // numbering, one a member of the root, and other fields.
    bool prepared = false;
    std::vector<uint32_t> groups;
    std::vector<uint32_t> asked;
  };

  // The number of the names of `root`, whose token is Event::names_token; kNone for what is no
  // object or has names that need more than comparison (blanks), and for very wide ones.
  uint32_t NumberOf(const Value& root, uint64_t token);
  // Room to remember where the `fields` fields of a binding stand in trees of one number. `binding`
  // tells bindings apart. Valid until the next call.
  Table* Places(uint32_t binding, uint32_t number, size_t fields);
  // How often numbers have started over, and mean something else.
  uint32_t generation() const { return generation_; }

 private:
  uint32_t NumberOfNames(std::span<const Member> members);
  void StartOver();

  static constexpr size_t kMaxShapes = 1024;
  static constexpr size_t kMaxNames = 1024;
  static constexpr size_t kMaxTables = 4096;
  static constexpr size_t kMaxTokens = 65536;

  std::vector<std::vector<std::string>> shapes_;
  absl::flat_hash_map<uint64_t, uint32_t> by_hash_;
  absl::flat_hash_map<uint64_t, uint32_t> by_token_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Table>> places_;  // by binding and number
  uint32_t generation_ = 0;
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
