// A detection as the author wrote it, with names resolved and values typed: what pipelines change
// and lowering reads.
#ifndef VEDETTE_LIB_LANG_SIGMA_RULE_AST_H_
#define VEDETTE_LIB_LANG_SIGMA_RULE_AST_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/sigma/sigma_string.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0::sigma {

// One test of a field. What is text may hold placeholders until it is lowered.
struct ValueTest {
  Predicate predicate;   // its field, pattern and regex are set by lowering
  SigmaString text;      // kText, kKeyword: the pattern; kRegex: the expression
  bool cased = false;    // kText, kKeyword
  bool negated = false;  // exists: false
  SourceSpan span;
};

// `field|modifiers: values`. A value may stand for several tests (base64offset); any of them will
// do, and `all` links the values, not the tests of one.
struct DetectionItem {
  std::vector<std::string> fields;  // any of them; a pipeline may map one to several
  bool keyword = false;             // no field
  std::vector<std::vector<ValueTest>> values;
  bool all = false;
  bool negated = false;           // neq: the whole item
  bool dropped = false;           // by a pipeline
  std::set<std::string> applied;  // ids of pipeline items
  SourceSpan span;
};

// A condition over the parts of a block.
struct ConditionNode {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kAnyOf, kAllOf };
  Kind kind = Kind::kAnd;
  std::vector<ConditionNode> children;  // kAnd, kOr, kNot (one)
  std::vector<uint32_t> parts;          // kAnyOf, kAllOf: indexes of named parts
  std::string label;                    // of a selector: "1 of sel*"
};

struct Detection {
  enum class Kind : uint8_t {
    kItem,
    kAnd,    // all children
    kOr,     // any child
    kEach,   // the elements of a list field, one child
    kBlock,  // named children and a condition over them
  };
  Kind kind = Kind::kAnd;
  DetectionItem item;               // kItem
  std::vector<Detection> children;  // others
  std::vector<std::string> names;   // kBlock, of the children
  ConditionNode condition;          // kBlock
  std::string field;                // kEach
  Quantifier quantifier = Quantifier::kAny;
  std::string label;
  SourceSpan span;
};

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_RULE_AST_H_
