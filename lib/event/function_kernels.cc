#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "lib/base/casefold.h"
#include "lib/event/decimal.h"
#include "lib/event/function_table.h"
#include "lib/event/wildcard.h"

namespace vedette::inline v0 {
namespace {

using Args = std::span<const Value>;

// Rounds towards minus infinity, as EQL does; the sign of the remainder is the divisor's.
Value DivideIntegers(int64_t a, int64_t b) {
  if (a == INT64_MIN && b == -1) return Value::Double(-static_cast<double>(a));
  int64_t q = a / b;
  if (a % b != 0 && (a < 0) != (b < 0)) --q;
  return Value::Int(q);
}

Value ModuloIntegers(int64_t a, int64_t b) {
  if (b == -1) return Value::Int(0);
  int64_t r = a % b;
  if (r != 0 && (r < 0) != (b < 0)) r += b;
  return Value::Int(r);
}

// There is no number beyond the doubles: nothing could be made of it, or written.
Value Finite(double d) { return std::isfinite(d) ? Value::Double(d) : Value::Null(); }

// x - y * floor(x / y) loses everything if the quotient has more digits than a double.
Value ModuloDoubles(double x, double y) {
  double r = std::fmod(x, y);
  if (r != 0 && (r < 0) != (y < 0)) r += y;
  return Value::Double(r);
}

Value Arithmetic(Function f, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) return Value::Null();
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  if ((f == Function::kDivide || f == Function::kModulo) && y == 0) return Value::Null();
  const bool whole = a.kind() == ValueKind::kInt && b.kind() == ValueKind::kInt;
  int64_t r = 0;
  switch (f) {
    case Function::kAdd:
      if (whole && !__builtin_add_overflow(a.integer(), b.integer(), &r)) return Value::Int(r);
      return Finite(x + y);
    case Function::kSubtract:
      if (whole && !__builtin_sub_overflow(a.integer(), b.integer(), &r)) return Value::Int(r);
      return Finite(x - y);
    case Function::kMultiply:
      if (whole && !__builtin_mul_overflow(a.integer(), b.integer(), &r)) return Value::Int(r);
      return Finite(x * y);
    case Function::kDivide:
      return whole ? DivideIntegers(a.integer(), b.integer()) : Finite(x / y);
    default:
      return whole ? ModuloIntegers(a.integer(), b.integer()) : ModuloDoubles(x, y);
  }
}

Value Negate(const Value& v) {
  if (v.kind() == ValueKind::kInt && v.integer() != INT64_MIN) return Value::Int(-v.integer());
  return v.is_number() ? Value::Double(-v.AsDouble()) : Value::Null();
}

// The text of a scalar, in the arena unless it is a string already.
std::string_view TextOf(const Value& v, ValueArena* arena) {
  if (v.is_string()) return v.string();
  std::string& text = arena->Scratch();
  v.AppendText(&text);
  return arena->CopyString(text);
}

std::string_view Folded(std::string_view s, ValueArena* arena) {
  std::string& folded = arena->Scratch();
  AppendFolded(s, &folded);
  return arena->CopyString(folded);
}

// Two numbers are equal as numbers, all else as texts: "007" is not 7, as in a test of a field.
Value Equal(const Value& a, const Value& b, bool ignore_case, ValueArena* arena) {
  if (a.is_number() && b.is_number()) return Value::Bool(CompareNumbers(a, b) == 0);
  std::string_view x = TextOf(a, arena);
  std::string_view y = TextOf(b, arena);
  if (ignore_case) {
    x = Folded(x, arena);
    y = Folded(y, arena);
  }
  return Value::Bool(x == y);
}

Value Ordered(Function f, const Value& a, const Value& b) {
  int order = 0;
  if (a.is_string() && b.is_string()) {
    order = a.string().compare(b.string());
    order = order < 0 ? -1 : order > 0 ? 1 : 0;
  } else {
    const std::optional<Value> x = NumberOf(a);
    const std::optional<Value> y = NumberOf(b);
    if (!x.has_value() || !y.has_value()) return Value::Bool(false);
    order = CompareNumbers(*x, *y);
  }
  switch (f) {
    case Function::kLess:
      return Value::Bool(order == -1);
    case Function::kLessEqual:
      return Value::Bool(order == -1 || order == 0);
    case Function::kGreater:
      return Value::Bool(order == 1);
    default:
      return Value::Bool(order == 1 || order == 0);
  }
}

bool IsTrue(const Value& v) { return v.kind() == ValueKind::kBool && v.boolean(); }

// ---- Texts; positions count code points ------------------------------------------------------

int64_t CodePoints(std::string_view s) {
  int64_t n = 0;
  char32_t cp = 0;
  for (size_t at = 0; at < s.size(); at += NextCodePoint(s, at, &cp)) ++n;
  return n;
}

// The byte at which code point `n` begins; s.size() past the end.
size_t ByteOf(std::string_view s, int64_t n) {
  size_t at = 0;
  char32_t cp = 0;
  for (; n > 0 && at < s.size(); --n) at += NextCodePoint(s, at, &cp);
  return at;
}

struct Pair {
  std::string_view text;  // for comparing: folded if case is ignored
  std::string_view part;
};

Pair Comparable(const Value& text, const Value& part, bool ignore_case, ValueArena* arena) {
  Pair pair{TextOf(text, arena), TextOf(part, arena)};
  if (ignore_case) {
    pair.text = Folded(pair.text, arena);
    pair.part = Folded(pair.part, arena);
  }
  return pair;
}

// Folding is one code point to one, so code point positions in the folded text are those in the
// text itself; byte positions are not.
Value Between(Args args, bool ignore_case, ValueArena* arena) {
  const std::string_view original = TextOf(args[0], arena);
  const Pair left = Comparable(args[0], args[1], ignore_case, arena);
  const Pair right = Comparable(args[0], args[2], ignore_case, arena);
  const bool greedy = args.size() > 3 && IsTrue(args[3]);
  const size_t open = left.text.find(left.part);
  if (open == std::string_view::npos) return Value::String("");
  const size_t begin = open + left.part.size();
  const size_t end = greedy ? right.text.rfind(right.part) : right.text.find(right.part, begin);
  if (end == std::string_view::npos || end < begin) return Value::String("");
  const size_t from = ByteOf(original, CodePoints(left.text.substr(0, begin)));
  const size_t to = ByteOf(original, CodePoints(left.text.substr(0, end)));
  return Value::String(original.substr(from, to - from));
}

Value IndexOf(Args args, bool ignore_case, ValueArena* arena) {
  const Pair pair = Comparable(args[0], args[1], ignore_case, arena);
  int64_t start = 0;
  if (args.size() > 2) {
    if (args[2].kind() != ValueKind::kInt) return Value::Null();
    start = std::max<int64_t>(args[2].integer(), 0);
  }
  if (start > CodePoints(pair.text)) return Value::Null();
  if (pair.part.empty()) return Value::Int(start);
  const size_t found = pair.text.find(pair.part, ByteOf(pair.text, start));
  if (found == std::string_view::npos) return Value::Null();
  return Value::Int(CodePoints(pair.text.substr(0, found)));
}

Value Substring(Args args, ValueArena* arena) {
  const std::string_view text = TextOf(args[0], arena);
  const int64_t length = CodePoints(text);
  const auto clamp = [length](int64_t at) {
    if (at < 0) at += length;
    return std::clamp<int64_t>(at, 0, length);
  };
  if (args[1].kind() != ValueKind::kInt) return Value::Null();
  if (args.size() > 2 && args[2].kind() != ValueKind::kInt) return Value::Null();
  const int64_t begin = clamp(args[1].integer());
  const int64_t end = args.size() > 2 ? clamp(args[2].integer()) : length;
  if (end <= begin) return Value::String("");
  const size_t from = ByteOf(text, begin);
  return Value::String(text.substr(from, ByteOf(text, end) - from));
}

std::string_view Trimmed(std::string_view s) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const size_t first = s.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kBlanks) - first + 1);
}

// Digits of any base without a sign; what is beyond 64 bits is a floating point number.
Value ReadDigits(std::string_view digits, bool negative, int base) {
  uint64_t whole = 0;
  const char* end = digits.data() + digits.size();
  const auto r = std::from_chars(digits.data(), end, whole, base);
  if (r.ptr != end || r.ec == std::errc::invalid_argument) return Value::Null();
  if (r.ec == std::errc() && whole <= static_cast<uint64_t>(INT64_MAX)) {
    const auto value = static_cast<int64_t>(whole);
    return Value::Int(negative ? -value : value);
  }
  double value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * base + digit;
  }
  return Finite(negative ? -value : value);
}

// Surrounding blanks are ignored; `0x` chooses base 16 unless a base is given.
Value ToNumber(Args args) {
  if (args[0].is_number()) return args[0];
  if (!args[0].is_string()) return Value::Null();
  std::string_view text = Trimmed(args[0].string());
  int base = 10;
  if (args.size() > 1) {
    if (args[1].kind() != ValueKind::kInt) return Value::Null();
    if (args[1].integer() < 2 || args[1].integer() > 36) return Value::Null();
    base = static_cast<int>(args[1].integer());
  }
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex && (args.size() == 1 || base == 16)) {
    digits.remove_prefix(2);
    base = 16;
    // A sign stands before the 0x, not behind it.
    if (digits.starts_with('-') || digits.starts_with('+')) return Value::Null();
  }
  if (base == 10) return NumberOf(Value::String(text)).value_or(Value::Null());
  return ReadDigits(digits, negative, base);
}

Value Concat(Args args, ValueArena* arena) {
  std::string& text = arena->Scratch();
  for (const Value& v : args) v.AppendText(&text);
  return Value::String(arena->CopyString(text));
}

Value Lookup(Args args, ValueArena* arena) {
  for (size_t i = 2; i + 1 < args.size(); i += 2) {
    if (!args[0].is_scalar() || !args[i].is_scalar()) continue;
    if (IsTrue(Equal(args[0], args[i], false, arena))) return args[i + 1];
  }
  return args[1];
}

// A condition, and so never null: a missing text matches no pattern, and a missing pattern none.
Value Wildcard(Args args, bool ignore_case, ValueArena* arena) {
  if (!args[0].is_scalar()) return Value::Bool(false);
  for (const Value& pattern : args.subspan(1)) {
    if (!pattern.is_scalar()) continue;
    const Pair pair = Comparable(args[0], pattern, ignore_case, arena);
    if (WildcardMatches(pair.text, pair.part)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

// Those that decide about null themselves; absent if `f` is none of them.
Value CallWithNulls(Function f, bool ignore_case, Args args, ValueArena* arena) {
  switch (f) {
    case Function::kAnd:
      return Value::Bool(std::all_of(args.begin(), args.end(), IsTrue));
    case Function::kOr:
      return Value::Bool(std::any_of(args.begin(), args.end(), IsTrue));
    case Function::kNot:
      return Value::Bool(!IsTrue(args[0]));
    case Function::kEqual:
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      // Conditions are never unknown: nothing equals null, and null has no order.
      if (!args[0].is_scalar() || !args[1].is_scalar()) return Value::Bool(false);
      return Value();
    case Function::kIf:
      return IsTrue(args[0]) ? args[1] : args[2];
    case Function::kLookup:
      return Lookup(args, arena);
    case Function::kWildcard:
      return Wildcard(args, ignore_case, arena);
    case Function::kCoalesce:
      for (const Value& v : args) {
        if (v.is_scalar()) return v;
      }
      return Value::Null();
    default:
      return Value();
  }
}

}  // namespace

Value CallFunction(Function f, bool ignore_case, Args args, ValueArena* arena) {
  const FunctionSpec& spec = SpecOf(f);
  if (args.size() < spec.min_args || (spec.max_args != 255 && args.size() > spec.max_args)) {
    return Value::Null();
  }
  if (const Value v = CallWithNulls(f, ignore_case, args, arena); !v.absent()) return v;
  for (const Value& v : args) {
    if (!v.is_scalar()) return Value::Null();
  }
  switch (f) {
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
      return Arithmetic(f, args[0], args[1]);
    case Function::kNegate:
      return Negate(args[0]);
    case Function::kEqual:
      return Equal(args[0], args[1], ignore_case, arena);
    case Function::kLess:
    case Function::kLessEqual:
    case Function::kGreater:
    case Function::kGreaterEqual:
      return Ordered(f, args[0], args[1]);
    case Function::kBetween:
      return Between(args, ignore_case, arena);
    case Function::kConcat:
      return Concat(args, arena);
    case Function::kString:
      return Value::String(TextOf(args[0], arena));
    case Function::kLength:
      return Value::Int(CodePoints(TextOf(args[0], arena)));
    case Function::kLower:
      return Value::String(Folded(TextOf(args[0], arena), arena));
    case Function::kTrim:
      return Value::String(Trimmed(TextOf(args[0], arena)));
    case Function::kNumber:
      return ToNumber(args);
    case Function::kSubstring:
      return Substring(args, arena);
    case Function::kIndexOf:
      return IndexOf(args, ignore_case, arena);
    case Function::kStartsWith: {
      const Pair pair = Comparable(args[0], args[1], ignore_case, arena);
      return Value::Bool(pair.text.starts_with(pair.part));
    }
    case Function::kEndsWith: {
      const Pair pair = Comparable(args[0], args[1], ignore_case, arena);
      return Value::Bool(pair.text.ends_with(pair.part));
    }
    case Function::kIncludes: {
      const Pair pair = Comparable(args[0], args[1], ignore_case, arena);
      return Value::Bool(pair.text.find(pair.part) != std::string_view::npos);
    }
    case Function::kStringContains: {
      // The empty text is in nothing, as Elasticsearch has it.
      const Pair pair = Comparable(args[0], args[1], ignore_case, arena);
      return Value::Bool(!pair.part.empty() && pair.text.find(pair.part) != std::string_view::npos);
    }
    default:
      return Value::Null();
  }
}

}  // namespace vedette::inline v0
