#include "lib/program/shared_formulas.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace vedette::inline v0 {
namespace {

using Kind = ProgramNode::Kind;

// Every node's class: two nodes are of one class if and only if they say the same of every event.
class Classes {
 public:
  explicit Classes(const std::vector<ProgramNode>& nodes)
      : nodes_(nodes), of_(nodes.size()), sorted_(nodes.size()), seen_(0, Hash{this}, Equal{this}) {
    // Children stand after their parents.
    for (size_t i = nodes.size(); i-- > 0;) Classify(static_cast<uint32_t>(i));
  }

  // A node that stands for all of its class.
  uint32_t Of(uint32_t node) const { return of_[node]; }

 private:
  struct Hash {
    const Classes* classes;
    size_t operator()(uint32_t node) const {
      const ProgramNode& n = classes->nodes_[node];
      return absl::HashOf(n.kind, n.quantifier, n.relative, n.field, classes->Leaf(n),
                          absl::MakeConstSpan(classes->Branches(n)));
    }
  };
  struct Equal {
    const Classes* classes;
    bool operator()(uint32_t a, uint32_t b) const {
      const ProgramNode& x = classes->nodes_[a];
      const ProgramNode& y = classes->nodes_[b];
      return x.kind == y.kind && x.quantifier == y.quantifier && x.relative == y.relative &&
             x.field == y.field && classes->Leaf(x) == classes->Leaf(y) &&
             std::ranges::equal(classes->Branches(x), classes->Branches(y));
    }
  };

  static uint32_t Leaf(const ProgramNode& n) { return n.kind == Kind::kPredicate ? n.first : 0; }

  // The classes of its children, ascending. They stand where the children do in `nodes`.
  std::span<const uint32_t> Branches(const ProgramNode& n) const {
    if (n.count == 0) return {};
    return std::span(sorted_).subspan(n.first, n.count);
  }

  void Classify(uint32_t node) {
    const ProgramNode& n = nodes_[node];
    for (uint32_t i = n.first; i < n.first + n.count; ++i) sorted_[i] = of_[i];
    if (n.count > 1) {
      const auto first = sorted_.begin() + n.first;
      std::sort(first, first + n.count);
    }
    of_[node] = *seen_.insert(node).first;
  }

  const std::vector<ProgramNode>& nodes_;
  std::vector<uint32_t> of_;
  std::vector<uint32_t> sorted_;
  absl::flat_hash_set<uint32_t, Hash, Equal> seen_;
};

bool CanBeShared(const ProgramNode& node) { return node.count > 0 && !node.relative; }

}  // namespace

void ShareFormulas(ProgramLayout* layout) {
  std::vector<ProgramNode>& nodes = layout->nodes;
  const Classes classes(nodes);
  const auto size = static_cast<uint32_t>(nodes.size());
  std::vector<uint32_t> found(size, 0);
  for (uint32_t i = 0; i < size; ++i) {
    if (CanBeShared(nodes[i])) ++found[classes.Of(i)];
  }
  std::vector<uint32_t> numbers(size, 0);
  layout->shared_formulas = 0;
  for (uint32_t i = 0; i < size; ++i) {
    const uint32_t of = classes.Of(i);
    if (!CanBeShared(nodes[i]) || found[of] < 2) continue;
    if (numbers[of] == 0) numbers[of] = ++layout->shared_formulas;
    nodes[i].shared = numbers[of];
  }
}

}  // namespace vedette::inline v0
