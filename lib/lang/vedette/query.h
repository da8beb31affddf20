// EQL queries within rules of other formats.
#ifndef VEDETTE_LIB_LANG_VEDETTE_QUERY_H_
#define VEDETTE_LIB_LANG_VEDETTE_QUERY_H_

#include <optional>
#include <string_view>

#include "lib/ir/ir.h"
#include "lib/lang/vedette/report.h"
#include "vedette/function.h"

namespace vedette::inline v0::lang {

// What a query amounts to.
struct QueryIr {
  bool is_event = true;
  Formula condition;            // is_event
  CorrelationSpec correlation;  // else; without meta, all of its sources are queries
};

// Lowers one query (`process where ..`, `sequence ..`, `sample ..`) and nothing else. Nothing after
// a report; places are those within `text` unless the reporter moves them. `functions` may be null.
// `category_field` is the path of the field that the category before `where` is a value of.
std::optional<QueryIr> LowerEqlQuery(std::string_view text, const FunctionRegistry* functions,
                                     Reporter* reporter,
                                     std::string_view category_field = "event.category");

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_QUERY_H_
