#include "lib/lang/sigma/document.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "lib/lang/sigma/correlation.h"
#include "lib/lang/sigma/detection.h"
#include "lib/lang/sigma/filter.h"
#include "lib/lang/sigma/metadata.h"

namespace vedette::inline v0::sigma {
namespace {

size_t CountNodes(const YamlNode& node) {
  size_t n = 1;
  for (const YamlNode& item : node.items) n += CountNodes(item);
  for (const YamlEntry& entry : node.entries) n += CountNodes(entry.value);
  return n;
}

// Puts `over` into `base`: maps are merged at every level, everything else is replaced.
void DeepMerge(const YamlNode& over, YamlNode* base) {
  std::unordered_map<std::string, size_t> index;
  for (size_t i = 0; i < base->entries.size(); ++i) index.emplace(base->entries[i].key, i);
  for (const YamlEntry& entry : over.entries) {
    const auto found = index.find(entry.key);
    if (found == index.end()) {
      base->entries.push_back(entry);
      continue;
    }
    YamlNode& value = base->entries[found->second].value;
    if (value.is_map() && entry.value.is_map()) {
      DeepMerge(entry.value, &value);
    } else {
      value = entry.value;
    }
  }
}

void Erase(std::string_view key, YamlNode* map) {
  std::erase_if(map->entries, [key](const YamlEntry& entry) { return entry.key == key; });
}

class SourceParser {
 public:
  SourceParser(const SigmaText& text, const SigmaOptions& options, DiagnosticSink* diagnostics)
      : text_(text),
        options_(options),
        diagnostics_(diagnostics),
        tests_left_(options.max_nodes_per_source) {}

  std::vector<Document> Parse() {
    const YamlLimits limits{options_.max_nodes_per_source, options_.max_nesting};
    const size_t before = diagnostics_->diagnostics().size();
    std::vector<YamlDocument> documents = ParseYaml(text_, limits, diagnostics_);
    if (documents.empty() && diagnostics_->diagnostics().size() == before) {
      NewReporter().Warning("SIG0003", {}, "the source holds no document");
    }
    collection_ = std::any_of(documents.begin(), documents.end(), [](const YamlDocument& d) {
      return d.root.Find("action") != nullptr;
    });
    for (YamlDocument& document : documents) {
      if (document.ok) Root(std::move(document));
    }
    return std::move(out_);
  }

 private:
  Reporter NewReporter() const { return Reporter(&text_, diagnostics_, options_.lint); }

  void Root(YamlDocument yaml) {
    YamlNode& root = yaml.root;
    if (root.is_null()) return;
    if (!root.is_map()) {
      NewReporter().Error("SIG0003", root.span,
                          "a Sigma document must be a map, not " + std::string(DescribeKind(root)));
      return;
    }
    const YamlEntry* const action = root.Find("action");
    // Only plain rules take part in collections.
    if (root.Find("correlation") != nullptr || root.Find("filter") != nullptr) return Body(root);
    if (action == nullptr) {
      if (!Merge(global_, &root)) return;
      if (collection_) previous_ = root;
      return Body(root);
    }
    const std::string name = action->value.text;  // `root` is moved from
    Action(name, action->span, std::move(root));
  }

  void Action(const std::string& name, SourceSpan span, YamlNode root) {
    Erase("action", &root);
    if (name == "global") {
      Merge(root, &global_);
      global_.kind = YamlNode::Kind::kMap;
    } else if (name == "reset") {
      global_ = {};
      if (root.Find("detection") != nullptr) {
        previous_ = root;
        Body(root);
      }
    } else if (name == "repeat") {
      if (!Merge(root, &previous_)) return;
      previous_.kind = YamlNode::Kind::kMap;
      previous_.span = root.span;
      Body(previous_);
    } else {
      DiagnosticExtras extras;
      extras.hint = "the actions are global, reset and repeat";
      NewReporter().Error("SIG0003", span, "unknown action " + Quoted(name), std::move(extras));
    }
  }

  // Merging copies; all copies together stay within the limit of the source.
  bool Merge(const YamlNode& over, YamlNode* base) {
    if (over.entries.empty()) return true;
    merged_ += CountNodes(over) + CountNodes(*base);
    if (merged_ > options_.max_nodes_per_source) {
      NewReporter().Error("SIG0006", base->span, "the collection grows too large by its actions");
      return false;
    }
    DeepMerge(over, base);
    return true;
  }

  void Body(const YamlNode& root) {
    const bool correlation = root.Find("correlation") != nullptr;
    const bool filter = root.Find("filter") != nullptr;
    const YamlEntry* const detection = root.Find("detection");
    Document document(NewReporter());
    document.span = root.span;
    document.meta.source = text_.name();
    document.meta.line = root.span.line;
    document.kind = correlation ? Document::Kind::kCorrelation
                    : filter    ? Document::Kind::kFilter
                                : Document::Kind::kRule;
    Reporter& reporter = document.reporter;
    if (const YamlEntry* title = root.Find("title"); title != nullptr && title->value.is_scalar()) {
      reporter.set_rule(title->value.text);
    } else if (const YamlEntry* id = root.Find("id"); id != nullptr) {
      reporter.set_rule(id->value.text);
    }
    if (correlation + filter + (detection != nullptr) > 1) {
      reporter.Error("SIG0003", root.span,
                     "a document holds only one of detection, correlation and filter");
      return;
    }
    if (!correlation && !filter && detection == nullptr && root.Find("title") == nullptr &&
        root.Find("logsource") == nullptr && root.Find("id") == nullptr) {
      reporter.Error("SIG0003", root.span,
                     "this is no Sigma rule: there is no detection, correlation or filter");
      return;
    }
    ParseMetadata(root, &document);
    const DetectionContext context{&options_.placeholders, options_.max_nesting, &reporter,
                                   &tests_left_};
    if (correlation) {
      const YamlEntry& entry = *root.Find("correlation");
      ParseCorrelation(entry.value, entry.span, root, options_.max_nesting, &document);
    } else if (filter) {
      const YamlEntry& entry = *root.Find("filter");
      ParseFilter(entry.value, entry.span, context, &document);
    } else {
      Rule(detection, context, &document);
    }
    document.refused = reporter.errors() > 0;
    if (document.refused) document.detection = {};
    out_.push_back(std::move(document));
  }

  static void Rule(const YamlEntry* detection, const DetectionContext& context,
                   Document* document) {
    if (detection == nullptr) {
      context.reporter->Error("SIG0004", document->span, "the rule has no detection");
      return;
    }
    if (!detection->value.is_map()) {
      const bool null = detection->value.is_null();
      context.reporter->Error(
          null ? "SIG0018" : "SIG0005", detection->span,
          null ? "the detection is empty"
               : "'detection' must be a map, not " + std::string(DescribeKind(detection->value)));
      return;
    }
    auto block = ParseBlock(detection->value, detection->span, "", context);
    if (block.has_value()) document->detection = *std::move(block);
  }

  const SigmaText& text_;
  const SigmaOptions& options_;
  DiagnosticSink* diagnostics_;
  size_t tests_left_;
  YamlNode global_;
  YamlNode previous_;
  bool collection_ = false;  // some document has an action
  size_t merged_ = 0;
  std::vector<Document> out_;
};

}  // namespace

std::vector<Document> ParseDocuments(const SigmaText& text, const SigmaOptions& options,
                                     DiagnosticSink* diagnostics) {
  return SourceParser(text, options, diagnostics).Parse();
}

}  // namespace vedette::inline v0::sigma
