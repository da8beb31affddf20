// From YAML documents to rules.
#include <map>
#include <set>
#include <utility>

#include "tests/reference/sigma_modifiers.h"
#include "tests/reference/sigma_tree.h"
#include "tests/reference/sigma_yaml.h"

namespace vedette::reference {
namespace {

constexpr char kBlockName[] = "block";

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> out(1);
  for (char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

std::string TextOf(const Yaml& map, std::string_view key) {
  const Yaml* value = map.Find(key);
  return value != nullptr && value->IsScalar() ? value->text : "";
}

// Builds the tree of one detection section.
class BodyBuilder {
 public:
  BodyBuilder(const Placeholders& placeholders, std::string* why)
      : placeholders_(placeholders), why_(why) {}

  // `skip` names the keys that are not identifiers.
  bool Build(const Yaml& map, const std::set<std::string>& skip, RuleBody* out) {
    if (map.kind != Yaml::Kind::kMap) return Fail("detection is not a map");
    for (const auto& [name, definition] : map.members) {
      if (name == "condition" || skip.count(name) != 0) continue;
      if (name == "timeframe") return Fail("timeframe is not part of Sigma");
      if (!BuildDetection(definition, &out->detections[name])) return false;
    }
    if (out->detections.empty()) return Fail("no search identifier");
    const Yaml* condition = map.Find("condition");
    if (condition == nullptr) return Fail("no condition");
    std::vector<Yaml> texts(1, *condition);
    if (condition->kind == Yaml::Kind::kList) texts = condition->items;
    if (texts.empty()) return Fail("empty condition");
    for (const Yaml& text : texts) {
      if (text.kind == Yaml::Kind::kNull || !text.IsScalar()) return Fail("bad condition");
      const auto parsed = ParseCondition(text.text, out->detections, why_);
      if (!parsed) return false;
      out->conditions.push_back(*parsed);
    }
    return true;
  }

 private:
  bool Fail(std::string why) {
    *why_ = std::move(why);
    return false;
  }

  bool BuildDetection(const Yaml& definition, Detection* out) {
    if (definition.IsScalar()) {
      out->kind = Detection::Kind::kItem;
      out->item.keyword = true;
      return BuildValues({definition}, {}, placeholders_, &out->item, why_);
    }
    if (definition.kind == Yaml::Kind::kList) {
      if (definition.items.empty()) return Fail("empty detection");
      out->kind = Detection::Kind::kAnyOf;
      for (const Yaml& item : definition.items) {
        out->parts.emplace_back();
        if (!BuildDetection(item, &out->parts.back())) return false;
      }
      return true;
    }
    if (definition.members.empty()) return Fail("empty detection");
    out->kind = Detection::Kind::kAllOf;
    for (const auto& [key, value] : definition.members) {
      out->parts.emplace_back();
      if (!BuildItem(key, value, &out->parts.back())) return false;
    }
    return true;
  }

  bool BuildItem(const std::string& key, const Yaml& value, Detection* out) {
    std::vector<std::string> modifiers = Split(key, '|');
    const std::string field = modifiers.front();
    modifiers.erase(modifiers.begin());
    out->kind = Detection::Kind::kItem;
    Item& item = out->item;
    item.keyword = field.empty();
    item.field = field;
    const std::optional<FieldPath> path = ParseFieldPath(field);
    if (!path) return Fail("bad field name '" + field + "'");
    if (path->quantifier != Quantifier::kNone) {
      return BuildQuantified(*path, modifiers, value, &item);
    }
    return BuildPlain(modifiers, value, &item);
  }

  bool BuildPlain(const std::vector<std::string>& modifiers, const Yaml& value, Item* item) {
    std::vector<Yaml> values(1, value);
    if (value.kind == Yaml::Kind::kList) values = value.items;
    if (values.empty()) values.emplace_back();  // an empty list is null
    return BuildValues(values, modifiers, placeholders_, item, why_);
  }

  // `f[any]: {...}` binds the block to one element; with plain values it is short for a block
  // that tests the element itself.
  bool BuildQuantified(const FieldPath& path, const std::vector<std::string>& modifiers,
                       const Yaml& value, Item* item) {
    item->keyword = false;
    item->quantifier = path.quantifier;
    item->field.resize(item->field.rfind('['));
    auto block = std::make_shared<RuleBody>();
    bool has_maps = value.kind == Yaml::Kind::kMap;
    for (const Yaml& entry : value.items) has_maps = has_maps || !entry.IsScalar();
    if (has_maps && !modifiers.empty()) return Fail("modifier on an array block");
    if (has_maps && value.Find("condition") != nullptr) {
      if (!Build(value, {}, block.get())) return false;
      item->block = std::move(block);
      return true;
    }
    Detection& only = block->detections[kBlockName];
    if (has_maps) {
      if (!BuildDetection(value, &only)) return false;
    } else {
      only.kind = Detection::Kind::kItem;
      only.item.field = ".";
      if (!BuildPlain(modifiers, value, &only.item)) return false;
    }
    block->conditions.emplace_back().identifier = kBlockName;
    item->block = std::move(block);
    return true;
  }

  const Placeholders& placeholders_;
  std::string* why_;
};

struct Filter {
  LogSource logsource;
  bool any = false;
  std::set<std::string> rules;
  std::shared_ptr<const RuleBody> body;
};

bool Within(const std::string& wanted, const std::string& given) {
  return wanted.empty() || wanted == given;
}

bool Subset(const LogSource& wanted, const LogSource& given) {
  return Within(wanted.category, given.category) && Within(wanted.product, given.product) &&
         Within(wanted.service, given.service);
}

class Loader {
 public:
  explicit Loader(const Placeholders& placeholders) : placeholders_(placeholders) {}

  void ReadText(const std::string& text, size_t number) {
    Yaml global;
    Yaml previous;
    global.kind = previous.kind = Yaml::Kind::kMap;
    for (YamlDocument& document : ReadYaml(text)) {
      fallback_ = "text " + std::to_string(number);
      current_ = nullptr;
      Yaml& root = document.root;
      if (!document.error.empty()) {
        Refuse(document.error);
        continue;
      }
      if (root.kind == Yaml::Kind::kNull) continue;
      current_ = &root;
      if (root.kind != Yaml::Kind::kMap) {
        Refuse("document is not a map");
        continue;
      }
      const bool has_action = root.Find("action") != nullptr;
      const std::string action = TextOf(root, "action");
      RemoveMember("action", &root);
      if (!has_action) {
        const bool plain = root.Find("correlation") == nullptr && root.Find("filter") == nullptr;
        if (plain) MergeYaml(global, &root);
        if (plain) previous = root;
        ReadDocument(root);
      } else if (action == "global") {
        global = root;
      } else if (action == "reset") {
        global = Yaml();
        global.kind = Yaml::Kind::kMap;
      } else if (action == "repeat") {
        MergeYaml(root, &previous);
        current_ = &previous;
        ReadDocument(previous);
      } else {
        Refuse("unknown action '" + action + "'");
      }
    }
  }

  LoadResult Finish() {
    for (const auto& rule : rules_) {
      for (const Filter& filter : filters_) {
        const bool listed = filter.any ||
                            (!rule->id.empty() && filter.rules.count(rule->id) != 0) ||
                            (!rule->name.empty() && filter.rules.count(rule->name) != 0);
        if (listed && Subset(filter.logsource, rule->logsource)) {
          rule->bodies.push_back(filter.body);
        }
      }
      result_.rules.push_back(rule);
    }
    return std::move(result_);
  }

 private:
  std::string Label() const {
    if (current_ != nullptr) {
      for (const char* key : {"id", "name", "title"}) {
        const std::string text = TextOf(*current_, key);
        if (!text.empty()) return text;
      }
    }
    return fallback_;
  }

  void Refuse(const std::string& why) { result_.refused.push_back(Label() + ": " + why); }

  void ReadDocument(const Yaml& root) {
    std::string why;
    if (root.Find("correlation") != nullptr) {
      result_.correlations.push_back(Label());
    } else if (root.Find("filter") != nullptr) {
      if (!ReadFilter(root, &why)) Refuse(why);
    } else if (root.Find("detection") != nullptr) {
      if (!ReadRule(root, &why)) Refuse(why);
    } else {
      Refuse("neither detection, correlation nor filter");
    }
  }

  static bool ReadLogSource(const Yaml& root, LogSource* out, std::string* why) {
    const Yaml* source = root.Find("logsource");
    if (source == nullptr) return true;
    *why = "bad log source";
    if (source->kind != Yaml::Kind::kMap) return false;
    for (const auto& [key, value] : source->members) {
      std::string* target = key == "category"  ? &out->category
                            : key == "product" ? &out->product
                            : key == "service" ? &out->service
                                               : nullptr;
      if (target == nullptr) continue;
      if (!value.IsScalar()) return false;
      *target = value.kind == Yaml::Kind::kNull ? "" : value.text;
    }
    return true;
  }

  bool ReadRule(const Yaml& root, std::string* why) {
    auto rule = std::make_shared<OracleRule>();
    rule->id = TextOf(root, "id");
    rule->name = TextOf(root, "name");
    rule->title = TextOf(root, "title");
    if (!ReadLogSource(root, &rule->logsource, why)) return false;
    auto body = std::make_shared<RuleBody>();
    if (!BodyBuilder(placeholders_, why).Build(*root.Find("detection"), {}, body.get())) {
      return false;
    }
    rule->bodies.push_back(std::move(body));
    rules_.push_back(std::move(rule));
    return true;
  }

  bool ReadFilter(const Yaml& root, std::string* why) {
    Filter out;
    const Yaml& filter = *root.Find("filter");
    if (root.Find("logsource") == nullptr) {
      *why = "filter without log source";
      return false;
    }
    if (!ReadLogSource(root, &out.logsource, why)) return false;
    const Yaml* rules = filter.Find("rules");
    *why = "filter needs a list of rules, or any";
    if (rules == nullptr || rules->kind == Yaml::Kind::kMap) return false;
    if (rules->kind == Yaml::Kind::kNull) return false;
    if (rules->IsScalar() && rules->text != "any") out.rules.insert(rules->text);
    for (const Yaml& rule : rules->items) {
      if (!rule.IsScalar() || rule.text.empty()) return false;
      out.rules.insert(rule.text);
    }
    out.any = out.rules.empty();
    auto body = std::make_shared<RuleBody>();
    if (!BodyBuilder(placeholders_, why).Build(filter, {"rules"}, body.get())) return false;
    out.body = std::move(body);
    filters_.push_back(std::move(out));
    return true;
  }

  const Placeholders& placeholders_;
  std::string fallback_;
  const Yaml* current_ = nullptr;
  LoadResult result_;
  std::vector<std::shared_ptr<OracleRule>> rules_;
  std::vector<Filter> filters_;
};

}  // namespace

LoadResult LoadSigma(const std::vector<std::string>& yaml_texts,
                     const std::map<std::string, std::vector<std::string>>& placeholders) {
  Loader loader(placeholders);
  for (size_t i = 0; i < yaml_texts.size(); ++i) loader.ReadText(yaml_texts[i], i);
  return loader.Finish();
}

bool LogSourceApplies(const OracleRule& rule, const std::vector<LogSource>& event_sources) {
  if (Subset(rule.logsource, LogSource())) return true;  // the rule gives no attribute
  for (const LogSource& source : event_sources) {
    if (Subset(rule.logsource, source)) return true;
  }
  return false;
}

}  // namespace vedette::reference
