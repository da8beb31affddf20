#include "lib/lang/sigma/pipeline.h"

#include <algorithm>

#include "lib/lang/sigma/regex_check.h"
#include "vedette/field_path.h"

namespace vedette::inline v0::sigma {
namespace {

using Kind = Transformation::Kind;
using PieceKind = SigmaString::Piece::Kind;

constexpr size_t kMaxAddedTests = 100000;  // to one item, by values of placeholders
constexpr size_t kMaxFields = 256;         // that one field of a rule is mapped to

bool IsText(const ValueTest& test) {
  return test.predicate.op == PredicateOp::kText || test.predicate.op == PredicateOp::kKeyword;
}

// The value as the author would write it.
std::string SourceOf(const ValueTest& test) {
  switch (test.predicate.op) {
    case PredicateOp::kNumberEq:
      return test.predicate.number.Text();
    case PredicateOp::kRegex:
      return test.text.LiteralText();
    default:
      return test.text.ToSource();
  }
}

template <typename T, typename F>
bool Holds(const std::vector<T>& conditions, ConditionMode mode, F holds) {
  if (conditions.empty()) return true;
  const bool result = mode.any ? std::any_of(conditions.begin(), conditions.end(), holds)
                               : std::all_of(conditions.begin(), conditions.end(), holds);
  return result != mode.negated;
}

template <typename F>
bool AnyItem(const Detection& detection, const F& holds) {
  if (detection.kind == Detection::Kind::kItem) return holds(detection.item);
  return std::any_of(detection.children.begin(), detection.children.end(),
                     [&holds](const Detection& child) { return AnyItem(child, holds); });
}

bool MatchesField(const FieldCondition& condition, const std::string& field) {
  const bool named =
      std::find(condition.names.begin(), condition.names.end(), field) != condition.names.end() ||
      std::any_of(condition.patterns.begin(), condition.patterns.end(),
                  [&field](const std::shared_ptr<const re2::RE2>& pattern) {
                    return pattern->Match(field, 0, field.size(), re2::RE2::ANCHOR_START, nullptr,
                                          0);
                  });
  return named != condition.exclude;
}

bool MatchesItem(const ItemCondition& condition, const DetectionItem& item) {
  if (condition.kind == ItemCondition::Kind::kApplied) return item.applied.contains(condition.id);
  bool any = false;
  bool all = true;
  for (const std::vector<ValueTest>& tests : item.values) {
    for (const ValueTest& test : tests) {
      bool holds = test.predicate.op == PredicateOp::kIsNull;
      if (condition.kind == ItemCondition::Kind::kMatchString) {
        const std::string text = SourceOf(test);
        holds = IsText(test) &&
                condition.pattern->Match(text, 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
      }
      any = any || holds;
      all = all && holds;
    }
  }
  return condition.all_values ? all : any;
}

class Application {
 public:
  explicit Application(Document* rule) : rule_(rule) {}

  void Apply(const Pipeline& pipeline) {
    pipeline_ = &pipeline;
    for (const Transformation& item : pipeline.transformations) {
      if (rule_->reporter.errors() > 0) return;
      const bool applies = Holds(item.rule_conditions, item.rule_mode,
                                 [this](const RuleCondition& c) { return RuleHolds(c); });
      if (!applies) continue;
      item_ = &item;
      Transform();
      if (!item.id.empty()) applied_.insert(item.id);
    }
  }

 private:
  bool RuleHolds(const RuleCondition& condition) const {
    const RuleMeta& meta = rule_->meta;
    switch (condition.kind) {
      case RuleCondition::Kind::kLogSource:
        return meta.log_source.Satisfies(condition.log_source);
      case RuleCondition::Kind::kContainsField:
        return AnyItem(rule_->detection, [&condition](const DetectionItem& item) {
          return HasField(item, condition.name);
        });
      case RuleCondition::Kind::kContainsItem:
        return AnyItem(rule_->detection, [&condition](const DetectionItem& item) {
          return HasField(item, condition.name) && HasValue(item, condition.value);
        });
      case RuleCondition::Kind::kIsRule:
        return true;
      case RuleCondition::Kind::kIsCorrelation:
        return false;
      case RuleCondition::Kind::kTag:
        return std::find(meta.tags.begin(), meta.tags.end(), condition.name) != meta.tags.end();
      case RuleCondition::Kind::kApplied:
        return applied_.contains(condition.name);
    }
    return false;
  }

  static bool HasField(const DetectionItem& item, const std::string& field) {
    return std::find(item.fields.begin(), item.fields.end(), field) != item.fields.end();
  }

  static bool HasValue(const DetectionItem& item, const std::string& value) {
    for (const std::vector<ValueTest>& tests : item.values) {
      for (const ValueTest& test : tests) {
        if (SourceOf(test) == value) return true;
      }
    }
    return false;
  }

  void Transform() {
    switch (item_->kind) {
      case Kind::kAddCondition:
        return AddCondition();
      case Kind::kChangeLogSource:
        rule_->meta.log_source = item_->log_source;
        return;
      case Kind::kRuleFailure:
        return Fail("SIG0064", rule_->span, "a pipeline refuses the rule: " + item_->text);
      case Kind::kSetAttribute:
        std::erase_if(rule_->meta.custom,
                      [this](const auto& custom) { return custom.first == item_->text; });
        rule_->meta.custom.emplace_back(item_->text, item_->value);
        return;
      case Kind::kSetState:
        return;
      default:
        return Walk(&rule_->detection, false);
    }
  }

  void Fail(std::string_view code, SourceSpan span, std::string message) {
    DiagnosticExtras extras;
    if (!pipeline_->name.empty()) extras.notes.push_back("in the pipeline " + pipeline_->name);
    rule_->reporter.Error(code, span, std::move(message), std::move(extras));
  }

  void AddCondition() {
    Detection both;
    both.kind = Detection::Kind::kAnd;
    both.span = rule_->detection.span;
    Detection added = item_->detection;
    if (item_->negated) {
      Detection block;
      block.kind = Detection::Kind::kBlock;
      block.names = {added.label};
      block.children.push_back(std::move(added));
      ConditionNode part;
      part.kind = ConditionNode::Kind::kAllOf;
      part.parts = {0};
      block.condition.kind = ConditionNode::Kind::kNot;
      block.condition.children.push_back(std::move(part));
      added = std::move(block);
    }
    both.children.push_back(std::move(rule_->detection));
    both.children.push_back(std::move(added));
    rule_->detection = std::move(both);
  }

  // `inside`: within an array block, where names are those of the element.
  void Walk(Detection* detection, bool inside) {
    if (detection->kind == Detection::Kind::kItem) return Item(&detection->item, inside);
    const bool each = detection->kind == Detection::Kind::kEach;
    if (each && !inside) EachField(detection);
    for (Detection& child : detection->children) Walk(&child, inside || each);
  }

  bool FieldHolds(const std::string& field) const {
    return Holds(item_->field_conditions, item_->field_mode,
                 [&field](const FieldCondition& c) { return MatchesField(c, field); });
  }

  void EachField(Detection* each) {
    if (!FieldHolds(each->field)) return;
    std::vector<std::string> names = NewNames(each->field);
    if (names.size() == 1) {
      each->field = std::move(names[0]);
    } else {
      Fail("SIG0064", each->span, "an array block cannot be mapped to several fields");
    }
  }

  void Item(DetectionItem* item, bool inside) {
    const bool field_holds =
        item->keyword ? item_->field_conditions.empty()
                      : std::any_of(item->fields.begin(), item->fields.end(),
                                    [this](const std::string& f) { return FieldHolds(f); });
    if (!field_holds || !Holds(item_->item_conditions, item_->item_mode,
                               [item](const ItemCondition& c) { return MatchesItem(c, *item); })) {
      return;
    }
    if (!item_->id.empty()) item->applied.insert(item_->id);
    switch (item_->kind) {
      case Kind::kDropItem:
        item->dropped = true;
        return;
      case Kind::kReplaceString:
        return ReplaceStrings(item);
      case Kind::kValuePlaceholders:
      case Kind::kWildcardPlaceholders:
        return Placeholders(item);
      default:
        if (!inside) MapFields(item);
    }
  }

  // What a field is called after this transformation.
  std::vector<std::string> NewNames(const std::string& field) const {
    switch (item_->kind) {
      case Kind::kFieldPrefix:
        return {item_->text + field};
      case Kind::kFieldSuffix:
        return {field + item_->text};
      case Kind::kFieldMapping: {
        const auto found = std::lower_bound(
            item_->mapping.begin(), item_->mapping.end(), field,
            [](const auto& entry, const std::string& name) { return entry.first < name; });
        if (found != item_->mapping.end() && found->first == field) return found->second;
        return {field};
      }
      case Kind::kPrefixMapping:
        for (const auto& [prefix, names] : item_->mapping) {
          if (!field.starts_with(prefix)) continue;
          std::vector<std::string> out;
          for (const std::string& name : names) out.push_back(name + field.substr(prefix.size()));
          return out;
        }
        return {field};
      default:
        return {field};
    }
  }

  std::vector<std::string> MapAll(const std::vector<std::string>& fields, SourceSpan span) {
    std::vector<std::string> out;
    for (const std::string& field : fields) {
      std::vector<std::string> names =
          FieldHolds(field) ? NewNames(field) : std::vector<std::string>{field};
      for (std::string& name : names) {
        if (name == field || FieldPath::Parse(name).ok()) {
          out.push_back(std::move(name));
        } else {
          Fail("SIG0064", span, Quoted(name) + " is no name of a field");
          return fields;
        }
      }
    }
    if (out.size() > kMaxFields) {
      Fail("SIG0064", span, "a field is mapped to more than 256 names");
      return fields;
    }
    return out;
  }

  void MapFields(DetectionItem* item) {
    item->fields = MapAll(item->fields, item->span);
    for (std::vector<ValueTest>& tests : item->values) {
      if (tests.empty() || tests[0].predicate.op != PredicateOp::kFieldText) continue;
      std::vector<ValueTest> mapped;
      for (const ValueTest& test : tests) {
        for (std::string& name : MapAll({test.predicate.other_field}, test.span)) {
          mapped.push_back(test);
          mapped.back().predicate.other_field = std::move(name);
        }
      }
      tests = std::move(mapped);
    }
  }

  void ReplaceStrings(DetectionItem* item) {
    for (std::vector<ValueTest>& tests : item->values) {
      for (ValueTest& test : tests) {
        // An encoded value or a dash has no text to replace in.
        if (!IsText(test) || test.text.Has(PieceKind::kDash)) continue;
        if (item_->skip_special) {
          for (SigmaString::Piece& piece : test.text.pieces) {
            if (piece.kind == PieceKind::kLiteral) {
              re2::RE2::GlobalReplace(&piece.text, *item_->regex, item_->value);
            }
          }
        } else {
          std::string source = test.text.ToSource();
          if (re2::RE2::GlobalReplace(&source, *item_->regex, item_->value) > 0) {
            const bool placeholders = test.text.Has(PieceKind::kPlaceholder);
            test.text = SigmaString::Parse(source);
            if (placeholders) test.text = WithPlaceholders(test.text);
          }
        }
      }
    }
  }

  bool Selected(const std::string& placeholder) const {
    const auto in = [&placeholder](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), placeholder) != names.end();
    };
    return (item_->include.empty() || in(item_->include)) && !in(item_->exclude);
  }

  void Placeholders(DetectionItem* item) {
    size_t added = 0;
    static const auto* const wildcard = new std::vector<std::string>{"*"};
    const PlaceholderLookup lookup =
        [this](const std::string& name) -> const std::vector<std::string>* {
      if (!Selected(name)) return nullptr;
      if (item_->kind == Kind::kWildcardPlaceholders) return wildcard;
      const auto found = pipeline_->vars.find(name);
      return found == pipeline_->vars.end() ? nullptr : &found->second;
    };
    for (std::vector<ValueTest>& tests : item->values) {
      std::vector<ValueTest> out;
      for (ValueTest& test : tests) {
        if (!test.text.Has(PieceKind::kPlaceholder)) {
          out.push_back(std::move(test));
        } else if (!Expand(test, lookup, &out)) {
          return;
        }
      }
      added += out.size() - std::min(out.size(), tests.size());
      tests = std::move(out);
      if (added > kMaxAddedTests) {
        return Fail("SIG0006", item->span, "the placeholders stand for too many values");
      }
    }
  }

  bool Expand(const ValueTest& test, const PlaceholderLookup& lookup, std::vector<ValueTest>* out) {
    const bool regex = test.predicate.op == PredicateOp::kRegex;
    std::vector<SigmaString> texts = ExpandPlaceholders(test.text, regex, lookup);
    if (texts.empty()) {
      Fail("SIG0006", test.span, "the placeholders stand for too many values");
      return false;
    }
    for (SigmaString& text : texts) {
      if (regex && !text.Has(PieceKind::kPlaceholder)) {
        const auto problem = CheckRegex(text.LiteralText(), test.predicate.regex_flags);
        if (problem.has_value()) {
          Fail("SIG0014", test.span, problem->message);
          return false;
        }
      }
      out->push_back(test);
      out->back().text = std::move(text);
    }
    return true;
  }

  Document* rule_;
  const Pipeline* pipeline_ = nullptr;
  const Transformation* item_ = nullptr;
  std::set<std::string> applied_;
};

}  // namespace

void ApplyPipelines(const std::vector<Pipeline>& pipelines, Document* rule) {
  Application application(rule);
  for (const Pipeline& pipeline : pipelines) application.Apply(pipeline);
}

}  // namespace vedette::inline v0::sigma
