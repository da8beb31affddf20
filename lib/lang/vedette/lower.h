// Syntax trees to IR: names are resolved, types are checked, constants are folded.
#ifndef VEDETTE_LIB_LANG_VEDETTE_LOWER_H_
#define VEDETTE_LIB_LANG_VEDETTE_LOWER_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/vedette/ast.h"
#include "lib/lang/vedette/encodings.h"
#include "lib/lang/vedette/report.h"
#include "vedette/function.h"
#include "vedette/schema.h"

namespace vedette::inline v0::lang {

// What names mean in a file, and in a rule of it.
struct Scope {
  std::map<std::string, const ListAst*, std::less<>> lists;
  std::map<std::string, const MapAst*, std::less<>> maps;
  std::map<std::string, const LetAst*, std::less<>> lets;
  std::vector<std::string> aliases;  // of the sources that an expression may refer to
  std::vector<std::string> later;    // and of those that come after its own; may be empty texts
  // Only aggregates, fields of sources and keys have a meaning: `having`, outcomes of correlations.
  bool only_sources = false;
  std::vector<std::string> keys;  // with `only_sources`: fields that are keys of the match
};

// An expression with its type.
struct Typed {
  Expr expr;
  ExprType type = ExprType::kAny;
};

// Lowers the expressions of one source text. Thread-compatible.
class ExpressionLowering {
 public:
  // `functions` may be null; all must outlive it.
  ExpressionLowering(const FunctionRegistry* functions, Reporter* reporter)
      : functions_(functions), reporter_(reporter) {}

  // Null after a report.
  std::optional<Formula> Condition(const Ast& ast, const Scope& scope);
  std::optional<Formula> Query(const QueryAst& query, const Scope& scope);
  std::optional<Typed> Value(const Ast& ast, const Scope& scope);
  std::optional<std::vector<Key>> Keys(const std::vector<Ast>& keys, const Scope& scope);
  // A string with `${..}` in it as a concatenation.
  std::optional<Typed> Interpolated(const Ast& ast, const Scope& scope);
  // The let as a condition, labelled with its name.
  std::optional<Formula> Let(const LetAst& let, const Scope& scope);

  // The field that the category of a query is a value of.
  void set_category_field(std::string field) { category_field_ = std::move(field); }
  const std::set<std::string>& used_lets() const { return used_lets_; }

 private:
  // What a predicate tests: a field, a computed value, or any value of the event.
  struct Subject {
    std::string field;
    std::shared_ptr<const Expr> expr;
    TimePart time_part = TimePart::kNone;
    bool is_any = false;
    ExprType type = ExprType::kAny;
  };

  // Of one kind each.
  std::optional<Formula> ConditionAt(const Ast& ast, const Scope& scope);
  std::optional<Formula> Name(const Ast& ast, const Scope& scope);
  std::optional<Formula> Call(const Ast& ast, const Scope& scope);
  std::optional<Formula> CidrMatch(const Ast& ast, const Scope& scope);
  std::optional<Ast> WildcardTest(const Ast& ast, const Scope& scope);
  std::optional<Formula> Compare(const Ast& ast, const Scope& scope);
  std::optional<Formula> CompareConstant(const Ast& ast, const Subject& subject,
                                         const std::string& sign, const Expr& constant);
  std::optional<Formula> CompareValues(const Ast& ast, Typed left, Typed right);
  // False after a report.
  bool Comparable(const Ast& ast, ExprType left, ExprType right);
  std::optional<Formula> Test(const Ast& ast, const Scope& scope);
  std::optional<Formula> TestOne(const Ast& ast, const Subject& subject, const Ast& item,
                                 const Scope& scope);
  std::optional<Formula> TestText(const Ast& ast, const Subject& subject, const Ast& item);
  std::optional<Formula> TestField(const Ast& ast, const Subject& subject, const Expr& other);
  // The test as a value that is true or false.
  std::optional<Typed> TestValue(const Ast& ast, const Scope& scope);
  bool TestValueItem(const Ast& ast, const Typed& subject, const Ast& item, const Scope& scope,
                     std::vector<Expr>* patterns, std::vector<Expr>* tests);
  std::optional<Formula> Each(const Ast& ast, const Scope& scope);
  std::optional<Formula> Holds(Expr expr, const Ast& ast);
  std::optional<Subject> SubjectOf(const Ast& ast, const Scope& scope);
  std::optional<Typed> Field(const Ast& ast, const Scope& scope);
  // The let as a value that is true or false.
  std::optional<Typed> LetValue(const LetAst& let, const Ast& ast, const Scope& scope);
  std::optional<Typed> CallValue(const Ast& ast, const Scope& scope);
  std::optional<Typed> Arithmetic(const Ast& ast, const Scope& scope);
  std::optional<Typed> Lookup(const Ast& ast, const Scope& scope);
  // Whether sets and fields are named by texts, and every value has its field.
  bool CheckInSet(const Ast& ast, const std::vector<Expr>& args);
  std::optional<Typed> HostCall(const Ast& ast, const HostFunction& host, const Scope& scope);
  std::optional<Typed> Aggregate(const Ast& ast, const FunctionSpec& spec, const Scope& scope);
  std::optional<Typed> HostAggregateCall(const Ast& ast, const HostAggregate& host,
                                         const Scope& scope);
  // False, with a report, where aggregates have no meaning.
  bool SeesSeveralEvents(const Ast& ast, const Scope& scope);
  bool Strings(const Ast& item, const Scope& scope, std::vector<Ast>* out);
  // Appends the texts that an encoding makes of its arguments, patterns if `pattern`. False after a
  // report.
  bool Encoded(const Ast& call, const Encoding& encoding, bool pattern, const Scope& scope,
               std::vector<std::vector<PatternPiece>>* out);
  bool EncodingArgument(const Ast& arg, const Encoding& around, bool pattern, const Scope& scope,
                        std::vector<std::vector<PatternPiece>>* out);
  std::optional<Typed> EncodedValue(const Ast& call, const Encoding& encoding, const Scope& scope);
  // The texts of the encoding, as constants that the operator of `ast` takes.
  bool EncodedItems(const Ast& ast, const Ast& call, const Encoding& encoding, const Scope& scope,
                    std::vector<Ast>* out);
  // Tests for each of them.
  bool TestEncoded(const Ast& ast, const Subject& subject, const Ast& call,
                   const Encoding& encoding, const Scope& scope, std::vector<Formula>* any);
  bool Fits(const Typed& value, ExprType wanted, const Ast& ast, std::string_view what);
  bool Charge(const Ast& ast);
  void CheckFieldName(const std::string& name, SourceSpan span);
  // Whether the class around the field, if it is a strict one, has it; reports if not.
  bool CheckClassField(const Ast& ast);
  // Fails with a report.
  std::nullopt_t Fail(std::string_view code, SourceSpan span, std::string message,
                      std::string hint = "");

  const FunctionRegistry* functions_;
  Reporter* reporter_;
  std::string category_field_ = "event.category";
  const EventClass* class_ = nullptr;  // of the query around, if it names one of the schema
  std::vector<std::string> elements_;  // variables of the array blocks around, innermost last
  std::vector<const LetAst*> open_lets_;
  std::set<std::string> used_lets_;
  std::set<std::string> checked_fields_;
  size_t nodes_ = 0;
  size_t encoded_bytes_ = 0;
  int depth_ = 0;  // of conditions within conditions, through lets
};

inline constexpr std::string_view kNullHasNoOrder =
    "null can be compared by `==` and `!=` with a value only";

// The event class that the category of a query names: an OCSF class, unless the word is one of
// ECS's categories, which say nothing about fields, or quoted. Null if it names none.
const EventClass* ClassOf(const QueryAst& query);
// Null if it is no call of an encoding.
const Encoding* EncodingOf(const Ast& item);
// What is neither a constant nor a name as it is written.
bool IsComputed(const Ast& ast);
// The text of a constant as a literal without wildcards; null is the empty text.
Ast TextConstant(const Expr& constant, SourceSpan span);
// The pattern of a test as a text (lib/ir/pattern_text.h).
std::string TestPattern(TextOp op, const Ast& item);

// A call of constants is the constant that it gives.
Typed Folded(Expr call, ExprType type);

// The type that the schema gives a field in every class that has it; kAny if they differ or there
// is none.
ExprType SchemaType(std::string_view field);

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_LOWER_H_
