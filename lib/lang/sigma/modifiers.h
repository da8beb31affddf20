// Value modifiers: which chains are valid, and what a value becomes under one.
#ifndef VEDETTE_LIB_LANG_SIGMA_MODIFIERS_H_
#define VEDETTE_LIB_LANG_SIGMA_MODIFIERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/lang/sigma/placeholders.h"
#include "lib/lang/sigma/report.h"
#include "lib/lang/sigma/rule_ast.h"
#include "lib/lang/sigma/yaml_tree.h"

namespace vedette::inline v0::sigma {

enum class Modifier : uint8_t {
  kContains,
  kStartsWith,
  kEndsWith,
  kCased,
  kWindash,
  kBase64,
  kBase64Offset,
  kUtf16Le,
  kUtf16Be,
  kUtf16,
  kExpand,
  kRe,
  kIgnoreCase,
  kMultiLine,
  kDotAll,
  kCidr,
  kFieldRef,
  kExists,
  kLt,
  kLte,
  kGt,
  kGte,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kAll,
  kNeq,
};

std::optional<Modifier> ModifierByName(std::string_view name);
const std::vector<std::string_view>& ModifierNames();

// What the values of an item are.
enum class TestKind : uint8_t { kText, kRegex, kCidr, kFieldRef, kExists, kNumber };

// A valid chain. `all` and `neq` are about the item and not in `steps`.
struct ModifierChain {
  std::vector<Modifier> steps;
  TestKind kind = TestKind::kText;
  bool keyword = false;
  bool all = false;
  bool neq = false;
  bool cased = false;

  // True if values are more than compared: then every value is a text.
  bool TransformsText() const;
};

// The text after the field name in a key, "contains|all"; `at` is its place. Reports unknown
// modifiers (SIG0010) and those that do not go together (SIG0011) and then gives nothing.
std::optional<ModifierChain> ParseModifiers(std::string_view text, bool keyword, SourceSpan at,
                                            Reporter* reporter);

// One value under a chain; more than one test if it stands for several texts. Nothing if the value
// is wrong, which is reported. Placeholders without values in `placeholders` stay.
std::optional<std::vector<ValueTest>> ApplyModifiers(const ModifierChain& chain,
                                                     const YamlNode& value,
                                                     const PlaceholderValues& placeholders,
                                                     Reporter* reporter);

// A number of a rule: 1.0 is the integer 1. Nothing for integers that int64 cannot hold.
std::optional<Number> ParseNumber(std::string_view text);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_MODIFIERS_H_
