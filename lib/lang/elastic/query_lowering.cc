#include "lib/lang/elastic/query_lowering.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "lib/lang/elastic/kql.h"
#include "lib/lang/elastic/kql_lower.h"
#include "lib/lang/vedette/report.h"

namespace vedette::inline v0::elastic {
namespace {

// Moves places in a query to the file.
class Places {
 public:
  Places(const LocatedText& query, const SourceText& source) : query_(query), source_(source) {
    // A byte order mark is in no column of the first line.
    lines_.push_back(query.text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (size_t i = 0; i < query.text.size(); ++i) {
      if (query.text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  SourceSpan InFile(SourceSpan span) const {
    if (span.line == 0) return SpanIn(source_, query_, 0, query_.text.size());
    const size_t line = std::min<size_t>(span.line, lines_.size()) - 1;
    const size_t column = std::max<uint32_t>(span.column, 1) - 1;
    const size_t offset = std::min(lines_[line] + column, query_.text.size());
    return SpanIn(source_, query_, offset, span.length);
  }

  // The depth is that of a query, which its parser bounds.
  void Move(Expr* expr) const {
    if (expr->span.line > 0) expr->span = InFile(expr->span);
    for (Expr& arg : expr->args) Move(&arg);
  }

  void Move(Formula* formula) const {
    if (formula->span.line > 0) formula->span = InFile(formula->span);
    if (formula->predicate.subject != nullptr) {
      Expr subject = *formula->predicate.subject;
      Move(&subject);
      formula->predicate.subject = std::make_shared<const Expr>(std::move(subject));
    }
    for (Formula& child : formula->children) Move(&child);
  }

  void Move(CorrelationSource* source) const {
    Move(&source->condition);
    for (Key& key : source->keys) Move(&key.value);
  }

 private:
  const LocatedText& query_;
  const SourceText& source_;
  std::vector<size_t> lines_;
};

}  // namespace

std::optional<Formula> LowerKqlQuery(const LocatedText& query, RuleReporter* reporter) {
  const SourceText& source = reporter->source();
  KqlErrors errors;
  KqlLowerOptions options;
  options.span_at = [&](size_t offset, size_t length) {
    return SpanIn(source, query, offset, length);
  };
  std::optional<Formula> formula;
  const std::optional<KqlNode> node = ParseKql(query.text, &errors);
  if (node.has_value()) formula = LowerKql(*node, options, &errors);
  for (const KqlError& error : errors) {
    reporter->Error(error.unsupported ? "ELA0022" : "ELA0021",
                    SpanIn(source, query, error.offset, error.length), error.message, error.hint);
  }
  return formula;
}

std::optional<lang::QueryIr> LowerEqlQuery(const LocatedText& query, const SourceText& source,
                                           const EqlQueryOptions& options,
                                           DiagnosticSink* diagnostics) {
  const Places places(query, source);
  DiagnosticSink own;
  lang::Reporter reporter(source.name(), source.text(), &own);
  reporter.set_place([&](SourceSpan span) { return places.InFile(span); });
  reporter.set_rule(options.rule);
  std::optional<lang::QueryIr> out =
      options.category_field.empty()
          ? lang::LowerEqlQuery(query.text, options.functions, &reporter)
          : lang::LowerEqlQuery(query.text, options.functions, &reporter, options.category_field);
  for (Diagnostic& d : own.Take()) {
    if (d.code != "VDT0020" && d.code != "VDT0023") diagnostics->Add(std::move(d));
  }
  if (!out.has_value()) return out;
  places.Move(&out->condition);
  for (CorrelationSource& stage : out->correlation.sources) places.Move(&stage);
  if (out->correlation.until.has_value()) places.Move(&*out->correlation.until);
  return out;
}

}  // namespace vedette::inline v0::elastic
