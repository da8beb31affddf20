#include "lib/lang/sigma/filter.h"

#include <utility>

#include "lib/lang/sigma/condition.h"

namespace vedette::inline v0::sigma {
namespace {

bool ParseTargets(const YamlNode& filter, SourceSpan at, FilterBody* out, Reporter* reporter) {
  const YamlEntry* const rules = filter.Find("rules");
  if (rules == nullptr || rules->value.is_null()) {
    DiagnosticExtras extras;
    extras.hint = "list the ids or names of the rules, or write `rules: any`";
    reporter->Error("SIG0040", rules != nullptr ? rules->span : at,
                    "the filter does not say which rules it is for", std::move(extras));
    return false;
  }
  const YamlNode& value = rules->value;
  if (value.is_map()) {
    reporter->Error("SIG0040", rules->span, "'rules' must be a list of ids or names, or any");
    return false;
  }
  if (value.is_scalar()) {
    out->any = value.text == "any";
    if (!out->any) out->rules.push_back({value.text, value.span});
    return true;
  }
  out->any = value.items.empty();
  for (const YamlNode& item : value.items) {
    if (!item.is_scalar() || item.text.empty()) {
      reporter->Error(
          "SIG0040", item.span.line != 0 ? item.span : rules->span,
          "a rule is named by its id or name, not by " + std::string(DescribeKind(item)));
      return false;
    }
    out->rules.push_back({item.text, item.span});
  }
  return true;
}

}  // namespace

void ParseFilter(const YamlNode& node, SourceSpan at, const DetectionContext& context,
                 Document* document) {
  Reporter* const reporter = context.reporter;
  if (!node.is_map()) {
    reporter->Error("SIG0040", at,
                    "'filter' must be a map, not " + std::string(DescribeKind(node)));
    return;
  }
  ParseTargets(node, at, &document->filter, reporter);
  auto block = ParseBlock(node, at, "rules", context);
  if (!block.has_value()) return;
  if (!HasNot(block->condition)) {
    DiagnosticExtras extras;
    extras.hint = "to leave out what the filter describes, write `condition: not ...`";
    const YamlEntry* const condition = node.Find("condition");
    reporter->Lint("SIG0062", condition->value.span,
                   "the filter keeps only events that it describes; is that meant?",
                   std::move(extras));
  }
  document->detection = *std::move(block);
  document->detection.label = document->meta.title;
}

void ApplyFilters(Document* rule) {
  if (rule->filters.empty()) return;
  Detection all;
  all.kind = Detection::Kind::kAnd;
  all.span = rule->detection.span;
  all.children.push_back(std::move(rule->detection));
  for (const Document* filter : rule->filters) all.children.push_back(filter->detection);
  rule->detection = std::move(all);
}

}  // namespace vedette::inline v0::sigma
