#include <algorithm>
#include <array>
#include <utility>

#include "lib/lang/sigma/detection.h"
#include "lib/lang/sigma/metadata.h"
#include "lib/lang/sigma/modifiers.h"
#include "lib/lang/sigma/pipeline.h"

namespace vedette::inline v0::sigma {
namespace {

using Kind = Transformation::Kind;

struct KindName {
  std::string_view text;
  Kind kind;
  // Keys that it takes besides the common ones, separated by blanks.
  std::string_view keys;
};
constexpr std::array<KindName, 13> kKinds = {{
    {"field_name_mapping", Kind::kFieldMapping, "mapping"},
    {"field_name_prefix_mapping", Kind::kPrefixMapping, "mapping"},
    {"field_name_prefix", Kind::kFieldPrefix, "prefix"},
    {"field_name_suffix", Kind::kFieldSuffix, "suffix"},
    {"add_condition", Kind::kAddCondition, "conditions name template negated"},
    {"change_logsource", Kind::kChangeLogSource, "category product service"},
    {"replace_string", Kind::kReplaceString, "regex replacement skip_special interpret_special"},
    {"value_placeholders", Kind::kValuePlaceholders, "include exclude"},
    {"wildcard_placeholders", Kind::kWildcardPlaceholders, "include exclude"},
    {"drop_detection_item", Kind::kDropItem, ""},
    {"set_state", Kind::kSetState, "key val"},
    {"rule_failure", Kind::kRuleFailure, "message"},
    {"set_custom_attribute", Kind::kSetAttribute, "attribute value"},
}};

constexpr std::string_view kCommonKeys =
    "id type rule_conditions rule_cond_op rule_cond_not field_name_conditions field_name_cond_op "
    "field_name_cond_not detection_item_conditions detection_item_cond_op detection_item_cond_not";

bool HasWord(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t blank = words.find(' ');
    if (words.substr(0, blank) == word) return true;
    words = blank == std::string_view::npos ? "" : words.substr(blank + 1);
  }
  return false;
}

// `\g<1>` of Python as `\1`.
std::string ToRewrite(std::string_view replacement) {
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    const std::string_view rest = replacement.substr(i);
    if (rest.starts_with("\\g<") && rest.size() > 4 && rest[4] == '>') {
      out.append("\\").append(1, rest[3]);
      i += 4;
    } else {
      out += replacement[i];
    }
  }
  return out;
}

class PipelineParser {
 public:
  PipelineParser(const SigmaText& text, const SigmaOptions& options, DiagnosticSink* diagnostics)
      : options_(options), reporter_(&text, diagnostics, options.lint) {}

  std::optional<Pipeline> Parse(const YamlNode& root) {
    if (!root.is_map()) {
      Wrong(root.span, "a pipeline must be a map, not " + std::string(DescribeKind(root)));
      return std::nullopt;
    }
    for (const YamlEntry& entry : root.entries) TopLevel(entry);
    if (reporter_.errors() > 0) return std::nullopt;
    return std::move(pipeline_);
  }

 private:
  void Wrong(SourceSpan span, std::string message, std::string hint = "") {
    DiagnosticExtras extras;
    extras.hint = std::move(hint);
    reporter_.Error("SIG0064", span, std::move(message), std::move(extras));
  }

  void TopLevel(const YamlEntry& entry) {
    const YamlNode& value = entry.value;
    const bool empty = value.is_null() || (value.is_list() && value.items.empty());
    if (entry.key == "name") {
      pipeline_.name = value.text;
      reporter_.set_rule(value.text);
    } else if (entry.key == "priority") {
      const auto number = value.is_scalar() ? ParseNumber(value.text) : std::nullopt;
      if (!number.has_value()) return Wrong(entry.span, "'priority' must be a number");
      pipeline_.priority = number->d;
    } else if (entry.key == "vars") {
      Vars(entry);
    } else if (entry.key == "transformations") {
      if (!value.is_list() && !empty) return Wrong(entry.span, "'transformations' must be a list");
      for (const YamlNode& item : value.items) Item(item);
    } else if (entry.key != "allowed_backends" && !empty) {
      Wrong(entry.span, "a pipeline with " + Quoted(entry.key) + " is not supported",
            entry.key == "postprocessing" || entry.key == "finalizers"
                ? "it changes queries, and there are none here; leave it out"
                : "");
    }
  }

  void Vars(const YamlEntry& entry) {
    if (!entry.value.is_map() && !entry.value.is_null()) {
      return Wrong(entry.span, "'vars' must be a map");
    }
    for (const YamlEntry& var : entry.value.entries) {
      std::vector<std::string> values;
      if (!ScalarList(var.value, &values)) {
        Wrong(var.span, "the values of " + Quoted(var.key) + " must be strings or numbers");
      }
      pipeline_.vars[var.key] = std::move(values);
    }
  }

  void Item(const YamlNode& node) {
    const YamlEntry* const type = node.Find("type");
    if (type == nullptr) return Wrong(node.span, "a transformation needs a 'type'");
    const auto known = std::find_if(kKinds.begin(), kKinds.end(), [type](const KindName& name) {
      return name.text == type->value.text;
    });
    if (known == kKinds.end()) {
      std::vector<std::string_view> names;
      for (const KindName& name : kKinds) names.push_back(name.text);
      return Wrong(type->value.span,
                   "the transformation " + Quoted(type->value.text) + " is not supported",
                   reporter_.Suggest(type->value.text, names));
    }
    for (const YamlEntry& entry : node.entries) {
      if (HasWord(kCommonKeys, entry.key) || HasWord(known->keys, entry.key)) continue;
      Wrong(entry.span,
            "'" + std::string(known->text) + "' with " + Quoted(entry.key) + " is not supported");
    }
    Transformation out;
    out.kind = known->kind;
    if (const YamlEntry* id = node.Find("id"); id != nullptr) out.id = id->value.text;
    RuleConditions(node, &out);
    FieldConditions(node, &out);
    ItemConditions(node, &out);
    Parameters(node, &out);
    pipeline_.transformations.push_back(std::move(out));
  }

  // A scalar that must be there.
  std::string Text(const YamlNode& node, std::string_view key) {
    const YamlEntry* const entry = node.Find(key);
    if (entry == nullptr || !entry->value.is_scalar()) {
      Wrong(entry != nullptr ? entry->span : node.span, "'" + std::string(key) + "' is missing");
      return "";
    }
    return entry->value.text;
  }

  bool Flag(const YamlNode& node, std::string_view key) {
    const YamlEntry* const entry = node.Find(key);
    if (entry == nullptr) return false;
    if (!entry->value.is_scalar() || TypeOf(entry->value) != ScalarType::kBool) {
      Wrong(entry->span, "'" + std::string(key) + "' must be true or false");
      return false;
    }
    return entry->value.text[0] == 't' || entry->value.text[0] == 'T';
  }

  std::vector<std::string> Names(const YamlNode& node, std::string_view key) {
    std::vector<std::string> out;
    const YamlEntry* const entry = node.Find(key);
    if (entry != nullptr && !ScalarList(entry->value, &out)) {
      Wrong(entry->span, "'" + std::string(key) + "' must be a list of names");
    }
    return out;
  }

  std::shared_ptr<const re2::RE2> Regex(const YamlNode& at, const std::string& text) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto regex = std::make_shared<const re2::RE2>(text, options);
    if (!regex->ok()) Wrong(at.span, "invalid regular expression: " + regex->error());
    return regex;
  }

  void Parameters(const YamlNode& node, Transformation* out) {
    switch (out->kind) {
      case Kind::kFieldMapping:
      case Kind::kPrefixMapping:
        return Mapping(node, out);
      case Kind::kFieldPrefix:
        out->text = Text(node, "prefix");
        return;
      case Kind::kFieldSuffix:
        out->text = Text(node, "suffix");
        return;
      case Kind::kAddCondition:
        return AddCondition(node, out);
      case Kind::kChangeLogSource:
        ParseLogSource(node, node.span, &out->log_source, &reporter_);
        return;
      case Kind::kReplaceString:
        return ReplaceString(node, out);
      case Kind::kValuePlaceholders:
      case Kind::kWildcardPlaceholders:
        out->include = Names(node, "include");
        out->exclude = Names(node, "exclude");
        return;
      case Kind::kRuleFailure:
        out->text = Text(node, "message");
        return;
      case Kind::kSetAttribute:
        out->text = Text(node, "attribute");
        out->value = Text(node, "value");
        return;
      case Kind::kDropItem:
      case Kind::kSetState:
        return;
    }
  }

  void Mapping(const YamlNode& node, Transformation* out) {
    const YamlEntry* const mapping = node.Find("mapping");
    if (mapping == nullptr || !mapping->value.is_map()) {
      return Wrong(node.span, "'mapping' must be a map of names");
    }
    for (const YamlEntry& entry : mapping->value.entries) {
      std::vector<std::string> names;
      if (!ScalarList(entry.value, &names) || names.empty()) {
        Wrong(entry.span, "a field is mapped to a name or a list of names");
        continue;
      }
      out->mapping.emplace_back(entry.key, std::move(names));
    }
    // Prefixes are tried in the author's order; names are looked up.
    if (out->kind == Kind::kPrefixMapping) return;
    std::sort(out->mapping.begin(), out->mapping.end());
  }

  void AddCondition(const YamlNode& node, Transformation* out) {
    out->negated = Flag(node, "negated");
    if (Flag(node, "template")) Wrong(node.span, "'template: true' is not supported");
    const YamlEntry* const conditions = node.Find("conditions");
    if (conditions == nullptr || !conditions->value.is_map()) {
      return Wrong(node.span, "'conditions' must be a map of fields and values");
    }
    const DetectionContext context{&options_.placeholders, options_.max_nesting, &reporter_,
                                   &tests_left_};
    auto part = ParsePart(conditions->value, conditions->span, context);
    if (!part.has_value()) return;
    out->detection = *std::move(part);
    if (node.Find("name") != nullptr) out->detection.label = Text(node, "name");
  }

  void ReplaceString(const YamlNode& node, Transformation* out) {
    out->skip_special = Flag(node, "skip_special");
    if (Flag(node, "interpret_special") && !out->skip_special) {
      Wrong(node.span, "'interpret_special' works only with 'skip_special'");
    } else if (Flag(node, "interpret_special")) {
      Wrong(node.span, "'interpret_special' is not supported");
    }
    out->regex = Regex(node, Text(node, "regex"));
    out->value = ToRewrite(Text(node, "replacement"));
    std::string error;
    if (out->regex->ok() && !out->regex->CheckRewriteString(out->value, &error)) {
      Wrong(node.span, "invalid replacement: " + error);
    }
  }

  ConditionMode Mode(const YamlNode& node, const std::string& prefix) {
    ConditionMode mode;
    const YamlEntry* const op = node.Find(prefix + "_op");
    if (op != nullptr) {
      mode.any = op->value.text == "or";
      if (!mode.any && op->value.text != "and") Wrong(op->span, "'" + op->key + "' is and, or");
    }
    mode.negated = Flag(node, prefix + "_not");
    return mode;
  }

  // The maps of a list of conditions.
  std::vector<const YamlNode*> Conditions(const YamlNode& node, std::string_view key) {
    std::vector<const YamlNode*> out;
    const YamlEntry* const entry = node.Find(key);
    if (entry == nullptr || entry->value.is_null()) return out;
    if (!entry->value.is_list()) {
      Wrong(entry->span, "'" + std::string(key) + "' must be a list of conditions");
      return out;
    }
    for (const YamlNode& item : entry->value.items) {
      if (item.Find("type") == nullptr) {
        Wrong(item.span, "a condition needs a 'type'");
      } else {
        out.push_back(&item);
      }
    }
    return out;
  }

  void Unsupported(const YamlNode& condition) {
    const YamlNode& type = condition.Find("type")->value;
    Wrong(type.span, "the condition " + Quoted(type.text) + " is not supported here");
  }

  void RuleConditions(const YamlNode& node, Transformation* out) {
    out->rule_mode = Mode(node, "rule_cond");
    for (const YamlNode* item : Conditions(node, "rule_conditions")) {
      const std::string& type = item->Find("type")->value.text;
      RuleCondition condition;
      if (type == "logsource") {
        condition.kind = RuleCondition::Kind::kLogSource;
        ParseLogSource(*item, item->span, &condition.log_source, &reporter_);
      } else if (type == "contains_detection_item") {
        condition.kind = RuleCondition::Kind::kContainsItem;
        condition.name = Text(*item, "field");
        condition.value = Text(*item, "value");
      } else if (type == "contains_field") {
        condition.kind = RuleCondition::Kind::kContainsField;
        condition.name = Text(*item, "field");
      } else if (type == "is_sigma_rule") {
        condition.kind = RuleCondition::Kind::kIsRule;
      } else if (type == "is_sigma_correlation_rule") {
        condition.kind = RuleCondition::Kind::kIsCorrelation;
      } else if (type == "tag") {
        condition.kind = RuleCondition::Kind::kTag;
        condition.name = Text(*item, "tag");
      } else if (type == "processing_item_applied") {
        condition.kind = RuleCondition::Kind::kApplied;
        condition.name = Text(*item, "processing_item_id");
      } else {
        Unsupported(*item);
        continue;
      }
      out->rule_conditions.push_back(std::move(condition));
    }
  }

  void FieldConditions(const YamlNode& node, Transformation* out) {
    out->field_mode = Mode(node, "field_name_cond");
    for (const YamlNode* item : Conditions(node, "field_name_conditions")) {
      const std::string& type = item->Find("type")->value.text;
      FieldCondition condition;
      condition.exclude = type == "exclude_fields";
      if (!condition.exclude && type != "include_fields") {
        Unsupported(*item);
        continue;
      }
      condition.names = Names(*item, "fields");
      // pySigma calls it `type` in Python, which the condition's own type hides in YAML.
      const YamlEntry* const mode = item->Find("mode");
      const YamlEntry* const match = mode != nullptr ? mode : item->Find("match_type");
      if (match != nullptr && match->value.text == "re") {
        for (const std::string& name : condition.names) {
          condition.patterns.push_back(Regex(*item, name));
        }
        condition.names.clear();
      } else if (match != nullptr && match->value.text != "plain") {
        Wrong(match->span, "'" + match->key + "' is plain or re");
      }
      out->field_conditions.push_back(std::move(condition));
    }
  }

  void ItemConditions(const YamlNode& node, Transformation* out) {
    out->item_mode = Mode(node, "detection_item_cond");
    for (const YamlNode* item : Conditions(node, "detection_item_conditions")) {
      const std::string& type = item->Find("type")->value.text;
      ItemCondition condition;
      if (type == "match_string") {
        condition.kind = ItemCondition::Kind::kMatchString;
        const std::string mode = Text(*item, "cond");
        condition.all_values = mode == "all";
        if (mode != "all" && mode != "any") Wrong(item->span, "'cond' is any or all");
        condition.pattern = Regex(*item, Text(*item, "pattern"));
      } else if (type == "is_null") {
        condition.kind = ItemCondition::Kind::kIsNull;
        condition.all_values = item->Find("cond") != nullptr && Text(*item, "cond") == "all";
      } else if (type == "processing_item_applied") {
        condition.kind = ItemCondition::Kind::kApplied;
        condition.id = Text(*item, "processing_item_id");
      } else {
        Unsupported(*item);
        continue;
      }
      out->item_conditions.push_back(std::move(condition));
    }
  }

  const SigmaOptions& options_;
  Reporter reporter_;
  size_t tests_left_ = 100000;
  Pipeline pipeline_;
};

}  // namespace

std::optional<Pipeline> ParsePipeline(const SigmaText& text, const SigmaOptions& options,
                                      DiagnosticSink* diagnostics) {
  const YamlLimits limits{options.max_nodes_per_source, options.max_nesting};
  const std::vector<YamlDocument> documents = ParseYaml(text, limits, diagnostics);
  if (documents.size() == 1) {
    if (!documents[0].ok) return std::nullopt;
    return PipelineParser(text, options, diagnostics).Parse(documents[0].root);
  }
  if (documents.empty() && diagnostics->errors() > 0) return std::nullopt;
  Reporter reporter(&text, diagnostics, options.lint);
  reporter.Error("SIG0064", {}, "a pipeline must be one document");
  return std::nullopt;
}

}  // namespace vedette::inline v0::sigma
