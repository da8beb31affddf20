#include "lib/io/common/record.h"

#include <algorithm>
#include <cstring>

#include "lib/event/shape.h"
#include "lib/io/common/text_time.h"

namespace vedette::inline v0 {

Value NumberOrText(std::string_view text) {
  // No more digits than surely fit.
  constexpr size_t kMaxDigits = 18;
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > kMaxDigits) return Value::String(text);
  if (digits.front() == '0' && (digits.size() > 1 || negative)) return Value::String(text);
  int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return Value::String(text);
    number = number * 10 + (c - '0');
  }
  return Value::Int(negative ? -number : number);
}

Member* RecordFields::Find(std::string_view name) {
  const auto it = std::ranges::find(members_, name, &Member::name);
  return it == members_.end() ? nullptr : &*it;
}

const Member* RecordFields::Find(std::string_view name) const {
  const auto it = std::ranges::find(members_, name, &Member::name);
  return it == members_.end() ? nullptr : &*it;
}

Value RecordFields::TakeObject(size_t first, ValueArena* arena) {
  const size_t count = members_.size() - first;
  const std::span<Member> members = arena->NewMembers(count);
  std::copy(members_.begin() + static_cast<ptrdiff_t>(first), members_.end(), members.begin());
  members_.resize(first);
  const bool spaced = std::ranges::any_of(
      members, [](const Member& m) { return m.name.find(' ') != std::string_view::npos; });
  return Value::Object(members, spaced);
}

void FinishEvent(const TextOptions& options, Value root, Event* event) {
  event->set_root(root);
  if (!options.shape.has_value() && !options.zone) return;
  if (options.shape.has_value()) event->set_shape(*options.shape);
  const auto parse = [&options](const Value& v) { return ParseTimeIn(options, v); };
  event->set_time(FindEventTime(root, event->shape(), KeyBitsOf(root), parse));
}

char* MutableCopy(std::string_view text, ValueArena* arena) {
  char* const copy = static_cast<char*>(arena->Allocate(text.size() + 1, 1));
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  return copy;
}

}  // namespace vedette::inline v0
