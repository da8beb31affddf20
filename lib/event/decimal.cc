#include "lib/event/decimal.h"

#include <algorithm>
#include <charconv>

namespace vedette::inline v0 {

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
  if (a.kind() == ValueKind::kInt && b.kind() == ValueKind::kInt) {
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  }
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
}

}  // namespace vedette::inline v0
