#include <algorithm>
#include <deque>
#include <utility>

#include "lib/ir/ir.h"
#include "lib/lang/sigma/document.h"
#include "lib/lang/sigma/filter.h"
#include "lib/lang/sigma/linker.h"
#include "lib/lang/sigma/lower.h"
#include "lib/lang/sigma/metadata.h"
#include "lib/lang/sigma/pipeline.h"
#include "lib/lang/sigma/source_cache.h"
#include "lib/lang/sigma/yaml_tree.h"
#include "vedette/frontends/sigma.h"

namespace vedette::inline v0 {
namespace {

using sigma::Document;
using sigma::Pipeline;

// A line that begins with one of the sections of Sigma.
bool HasSection(std::string_view text) {
  for (const std::string_view section : {"detection:", "correlation:", "filter:"}) {
    for (size_t at = text.find(section); at != std::string_view::npos;
         at = text.find(section, at + 1)) {
      if (at == 0 || text[at - 1] == '\n') return true;
    }
  }
  return false;
}

class SigmaFrontendImpl : public Frontend {
 public:
  explicit SigmaFrontendImpl(SigmaOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "sigma"; }

  bool Accepts(const RuleSource& source) const override {
    const std::string_view name = source.name;
    // What other languages call their files is theirs, whatever their comments and notes hold.
    for (const std::string_view other : {".vdt", ".eql", ".toml", ".ndjson"}) {
      if (name.ends_with(other)) return false;
    }
    return name.ends_with(".yml") || name.ends_with(".yaml") || HasSection(source.text);
  }

  void Translate(std::span<const RuleSource* const> sources, IrModule* module,
                 DiagnosticSink* diagnostics) const override {
    const std::vector<Pipeline> pipelines = ReadPipelines(diagnostics);
    std::deque<sigma::SigmaText> texts;  // reporters point into it
    std::vector<Document> documents;
    std::vector<size_t> source_of;
    for (const RuleSource* source : sources) {
      texts.emplace_back(*source);
      for (Document& document : ParseDocuments(texts.back(), options_, diagnostics)) {
        documents.push_back(std::move(document));
        source_of.push_back(texts.size() - 1);
      }
    }
    sigma::Linker linker(&documents);
    linker.IndexNames();
    linker.AssignFilters();
    std::vector<size_t> rule_index(documents.size(), sigma::Linker::kNone);
    std::vector<size_t> budgets(texts.size(), options_.max_nodes_per_source);
    for (size_t i = 0; i < documents.size(); ++i) {
      if (documents[i].kind != Document::Kind::kRule || documents[i].refused) continue;
      if (LowerRule(pipelines, &budgets[source_of[i]], &documents[i], module)) {
        rule_index[i] = module->rules.size() - 1;
      }
      documents[i].detection = {};  // each rule's goes before the next one grows
    }
    linker.ResolveCorrelations(rule_index, module);
  }

  std::unique_ptr<TranslationCache> NewCache() const override {
    return std::make_unique<sigma::SourceCache>();
  }

  void TranslateAgain(std::span<const RuleSource* const> sources, TranslationCache* cache,
                      std::vector<std::shared_ptr<KeptRule>>* kept, IrModule* module,
                      DiagnosticSink* diagnostics) const override {
    const std::vector<Pipeline> pipelines = ReadPipelines(diagnostics);
    auto* const known = static_cast<sigma::SourceCache*>(cache);
    known->Begin();
    std::vector<Document> documents;
    std::vector<Place> places;
    size_t texts = 0;
    for (const RuleSource* source : sources) {
      std::vector<Document> fresh;
      sigma::ReadSource* const read = known->Get(*source, options_, &fresh);
      for (const Diagnostic& d : read->diagnostics) diagnostics->Add(d);
      for (size_t i = 0; i < read->documents.size(); ++i) {
        places.push_back({read, i, texts, !fresh.empty()});
        documents.push_back(fresh.empty() ? read->documents[i] : std::move(fresh[i]));
        documents.back().reporter.set_sink(diagnostics);
      }
      ++texts;
    }
    sigma::Linker linker(&documents);
    linker.IndexNames();
    linker.AssignFilters();
    std::vector<size_t> rule_index(documents.size(), sigma::Linker::kNone);
    std::vector<size_t> budgets(texts, options_.max_nodes_per_source);
    for (size_t i = 0; i < documents.size(); ++i) {
      if (documents[i].kind != Document::Kind::kRule || documents[i].refused) continue;
      std::vector<sigma::FilterName> filters;
      for (const Document* filter : documents[i].filters) {
        const Place& place = places[static_cast<size_t>(filter - documents.data())];
        filters.emplace_back(place.read->number, place.document);
      }
      size_t* const budget = &budgets[places[i].text];
      if (LowerOnce(pipelines, std::move(filters), places[i], budget, &documents[i], module,
                    diagnostics)) {
        rule_index[i] = module->rules.size() - 1;
        kept->push_back(places[i].read->lowered[places[i].document]->rule);
      }
      documents[i].detection = {};
    }
    linker.ResolveCorrelations(rule_index, module);
    known->End();
  }

 private:
  // Where a document comes from.
  struct Place {
    sigma::ReadSource* read;
    size_t document;
    size_t text;  // of this translation
    bool has_detection;
  };

  // LowerRule, unless the outcome is known. The appended rule has metadata only then.
  bool LowerOnce(const std::vector<Pipeline>& pipelines, std::vector<sigma::FilterName> filters,
                 const Place& place, size_t* budget, Document* document, IrModule* module,
                 DiagnosticSink* diagnostics) const {
    std::unique_ptr<sigma::LoweredOnce>& known = place.read->lowered[place.document];
    if (known != nullptr && known->filters == filters && known->budget == *budget) {
      for (const Diagnostic& d : known->diagnostics) diagnostics->Add(d);
      *budget = known->budget_after;
      if (known->rule == nullptr) return false;
      module->rules.push_back({document->meta, {}, {}});
      return true;
    }
    if (!place.has_detection) {
      // Other filters than before, which is rare: detections are not kept for that.
      DiagnosticSink said_before;
      std::vector<Document> again = ParseDocuments(place.read->text, options_, &said_before);
      document->detection = std::move(again[place.document].detection);
    }
    auto lowered = std::make_unique<sigma::LoweredOnce>();
    lowered->filters = std::move(filters);
    lowered->budget = *budget;
    const size_t said = diagnostics->diagnostics().size();
    if (LowerRule(pipelines, budget, document, module)) {
      lowered->rule = std::make_shared<KeptRule>();
    }
    lowered->budget_after = *budget;
    const std::vector<Diagnostic>& all = diagnostics->diagnostics();
    lowered->diagnostics.assign(all.begin() + static_cast<std::ptrdiff_t>(said), all.end());
    const bool ok = lowered->rule != nullptr;
    known = std::move(lowered);
    return ok;
  }

  std::vector<Pipeline> ReadPipelines(DiagnosticSink* diagnostics) const {
    std::vector<Pipeline> pipelines;
    for (const RuleSource& source : options_.pipelines) {
      const sigma::SigmaText text(source);
      auto pipeline = sigma::ParsePipeline(text, options_, diagnostics);
      if (pipeline.has_value()) pipelines.push_back(*std::move(pipeline));
    }
    std::stable_sort(pipelines.begin(), pipelines.end(),
                     [](const Pipeline& a, const Pipeline& b) { return a.priority < b.priority; });
    return pipelines;
  }

  static bool LowerRule(const std::vector<Pipeline>& pipelines, size_t* budget, Document* document,
                        IrModule* module) {
    if (*budget == 0) {
      document->reporter.Error("SIG0006", document->span,
                               "the rules of this source are too large together");
      return false;
    }
    sigma::ApplyFilters(document);
    sigma::ApplyPipelines(pipelines, document);
    if (document->reporter.errors() > 0) return false;
    std::optional<Formula> condition =
        sigma::Lower(document->detection, budget, &document->reporter);
    if (!condition.has_value()) return false;
    // The metadata stays: correlations name the rule by it.
    module->rules.push_back({document->meta, *std::move(condition), {}});
    return true;
  }

  const SigmaOptions options_;
};

}  // namespace

std::map<std::string, std::vector<std::string>> ParseSigmaPlaceholders(
    const RuleSource& source, DiagnosticSink* diagnostics) {
  std::map<std::string, std::vector<std::string>> out;
  const sigma::SigmaText text(source);
  for (const sigma::YamlDocument& document : ParseYaml(text, {}, diagnostics)) {
    if (!document.ok || document.root.is_null()) continue;
    sigma::Reporter reporter(&text, diagnostics, true);
    if (!document.root.is_map()) {
      reporter.Error("SIG0005", document.root.span, "placeholders are a map of name to values");
      continue;
    }
    for (const sigma::YamlEntry& entry : document.root.entries) {
      std::string_view name = entry.key;
      if (name.size() > 2 && name.starts_with('%') && name.ends_with('%')) {
        name = name.substr(1, name.size() - 2);
      }
      std::vector<std::string> values;
      if (!sigma::ScalarList(entry.value, &values)) {
        reporter.Error("SIG0005", entry.span,
                       "the values of " + sigma::Quoted(name) + " must be strings or numbers");
        continue;
      }
      out[std::string(name)] = std::move(values);
    }
  }
  return out;
}

std::unique_ptr<Frontend> SigmaFrontend(SigmaOptions options) {
  return std::make_unique<SigmaFrontendImpl>(std::move(options));
}

}  // namespace vedette::inline v0
