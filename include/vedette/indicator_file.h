// Reads indicator sets from text: one value a line, CSV with a header, or NDJSON.
#ifndef VEDETTE_INDICATOR_FILE_H_
#define VEDETTE_INDICATOR_FILE_H_

#include <optional>

#include "vedette/diagnostic.h"
#include "vedette/indicator_set.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

struct IndicatorFileOptions {
  // Of values whose type the file does not say; else GuessIndicatorType.
  std::optional<IndicatorType> type;
};

// Adds what is in `file` to `set`. The name of the file tells its form: *.csv, *.json, *.jsonl and
// *.ndjson, else one value a line, where empty lines and those that begin with # are passed over.
//
// CSV (RFC 4180) has a header line. In it, and in the objects of NDJSON, `value` is the indicator's
// value, `type` its type (as IndicatorTypeByName, or ipv4-addr, domain-name, sha256, ..), and
// `source`, `confidence`, `severity` and `valid_until` are about the indicator. Every other column,
// and every other member by its dotted path, is a field of a record; empty ones are left out.
//
// A line that is wrong is an error in `diagnostics` (IND0001 the form, IND0002 a value) and left
// out; the others count. Thread-safe for different sets.
void ReadIndicators(const RuleSource& file, const IndicatorFileOptions& options,
                    IndicatorSet::Builder* set, DiagnosticSink* diagnostics);

}  // namespace vedette::inline v0

#endif  // VEDETTE_INDICATOR_FILE_H_
