#include "vedette/match_record.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace vedette::inline v0 {
namespace {

// One byte that says what follows. The numbers are part of the partition hash: never change them.
enum class Tag : char {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kUint = 4,
  kDouble = 5,
  kText = 6
};

void AppendFixed(uint64_t x, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(x >> (8 * i) & 0xFF));
}

uint64_t TakeFixed(std::string_view* in, int bytes) {
  uint64_t x = 0;
  for (int i = 0; i < bytes; ++i) {
    x |= static_cast<uint64_t>(static_cast<unsigned char>((*in)[static_cast<size_t>(i)]))
         << (8 * i);
  }
  in->remove_prefix(static_cast<size_t>(bytes));
  return x;
}

void AppendTag(Tag tag, std::string* out) { out->push_back(static_cast<char>(tag)); }

}  // namespace

void AppendKeyPart(const Value& value, std::string* key) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return AppendTag(value.boolean() ? Tag::kTrue : Tag::kFalse, key);
    case ValueKind::kInt:
      AppendTag(Tag::kInt, key);
      return AppendFixed(static_cast<uint64_t>(value.integer()), 8, key);
    case ValueKind::kUint:
      AppendTag(Tag::kUint, key);
      return AppendFixed(value.unsigned_integer(), 8, key);
    case ValueKind::kDouble: {
      const double d = value.number();
      // Whole numbers have one form, whatever their kind.
      constexpr double kLimit = 9223372036854775808.0;  // 2^63
      if (d >= -kLimit && d < kLimit && std::trunc(d) == d) {
        return AppendKeyPart(Value::Int(static_cast<int64_t>(d)), key);
      }
      if (d >= kLimit && d < 2 * kLimit && std::trunc(d) == d) {
        return AppendKeyPart(Value::Uint(static_cast<uint64_t>(d)), key);
      }
      AppendTag(Tag::kDouble, key);
      return AppendFixed(std::bit_cast<uint64_t>(d), 8, key);
    }
    case ValueKind::kString:
      AppendTag(Tag::kText, key);
      AppendFixed(value.string().size(), 4, key);
      key->append(value.string());
      return;
    default:
      return AppendTag(Tag::kNull, key);
  }
}

bool TakeKeyPart(std::string_view* key, Value* value) {
  if (key->empty()) return false;
  const auto tag = static_cast<Tag>(key->front());
  key->remove_prefix(1);
  switch (tag) {
    case Tag::kNull:
      *value = Value::Null();
      return true;
    case Tag::kFalse:
    case Tag::kTrue:
      *value = Value::Bool(tag == Tag::kTrue);
      return true;
    case Tag::kInt:
    case Tag::kUint:
    case Tag::kDouble: {
      if (key->size() < 8) return false;
      const uint64_t x = TakeFixed(key, 8);
      *value = tag == Tag::kInt    ? Value::Int(static_cast<int64_t>(x))
               : tag == Tag::kUint ? Value::Uint(x)
                                   : Value::Double(std::bit_cast<double>(x));
      return true;
    }
    case Tag::kText: {
      if (key->size() < 4) return false;
      const uint64_t n = TakeFixed(key, 4);
      if (key->size() < n) return false;
      *value = Value::String(key->substr(0, n));
      key->remove_prefix(n);
      return true;
    }
  }
  return false;
}

}  // namespace vedette::inline v0
