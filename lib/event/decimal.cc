#include "lib/event/decimal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace vedette::inline v0 {
namespace {

// Values above INT64_MAX have a kind of their own.
int CompareIntegers(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() == ValueKind::kInt ? -1 : 1;
  if (a.kind() == ValueKind::kInt) {
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  }
  const uint64_t x = a.unsigned_integer();
  const uint64_t y = b.unsigned_integer();
  return x < y ? -1 : x > y ? 1 : 0;
}

// Not every integer is a double: the other way round nothing is lost.
int CompareToDouble(const Value& integer, double d) {
  if (d != d) return 2;
  if (d >= 18446744073709551616.0) return -1;
  if (d < -9223372036854775808.0) return 1;
  const double whole = std::floor(d);
  const int order = CompareIntegers(integer, whole < 9223372036854775808.0
                                                 ? Value::Int(static_cast<int64_t>(whole))
                                                 : Value::Uint(static_cast<uint64_t>(whole)));
  return order == 0 && d > whole ? -1 : order;
}

}  // namespace

// from_chars alone would take "inf" and "nan", too.
bool IsDecimal(std::string_view text) {
  const auto skip_digits = [&text] {
    const size_t n = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(n);
    return n > 0;
  };
  if (text.size() > 400) return false;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (!skip_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!skip_digits()) return false;
  }
  return text.empty();
}

std::optional<Value> NumberOf(const Value& v) {
  if (v.is_number()) return v;
  if (!v.is_string() || !IsDecimal(v.string())) return std::nullopt;
  std::string_view text = v.string();
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto r = std::from_chars(text.data(), end, whole);
      r.ec == std::errc() && r.ptr == end) {
    return Value::Int(whole);
  }
  double real = 0;
  if (std::from_chars(text.data(), end, real).ec != std::errc()) return std::nullopt;
  return Value::Double(real);
}

int CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == ValueKind::kDouble) {
    if (b.kind() != ValueKind::kDouble) {
      const int order = CompareToDouble(b, a.number());
      return order == 2 ? 2 : -order;
    }
    const double x = a.number();
    const double y = b.number();
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  return b.kind() == ValueKind::kDouble ? CompareToDouble(a, b.number()) : CompareIntegers(a, b);
}

}  // namespace vedette::inline v0
