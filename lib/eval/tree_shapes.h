// The names with which value trees come, and in which order: most streams have a few dozen forms.
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

// Numbers these forms, so that what was found out about one event's names serves all events with
// the same: of the whole tree outside of lists, if the reader gave it a token, else of the root
// only. Bounded: a stream with ever new names starts over. Thread-compatible.
class TreeShapes {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // What is known of the fields of a binding in trees of one number.
  struct Table {
    std::vector<int16_t> places;  // by field; kPlaceUnknown at first
    // What the index of the binding's plan looks at in such trees, once it knows: groups of its own
    // numbering, one a slot, and other fields.
    bool prepared = false;
    std::vector<uint32_t> groups;
    std::vector<uint32_t> asked;
  };

  // The number of the form of `root`, whose token is Event::names_token; kNone for what is no
  // object or has names that need more than comparison (blanks), and for very wide ones.
  uint32_t NumberOf(const Value& root, uint64_t token);
  // Whether the members of inner objects have slots, too.
  bool IsDeep(uint32_t number) const { return shapes_[number].deep; }
  // The slots of a tree of that number: its members, each before those of its value, as written.
  // Valid until the next call, and as long as the tree.
  std::span<const Value* const> SlotsOf(const Value& root, uint32_t number);
  // Room to remember where the `fields` fields of a binding stand in trees of one number. `binding`
  // tells bindings apart. Valid until the next call.
  Table* Places(uint32_t binding, uint32_t number, size_t fields);
  // How often numbers have started over, and mean something else.
  uint32_t generation() const { return generation_; }

 private:
  uint32_t NumberOfNames(std::span<const Member> members);
  void StartOver();

  static constexpr size_t kMaxShapes = 4096;
  static constexpr size_t kMaxNames = 1024;
  static constexpr size_t kMaxTables = 8192;

  struct Shape {
    bool deep = false;
    std::vector<std::string> names;  // of the root; unless it is deep, which its token tells
  };
  std::vector<Shape> shapes_;
  std::vector<const Value*> slots_;
  absl::flat_hash_map<uint64_t, uint32_t> by_hash_;
  absl::flat_hash_map<uint64_t, uint32_t> by_token_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Table>> places_;  // by binding and number
  uint32_t generation_ = 0;
};

// Where a field stands in a tree.
enum : int16_t {
  kPlaceUnknown = -3,
  kPlaceAbsent = -2,  // no path can lead anywhere
  kPlaceInside = -1,  // only looking tells
};                    // 0 and above: it is that slot

// The place of the first of `paths` that trees of the form of `root` can have: of those with the
// names of its root or, if `deep`, with all its names. `slots` are those of `root`.
int16_t PlaceOf(const std::vector<std::pair<FieldPath, int>>& paths, const Value& root, bool deep,
                std::span<const Value* const> slots);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_TREE_SHAPES_H_
