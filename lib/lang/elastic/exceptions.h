// Exceptions of the host as formulas.
#ifndef VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_
#define VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "lib/ir/ir.h"
#include "vedette/frontends/elastic.h"

namespace vedette::inline v0::elastic {

constexpr int kMaxExceptionNesting = 16;  // of kElements

// Holds for the events that are excepted. Nothing, and `error`, if an entry is not usable: it has
// no values, its field is no name of a field, or it nests deeper than kMaxExceptionNesting.
std::optional<Formula> LowerException(const ElasticException& exception, std::string* error);

// A value and the field of the indicators of a set that must have it; "" in sets of plain values.
struct SetPair {
  Expr value;
  std::string field;
};
constexpr size_t kMaxSetPairs = 16;

// One indicator of the host's set has all the values.
Formula InSet(std::vector<SetPair> pairs, std::string set);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_
