// A rule language: turns rule texts into the typed intermediate representation.
#ifndef VEDETTE_FRONTEND_H_
#define VEDETTE_FRONTEND_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vedette/diagnostic.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

struct IrModule;  // lib/ir/ir.h
struct KeptRule;  // lib/ir/kept_rule.h

// What a front-end keeps of sources from one translation to the next; see CompileCache.
// Thread-compatible.
class TranslationCache {
 public:
  virtual ~TranslationCache() = default;
  struct Stats {
    size_t reused = 0;  // sources of the last translation that were there
    size_t read = 0;    // ... that were not
  };
  virtual Stats stats() const = 0;
  virtual size_t memory_bytes() const = 0;  // an estimate
};

// Implemented by the languages of this library; see frontends/*.h. Translate is const and
// thread-safe.
class Frontend {
 public:
  virtual ~Frontend() = default;
  virtual std::string_view name() const = 0;
  // Whether this text is of the language, by its file name and beginning.
  virtual bool Accepts(const RuleSource& source) const = 0;
  // Appends the rules of all `sources` to `module`. A rule that is wrong is left out and named by
  // an error diagnostic; nothing else is affected by it.
  virtual void Translate(std::span<const RuleSource* const> sources, IrModule* module,
                         DiagnosticSink* diagnostics) const = 0;

  // Null if the language keeps nothing.
  virtual std::unique_ptr<TranslationCache> NewCache() const { return nullptr; }
  // As Translate, with the same outcome, but does only what `cache`, made by this front-end, does
  // not hold; then `cache` holds what these sources need. `kept` gets one entry for each rule that
  // was appended.
  virtual void TranslateAgain(std::span<const RuleSource* const> sources, TranslationCache* cache,
                              std::vector<std::shared_ptr<KeptRule>>* kept, IrModule* module,
                              DiagnosticSink* diagnostics) const {
    (void)cache, (void)kept;
    Translate(sources, module, diagnostics);
  }
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_FRONTEND_H_
