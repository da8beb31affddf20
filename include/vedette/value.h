// A value of an event field: the three-way state of detection languages (absent, null, value), the
// scalar kinds events really have, and lists and objects as borrowed spans.
#ifndef VEDETTE_VALUE_H_
#define VEDETTE_VALUE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0 {

enum class ValueKind : uint8_t {
  kAbsent,  // the event has no such field
  kNull,    // the field is there and holds null
  kBool,
  kInt,
  kUint,  // only for integers above INT64_MAX
  kDouble,
  kString,
  kList,
  kObject,
};

struct Member;

// A borrowed, trivially copyable view of one value, like std::string_view for strings: 16 bytes,
// never owns. Whatever a string, list or object points at must outlive it (an `Event`, a
// `ValueArena`, or the host's own struct). Thread-compatible.
class Value {
 public:
  constexpr Value() = default;
  static constexpr Value Null() { return Value(ValueKind::kNull); }
  static constexpr Value Bool(bool b) {
    Value v(ValueKind::kBool);
    v.int_ = b ? 1 : 0;
    return v;
  }
  static constexpr Value Int(int64_t i) {
    Value v(ValueKind::kInt);
    v.int_ = i;
    return v;
  }
  // Values up to INT64_MAX become kInt, so that equal numbers have one kind.
  static constexpr Value Uint(uint64_t u) {
    if (u <= static_cast<uint64_t>(INT64_MAX)) return Int(static_cast<int64_t>(u));
    Value v(ValueKind::kUint);
    v.uint_ = u;
    return v;
  }
  static constexpr Value Double(double d) {
    Value v(ValueKind::kDouble);
    v.double_ = d;
    return v;
  }
  // Text past 4 GiB is cut off.
  static constexpr Value String(std::string_view s) {
    Value v(ValueKind::kString);
    v.chars_ = s.data();
    v.size_ = s.size() > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(s.size());
    return v;
  }
  static constexpr Value List(std::span<const Value> items) {
    Value v(ValueKind::kList);
    v.items_ = items.data();
    v.size_ = static_cast<uint32_t>(items.size());
    return v;
  }
  // `spaced_names`: some member name holds a blank ("Threat Name"), which log sources with such
  // names and rules without the blanks need to know.
  static constexpr Value Object(std::span<const Member> members, bool spaced_names = false);

  constexpr ValueKind kind() const { return kind_; }
  constexpr bool absent() const { return kind_ == ValueKind::kAbsent; }
  constexpr bool is_null() const { return kind_ == ValueKind::kNull; }
  constexpr bool is_string() const { return kind_ == ValueKind::kString; }
  constexpr bool is_number() const {
    return kind_ == ValueKind::kInt || kind_ == ValueKind::kUint || kind_ == ValueKind::kDouble;
  }
  constexpr bool is_scalar() const {
    return kind_ >= ValueKind::kBool && kind_ <= ValueKind::kString;
  }
  constexpr bool is_list() const { return kind_ == ValueKind::kList; }
  constexpr bool is_object() const { return kind_ == ValueKind::kObject; }

  // Each accessor is defined for its own kind only.
  constexpr bool boolean() const { return int_ != 0; }
  constexpr int64_t integer() const { return int_; }
  constexpr uint64_t unsigned_integer() const { return uint_; }
  constexpr double number() const { return double_; }
  constexpr std::string_view string() const { return {chars_, size_}; }
  constexpr std::span<const Value> list() const { return {items_, size_}; }
  constexpr std::span<const Member> members() const;
  constexpr bool spaced_names() const { return flags_ != 0; }

  // The number as a double (kInt, kUint, kDouble).
  double AsDouble() const;
  // The member called `name` exactly, or an absent value. Objects only; first of duplicates.
  Value Find(std::string_view name) const;
  // Like Find, but blanks in the members' names do not count: "ThreatName" finds "Threat Name".
  Value FindIgnoringBlanks(std::string_view name) const;

  // Appends the text that string comparisons see: a string itself, decimal digits of a number
  // (1.0 is "1"; other doubles in shortest round-trip form), true/false. Nothing for other kinds.
  void AppendText(std::string* out) const;
  // The value as compact JSON (for output and messages; invalid UTF-8 becomes U+FFFD; nesting
  // below 64 levels is written as "...").
  std::string ToJson() const;

 private:
  explicit constexpr Value(ValueKind kind) : kind_(kind) {}

  ValueKind kind_ = ValueKind::kAbsent;
  uint8_t flags_ = 0;
  uint32_t size_ = 0;
  union {
    int64_t int_ = 0;
    uint64_t uint_;
    double double_;
    const char* chars_;
    const Value* items_;
    const Member* members_;
  };
};

// One member of an object value.
struct Member {
  std::string_view name;
  Value value;
};

constexpr Value Value::Object(std::span<const Member> members, bool spaced_names) {
  Value v(ValueKind::kObject);
  v.members_ = members.data();
  v.size_ = static_cast<uint32_t>(members.size());
  v.flags_ = spaced_names ? 1 : 0;
  return v;
}

constexpr std::span<const Member> Value::members() const { return {members_, size_}; }

// Memory for the parts of values that outlive one call: a bump allocator that keeps its blocks
// between events, so that a warmed-up reader or evaluator allocates nothing. Thread-compatible.
class ValueArena {
 public:
  ValueArena() = default;
  ValueArena(ValueArena&&) = default;
  ValueArena& operator=(ValueArena&&) = default;

  // Uninitialised memory, valid until Reset() or destruction; `align` at most 16.
  void* Allocate(size_t bytes, size_t align);
  std::string_view CopyString(std::string_view s);
  std::span<Value> NewValues(size_t count);
  std::span<Member> NewMembers(size_t count);
  // A copy of `v` with everything it points at; nesting below 64 levels becomes null.
  Value DeepCopy(const Value& v);

  // Gives all memory back to the arena. Blocks are kept up to `keep_bytes`, the rest is freed, so
  // one huge event does not stay for ever.
  void Reset(size_t keep_bytes = size_t{1} << 20);
  size_t bytes_reserved() const { return reserved_; }
  // An empty string that keeps its capacity, for making a text before it is copied; yours until the
  // next call.
  std::string& Scratch() {
    scratch_.clear();
    return scratch_;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0;   // block in use
  size_t offset_ = 0;  // first free byte in it
  size_t reserved_ = 0;
  std::string scratch_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_VALUE_H_
