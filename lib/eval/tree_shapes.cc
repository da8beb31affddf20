#include "lib/eval/tree_shapes.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "lib/event/xml_json.h"

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

const Value* FindMember(const Value& v, std::string_view name) {
  for (const Member& member : v.members()) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

// Follows a path as Lookup does, through what depends on names and on which values are objects.
// What lists and XML elements hold is different in every event.
class PathInNames {
 public:
  // Unless `deep`, only the names of the root are known.
  PathInNames(const FieldPath& path, bool deep) : path_(path), deep_(deep) {}

  // Whether the path leads somewhere, then to found() or, if that is null, into something that must
  // be looked at.
  bool Leads(const Value& v, size_t segment) {
    const std::vector<FieldPath::Segment>& segments = path_.segments();
    if (segment == segments.size()) {
      found_ = &v;
      return true;
    }
    if (segment > 0 && !deep_) return Unknown();
    const FieldPath::Segment& next = segments[segment];
    if (v.is_list()) return Unknown();
    if (next.xml_element) return Unknown();
    if (!v.is_object()) return false;
    if (next.any_member) return Unknown();
    if (next.is_index) return false;
    if (next.xml_attribute) {
      const Value* const attribute = FindXmlAttribute(v, next.name);
      return attribute != nullptr && Leads(*attribute, segment + 1);
    }
    if (path_.ignore_blanks() && v.spaced_names()) return Unknown();
    const size_t longest = path_.exact_names() ? segment + 1 : segments.size();
    for (size_t end = longest; end > segment; --end) {
      const std::string_view key =
          std::string_view(path_.flat_key())
              .substr(segments[segment].begin, segments[end - 1].end - segments[segment].begin);
      const std::string_view name = path_.exact_names() ? std::string_view(next.name) : key;
      const Value* const member = FindMember(v, name);
      if (member != nullptr && Leads(*member, end)) return true;
    }
    return false;
  }
  const Value* found() const { return found_; }

 private:
  bool Unknown() {
    found_ = nullptr;
    return true;
  }

  const FieldPath& path_;
  bool deep_;
  const Value* found_ = nullptr;
};

int16_t PlaceOfPath(const FieldPath& path, const Value& root, bool deep,
                    std::span<const Value* const> slots) {
  if (path.is_self()) return kPlaceInside;
  PathInNames walk(path, deep);
  if (!walk.Leads(root, 0)) return kPlaceAbsent;
  const auto slot = std::find(slots.begin(), slots.end(), walk.found());
  return slot == slots.end() ? int16_t{kPlaceInside} : static_cast<int16_t>(slot - slots.begin());
}

void AppendSlots(const Value& v, bool deep, std::vector<const Value*>* slots) {
  for (const Member& member : v.members()) {
    slots->push_back(&member.value);
    if (deep && member.value.is_object()) AppendSlots(member.value, deep, slots);
  }
}

}  // namespace

uint32_t TreeShapes::NumberOf(const Value& root, uint64_t token) {
  if (!root.is_object() || root.spaced_names() || root.members().size() > kMaxNames) return kNone;
  if (token == 0) return NumberOfNames(root.members());
  if (const auto it = by_token_.find(token); it != by_token_.end()) return it->second;
  slots_.clear();
  AppendSlots(root, true, &slots_);
  if (shapes_.size() >= kMaxShapes) StartOver();
  uint32_t number = kNone;
  if (slots_.size() <= kMaxNames) {
    number = static_cast<uint32_t>(shapes_.size());
    shapes_.push_back({true, {}});
  }
  if (by_token_.size() >= kMaxShapes) by_token_.clear();
  by_token_.emplace(token, number);
  return number;
}

uint32_t TreeShapes::NumberOfNames(std::span<const Member> members) {
  const uint64_t hash = HashNames(members);
  if (const auto it = by_hash_.find(hash); it != by_hash_.end()) {
    return SameNames(shapes_[it->second].names, members) ? it->second : kNone;
  }
  if (shapes_.size() >= kMaxShapes) StartOver();
  const auto number = static_cast<uint32_t>(shapes_.size());
  shapes_.emplace_back();
  for (const Member& member : members) shapes_.back().names.emplace_back(member.name);
  by_hash_.emplace(hash, number);
  return number;
}

std::span<const Value* const> TreeShapes::SlotsOf(const Value& root, uint32_t number) {
  slots_.clear();
  AppendSlots(root, IsDeep(number), &slots_);
  return slots_;
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

int16_t PlaceOf(const std::vector<std::pair<FieldPath, int>>& paths, const Value& root, bool deep,
                std::span<const Value* const> slots) {
  for (const auto& [path, number] : paths) {
    const int16_t place = PlaceOfPath(path, root, deep, slots);
    if (place != kPlaceAbsent) return place;
  }
  return kPlaceAbsent;
}

}  // namespace vedette::inline v0
