// Documents of Sigma sources: which kind each is, what it says about itself, and its body.
#ifndef VEDETTE_LIB_LANG_SIGMA_DOCUMENT_H_
#define VEDETTE_LIB_LANG_SIGMA_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/sigma/correlation_ast.h"
#include "lib/lang/sigma/placeholders.h"
#include "lib/lang/sigma/report.h"
#include "lib/lang/sigma/rule_ast.h"
#include "lib/lang/sigma/yaml_tree.h"
#include "vedette/diagnostic.h"
#include "vedette/frontends/sigma.h"
#include "vedette/rule.h"

namespace vedette::inline v0::sigma {

// A reference to another document, by id or name.
struct NamedReference {
  std::string text;
  SourceSpan span;
};

struct FilterBody {
  bool any = false;  // every rule
  std::vector<NamedReference> rules;
};

// A correlation whose references are not resolved yet.
struct CorrelationBody {
  CorrelationAst ast;  // references have their text only
  std::vector<SourceSpan> rule_spans;
  SourceSpan span;
};

struct Document {
  enum class Kind : uint8_t { kRule, kFilter, kCorrelation };
  explicit Document(Reporter r) : reporter(std::move(r)) {}

  Kind kind = Kind::kRule;
  bool refused = false;
  RuleMeta meta;
  SourceSpan span;
  SourceSpan id_span;
  SourceSpan name_span;
  Reporter reporter;
  Detection detection;  // kRule, kFilter
  FilterBody filter;
  std::vector<const Document*> filters;  // of a rule: those that are added to it
  CorrelationBody correlation;
};

// Reads every document of a source, `action` documents applied. Wrong documents are in the list as
// refused, as far as their metadata could be read, so that references to them can say so.
std::vector<Document> ParseDocuments(const SigmaText& text, const SigmaOptions& options,
                                     DiagnosticSink* diagnostics);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_DOCUMENT_H_
