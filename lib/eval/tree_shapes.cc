#include "lib/eval/tree_shapes.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace vedette::inline v0 {
namespace {

// Names are compared afterwards: this need not tell all of them apart.
uint64_t HashNames(std::span<const Member> members) {
  uint64_t hash = members.size();
  for (const Member& member : members) {
    const std::string_view name = member.name;
    uint64_t word = name.size();
    if (name.size() >= 8) {
      uint64_t tail = 0;
      std::memcpy(&word, name.data(), 8);
      std::memcpy(&tail, name.data() + name.size() - 8, 8);
      word ^= tail * 3 + name.size();
    } else if (!name.empty()) {  // an empty name may have no address
      std::memcpy(reinterpret_cast<char*>(&word) + 1, name.data(), name.size());
    }
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

bool SameNames(const std::vector<std::string>& names, std::span<const Member> members) {
  return std::equal(names.begin(), names.end(), members.begin(), members.end(),
                    [](const std::string& name, const Member& m) { return name == m.name; });
}

int16_t IndexOf(std::string_view name, std::span<const Member> members) {
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].name == name) return static_cast<int16_t>(i);
  }
  return kPlaceAbsent;
}

int16_t PlaceOfPath(const FieldPath& path, const Value& root) {
  const std::span<const Member> members = root.members();
  if (path.is_self()) return kPlaceInside;
  const std::vector<FieldPath::Segment>& segments = path.segments();
  if (segments[0].is_index) return kPlaceAbsent;  // the root is no list
  if (segments[0].any_member || segments[0].xml_element || segments[0].xml_attribute) {
    return kPlaceInside;
  }
  // As the walk goes: the longest dotted key first.
  const size_t longest = path.exact_names() ? 1 : segments.size();
  for (size_t end = longest; end > 0; --end) {
    const std::string_view key = std::string_view(path.flat_key()).substr(0, segments[end - 1].end);
    const int16_t index = IndexOf(key, members);
    if (index != kPlaceAbsent) return end == segments.size() ? index : int16_t{kPlaceInside};
  }
  return kPlaceAbsent;
}

}  // namespace

uint32_t TreeShapes::NumberOf(const Value& root, uint64_t token) {
  if (!root.is_object() || root.spaced_names() || root.members().size() > kMaxNames) return kNone;
  if (token == 0) return NumberOfNames(root.members());
  if (const auto it = by_token_.find(token); it != by_token_.end()) return it->second;
  const uint32_t number = NumberOfNames(root.members());
  if (by_token_.size() >= kMaxTokens) by_token_.clear();
  by_token_.emplace(token, number);
  return number;
}

uint32_t TreeShapes::NumberOfNames(std::span<const Member> members) {
  const uint64_t hash = HashNames(members);
  if (const auto it = by_hash_.find(hash); it != by_hash_.end()) {
    return SameNames(shapes_[it->second], members) ? it->second : kNone;
  }
  if (shapes_.size() >= kMaxShapes) StartOver();
  const auto number = static_cast<uint32_t>(shapes_.size());
  shapes_.emplace_back();
  for (const Member& member : members) shapes_.back().emplace_back(member.name);
  by_hash_.emplace(hash, number);
  return number;
}

TreeShapes::Table* TreeShapes::Places(uint32_t binding, uint32_t number, size_t fields) {
  const uint64_t key = uint64_t{binding} << 32 | number;
  if (const auto it = places_.find(key); it != places_.end()) return it->second.get();
  if (places_.size() >= kMaxTables) places_.clear();
  auto table = std::make_unique<Table>();
  table->places.assign(fields, kPlaceUnknown);
  return places_.emplace(key, std::move(table)).first->second.get();
}

void TreeShapes::StartOver() {
  ++generation_;
  shapes_.clear();
  by_hash_.clear();
  by_token_.clear();
  places_.clear();
}

int16_t PlaceOf(const std::vector<std::pair<FieldPath, int>>& paths, const Value& root) {
  for (const auto& [path, number] : paths) {
    const int16_t place = PlaceOfPath(path, root);
    if (place != kPlaceAbsent) return place;
  }
  return kPlaceAbsent;
}

}  // namespace vedette::inline v0
