// Values: what is computed from an event or from the events of a window.
#include <algorithm>
#include <utility>

#include "lib/ir/pattern_text.h"
#include "lib/lang/vedette/lower.h"
#include "lib/lang/vedette/parser.h"
#include "vedette/schema.h"

namespace vedette::inline v0::lang {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

ExprType TypeOfConstant(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kBoolean:
      return ExprType::kBoolean;
    case Expr::Kind::kNumber:
      return ExprType::kNumber;
    case Expr::Kind::kString:
      return ExprType::kString;
    case Expr::Kind::kNull:
      return ExprType::kNull;
    default:
      return ExprType::kAny;
  }
}

vedette::Value ConstantValue(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kBoolean:
      return vedette::Value::Bool(e.boolean);
    case Expr::Kind::kNumber:
      return e.number.is_int ? vedette::Value::Int(e.number.i) : vedette::Value::Double(e.number.d);
    case Expr::Kind::kString:
      return vedette::Value::String(e.text);
    default:
      return vedette::Value::Null();
  }
}

Expr ConstantExpr(const vedette::Value& v) {
  switch (v.kind()) {
    case ValueKind::kBool:
      return Expr::Bool(v.boolean());
    case ValueKind::kInt:
      return Expr::Of({true, v.integer(), static_cast<double>(v.integer())});
    case ValueKind::kUint:
    case ValueKind::kDouble:
      return Expr::Of({false, 0, v.AsDouble()});
    case ValueKind::kString:
      return Expr::Text(std::string(v.string()));
    default:
      return Expr::Null();
  }
}

// A constant pattern has one form, so that equal calls are equal.
void MakePattern(const Ast& ast, Expr* e) {
  if (!e->is_constant()) return;
  if (ast.kind == Ast::Kind::kString) {
    *e = Expr::Text(PatternText(ast.pattern));
  } else if (e->kind == Expr::Kind::kString) {
    *e = Expr::Text(PatternText(PatternOfText(e->text)));
  }
}

// A divisor that is zero whatever the event.
bool DividesByZero(Function f, const std::vector<Expr>& args) {
  const bool divides = f == Function::kDivide || f == Function::kModulo;
  return divides && args[1].kind == Expr::Kind::kNumber && args[1].number.d == 0;
}

// The `}` that ends the expression which begins at `at`: none within a string or backticks.
size_t ClosingBrace(std::string_view text, size_t at) {
  char quote = '\0';
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == '"' && c == '\\') {
      ++at;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (c == '}') {
      return at;
    }
  }
  return std::string_view::npos;
}

ExprType TypeOfField(FieldType type) {
  switch (type) {
    case FieldType::kInteger:
    case FieldType::kNumber:
      return ExprType::kNumber;
    case FieldType::kBoolean:
      return ExprType::kBoolean;
    case FieldType::kString:
    case FieldType::kIp:
      return ExprType::kString;
    default:
      return ExprType::kAny;
  }
}

// A value as a condition: a field alone is a test, the same as where no value is computed.
Expr Truth(Expr e) {
  if (e.kind != Expr::Kind::kField) return e;
  return Expr::Call(Function::kEqual, {std::move(e), Expr::Bool(true)});
}

// Every dotted name that the schema knows, for suggestions.
const std::vector<std::string_view>& SchemaNames() {
  static const auto* const names = [] {
    auto* out = new std::vector<std::string_view>();
    for (const FieldSpec& spec : Schema::Builtin().fields()) {
      const auto add = [out](std::string_view name) {
        if (name.find('.') != std::string_view::npos) out->push_back(name);
      };
      add(spec.path);
      ForEachName(spec.sigma_names, add);
      ForEachName(spec.ecs_names, add);
    }
    std::sort(out->begin(), out->end());
    out->erase(std::unique(out->begin(), out->end()), out->end());
    return out;
  }();
  return *names;
}

}  // namespace

Typed Folded(Expr call, ExprType type) {
  for (const Expr& arg : call.args) {
    if (!arg.is_constant()) return {std::move(call), type};
  }
  std::vector<vedette::Value> args;
  for (const Expr& arg : call.args) args.push_back(ConstantValue(arg));
  ValueArena arena;
  Expr constant = ConstantExpr(CallFunction(call.function, call.ignore_case, args, &arena));
  const ExprType own = TypeOfConstant(constant);
  return {std::move(constant), own};
}

ExprType SchemaType(std::string_view field) {
  std::optional<ExprType> type;
  bool named = false;
  bool differs = false;
  Schema::Builtin().ForEachMeaning(field, 0, [&](const FieldSpec& spec) {
    const auto is_field = [&](std::string_view name) { named = named || name == field; };
    ForEachName(spec.sigma_names, is_field);
    ForEachName(spec.ecs_names, is_field);
    const ExprType own = TypeOfField(spec.type);
    if (type.has_value() && *type != own) differs = true;
    type = own;
  });
  // OCSF's own paths are integers where other vocabularies have words: only a name that one of
  // those has, too, says which of both an event holds.
  return differs || !named ? ExprType::kAny : type.value_or(ExprType::kAny);
}

bool ExpressionLowering::Fits(const Typed& value, ExprType wanted, const Ast& ast,
                              std::string_view what) {
  if (wanted == ExprType::kAny || value.type == wanted || value.type == ExprType::kAny ||
      value.type == ExprType::kNull) {
    return true;
  }
  Fail("VDT0010", ast.span,
       std::string(what) + " needs a " + std::string(ExprTypeName(wanted)) + ", and this is a " +
           std::string(ExprTypeName(value.type)),
       wanted == ExprType::kString   ? "string(..) makes a string of it"
       : wanted == ExprType::kNumber ? "number(..) makes a number of a string"
                                     : "");
  return false;
}

const EventClass* ClassOf(const QueryAst& query) {
  if (query.quoted_category || query.category == "authentication") return nullptr;
  const EventClass* const found = Schema::Builtin().FindClass(query.category);
  return found == nullptr || found->class_uid == 0 ? nullptr : found;  // 0 is no class of its own
}

bool ExpressionLowering::CheckClassField(const Ast& ast) {
  if (class_ == nullptr || ast.optional) return true;
  std::string name = ast.text;
  for (size_t open = name.find('['); open != std::string::npos; open = name.find('[')) {
    name.erase(open, name.find(']', open) - open + 1);
  }
  std::vector<std::string_view> names;
  const std::string below = name + ".";
  bool known = false;
  for (const FieldSpec& spec : Schema::Builtin().fields()) {
    if (spec.class_uid != 0 && spec.class_uid != class_->class_uid) continue;
    const auto look = [&](std::string_view own) {
      names.push_back(own);
      // An object with fields, and what is in an object that the schema leaves open.
      known = known || own == name || own.starts_with(below) ||
              (spec.type == FieldType::kObject && name.size() > own.size() &&
               name.starts_with(own) && name[own.size()] == '.');
    };
    look(spec.path);
    ForEachName(spec.sigma_names, look);
    ForEachName(spec.ecs_names, look);
  }
  if (known || name.starts_with("unmapped.") || name == "unmapped") return true;
  std::string hint = Suggest(name, names);
  if (hint.empty()) hint = "`?" + ast.text + "` is a field that the schema does not have";
  Fail("VDT0025", ast.span,
       "events of the class " + Quoted(class_->name) + " have no field " + Quoted(ast.text),
       std::move(hint));
  return false;
}

void ExpressionLowering::CheckFieldName(const std::string& name, SourceSpan span) {
  if (!checked_fields_.insert(name).second) return;
  bool known = false;
  Schema::Builtin().ForEachMeaning(name, 0, [&known](const FieldSpec&) { known = true; });
  if (known || name.find('.') == std::string::npos || name.find('[') != std::string::npos) return;
  // Events may have any field, and the schemas map only a part of ECS: only what looks like a slip
  // is worth a word.
  const std::string hint = Suggest(name, SchemaNames(), name.size() < 16 ? 1 : 2);
  if (hint.empty() || name.size() < 8) return;
  reporter_->Warning("VDT0020", span, "no event schema has a field " + Quoted(name), hint);
}

std::optional<Typed> ExpressionLowering::Field(const Ast& ast, const Scope& scope) {
  const std::string first = ast.text.substr(0, std::min(ast.text.find('.'), ast.text.find('[')));
  const std::string rest = ast.text.size() > first.size() ? ast.text.substr(first.size() + 1) : "";
  const bool indexed = ast.text.size() > first.size() && ast.text[first.size()] == '[';
  if (!elements_.empty()) {
    if (!ast.quoted && first == elements_.back() && indexed) {
      return Fail("VDT0012", ast.span, "an element has fields, but no places of its own",
                  "look through it: `any y in " + first + " : (..)`");
    }
    if (!ast.quoted && first == elements_.back()) {
      return Typed{Expr::Field(rest.empty() ? "." : rest), ExprType::kAny};
    }
    return Fail("VDT0012", ast.span,
                "within the condition on the elements only " + Quoted(elements_.back()) +
                    " and its fields can be used",
                "write " + elements_.back() + "." + ast.text + ", or move the test outside");
  }
  if (!ast.quoted) {
    const auto alias = std::find(scope.aliases.begin(), scope.aliases.end(), first);
    if (alias != scope.aliases.end() && !first.empty() && !indexed) {
      return Typed{Expr::Field(rest, static_cast<int32_t>(alias - scope.aliases.begin())),
                   rest.empty() ? ExprType::kAny : SchemaType(rest)};
    }
  }
  const bool is_later =
      !ast.quoted && !rest.empty() &&
      std::find(scope.later.begin(), scope.later.end(), first) != scope.later.end();
  if (is_later) {
    return Fail("VDT0012", ast.span, "the stage " + Quoted(first) + " comes later",
                "a stage sees those before it; a field of that name stands in backticks");
  }
  const bool is_key = scope.only_sources &&
                      std::find(scope.keys.begin(), scope.keys.end(), ast.text) != scope.keys.end();
  if (scope.only_sources && !is_key) {
    std::vector<std::string_view> names(scope.aliases.begin(), scope.aliases.end());
    return Fail("VDT0012", ast.span, Quoted(ast.text) + " is of no particular event here",
                names.empty()
                    ? "give the stage a name: `login: [..]`, then `login." + ast.text + "`"
                    : "write the name of a stage before it: `" + std::string(names.back()) + "." +
                          ast.text + "`");
  }
  if (!ast.quoted) {
    const std::string_view what = scope.lists.contains(ast.text)  ? "list"
                                  : scope.maps.contains(ast.text) ? "map"
                                  : scope.lets.contains(ast.text) ? "let"
                                                                  : "";
    if (!what.empty()) {
      return Fail("VDT0010", ast.span,
                  "the " + std::string(what) + " " + Quoted(ast.text) + " is no value",
                  what == "list"  ? "`in " + ast.text + "` tests for its items"
                  : what == "map" ? "`lookup(" + ast.text + ", ..)` looks a value up"
                                  : "a field of that name stands in backticks");
    }
  }
  if (!CheckClassField(ast)) return std::nullopt;
  CheckFieldName(ast.text, ast.span);
  return Typed{Expr::Field(ast.text), SchemaType(ast.text)};
}

namespace {

// `!=` is the negation of `==`.
Function ComparisonOf(std::string_view sign) {
  return sign == "<"    ? Function::kLess
         : sign == "<=" ? Function::kLessEqual
         : sign == ">"  ? Function::kGreater
         : sign == ">=" ? Function::kGreaterEqual
                        : Function::kEqual;
}

}  // namespace

std::optional<Typed> ExpressionLowering::Value(const Ast& ast, const Scope& scope) {
  if (!Charge(ast)) return std::nullopt;
  switch (ast.kind) {
    case Ast::Kind::kNull:
      return Typed{Expr::Null(), ExprType::kNull};
    case Ast::Kind::kBoolean:
      return Typed{Expr::Bool(ast.boolean), ExprType::kBoolean};
    case Ast::Kind::kNumber:
      return Typed{Expr::Of(ast.number), ExprType::kNumber};
    case Ast::Kind::kString:
      return Typed{Expr::Text(ast.text), ExprType::kString};
    case Ast::Kind::kName:
      if (!ast.quoted && elements_.empty() && !scope.only_sources) {
        const auto let = scope.lets.find(ast.text);
        if (let != scope.lets.end()) return LetValue(*let->second, ast, scope);
      }
      return Field(ast, scope);
    case Ast::Kind::kStar:
      return Fail("VDT0010", ast.span, "`*` is any value: it can be tested, not computed with");
    case Ast::Kind::kCall:
      return CallValue(ast, scope);
    case Ast::Kind::kNegate:
    case Ast::Kind::kArithmetic:
      return Arithmetic(ast, scope);
    case Ast::Kind::kTest:
      return TestValue(ast, scope);
    default:
      break;
  }
  // Conditions among values: `having`, `if(..)`.
  std::vector<Expr> args;
  Function f = Function::kNot;
  bool negated = false;
  const bool logic =
      ast.kind == Ast::Kind::kAnd || ast.kind == Ast::Kind::kOr || ast.kind == Ast::Kind::kNot;
  if (!logic && ast.kind != Ast::Kind::kCompare) {
    return Fail("VDT0010", ast.span, "this operator gives no value that can be computed with",
                "move it into the condition");
  }
  if (ast.kind == Ast::Kind::kAnd) f = Function::kAnd;
  if (ast.kind == Ast::Kind::kOr) f = Function::kOr;
  if (ast.kind == Ast::Kind::kCompare) {
    negated = ast.sign == "!=";
    f = ComparisonOf(ast.sign);
  }
  std::vector<ExprType> types;
  for (const Ast& part : ast.children) {
    std::optional<Typed> value = Value(part, scope);
    if (!value.has_value()) return std::nullopt;
    types.push_back(value->type);
    if (logic) {
      // The name of a source stands for its having been seen.
      if (value->expr.kind == Expr::Kind::kField && value->expr.source >= 0 &&
          value->expr.text.empty()) {
        value = Typed{Expr::Call(Function::kSeen, {std::move(value->expr)}), ExprType::kBoolean};
      }
      if (!Fits(*value, ExprType::kBoolean, part, "`" + std::string(SpecOf(f).name) + "`")) {
        return std::nullopt;
      }
      value->expr = Truth(std::move(value->expr));
    }
    args.push_back(std::move(value->expr));
  }
  if (!logic) {
    if (!Comparable(ast, types[0], types[1])) return std::nullopt;
    const bool null_left = args[0].kind == Expr::Kind::kNull;
    if (null_left || args[1].kind == Expr::Kind::kNull) {
      if (f != Function::kEqual) return Fail("VDT0010", ast.span, std::string(kNullHasNoOrder));
      // Whatever has a value equals itself, and null equals nothing: the answer is never null.
      args[null_left ? 0 : 1] = args[null_left ? 1 : 0];
      Expr missing = Expr::Call(Function::kNot, {Expr::Call(f, std::move(args))});
      if (!negated) return Typed{std::move(missing), ExprType::kBoolean};
      return Typed{Expr::Call(Function::kNot, {std::move(missing)}), ExprType::kBoolean};
    }
  }
  Expr call = Expr::Call(f, std::move(args));
  if (negated) call = Expr::Call(Function::kNot, {std::move(call)});
  return Typed{std::move(call), ExprType::kBoolean};
}

std::optional<Typed> ExpressionLowering::LetValue(const LetAst& let, const Ast& ast,
                                                  const Scope& scope) {
  used_lets_.insert(let.name);
  if (let.has_category) {
    return Fail("VDT0010", ast.span,
                "the let " + Quoted(let.name) + " is a query and gives no value");
  }
  if (std::find(open_lets_.begin(), open_lets_.end(), &let) != open_lets_.end()) {
    return Fail("VDT0011", let.span, "the let " + Quoted(let.name) + " refers to itself");
  }
  open_lets_.push_back(&let);
  Scope own = scope;
  own.aliases.clear();
  std::optional<Typed> value = Value(let.query.condition, own);
  open_lets_.pop_back();
  if (!value.has_value() || !Fits(*value, ExprType::kBoolean, ast, "a condition")) {
    return std::nullopt;
  }
  return Typed{Truth(std::move(value->expr)), ExprType::kBoolean};
}

std::optional<Typed> ExpressionLowering::Arithmetic(const Ast& ast, const Scope& scope) {
  std::vector<Expr> args;
  for (const Ast& part : ast.children) {
    std::optional<Typed> value = Value(part, scope);
    if (!value.has_value()) return std::nullopt;
    if (!Fits(*value, ExprType::kNumber, part, "arithmetic")) return std::nullopt;
    args.push_back(std::move(value->expr));
  }
  if (ast.kind == Ast::Kind::kNegate) {
    return Folded(Expr::Call(Function::kNegate, std::move(args)), ExprType::kNumber);
  }
  const Function f = ast.sign == "+"   ? Function::kAdd
                     : ast.sign == "-" ? Function::kSubtract
                     : ast.sign == "*" ? Function::kMultiply
                     : ast.sign == "/" ? Function::kDivide
                                       : Function::kModulo;
  if (DividesByZero(f, args)) {
    reporter_->Warning("VDT0024", ast.children[1].span, "division by zero gives null");
  }
  return Folded(Expr::Call(f, std::move(args)), ExprType::kNumber);
}

std::optional<Typed> ExpressionLowering::Lookup(const Ast& ast, const Scope& scope) {
  if (ast.children.size() > 3 && ast.children.size() % 2 == 0) {
    // The map is written out: value, default, then keys and what they mean.
    std::vector<Expr> args;
    for (const Ast& part : ast.children) {
      std::optional<Typed> value = Value(part, args.size() < 2 ? scope : Scope());
      if (!value.has_value()) return std::nullopt;
      if (args.size() >= 2 && !value->expr.is_constant()) {
        return Fail("VDT0013", part.span, "a map holds constants");
      }
      args.push_back(std::move(value->expr));
    }
    return Folded(Expr::Call(Function::kLookup, std::move(args)), ExprType::kAny);
  }
  const bool named = ast.children.size() >= 2 && ast.children.size() <= 3 &&
                     ast.children[0].kind == Ast::Kind::kName;
  if (!named) {
    return Fail("VDT0013", ast.span,
                "`lookup` takes a map, a value, and what to give if the map "
                "does not have it");
  }
  const auto map = scope.maps.find(ast.children[0].text);
  if (map == scope.maps.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, m] : scope.maps) names.push_back(name);
    return Fail("VDT0012", ast.children[0].span, "there is no map " + Quoted(ast.children[0].text),
                Suggest(ast.children[0].text, names));
  }
  std::optional<Typed> value = Value(ast.children[1], scope);
  if (!value.has_value()) return std::nullopt;
  std::optional<Typed> otherwise = Typed{Expr::Null(), ExprType::kNull};
  if (ast.children.size() == 3) otherwise = Value(ast.children[2], scope);
  if (!otherwise.has_value()) return std::nullopt;
  if (map->second->items.empty()) return otherwise;
  std::vector<Expr> args = {std::move(value->expr), std::move(otherwise->expr)};
  for (const auto& [key, meaning] : map->second->items) {
    for (const Ast* part : {&key, &meaning}) {
      std::optional<Typed> constant = Value(*part, Scope());
      if (!constant.has_value()) return std::nullopt;
      args.push_back(std::move(constant->expr));
    }
  }
  return Folded(Expr::Call(Function::kLookup, std::move(args)), ExprType::kAny);
}

std::optional<Typed> ExpressionLowering::CallValue(const Ast& ast, const Scope& scope) {
  if (SameWord(ast.text, "lookup")) return Lookup(ast, scope);
  if (const Encoding* encoding = FindEncoding(ast.text); encoding != nullptr) {
    return EncodedValue(ast, *encoding, scope);
  }
  const FunctionSpec* spec = FindFunction(ast.text);
  if (spec == nullptr) {
    const auto host = functions_ == nullptr ? nullptr : functions_->Find(ast.text);
    if (host != nullptr) return HostCall(ast, *host, scope);
    const auto aggregate = functions_ == nullptr ? nullptr : functions_->FindAggregate(ast.text);
    if (aggregate != nullptr) return HostAggregateCall(ast, *aggregate, scope);
    std::vector<std::string_view> names;
    for (const FunctionSpec& known : AllFunctions()) {
      if (!known.is_operator && !known.name.empty()) names.push_back(known.name);
    }
    for (const Encoding& known : AllEncodings()) names.push_back(known.name);
    for (const std::string_view known :
         {"exists", "cidrMatch", "minute", "hour", "day", "week", "month", "year"}) {
      names.push_back(known);
      if (!SameWord(known, ast.text)) continue;
      return Fail("VDT0013", ast.span, Quoted(ast.text) + " cannot be used within another value");
    }
    return Fail("VDT0013", ast.span, "there is no function " + Quoted(ast.text),
                Suggest(ast.text, names));
  }
  if (ast.ignore_case && !spec->has_insensitive) {
    return Fail("VDT0013", ast.span,
                Quoted(ast.text) + " has no form that ignores case; leave out the `~`");
  }
  if (spec->is_aggregate) return Aggregate(ast, *spec, scope);
  const size_t n = ast.children.size();
  if (n < spec->min_args || (spec->max_args != 255 && n > spec->max_args)) {
    std::string wanted = std::to_string(spec->min_args);
    if (spec->max_args == 255) {
      wanted += " or more";
    } else if (spec->max_args != spec->min_args) {
      wanted += " to " + std::to_string(spec->max_args);
    }
    return Fail("VDT0013", ast.span,
                Quoted(ast.text) + " takes " + wanted +
                    (wanted == "1" ? " argument" : " arguments") + ", not " + std::to_string(n));
  }
  std::vector<Expr> args;
  for (size_t i = 0; i < n; ++i) {
    std::optional<Typed> value = Value(ast.children[i], scope);
    if (!value.has_value()) return std::nullopt;
    const ExprType wanted = i == 0 ? spec->first : spec->rest;
    const bool loose = wanted == ExprType::kString;  // numbers and booleans have texts, too
    if (!loose && !Fits(*value, wanted, ast.children[i], Quoted(ast.text))) return std::nullopt;
    if (wanted == ExprType::kBoolean) value->expr = Truth(std::move(value->expr));
    if (spec->function == Function::kWildcard && i > 0) MakePattern(ast.children[i], &value->expr);
    args.push_back(std::move(value->expr));
  }
  if (DividesByZero(spec->function, args)) {
    reporter_->Warning("VDT0024", ast.children[1].span, "division by zero gives null");
  }
  if (spec->function == Function::kInSet && !CheckInSet(ast, args)) return std::nullopt;
  Expr call = Expr::Call(spec->function, std::move(args), ast.ignore_case);
  if (spec->function == Function::kInSet) return Typed{std::move(call), ExprType::kBoolean};
  return Folded(std::move(call), spec->result);
}

bool ExpressionLowering::CheckInSet(const Ast& ast, const std::vector<Expr>& args) {
  const size_t n = args.size();
  if (n > 2 && n % 2 == 0) {
    Fail("VDT0013", ast.span, "the last value has no field of the indicators",
         "inSet(value, \"set\", \"field\", value, \"field\", ..)");
    return false;
  }
  for (size_t i = 1; i < n; i = i == 1 ? 2 : i + 2) {
    if (args[i].kind == Expr::Kind::kString) continue;
    Fail("VDT0013", ast.children[i].span,
         i == 1 ? "the name of an indicator set is a text"
                : "the name of a field of indicators is a text");
    return false;
  }
  return true;
}

std::optional<Typed> ExpressionLowering::Aggregate(const Ast& ast, const FunctionSpec& spec,
                                                   const Scope& scope) {
  if (!SeesSeveralEvents(ast, scope)) return std::nullopt;
  std::vector<Ast> children = ast.children;
  const bool counts = spec.function == Function::kCount || spec.function == Function::kRate;
  if (children.empty() && counts && scope.aliases.size() == 1) {
    Ast only;
    only.kind = Ast::Kind::kName;
    only.text = scope.aliases[0];
    only.span = ast.span;
    children.push_back(std::move(only));
  }
  const size_t n = children.size();
  if (n < spec.min_args || (spec.max_args != 255 && n > spec.max_args)) {
    return Fail("VDT0013", ast.span, Quoted(ast.text) + " has the wrong number of arguments");
  }
  const bool of_source = counts || spec.function == Function::kSeen;
  std::vector<Expr> args;
  for (size_t i = 0; i < n; ++i) {
    const bool is_percent = spec.function == Function::kPercentile && i == 1;
    std::optional<Typed> value = Value(children[i], scope);
    if (!value.has_value()) return std::nullopt;
    if (is_percent) {
      const bool fits = value->expr.kind == Expr::Kind::kNumber && value->expr.number.d >= 0 &&
                        value->expr.number.d <= 100;
      if (!fits) return Fail("VDT0013", children[i].span, "a percentile is from 0 to 100");
    } else if (value->expr.kind != Expr::Kind::kField || value->expr.source < 0) {
      return Fail("VDT0013", children[i].span,
                  of_source ? "the name of a stage is needed here"
                            : "a field of a stage is needed here, like `" + scope.aliases[0] +
                                  ".user.name`");
    } else if (value->expr.text.empty() != of_source) {
      return Fail("VDT0013", children[i].span,
                  of_source ? Quoted(ast.text) + " counts events: give the name of the stage alone"
                            : "say which field of " + Quoted(children[i].text) + " is meant");
    }
    args.push_back(std::move(value->expr));
  }
  return Typed{Expr::Call(spec.function, std::move(args)), spec.result};
}

std::optional<std::vector<Key>> ExpressionLowering::Keys(const std::vector<Ast>& keys,
                                                         const Scope& scope) {
  std::vector<Key> out;
  for (const Ast& key : keys) {
    std::optional<Typed> value = Value(key, scope);
    if (!value.has_value()) return std::nullopt;
    if (value->expr.is_constant()) {
      return Fail("VDT0010", key.span, "a key must depend on the event");
    }
    out.push_back({std::move(value->expr), key.kind == Ast::Kind::kName && key.optional});
  }
  return out;
}

std::optional<Typed> ExpressionLowering::Interpolated(const Ast& ast, const Scope& scope) {
  if (ast.kind != Ast::Kind::kString || ast.text.find("${") == std::string::npos) {
    return Value(ast, scope);
  }
  std::vector<Expr> parts;
  std::string_view rest = ast.text;
  while (!rest.empty()) {
    const size_t open = rest.find("${");
    if (open > 0) parts.push_back(Expr::Text(std::string(rest.substr(0, open))));
    if (open == std::string_view::npos) break;
    const size_t close = ClosingBrace(rest, open + 2);
    if (close == std::string_view::npos) {
      return Fail("VDT0003", ast.span, "`${` without `}`");
    }
    const std::string inner(rest.substr(open + 2, close - open - 2));
    rest.remove_prefix(close + 1);
    // Errors within are reported at the string.
    DiagnosticSink sink;
    Reporter inner_reporter("", inner, &sink);
    TokenCursor cursor(Tokenize(inner, false, &inner_reporter), &inner_reporter);
    Ast part;
    const bool parsed = ExpressionParser(&cursor).Expression(&part) && cursor.AtEnd();
    if (!parsed || inner_reporter.errors() > 0) {
      return Fail("VDT0003", ast.span, "`${" + inner + "}` is no expression");
    }
    const auto at = [&ast](Ast* node, const auto& self) -> void {
      node->span = ast.span;
      for (Ast& child : node->children) self(&child, self);
    };
    at(&part, at);
    std::optional<Typed> value = Value(part, scope);
    if (!value.has_value()) return std::nullopt;
    // One missing value must not empty the whole text.
    if (!value->expr.is_constant()) {
      value->expr = Expr::Call(Function::kCoalesce, {std::move(value->expr), Expr::Text("-")});
    }
    parts.push_back(std::move(value->expr));
  }
  return Folded(Expr::Call(Function::kConcat, std::move(parts)), ExprType::kString);
}

}  // namespace vedette::inline v0::lang
