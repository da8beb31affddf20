#include <deque>
#include <set>
#include <utility>
#include <vector>

#include "lib/doc/source_text.h"
#include "lib/ir/ir.h"
#include "lib/lang/elastic/map_reader.h"
#include "lib/lang/elastic/rule_file.h"
#include "lib/lang/elastic/rule_lowering.h"
#include "vedette/frontends/elastic.h"

namespace vedette::inline v0 {
namespace {

class ElasticFrontendImpl final : public Frontend {
 public:
  explicit ElasticFrontendImpl(ElasticOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "elastic"; }

  bool Accepts(const RuleSource& source) const override {
    return elastic::LooksLikeElasticRule(source);
  }

  void Translate(std::span<const RuleSource* const> sources, IrModule* module,
                 DiagnosticSink* diagnostics) const override {
    std::set<std::string> ids;
    for (const IrRule& rule : module->rules) ids.insert(rule.meta.id);
    for (const CorrelationSpec& spec : module->correlations) ids.insert(spec.meta.id);
    // A rule may refer to exceptions of any file.
    ElasticOptions options = options_;
    std::deque<SourceText> texts;
    std::vector<std::vector<elastic::ElasticRule>> rules;
    for (const RuleSource* source : sources) {
      texts.emplace_back(*source);
      rules.push_back(elastic::ReadElasticRules(texts.back(), diagnostics, &options.exceptions));
    }
    for (size_t i = 0; i < rules.size(); ++i) {
      for (const elastic::ElasticRule& rule : rules[i]) {
        if (IsNew(rule, texts[i], &ids, diagnostics)) {
          Add(rule, texts[i], options, module, diagnostics);
        }
      }
    }
  }

 private:
  // The id is what detections and other rules name the rule by.
  static bool IsNew(const elastic::ElasticRule& rule, const SourceText& text,
                    std::set<std::string>* ids, DiagnosticSink* diagnostics) {
    if (rule.rule_id.empty() || ids->insert(rule.rule_id).second) return true;
    elastic::RuleReporter reporter(&text, diagnostics);
    reporter.set_rule(rule.name);
    reporter.Error("ELA0028", rule.SpanOf("rule_id"),
                   "another rule has the id " + elastic::Quoted(rule.rule_id));
    return false;
  }

  static void Add(const elastic::ElasticRule& rule, const SourceText& text,
                  const ElasticOptions& options, IrModule* module, DiagnosticSink* diagnostics) {
    auto lowered = elastic::LowerElasticRule(rule, text, options, diagnostics);
    if (!lowered.has_value()) return;
    if (lowered->is_event) {
      module->rules.push_back(std::move(lowered->event));
    } else {
      module->correlations.push_back(std::move(lowered->correlation));
    }
  }

  const ElasticOptions options_;
};

}  // namespace

std::unique_ptr<Frontend> ElasticFrontend(ElasticOptions options) {
  return std::make_unique<ElasticFrontendImpl>(std::move(options));
}

}  // namespace vedette::inline v0
