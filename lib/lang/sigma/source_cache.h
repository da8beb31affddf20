// Sources as they were read, for translations of rule sets that have them again.
#ifndef VEDETTE_LIB_LANG_SIGMA_SOURCE_CACHE_H_
#define VEDETTE_LIB_LANG_SIGMA_SOURCE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/ir/kept_rule.h"
#include "lib/lang/sigma/document.h"
#include "lib/lang/sigma/report.h"
#include "vedette/diagnostic.h"
#include "vedette/frontend.h"
#include "vedette/frontends/sigma.h"
#include "vedette/rule.h"

namespace vedette::inline v0::sigma {

// A filter: the number of its source, and its place there.
using FilterName = std::pair<uint64_t, size_t>;

// What lowering a rule came to, given the filters that are for it and the budget of its source.
struct LoweredOnce {
  std::vector<FilterName> filters;
  size_t budget = 0;  // before
  size_t budget_after = 0;
  std::vector<Diagnostic> diagnostics;
  std::shared_ptr<KeptRule> rule;  // null if it was refused
};

// A source that was read. Stays where it is: reporters of its documents point to its text.
struct ReadSource {
  ReadSource(const RuleSource& from, uint64_t number_of_it)
      : source(from), text(source), number(number_of_it) {}

  const RuleSource source;
  const SigmaText text;
  const uint64_t number;                // no other source has it, ever
  std::vector<Document> documents;      // detections are left out, but those of filters
  std::vector<Diagnostic> diagnostics;  // of reading
  std::vector<std::unique_ptr<LoweredOnce>> lowered;  // of each document, once it was
  uint64_t used = 0;                                  // the last translation with it
};

class SourceCache : public TranslationCache {
 public:
  Stats stats() const override { return stats_; }
  size_t memory_bytes() const override;

  void Begin() {
    ++translation_;
    stats_ = {};
  }
  // Reads the source if it is not there. `fresh` gets the documents with their detections then.
  ReadSource* Get(const RuleSource& source, const SigmaOptions& options,
                  std::vector<Document>* fresh);
  // Forgets what was not asked for since Begin.
  void End();

 private:
  absl::flat_hash_map<std::string, std::vector<std::unique_ptr<ReadSource>>> by_name_;
  uint64_t translation_ = 0;
  uint64_t numbers_ = 0;
  Stats stats_;
};

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_SOURCE_CACHE_H_
