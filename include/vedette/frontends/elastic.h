// Elastic detection rules: TOML files as their authors write them, JSON and NDJSON as Kibana
// exports them. docs/elastic.md says what loads and what each type of rule means here.
#ifndef VEDETTE_FRONTENDS_ELASTIC_H_
#define VEDETTE_FRONTENDS_ELASTIC_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vedette/frontend.h"
#include "vedette/function.h"

namespace vedette::inline v0 {

// One condition of an exception. Texts are compared as a whole and with their case.
struct ElasticExceptionEntry {
  enum class Operator : uint8_t {
    kIs,        // one of `values`; one for Kibana's `match`, any number for `match_any`
    kMatches,   // one of `values`, in which * is any run of characters and ? any one
    kExists,    // the event has a value there
    kInList,    // the value is in the indicator set that is named by the only one of `values`
    kElements,  // some element of the list `field` satisfies all of `entries`
  };
  std::string field;  // within kElements relative to the element
  Operator op = Operator::kIs;
  std::vector<std::string> values;
  bool excluded = false;  // Kibana's `excluded`: the condition must not hold
  std::vector<ElasticExceptionEntry> entries;
};

// An event for which all entries hold is none for the rule. Without entries: no event.
struct ElasticException {
  std::string name;  // for diagnostics
  std::vector<ElasticExceptionEntry> entries;
};

struct ElasticOptions {
  // What EQL queries may call besides the built-in functions; must outlive the front-end, and be
  // given to the compiler, too.
  const FunctionRegistry* functions = nullptr;
  // Exceptions by `list_id`. A rule that refers to a list that is not here is loaded without it,
  // and a warning names the list (ELA0027).
  std::map<std::string, std::vector<ElasticException>> exceptions;
  // How far back a rule without `from` looks, and how often one without `interval` runs.
  int64_t default_lookback_ns = int64_t{6} * 60 * 1'000'000'000;
  int64_t default_interval_ns = int64_t{5} * 60 * 1'000'000'000;
  // Warnings about keys that nobody knows (ELA0030).
  bool lint = true;
};

// Accepts *.toml with a table [rule], and *.json and *.ndjson with rules in them.
std::unique_ptr<Frontend> ElasticFrontend(ElasticOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_FRONTENDS_ELASTIC_H_
