// KQL trees into formulas of the IR.
//
// Fields are taken as `keyword` fields, since no mapping of an index is known: text is compared as
// a whole and with its case. What the kinds of values become:
//   unquoted, wildcards     the pattern; only wildcards: some text, number or boolean, which an
//                           object is not: `process: *` needs the name of a field in it
//   a number, unquoted      the number, and its text as written if that is another ("007", "1.0")
//   address block           addresses within it (host bits are ignored), or that very text
//   IPv6 address            the address in any of its text forms
//   true, false             the text of booleans
//   null                    unsupported: `not field: *` says it
//   other                   the text; quoted text takes no wildcards
// `field < value` is a comparison of numbers; of other values it is unsupported, since the IR has
// no order of texts or times. A value without a field, or with the field `*`, is one whole scalar
// of the event, in any case; within `field: { }` it is unsupported, like `*` in names of fields.
#ifndef VEDETTE_LIB_LANG_ELASTIC_KQL_LOWER_H_
#define VEDETTE_LIB_LANG_ELASTIC_KQL_LOWER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "lib/ir/ir.h"
#include "lib/lang/elastic/kql.h"

namespace vedette::inline v0::elastic {

struct KqlLowerOptions {
  // Where `length` bytes at `offset` of the query are in the rule file; may be empty.
  std::function<SourceSpan(size_t offset, size_t length)> span_at;
  size_t max_nodes = 100000;  // of the formula
};

// Nothing, and at least one error, if some part is unsupported or the formula is too large; every
// unsupported part is named, up to 20. `node` is one that ParseKql made.
std::optional<Formula> LowerKql(const KqlNode& node, const KqlLowerOptions& options,
                                KqlErrors* errors);

// The number of a decimal text ("-5", "4.5e3"); nothing for other texts, "nan" and "0x10".
std::optional<Number> KqlNumber(std::string_view text);

// A name of an Elasticsearch field as a FieldPath text: brackets are ordinary characters in it.
std::string KqlFieldPath(std::string_view name);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_KQL_LOWER_H_
