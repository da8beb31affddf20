#include "lib/eval/kernels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "lib/event/civil_time.h"

namespace vedette::inline v0 {
namespace {

using Op = CompiledPredicate::Op;
using TimePart = CompiledPredicate::TimePart;
using Compare = CompiledPredicate::Compare;

// Whether `text` is digits with an optional sign, fraction and exponent; from_chars alone would
// take "inf" and "nan", too.
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

// A number as such, or a string that is wholly a decimal number.
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

// -1, 0, 1; exact for integers. NaN compares as neither (2).
int CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == ValueKind::kInt && b.kind() == ValueKind::kInt) {
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  }
  const double x = a.AsDouble();
  const double y = b.AsDouble();
  return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
}

bool NumberHolds(Op op, int order) {
  switch (op) {
    case Op::kNumberEq:
      return order == 0;
    case Op::kNumberLt:
      return order == -1;
    case Op::kNumberLe:
      return order == -1 || order == 0;
    case Op::kNumberGt:
      return order == 1;
    default:
      return order == 0 || order == 1;
  }
}

bool TimePartMatches(const CompiledPredicate& p, const Value& v) {
  WallClock w;
  if (!ParseWallClock(v, &w)) return false;
  int64_t part = 0;
  switch (p.time_part) {
    case TimePart::kNone:
      return false;
    case TimePart::kMinute:
      part = w.minute;
      break;
    case TimePart::kHour:
      part = w.hour;
      break;
    case TimePart::kDay:
      part = w.day;
      break;
    case TimePart::kWeek:
      part = IsoWeek(w);
      break;
    case TimePart::kMonth:
      part = w.month;
      break;
    case TimePart::kYear:
      part = w.year;
      break;
  }
  return NumberHolds(p.op, CompareNumbers(Value::Int(part), p.number));
}

bool NumberMatches(const CompiledPredicate& p, Scalar* scalar, Frame* frame) {
  if (p.time_part != TimePart::kNone) return TimePartMatches(p, scalar->value);
  if (p.op == Op::kNumberEq && scalar->value.is_string()) {
    return frame->Text(scalar) == p.number_text;
  }
  const std::optional<Value> number = NumberOf(scalar->value);
  return number.has_value() && NumberHolds(p.op, CompareNumbers(*number, p.number));
}

bool CidrMatches(const CompiledPredicate& p, std::string_view text) {
  bool v6 = false;
  std::array<uint8_t, 16> address;
  return ParseAddress(text, &v6, &address) && Contains(p.cidr, v6, address);
}

bool TextsRelate(Compare compare, std::string_view a, std::string_view b) {
  switch (compare) {
    case Compare::kEqual:
      return a == b;
    case Compare::kStartsWith:
      return a.starts_with(b);
    case Compare::kEndsWith:
      return a.ends_with(b);
    case Compare::kContains:
      return a.find(b) != std::string_view::npos;
  }
  return false;
}

bool FieldsRelate(const CompiledPredicate& p, FieldState* state, FieldState* other, Frame* frame) {
  for (Scalar& a : state->scalars) {
    const std::string_view left = p.cased ? frame->Text(&a) : frame->Folded(&a);
    for (Scalar& b : other->scalars) {
      const std::string_view right = p.cased ? frame->Text(&b) : frame->Folded(&b);
      if (TextsRelate(p.compare, left, right)) return true;
    }
  }
  return false;
}

}  // namespace

bool ScalarMatches(const CompiledPredicate& p, Scalar* scalar, Frame* frame) {
  switch (p.op) {
    case Op::kText:
    case Op::kKeyword:
      return p.matcher.Matches(p.matcher.cased() ? frame->Text(scalar) : frame->Folded(scalar));
    case Op::kNumberEq:
    case Op::kNumberLt:
    case Op::kNumberLe:
    case Op::kNumberGt:
    case Op::kNumberGe:
      return NumberMatches(p, scalar, frame);
    case Op::kRegex: {
      const std::string_view text = frame->Text(scalar);
      return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *p.regex);
    }
    case Op::kCidr:
      return CidrMatches(p, frame->Text(scalar));
    case Op::kExists:
    case Op::kIsNull:
    case Op::kFieldText:
      return false;
  }
  return false;
}

bool StateMatches(const CompiledPredicate& p, FieldState* state, FieldState* other, Frame* frame) {
  switch (p.op) {
    case Op::kExists:
      return state->present;
    case Op::kIsNull:
      return !state->present || state->null;
    case Op::kFieldText:
      return FieldsRelate(p, state, other, frame);
    default:
      break;
  }
  for (Scalar& scalar : state->scalars) {
    if (ScalarMatches(p, &scalar, frame)) return true;
  }
  return false;
}

bool PredicateHolds(const CompiledPredicate& p, const Value* element, Frame* frame) {
  if (p.op == Op::kKeyword) {
    for (Scalar& scalar : frame->WholeEvent()) {
      if (ScalarMatches(p, &scalar, frame)) return true;
    }
    return false;
  }
  if (p.relative && element != nullptr) {
    FieldState state = frame->RelativeField(*element, p.field);
    FieldState other;
    if (p.op == Op::kFieldText) other = frame->RelativeField(*element, p.other_field);
    return StateMatches(p, &state, &other, frame);
  }
  FieldState* other = p.op == Op::kFieldText ? &frame->Field(p.other_field) : nullptr;
  return StateMatches(p, &frame->Field(p.field), other, frame);
}

}  // namespace vedette::inline v0
