// The Vedette rule language (.vdt) and EQL queries (.eql).
#ifndef VEDETTE_FRONTENDS_VEDETTE_H_
#define VEDETTE_FRONTENDS_VEDETTE_H_

#include <memory>
#include <string>
#include <string_view>

#include "vedette/diagnostic.h"
#include "vedette/frontend.h"
#include "vedette/function.h"

namespace vedette::inline v0 {

struct VedetteOptions {
  // What rules may call besides the built-in functions; must outlive the front-end, and be given to
  // the compiler, too.
  const FunctionRegistry* functions = nullptr;
};

// Accepts sources whose names end in .vdt or .eql. The language is described in docs/language.md.
// Rules may refer to each other by name or id, also to those of front-ends that were added before.
std::unique_ptr<Frontend> VedetteFrontend(VedetteOptions options = {});

// The text in the language's one layout: two blanks for each level, lines of at most 100 columns
// where they can be broken. Comments stay. Idempotent; never changes the meaning. A text with
// syntax errors is returned unchanged and the errors are added to `diagnostics` (may be null).
std::string FormatVedette(std::string_view text, std::string_view name = "",
                          DiagnosticSink* diagnostics = nullptr);

}  // namespace vedette::inline v0

#endif  // VEDETTE_FRONTENDS_VEDETTE_H_
