#include "lib/ir/expr.h"

#include <utility>

#include "vedette/value.h"

namespace vedette::inline v0 {

std::string Number::Text() const {
  std::string out;
  (is_int ? Value::Int(i) : Value::Double(d)).AppendText(&out);
  return out;
}

Expr Expr::Bool(bool value) {
  Expr e;
  e.kind = Kind::kBoolean;
  e.boolean = value;
  return e;
}

Expr Expr::Of(Number value) {
  Expr e;
  e.kind = Kind::kNumber;
  e.number = value;
  return e;
}

Expr Expr::Text(std::string value) {
  Expr e;
  e.kind = Kind::kString;
  e.text = std::move(value);
  return e;
}

Expr Expr::Field(std::string path, int32_t source) {
  Expr e;
  e.kind = Kind::kField;
  e.text = std::move(path);
  e.source = source;
  return e;
}

Expr Expr::Call(Function function, std::vector<Expr> args, bool ignore_case) {
  Expr e;
  e.kind = Kind::kCall;
  e.function = function;
  e.args = std::move(args);
  e.ignore_case = ignore_case;
  return e;
}

bool operator==(const Expr& a, const Expr& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Expr::Kind::kNull:
      return true;
    case Expr::Kind::kBoolean:
      return a.boolean == b.boolean;
    case Expr::Kind::kNumber:
      return a.number == b.number;
    case Expr::Kind::kString:
      return a.text == b.text;
    case Expr::Kind::kField:
      return a.text == b.text && a.source == b.source;
    case Expr::Kind::kCall:
      return a.function == b.function && a.ignore_case == b.ignore_case && a.text == b.text &&
             a.args == b.args;
  }
  return false;
}

}  // namespace vedette::inline v0
