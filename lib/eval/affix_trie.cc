#include "lib/eval/affix_trie.h"

#include <algorithm>
#include <string>

namespace vedette::inline v0 {
namespace {

// A run of sorted literals that share their first `depth` bytes: a node to be filled.
struct Pending {
  size_t first;
  size_t last;
  size_t depth;
  uint32_t node;
};

}  // namespace

AffixTrie::AffixTrie(End end, std::span<const std::pair<std::string_view, uint32_t>> literals)
    : end_(end) {
  if (literals.empty()) return;
  std::vector<std::pair<std::string, uint32_t>> sorted;
  sorted.reserve(literals.size());
  for (const auto& [text, number] : literals) {
    std::string key(text);
    if (end == End::kSuffix) std::reverse(key.begin(), key.end());
    sorted.emplace_back(std::move(key), number);
  }
  std::sort(sorted.begin(), sorted.end());
  // Breadth first, so that the nodes near the root lie together.
  nodes_.emplace_back();
  std::vector<Pending> queue = {{0, sorted.size(), 0, 0}};
  for (size_t q = 0; q < queue.size(); ++q) {
    const Pending run = queue[q];
    size_t i = run.first;
    nodes_[run.node].first_number = static_cast<uint32_t>(numbers_.size());
    for (; i < run.last && sorted[i].first.size() == run.depth; ++i) {
      numbers_.push_back(sorted[i].second);
      ++nodes_[run.node].numbers;
    }
    nodes_[run.node].first_edge = static_cast<uint32_t>(edge_bytes_.size());
    while (i < run.last) {
      const char byte = sorted[i].first[run.depth];
      size_t j = i;
      while (j < run.last && sorted[j].first[run.depth] == byte) ++j;
      const auto child = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
      edge_bytes_.push_back(static_cast<uint8_t>(byte));
      edge_nodes_.push_back(child);
      ++nodes_[run.node].edges;
      queue.push_back({i, j, run.depth + 1, child});
      i = j;
    }
    Node& node = nodes_[run.node];
    if (node.edges < kDenseFrom) continue;
    node.dense = static_cast<uint32_t>(tables_.size() / 256);
    tables_.resize(tables_.size() + 256, 0);
    for (uint32_t e = node.first_edge; e < node.first_edge + node.edges; ++e) {
      tables_[size_t{node.dense} * 256 + edge_bytes_[e]] = edge_nodes_[e];
    }
  }
}

}  // namespace vedette::inline v0
