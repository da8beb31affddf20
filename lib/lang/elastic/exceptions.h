// Exceptions of the host as formulas.
#ifndef VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_
#define VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_

#include <optional>
#include <string>

#include "lib/ir/ir.h"
#include "vedette/frontends/elastic.h"

namespace vedette::inline v0::elastic {

constexpr int kMaxExceptionNesting = 16;  // of kElements

// Holds for the events that are excepted. Nothing, and `error`, if an entry is not usable: it has
// no values, its field is no name of a field, or it nests deeper than kMaxExceptionNesting.
std::optional<Formula> LowerException(const ElasticException& exception, std::string* error);

// `value` is in an indicator set of the host.
Formula InSet(Expr value, std::string set);

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_EXCEPTIONS_H_
