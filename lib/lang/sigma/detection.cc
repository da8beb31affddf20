#include "lib/lang/sigma/detection.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "lib/lang/sigma/condition.h"
#include "lib/lang/sigma/modifiers.h"
#include "vedette/field_path.h"

namespace vedette::inline v0::sigma {
namespace {

constexpr size_t kMaxName = 256;

using MaybeDetection = std::optional<Detection>;

Detection NewDetection(Detection::Kind kind, SourceSpan span) {
  Detection out;
  out.kind = kind;
  out.span = span;
  return out;
}

struct QuantifierName {
  std::string_view suffix;
  Quantifier quantifier;
};
constexpr std::array<QuantifierName, 4> kQuantifiers = {{
    {"[any]", Quantifier::kAny},
    {"[all]", Quantifier::kAll},
    {"[all_or_empty]", Quantifier::kAllOrEmpty},
    {"[none]", Quantifier::kNone},
}};

const QuantifierName* QuantifierOf(std::string_view field) {
  for (const QuantifierName& name : kQuantifiers) {
    if (field.ends_with(name.suffix)) return &name;
  }
  return nullptr;
}

bool CheckField(std::string_view field, const YamlEntry& entry, const DetectionContext& context) {
  const SourceSpan place = PlaceIn(entry, 0, field.size());
  // It would be the whole event, never a value.
  if (field == "." && !context.in_array) {
    DiagnosticExtras extras;
    extras.hint = "name a field; '.' stands within a block like `field[any]:`";
    context.reporter->Error("SIG0005", place, "'.' is the element of an array block",
                            std::move(extras));
    return false;
  }
  const auto path = FieldPath::Parse(field);
  if (path.ok()) return true;
  context.reporter->Error("SIG0005", place, std::string(path.status().message()));
  return false;
}

// Lists of values that are questionable.
void LintValues(const YamlEntry& entry, const ModifierChain& chain,
                const std::vector<const YamlNode*>& values, Reporter* reporter) {
  if (chain.all && values.size() == 1) {
    DiagnosticExtras extras;
    extras.hint = "leave 'all' out";
    reporter->Lint("SIG0060", entry.span, "'all' links the values of a list, but there is only one",
                   std::move(extras));
  }
  const auto is_null = [](const YamlNode* v) { return v->is_null(); };
  const auto is_empty = [](const YamlNode* v) { return v->is_scalar() && v->text.empty(); };
  if (std::any_of(values.begin(), values.end(), is_null) &&
      std::any_of(values.begin(), values.end(), is_empty)) {
    DiagnosticExtras extras;
    extras.hint = "use two named parts and 'or' in the condition";
    reporter->Lint("SIG0061", entry.span, "a list should not mix null and the empty string",
                   std::move(extras));
  }
}

// The values of an item under its modifiers. All wrong ones are reported.
bool FillValues(const YamlEntry& entry, const ModifierChain& chain,
                const std::vector<const YamlNode*>& values, const DetectionContext& context,
                DetectionItem* item) {
  if (chain.kind == TestKind::kExists && values.size() != 1) {
    context.reporter->Error("SIG0012", entry.span, "'exists' needs one value, true or false");
    return false;
  }
  bool ok = true;
  for (const YamlNode* value : values) {
    if (chain.kind == TestKind::kFieldRef && value->text == "." && !context.in_array) {
      context.reporter->Error("SIG0012", value->span, "'.' is the element of an array block");
      ok = false;
      continue;
    }
    auto tests = ApplyModifiers(chain, *value, *context.placeholders, context.reporter);
    if (tests.has_value() && tests->size() > *context.tests_left) {
      context.reporter->Error("SIG0006", value->span, "the values stand for too many texts");
      return false;
    }
    if (tests.has_value()) {
      *context.tests_left -= tests->size();
      item->values.push_back(*std::move(tests));
    } else {
      ok = false;
    }
  }
  if (ok) LintValues(entry, chain, values, context.reporter);
  item->all = chain.all;
  item->negated = chain.neq;
  item->span = entry.span;
  return ok;
}

std::vector<const YamlNode*> ValuesOf(const YamlNode& node) {
  static const YamlNode* const null = new YamlNode;
  std::vector<const YamlNode*> values;
  if (!node.is_list()) {
    values.push_back(&node);
  } else if (node.items.empty()) {
    values.push_back(null);  // as pySigma reads it
  } else {
    for (const YamlNode& item : node.items) values.push_back(&item);
  }
  return values;
}

MaybeDetection ParseKeywords(const std::vector<const YamlNode*>& values, SourceSpan at,
                             const DetectionContext& context) {
  YamlEntry entry;
  entry.span = at;
  ModifierChain chain;
  chain.keyword = true;
  Detection out = NewDetection(Detection::Kind::kItem, at);
  out.item.keyword = true;
  if (!FillValues(entry, chain, values, context, &out.item)) return std::nullopt;
  return out;
}

MaybeDetection ParseMap(const YamlNode& map, SourceSpan at, const DetectionContext& context);

// `field[any]:` and its like.
MaybeDetection ParseEach(const YamlEntry& entry, const QuantifierName& quantifier,
                         const DetectionContext& context) {
  Detection out = NewDetection(Detection::Kind::kEach, entry.span);
  out.field = entry.key.substr(0, entry.key.size() - quantifier.suffix.size());
  out.quantifier = quantifier.quantifier;
  if (!CheckField(out.field, entry, context)) return std::nullopt;
  const YamlNode& value = entry.value;
  const bool maps = value.is_list() && !value.items.empty() &&
                    std::all_of(value.items.begin(), value.items.end(),
                                [](const YamlNode& item) { return item.is_map(); });
  if (!value.is_map() && !maps) {
    DiagnosticExtras extras;
    extras.hint = "write a map of the element's fields; '.' is the element itself";
    context.reporter->Error("SIG0005", entry.span,
                            "an array block needs a map, not " + std::string(DescribeKind(value)),
                            std::move(extras));
    return std::nullopt;
  }
  DetectionContext element = context;
  element.in_array = true;
  MaybeDetection inner = value.Find("condition") != nullptr
                             ? ParseBlock(value, entry.span, "", element)
                             : ParsePart(value, entry.span, element);
  if (!inner.has_value()) return std::nullopt;
  out.children.push_back(*std::move(inner));
  return out;
}

MaybeDetection ParseItem(const YamlEntry& entry, const DetectionContext& context) {
  const std::string_view key = entry.key;
  const size_t bar = key.find('|');
  const std::string_view field = key.substr(0, bar);
  if (key.empty()) {
    context.reporter->Error("SIG0005", entry.span, "a field needs a name");
    return std::nullopt;
  }
  const QuantifierName* const quantifier = QuantifierOf(field);
  if (quantifier != nullptr) {
    if (bar == std::string_view::npos) return ParseEach(entry, *quantifier, context);
    context.reporter->Error("SIG0011", PlaceIn(entry, bar, key.size() - bar),
                            "an array block takes no modifiers; they go to the fields inside");
    return std::nullopt;
  }
  Detection out = NewDetection(Detection::Kind::kItem, entry.span);
  out.item.keyword = field.empty();
  if (!field.empty()) {
    if (!CheckField(field, entry, context)) return std::nullopt;
    out.item.fields.emplace_back(field);
  }
  std::optional<ModifierChain> chain = ModifierChain{};
  if (bar != std::string_view::npos) {
    const size_t length = key.size() - bar - 1;
    chain = ParseModifiers(key.substr(bar + 1), field.empty(), PlaceIn(entry, bar + 1, length),
                           context.reporter);
  }
  if (entry.value.is_map()) {
    DiagnosticExtras extras;
    extras.hint = "name nested fields by a dotted path, like `parent.child`";
    context.reporter->Error("SIG0017", entry.span, "the value of " + Quoted(key) + " is a map",
                            std::move(extras));
    return std::nullopt;
  }
  if (!chain.has_value()) return std::nullopt;
  if (!FillValues(entry, *chain, ValuesOf(entry.value), context, &out.item)) return std::nullopt;
  return out;
}

MaybeDetection ParseMap(const YamlNode& map, SourceSpan at, const DetectionContext& context) {
  Detection out = NewDetection(Detection::Kind::kAnd, at);
  bool ok = true;
  for (const YamlEntry& entry : map.entries) {
    MaybeDetection item = ParseItem(entry, context);
    ok = ok && item.has_value();
    if (ok) out.children.push_back(*std::move(item));
  }
  if (!ok) return std::nullopt;
  return out;
}

// A list of maps, keywords, or both: any of them.
MaybeDetection ParseList(const YamlNode& list, SourceSpan at, const DetectionContext& context) {
  const auto is_plain = [](const YamlNode& item) { return item.is_scalar() || item.is_null(); };
  if (std::all_of(list.items.begin(), list.items.end(), is_plain)) {
    return ParseKeywords(ValuesOf(list), at, context);
  }
  Detection out = NewDetection(Detection::Kind::kOr, at);
  bool ok = true;
  for (const YamlNode& item : list.items) {
    MaybeDetection part = is_plain(item) ? ParseKeywords({&item}, item.span, context)
                                         : ParsePart(item, item.span, context);
    ok = ok && part.has_value();
    if (ok) out.children.push_back(*std::move(part));
  }
  if (!ok) return std::nullopt;
  return out;
}

// The conditions of a block, as one.
std::optional<ConditionNode> ParseConditions(const YamlNode& map, SourceSpan at, PartNames* parts,
                                             const DetectionContext& context) {
  const YamlEntry* const entry = map.Find("condition");
  if (entry == nullptr || entry->value.is_null() ||
      (entry->value.is_list() && entry->value.items.empty())) {
    DiagnosticExtras extras;
    extras.hint = "say which of the named parts must match, like `condition: selection`";
    context.reporter->Error("SIG0004", entry != nullptr ? entry->span : at,
                            "the detection has no condition", std::move(extras));
    return std::nullopt;
  }
  ConditionNode out;
  out.kind = ConditionNode::Kind::kOr;
  bool ok = true;
  for (const YamlNode* value : ValuesOf(entry->value)) {
    if (!value->is_scalar()) {
      context.reporter->Error(
          "SIG0005", value->span.line != 0 ? value->span : entry->span,
          "a condition must be a string, not " + std::string(DescribeKind(*value)));
      ok = false;
      continue;
    }
    auto condition = ParseCondition(*value, parts, context.max_nesting, context.reporter);
    ok = ok && condition.has_value();
    if (ok) out.children.push_back(*std::move(condition));
  }
  if (!ok) return std::nullopt;
  if (out.children.size() == 1) {
    ConditionNode only = std::move(out.children[0]);
    return only;
  }
  return out;
}

// One named part of a block. False if it is wrong.
bool AddPart(const YamlEntry& entry, const DetectionContext& context, Detection* block) {
  Reporter* const reporter = context.reporter;
  if (entry.key == "timeframe") {
    DiagnosticExtras extras;
    extras.hint = "use a correlation rule with a timespan";
    reporter->Error("SIG0034", entry.span, "'timeframe' is not part of Sigma 2", std::move(extras));
    return false;
  }
  if (entry.key.size() > kMaxName || entry.key.empty()) {
    reporter->Error(entry.key.empty() ? "SIG0005" : "SIG0006", entry.span,
                    "the name of a part must have 1 to 256 bytes");
    return false;
  }
  MaybeDetection part = ParsePart(entry.value, entry.span, context);
  if (!part.has_value()) return false;
  part->label = entry.key;
  block->children.push_back(*std::move(part));
  return true;
}

}  // namespace

std::optional<Detection> ParsePart(const YamlNode& node, SourceSpan at,
                                   const DetectionContext& context) {
  const bool empty = node.is_null() || (node.is_map() && node.entries.empty()) ||
                     (node.is_list() && node.items.empty());
  if (empty) {
    context.reporter->Error("SIG0018", at, "this part of the detection is empty");
    return std::nullopt;
  }
  if (node.is_map()) return ParseMap(node, at, context);
  if (node.is_list()) return ParseList(node, at, context);
  return ParseKeywords({&node}, node.span, context);
}

std::optional<Detection> ParseBlock(const YamlNode& map, SourceSpan at, std::string_view ignored,
                                    const DetectionContext& context) {
  Detection out = NewDetection(Detection::Kind::kBlock, at);
  PartNames parts;
  std::vector<SourceSpan> spans;
  bool ok = true;
  for (const YamlEntry& entry : map.entries) {
    if (entry.key == "condition" || (!ignored.empty() && entry.key == ignored)) continue;
    if (!AddPart(entry, context, &out)) ok = false;
    // A wrong part keeps its name, so that the condition is not blamed for it.
    parts.Add(entry.key);
    spans.push_back(entry.span);
  }
  if (parts.names().empty()) {
    context.reporter->Error("SIG0018", at, "the detection has no named part");
    ok = false;
  }
  std::optional<ConditionNode> condition = ParseConditions(map, at, &parts, context);
  if (!ok || !condition.has_value()) return std::nullopt;
  for (uint32_t i = 0; i < spans.size(); ++i) {
    if (parts.used(i)) continue;
    context.reporter->Lint("SIG0063", spans[i], "no condition uses " + Quoted(parts.names()[i]));
  }
  out.names = parts.names();
  out.condition = *std::move(condition);
  return out;
}

}  // namespace vedette::inline v0::sigma
