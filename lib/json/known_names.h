// Member names that come again in the same order, recognised without looking for their end.
#ifndef VEDETTE_LIB_JSON_KNOWN_NAMES_H_
#define VEDETTE_LIB_JSON_KNOWN_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "lib/json/wanted_fields.h"

namespace vedette::inline v0 {

// A program writes the members of its events in one order. The sequences of names that events had
// so far, with marks where objects and lists begin and end, are paths of a tree; each of its nodes
// knows where the last event went on, and that name is compared first. Bounded; a stream of ever
// new sequences starts over. Thread-compatible.
class KnownNames {
 public:
  struct Name {
    std::string text;  // without escapes
    bool wanted = true;
    bool spaced = false;  // holds a blank
  };
  using Node = uint32_t;
  static constexpr Node kStart = 0;  // before the first name
  enum class Mark : uint32_t { kObject, kEndOfObject, kList };

  // Null: every name is wanted. Must outlive this.
  explicit KnownNames(const WantedFields* wanted) : wanted_(wanted) { StartOver(); }

  // Before an event.
  void Begin() {
    if (nodes_.size() >= kMaxNodes) StartOver();
    lost_ = false;
  }
  // The name that begins at `raw`, behind its quote, after the names of `*node`, which moves on.
  // Null for names with escapes, very long ones, and when there are too many. `end` is that of the
  // text. Valid until the next call.
  const Name* Recognise(const char* raw, const char* end, Node* node) {
    const Node next = nodes_[*node].next;
    if (next != kStart && nodes_[next].name >= kMarks &&
        Stands(names_[nodes_[next].name].text, raw, end)) {
      *node = next;
      return &names_[nodes_[next].name];
    }
    return LookUp(raw, end, node);
  }
  // Goes on from `*node` by a mark.
  void Pass(Mark mark, Node* node) {
    const Node next = nodes_[*node].next;
    if (next != kStart && nodes_[next].name == static_cast<uint32_t>(mark)) {
      *node = next;
    } else {
      *node = ChildOf(*node, static_cast<uint32_t>(mark));
    }
  }
  // A number that only texts with exactly these names and marks have, whoever reads them; 0 if some
  // name of the event was not recognised.
  uint64_t TokenOf(Node node) const { return lost_ ? 0 : generation_ << 24 | node; }
  bool IsWanted(std::string_view name) const {
    return wanted_ == nullptr || wanted_->Contains(name);
  }

 private:
  struct Step {
    uint32_t name = 0;   // into names_
    Node next = kStart;  // where the last object went on
  };
  static constexpr size_t kMaxNodes = 1 << 16;
  static constexpr size_t kHardMaxNodes = 1 << 17;  // within one event
  static constexpr size_t kMaxBytes = 128;
  static constexpr uint32_t kMarks = 3;  // names that are none

  static bool Stands(std::string_view text, const char* raw, const char* end) {
    return static_cast<size_t>(end - raw) > text.size() && raw[text.size()] == '"' &&
           std::string_view(raw, text.size()) == text;
  }
  const Name* LookUp(const char* raw, const char* end, Node* node);
  Node ChildOf(Node node, uint32_t name);
  void StartOver();

  const WantedFields* wanted_;
  uint64_t generation_ = 0;
  bool lost_ = false;
  std::vector<Name> names_;
  std::vector<Step> nodes_;  // the first is kStart
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> by_text_;
  absl::flat_hash_map<uint64_t, Node> children_;  // by node and name
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_KNOWN_NAMES_H_
