// The IR as text in the Vedette rule language (docs/language.md): reading the text back gives equal
// IR. For people, for `convert`, and for what a detection says it tested.
#ifndef VEDETTE_LIB_IR_PRINTER_H_
#define VEDETTE_LIB_IR_PRINTER_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/ir/ir.h"

namespace vedette::inline v0 {

// How names stand in the text around.
struct PrintContext {
  std::vector<std::string> aliases;  // of the correlation's sources
  std::set<std::string> reserved;    // names that mean something else than a field of that name
  std::string element;               // the variable of the innermost array block, or empty
  int depth = 0;                     // of array blocks
};

// `text` as a string literal; in a `pattern` the literal characters * and ? are escaped.
std::string PrintString(std::string_view text, bool pattern = false);
// A field name; in backticks unless it is a plain dotted name that is no keyword.
std::string PrintFieldName(std::string_view name, const PrintContext& context = {});
// "90m", "1h", "1500ms": the largest unit that divides it.
std::string PrintDuration(int64_t ns);
std::string PrintExpr(const Expr& expr, const PrintContext& context = {});
// `Image endswith~ "\\cmd.exe"`, `EventID == 4624`, `f search "(?i)a+"`.
std::string PrintPredicate(const Predicate& predicate, const PrintContext& context = {});
// One line; labels are left out.
std::string PrintFormula(const Formula& formula, const PrintContext& context = {});
// `process where ..` or `any where ..`.
std::string PrintQuery(const Formula& formula, const PrintContext& context = {});

// A whole rule, unformatted: FormatVedette lays it out. Labelled parts become `let`s of the rule;
// `name` is its name in the text.
std::string PrintRule(const IrRule& rule, std::string_view name);
std::string PrintCorrelation(const CorrelationSpec& spec, std::string_view name);
// An identifier from what the rule says about itself: name, id or title.
std::string RuleIdentifier(const RuleMeta& meta);

// Words that begin no field name unless they stand in backticks.
bool IsKeyword(std::string_view word);
// Those, and words that no rule, list, map, let or alias may be called.
bool IsReservedName(std::string_view word);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IR_PRINTER_H_
