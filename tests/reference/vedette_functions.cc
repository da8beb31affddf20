// Arithmetic and functions of the Vedette language.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "tests/reference/vedette_tree.h"

namespace vedette::reference {
namespace {

using Kind = VedetteScalar::Kind;
using Args = std::vector<VedetteScalar>;

double AsReal(const VedetteScalar& v) {
  return v.kind == Kind::kInt ? static_cast<double>(v.integer) : v.real;
}

// Larger integers of events count as floating point numbers.
bool IsInt64(const VedetteScalar& v) {
  return v.kind == Kind::kInt && v.integer <= std::numeric_limits<int64_t>::max();
}

VedetteScalar RealArithmetic(char op, double a, double b) {
  switch (op) {
    case '+':
      return RealScalar(a + b);
    case '-':
      return RealScalar(a - b);
    case '*':
      return RealScalar(a * b);
    default:
      break;
  }
  if (b == 0) return NullScalar();
  if (op == '/') return RealScalar(a / b);
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  return RealScalar(rest);
}

VedetteScalar IntArithmetic(char op, __int128 a, __int128 b) {
  if (op == '+' || op == '-' || op == '*') {
    const VedetteScalar exact = IntScalar(op == '+' ? a + b : op == '-' ? a - b : a * b);
    if (exact.kind == Kind::kInt) return exact;
    return RealArithmetic(op, static_cast<double>(a), static_cast<double>(b));
  }
  if (b == 0) return NullScalar();
  const __int128 quotient = a / b;
  const __int128 rest = a % b;
  const bool down = rest != 0 && (rest < 0) != (b < 0);
  if (op == '/') return IntScalar(down ? quotient - 1 : quotient);
  return IntScalar(down ? rest + b : rest);
}

// The arguments as the function compares them.
CodePoints Comparable(const VedetteScalar& v, bool ignore_case) {
  const CodePoints text = Decode(TextOf(v));
  return ignore_case ? Fold(text) : text;
}

VedetteScalar Slice(const CodePoints& s, size_t from, size_t to) {
  return TextScalar(from < to ? Encode(s.substr(from, to - from)) : "");
}

VedetteScalar Between(const Args& args, bool ignore_case) {
  const CodePoints original = Decode(TextOf(args[0]));
  const CodePoints s = Comparable(args[0], ignore_case);
  const CodePoints left = Comparable(args[1], ignore_case);
  const CodePoints right = Comparable(args[2], ignore_case);
  const bool greedy = args.size() > 3 && args[3].kind == Kind::kBool && args[3].boolean;
  const size_t begin = s.find(left);
  if (begin == CodePoints::npos) return TextScalar("");
  const size_t from = begin + left.size();
  const size_t to = greedy ? s.rfind(right) : s.find(right, from);
  if (to == CodePoints::npos || to < from) return TextScalar("");
  return Slice(original, from, to);
}

VedetteScalar IndexOf(const Args& args, bool ignore_case) {
  const CodePoints s = Comparable(args[0], ignore_case);
  const CodePoints x = Comparable(args[1], ignore_case);
  __int128 start = 0;
  if (args.size() > 2) {
    if (!IsInt64(args[2])) return NullScalar();
    start = std::max<__int128>(0, args[2].integer);
  }
  if (start > static_cast<__int128>(s.size())) return NullScalar();
  const size_t found = s.find(x, static_cast<size_t>(start));
  return found == CodePoints::npos ? NullScalar() : IntScalar(static_cast<__int128>(found));
}

VedetteScalar Substring(const Args& args) {
  const CodePoints s = Decode(TextOf(args[0]));
  const auto size = static_cast<__int128>(s.size());
  const auto clamp = [size](__int128 position) {
    if (position < 0) position += size;
    return static_cast<size_t>(std::clamp<__int128>(position, 0, size));
  };
  for (size_t i = 1; i < args.size(); ++i) {
    if (!IsInt64(args[i])) return NullScalar();
  }
  return Slice(s, clamp(args[1].integer), args.size() > 2 ? clamp(args[2].integer) : s.size());
}

std::string Trimmed(const std::string& s) {
  const char* const blanks = " \t\n\v\f\r";
  const size_t first = s.find_first_not_of(blanks);
  if (first == std::string::npos) return "";
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

// An integer of digits of `base`; beyond 64 bits a double.
VedetteScalar ReadInteger(std::string_view text, int base) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (base == 16 && (text.starts_with("0x") || text.starts_with("0X"))) text.remove_prefix(2);
  if (text.empty()) return NullScalar();
  __int128 whole = 0;
  double real = 0;
  for (const char c : text) {
    const int digit = DigitOf(c);
    if (digit >= base) return NullScalar();
    real = real * base + digit;
    if (real < 1e30) whole = whole * base + digit;
  }
  // Beyond 64 bits only decimals are rounded once, others with each digit.
  if (real < 1e30 && (base == 10 || IntScalar(whole).kind == Kind::kInt)) {
    return IntScalar(negative ? -whole : whole);
  }
  return RealScalar(negative ? -real : real);
}

VedetteScalar ToNumber(const Args& args) {
  if (args[0].is_number()) return args[0];
  if (args[0].kind == Kind::kBool) return NullScalar();
  const std::string text = Trimmed(TextOf(args[0]));
  const __int128 base = args.size() < 2 ? 0 : args[1].kind == Kind::kInt ? args[1].integer : 99;
  if (base != 0 && base != 10) {
    if (base < 2 || base > 36) return NullScalar();
    return ReadInteger(text, static_cast<int>(base));
  }
  if (base == 0 && text.find_first_of("xX") != std::string::npos) return ReadInteger(text, 16);
  if (!IsDecimal(text)) return NullScalar();
  if (text.find_first_of(".eE") != std::string::npos) {
    return RealScalar(std::strtod(text.c_str(), nullptr));
  }
  return text.size() < 25 ? ReadInteger(text, 10) : RealScalar(std::strtod(text.c_str(), nullptr));
}

VedetteScalar TextTest(const std::string& name, const Args& args, bool ignore_case) {
  const CodePoints s = Comparable(args[0], ignore_case);
  const CodePoints x = Comparable(args[1], ignore_case);
  if (name == "startswith") return BoolScalar(s.starts_with(x));
  if (name == "endswith") return BoolScalar(s.ends_with(x));
  if (name == "includes") return BoolScalar(s.find(x) != CodePoints::npos);
  return BoolScalar(!x.empty() && s.find(x) != CodePoints::npos);
}

}  // namespace

VedetteScalar NullScalar() { return {}; }

VedetteScalar BoolScalar(bool value) {
  VedetteScalar out;
  out.kind = Kind::kBool;
  out.boolean = value;
  return out;
}

VedetteScalar IntScalar(__int128 value) {
  if (value < std::numeric_limits<int64_t>::min() || value > std::numeric_limits<int64_t>::max()) {
    return RealScalar(static_cast<double>(value));
  }
  VedetteScalar out;
  out.kind = Kind::kInt;
  out.integer = value;
  return out;
}

VedetteScalar RealScalar(double value) {
  VedetteScalar out;
  if (!std::isfinite(value)) return out;  // there is no such number in an event or a result
  out.kind = Kind::kDouble;
  out.real = value;
  return out;
}

VedetteScalar TextScalar(std::string text) {
  VedetteScalar out;
  out.kind = Kind::kText;
  out.text = std::move(text);
  return out;
}

std::string TextOf(const VedetteScalar& value) {
  switch (value.kind) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      return value.boolean ? "true" : "false";
    case Kind::kInt:
      return value.integer > 0 ? std::to_string(static_cast<uint64_t>(value.integer))
                               : std::to_string(static_cast<int64_t>(value.integer));
    case Kind::kDouble:
      return DoubleText(value.real);
    case Kind::kText:
      return value.text;
  }
  return "";
}

VedetteScalar Arithmetic(char op, const VedetteScalar& a, const VedetteScalar& b) {
  if (!a.is_number() || !b.is_number()) return NullScalar();
  if (IsInt64(a) && IsInt64(b)) return IntArithmetic(op, a.integer, b.integer);
  return RealArithmetic(op, AsReal(a), AsReal(b));
}

VedetteScalar CallFunction(const std::string& name, bool ignore_case, const Args& args) {
  if (name == "coalesce") {
    for (const VedetteScalar& arg : args) {
      if (!arg.is_null()) return arg;
    }
    return NullScalar();
  }
  for (const VedetteScalar& arg : args) {
    if (arg.is_null()) return NullScalar();
  }
  static const auto* const operators = new std::map<std::string, char>{
      {"add", '+'}, {"subtract", '-'}, {"multiply", '*'}, {"divide", '/'}, {"modulo", '%'}};
  if (operators->contains(name)) return Arithmetic(operators->at(name), args[0], args[1]);
  if (name == "between") return Between(args, ignore_case);
  if (name == "indexof") return IndexOf(args, ignore_case);
  if (name == "substring") return Substring(args);
  if (name == "number") return ToNumber(args);
  if (name == "string") return TextScalar(TextOf(args[0]));
  if (name == "lower") return TextScalar(Encode(Comparable(args[0], true)));
  if (name == "trim") return TextScalar(Trimmed(TextOf(args[0])));
  if (name == "length") return IntScalar(static_cast<__int128>(Decode(TextOf(args[0])).size()));
  if (name == "concat") {
    std::string out;
    for (const VedetteScalar& arg : args) out += TextOf(arg);
    return TextScalar(out);
  }
  if (name == "startswith" || name == "endswith" || name == "stringcontains" ||
      name == "includes") {
    return TextTest(name, args, ignore_case);
  }
  return NullScalar();
}

}  // namespace vedette::reference
