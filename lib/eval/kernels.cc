#include "lib/eval/kernels.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lib/event/civil_time.h"
#include "lib/event/decimal.h"

namespace vedette::inline v0 {
namespace {

using Op = CompiledPredicate::Op;
using TimePart = CompiledPredicate::TimePart;
using Compare = CompiledPredicate::Compare;

// Regular expressions look at a byte for about as long as a literal search at so many.
constexpr size_t kRegexCost = 8;

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
      frame->Charge(left.size());
      if (frame->over_budget()) return false;
      if (TextsRelate(p.compare, left, right)) return true;
    }
  }
  return false;
}

}  // namespace

bool ScalarMatches(const CompiledPredicate& p, Scalar* scalar, Frame* frame) {
  switch (p.op) {
    case Op::kText:
    case Op::kKeyword: {
      const std::string_view text = p.matcher.cased() ? frame->Text(scalar) : frame->Folded(scalar);
      if (p.matcher.searches()) frame->Charge(text.size());
      return !frame->over_budget() && p.matcher.Matches(text);
    }
    case Op::kNumberEq:
    case Op::kNumberLt:
    case Op::kNumberLe:
    case Op::kNumberGt:
    case Op::kNumberGe:
      return NumberMatches(p, scalar, frame);
    case Op::kRegex: {
      const std::string_view text = frame->Text(scalar);
      frame->Charge(text.size() * kRegexCost);
      return !frame->over_budget() &&
             RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *p.regex);
    }
    case Op::kCidr:
      return CidrMatches(p, frame->Text(scalar));
    case Op::kExists:
    case Op::kIsNull:
    case Op::kFieldText:
    case Op::kHolds:
      return false;
  }
  return false;
}

bool ValueMatches(const CompiledPredicate& p, const Value& value, Frame* frame) {
  if (p.op == Op::kIsNull) return !value.is_scalar();
  if (!value.is_scalar()) return false;
  if (p.op == Op::kHolds) return value.kind() == ValueKind::kBool && value.boolean();
  Scalar scalar;
  scalar.value = value;
  return ScalarMatches(p, &scalar, frame);
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
  if (p.subject != nullptr) {
    return frame->AnyValue(*p.subject, p.relative ? element : nullptr,
                           [&p, frame](const Value& v) { return ValueMatches(p, v, frame); });
  }
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
