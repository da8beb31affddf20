// The Sigma front-end: rules, filters, correlations (Sigma 2.1) and processing pipelines.
#ifndef VEDETTE_FRONTENDS_SIGMA_H_
#define VEDETTE_FRONTENDS_SIGMA_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vedette/frontend.h"

namespace vedette::inline v0 {

struct SigmaOptions {
  // Values of `%name%` placeholders for the `expand` modifier. A rule with a placeholder that has
  // no values is refused (SIG0016).
  std::map<std::string, std::vector<std::string>> placeholders;
  // Processing pipelines in pySigma's YAML format, applied by priority, then in this order.
  std::vector<RuleSource> pipelines;
  // Warnings about questionable but valid rules (SIG006x).
  bool lint = true;
  // Documents, detection items and nesting beyond these refuse the rule (SIG0006, SIG0035).
  size_t max_nodes_per_source = 500000;
  size_t max_nesting = 64;
};

// Reads a placeholders file: a YAML map of name to scalar or list. Errors go to `diagnostics`.
std::map<std::string, std::vector<std::string>> ParseSigmaPlaceholders(const RuleSource& source,
                                                                       DiagnosticSink* diagnostics);

// Accepts *.yml and *.yaml, and any text that has a `detection:`, `correlation:` or `filter:` key
// unless it is named as one of another rule language.
std::unique_ptr<Frontend> SigmaFrontend(SigmaOptions options = {});

}  // namespace vedette::inline v0

#endif  // VEDETTE_FRONTENDS_SIGMA_H_
