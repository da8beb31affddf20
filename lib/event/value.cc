#include "vedette/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "lib/base/json_text.h"

namespace vedette::inline v0 {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kFirstBlock = 4096;
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53

template <typename T>
void AppendNumber(T number, std::string* out) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out->append(buffer, end);
}

bool EqualsIgnoringBlanks(std::string_view spaced, std::string_view plain) {
  size_t i = 0;
  for (const char c : spaced) {
    if (c == ' ') continue;
    if (i == plain.size() || plain[i] != c) return false;
    ++i;
  }
  return i == plain.size();
}

void AppendJson(const Value& v, int depth, std::string* out) {
  switch (v.kind()) {
    case ValueKind::kAbsent:
    case ValueKind::kNull:
      out->append("null");
      return;
    case ValueKind::kString:
      AppendJsonString(v.string(), out);
      return;
    case ValueKind::kDouble:
      if (!std::isfinite(v.number())) {
        out->append("null");
        return;
      }
      [[fallthrough]];
    case ValueKind::kBool:
    case ValueKind::kInt:
    case ValueKind::kUint:
      v.AppendText(out);
      return;
    case ValueKind::kList:
    case ValueKind::kObject:
      break;
  }
  if (depth >= kMaxDepth) {
    out->append("\"...\"");
    return;
  }
  out->push_back(v.is_list() ? '[' : '{');
  bool first = true;
  if (v.is_list()) {
    for (const Value& item : v.list()) {
      if (!first) out->push_back(',');
      first = false;
      AppendJson(item, depth + 1, out);
    }
  } else {
    for (const Member& member : v.members()) {
      if (!first) out->push_back(',');
      first = false;
      AppendJsonString(member.name, out);
      out->push_back(':');
      AppendJson(member.value, depth + 1, out);
    }
  }
  out->push_back(v.is_list() ? ']' : '}');
}

Value CopyTree(const Value& v, int depth, ValueArena* arena) {
  if (v.is_string()) return Value::String(arena->CopyString(v.string()));
  if (!v.is_list() && !v.is_object()) return v;
  if (depth >= kMaxDepth) return Value::Null();
  if (v.is_list()) {
    const std::span<Value> items = arena->NewValues(v.list().size());
    for (size_t i = 0; i < items.size(); ++i) items[i] = CopyTree(v.list()[i], depth + 1, arena);
    return Value::List(items);
  }
  const std::span<Member> members = arena->NewMembers(v.members().size());
  for (size_t i = 0; i < members.size(); ++i) {
    members[i].name = arena->CopyString(v.members()[i].name);
    members[i].value = CopyTree(v.members()[i].value, depth + 1, arena);
  }
  return Value::Object(members, v.spaced_names());
}

}  // namespace

double Value::AsDouble() const {
  switch (kind_) {
    case ValueKind::kInt:
      return static_cast<double>(int_);
    case ValueKind::kUint:
      return static_cast<double>(uint_);
    default:
      return double_;
  }
}

Value Value::Find(std::string_view name) const {
  for (const Member& member : members()) {
    if (member.name == name) return member.value;
  }
  return Value();
}

Value Value::FindIgnoringBlanks(std::string_view name) const {
  for (const Member& member : members()) {
    if (EqualsIgnoringBlanks(member.name, name)) return member.value;
  }
  return Value();
}

void Value::AppendText(std::string* out) const {
  switch (kind_) {
    case ValueKind::kBool:
      out->append(boolean() ? "true" : "false");
      return;
    case ValueKind::kInt:
      AppendNumber(int_, out);
      return;
    case ValueKind::kUint:
      AppendNumber(uint_, out);
      return;
    case ValueKind::kDouble:
      // An integral value prints as an integer: to_chars alone would choose "1e+05".
      if (std::floor(double_) == double_ && std::fabs(double_) < kExactIntegers) {
        AppendNumber(static_cast<int64_t>(double_), out);
      } else {
        AppendNumber(double_, out);
      }
      return;
    case ValueKind::kString:
      out->append(string());
      return;
    case ValueKind::kAbsent:
    case ValueKind::kNull:
    case ValueKind::kList:
    case ValueKind::kObject:
      return;
  }
}

std::string Value::ToJson() const {
  std::string out;
  AppendJson(*this, 0, &out);
  return out;
}

void* ValueArena::Allocate(size_t bytes, size_t align) {
  while (true) {
    if (block_ < blocks_.size()) {
      const size_t start = (offset_ + align - 1) & ~(align - 1);
      if (start <= blocks_[block_].size && bytes <= blocks_[block_].size - start) {
        offset_ = start + bytes;
        return blocks_[block_].data.get() + start;
      }
      ++block_;
      offset_ = 0;
      continue;
    }
    const size_t grown = blocks_.empty() ? kFirstBlock : blocks_.back().size * 2;
    const size_t size = std::max(bytes, std::min(grown, size_t{1} << 20));
    // Not value-initialised: the memory is written before it is read.
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    reserved_ += size;
  }
}

std::string_view ValueArena::CopyString(std::string_view s) {
  if (s.empty()) return {};
  char* copy = static_cast<char*>(Allocate(s.size(), 1));
  std::memcpy(copy, s.data(), s.size());
  return {copy, s.size()};
}

std::span<Value> ValueArena::NewValues(size_t count) {
  if (count == 0) return {};
  Value* items = static_cast<Value*>(Allocate(count * sizeof(Value), alignof(Value)));
  std::uninitialized_default_construct_n(items, count);
  return {items, count};
}

std::span<Member> ValueArena::NewMembers(size_t count) {
  if (count == 0) return {};
  Member* items = static_cast<Member*>(Allocate(count * sizeof(Member), alignof(Member)));
  std::uninitialized_default_construct_n(items, count);
  return {items, count};
}

Value ValueArena::DeepCopy(const Value& v) { return CopyTree(v, 0, this); }

void ValueArena::Reset(size_t keep_bytes) {
  while (!blocks_.empty() && reserved_ > keep_bytes && blocks_.back().size > kFirstBlock) {
    reserved_ -= blocks_.back().size;
    blocks_.pop_back();
  }
  block_ = 0;
  offset_ = 0;
}

}  // namespace vedette::inline v0
