// Calls of functions and aggregates that the host registered.
#include <utility>

#include "lib/lang/vedette/lower.h"

namespace vedette::inline v0::lang {
namespace {

ExprType TypeOf(ValueType type) {
  switch (type) {
    case ValueType::kBoolean:
      return ExprType::kBoolean;
    case ValueType::kNumber:
      return ExprType::kNumber;
    case ValueType::kString:
      return ExprType::kString;
    case ValueType::kAny:
      return ExprType::kAny;
  }
  return ExprType::kAny;
}

std::string ArgumentCount(size_t n) {
  return std::to_string(n) + (n == 1 ? " argument" : " arguments");
}

}  // namespace

std::optional<Typed> ExpressionLowering::HostCall(const Ast& ast, const HostFunction& host,
                                                  const Scope& scope) {
  if (ast.ignore_case) {
    return Fail("VDT0013", ast.span, "functions of the host have no form with `~`");
  }
  if (ast.children.size() != host.arguments.size()) {
    return Fail("VDT0013", ast.span,
                Quoted(ast.text) + " takes " + ArgumentCount(host.arguments.size()) + ", not " +
                    std::to_string(ast.children.size()));
  }
  std::vector<Expr> args;
  for (size_t i = 0; i < ast.children.size(); ++i) {
    std::optional<Typed> value = Value(ast.children[i], scope);
    if (!value.has_value()) return std::nullopt;
    if (!Fits(*value, TypeOf(host.arguments[i]), ast.children[i], Quoted(ast.text))) {
      return std::nullopt;
    }
    args.push_back(std::move(value->expr));
  }
  Expr call = Expr::Call(Function::kHost, std::move(args));
  call.text = host.name;
  return Typed{std::move(call), TypeOf(host.result)};
}

bool ExpressionLowering::SeesSeveralEvents(const Ast& ast, const Scope& scope) {
  if (!scope.aliases.empty()) return true;
  Fail("VDT0013", ast.span,
       Quoted(ast.text) +
           " looks at several events; it belongs in `having` or `outcome` "
           "of a rule over a window, a sequence or `all`");
  return false;
}

std::optional<Typed> ExpressionLowering::HostAggregateCall(const Ast& ast,
                                                           const HostAggregate& host,
                                                           const Scope& scope) {
  if (ast.ignore_case) {
    return Fail("VDT0013", ast.span, "aggregates of the host have no form with `~`");
  }
  if (!SeesSeveralEvents(ast, scope)) return std::nullopt;
  if (ast.children.size() != host.arguments.size()) {
    return Fail("VDT0013", ast.span,
                Quoted(ast.text) + " takes " + ArgumentCount(host.arguments.size()) + ", not " +
                    std::to_string(ast.children.size()));
  }
  std::vector<Expr> args;
  for (size_t i = 0; i < ast.children.size(); ++i) {
    const Ast& part = ast.children[i];
    std::optional<Typed> value = Value(part, scope);
    if (!value.has_value()) return std::nullopt;
    if (value->expr.kind != Expr::Kind::kField || value->expr.source < 0) {
      return Fail("VDT0013", part.span,
                  "a field of a stage is needed here, like `" + scope.aliases[0] + ".user.name`");
    }
    if (value->expr.text.empty()) {
      return Fail("VDT0013", part.span, "say which field of " + Quoted(part.text) + " is meant");
    }
    if (i > 0 && value->expr.source != args[0].source) {
      return Fail("VDT0013", part.span,
                  "the arguments of " + Quoted(ast.text) + " are fields of one stage");
    }
    // Numbers and booleans have texts.
    const bool loose = host.arguments[i] == ValueType::kString;
    if (!loose && !Fits(*value, TypeOf(host.arguments[i]), part, Quoted(ast.text))) {
      return std::nullopt;
    }
    args.push_back(std::move(value->expr));
  }
  Expr call = Expr::Call(Function::kHostAggregate, std::move(args));
  call.text = host.name;
  return Typed{std::move(call), TypeOf(host.result)};
}

}  // namespace vedette::inline v0::lang
