// The queries of Elastic rules to IR whose places, and those of what is wrong, are in the rule
// file.
#ifndef VEDETTE_LIB_LANG_ELASTIC_QUERY_LOWERING_H_
#define VEDETTE_LIB_LANG_ELASTIC_QUERY_LOWERING_H_

#include <optional>
#include <string>

#include "lib/ir/ir.h"
#include "lib/lang/elastic/map_reader.h"
#include "lib/lang/elastic/rule_file.h"
#include "lib/lang/vedette/query.h"
#include "vedette/function.h"

namespace vedette::inline v0::elastic {

// Nothing after an error (ELA0021, ELA0022).
std::optional<Formula> LowerKqlQuery(const LocatedText& query, RuleReporter* reporter);

struct EqlQueryOptions {
  const FunctionRegistry* functions = nullptr;
  std::string category_field;  // empty: event.category
  std::string rule;            // whom diagnostics are about
};
// Nothing after an error (VDT....). Two warnings of the language are no faults here: a sequence
// without a time limit gets one from its rule (VDT0023), and fields are those of an index, which
// has more than the built-in schemas (VDT0020).
std::optional<lang::QueryIr> LowerEqlQuery(const LocatedText& query, const SourceText& source,
                                           const EqlQueryOptions& options,
                                           DiagnosticSink* diagnostics);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_QUERY_LOWERING_H_
