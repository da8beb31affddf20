#include "lib/json/known_names.h"

#include <algorithm>
#include <atomic>

namespace vedette::inline v0 {
namespace {

// Of all trees of names in the process: tokens must not be mixed up.
std::atomic<uint64_t> generations = 0;

}  // namespace

const KnownNames::Name* KnownNames::LookUp(const char* raw, const char* end, Node* node) {
  const char* const limit = raw + std::min<ptrdiff_t>(end - raw, kMaxBytes);
  const char* const quote = std::find_if(raw, limit, [](char c) { return c == '"' || c == '\\'; });
  if (quote == limit || *quote == '\\' || nodes_.size() >= kHardMaxNodes) {
    lost_ = true;
    return nullptr;
  }
  const std::string_view text(raw, static_cast<size_t>(quote - raw));
  auto it = by_text_.find(text);
  if (it == by_text_.end()) {
    it = by_text_.emplace(text, static_cast<uint32_t>(names_.size())).first;
    names_.push_back({std::string(text), IsWanted(text), text.find(' ') != std::string_view::npos});
  }
  *node = ChildOf(*node, it->second);
  return &names_[it->second];
}

KnownNames::Node KnownNames::ChildOf(Node node, uint32_t name) {
  if (nodes_.size() >= kHardMaxNodes) {
    lost_ = true;
    return node;
  }
  const auto [child, is_new] =
      children_.try_emplace(uint64_t{node} << 32 | name, static_cast<Node>(nodes_.size()));
  if (is_new) nodes_.push_back({name, kStart});
  nodes_[node].next = child->second;
  return child->second;
}

void KnownNames::StartOver() {
  generation_ = ++generations;
  by_text_.clear();
  children_.clear();
  names_.assign(kMarks, Name());
  nodes_.assign(1, Step());
}

}  // namespace vedette::inline v0
