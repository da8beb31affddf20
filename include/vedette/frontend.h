// A rule language: turns rule texts into the typed intermediate representation.
#ifndef VEDETTE_FRONTEND_H_
#define VEDETTE_FRONTEND_H_

#include <span>
#include <string_view>

#include "vedette/diagnostic.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

struct IrModule;  // lib/ir/ir.h

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
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_FRONTEND_H_
