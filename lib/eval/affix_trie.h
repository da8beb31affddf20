// Finds which of many literals a text begins or ends with.
#ifndef VEDETTE_LIB_EVAL_AFFIX_TRIE_H_
#define VEDETTE_LIB_EVAL_AFFIX_TRIE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::inline v0 {

// A trie over prefixes, or over suffixes read backwards. A walk ends at the first byte with which
// no literal goes on, mostly after a few. Immutable; thread-safe.
class AffixTrie {
 public:
  enum class End : uint8_t { kPrefix, kSuffix };

  AffixTrie() = default;
  // Pairs of a literal, not empty, and the number to report.
  AffixTrie(End end, std::span<const std::pair<std::string_view, uint32_t>> literals);

  bool empty() const { return nodes_.empty(); }

  // Calls `report(number)` for each literal that `text` begins (ends) with.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    uint32_t node = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = end_ == End::kPrefix ? text[i] : text[text.size() - 1 - i];
      node = Next(node, static_cast<uint8_t>(c));
      if (node == 0) return;
      const Node& n = nodes_[node];
      for (uint32_t k = 0; k < n.numbers; ++k) report(numbers_[n.first_number + k]);
    }
  }

 private:
  static constexpr uint32_t kSparse = UINT32_MAX;
  static constexpr size_t kDenseFrom = 6;  // children

  struct Node {
    uint32_t first_edge = 0;
    uint32_t edges = 0;
    uint32_t dense = kSparse;  // into tables_, in units of 256
    uint32_t first_number = 0;
    uint32_t numbers = 0;
  };

  // The node after `node` by `byte`; 0, the root, if there is none.
  uint32_t Next(uint32_t node, uint8_t byte) const {
    const Node& n = nodes_[node];
    if (n.dense != kSparse) return tables_[size_t{n.dense} * 256 + byte];
    for (uint32_t e = n.first_edge; e < n.first_edge + n.edges; ++e) {
      if (edge_bytes_[e] == byte) return edge_nodes_[e];
    }
    return 0;
  }

  End end_ = End::kPrefix;
  std::vector<Node> nodes_;
  std::vector<uint8_t> edge_bytes_;
  std::vector<uint32_t> edge_nodes_;
  std::vector<uint32_t> tables_;
  std::vector<uint32_t> numbers_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_AFFIX_TRIE_H_
