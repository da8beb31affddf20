// Reads files of rules: docs/language.md, "Rules" and "Rules over several events".
#include <map>
#include <memory>

#include "tests/reference/correlation_rule.h"
#include "tests/reference/vedette_reader.h"

namespace vedette::reference {
namespace {

using Kind = VedetteNode::Kind;
using Shape = CorrelationRule::Shape;

VedetteExpr TextNode(const std::string& text) {
  auto node = std::make_shared<VedetteNode>();
  node->value = TextScalar(text);
  return node;
}

VedetteExpr And2(VedetteExpr a, VedetteExpr b) {
  auto node = std::make_shared<VedetteNode>();
  node->kind = Kind::kAnd;
  node->parts = {std::move(a), std::move(b)};
  return node;
}

VedetteExpr InCategory(const std::string& category) {
  auto field = std::make_shared<VedetteNode>();
  field->kind = Kind::kField;
  field->text = "event.category";
  auto node = std::make_shared<VedetteNode>();
  node->kind = Kind::kCompare;
  node->text = "==";
  node->parts = {field, TextNode(category)};
  return node;
}

class FileReader : public VedetteReader {
 public:
  using VedetteReader::VedetteReader;

  std::optional<std::vector<CorrelationRule>> File(std::string* why) {
    while (why_.empty()) {
      Blanks();
      if (at_ == text_.size()) break;
      if (Keyword("list")) {
        List();
      } else if (Keyword("map")) {
        Map();
      } else if (Keyword("let")) {
        Let(&names_);
      } else if (Keyword("rule")) {
        Rule();
      } else {
        Fail("no list, map, let or rule");
      }
    }
    if (!why_.empty()) {
      *why = why_ + " at '" + std::string(text_.substr(at_, 30)) + "'";
      return std::nullopt;
    }
    for (CorrelationRule& rule : rules_) {
      for (const auto& [name, let] : names_.lets) rule.names.lets.emplace(name, let);
      rule.names.lists = names_.lists;
      rule.names.maps = names_.maps;
    }
    return std::move(rules_);
  }

 private:
  void Need(std::string_view sign) {
    if (!Sign(sign)) Fail("no " + std::string(sign));
  }
  void NeedWord(std::string_view word) {
    if (!Keyword(word)) Fail("no " + std::string(word));
  }
  // Whether `sign` stands next, without taking it.
  bool At(std::string_view sign) {
    const size_t before = at_;
    const bool there = Sign(sign);
    if (there) at_ = before;
    return there;
  }
  std::string Name() {
    Blanks();
    std::string out = Word();
    if (out.empty()) Fail("no name");
    return out;
  }
  std::string Quoted() {
    Blanks();
    return Now() == '"' ? Text()->value.text : Name();
  }
  int64_t Whole() {
    Blanks();
    return static_cast<int64_t>(Number()->value.integer);
  }

  void List() {
    const std::string name = Name();
    Need("=");
    Need("[");
    while (why_.empty() && !At("]")) {
      names_.lists[name].push_back(Unary());
      if (!Sign(",")) break;
    }
    Need("]");
  }

  void Map() {
    const std::string name = Name();
    Need("=");
    Need("{");
    while (why_.empty() && !At("}")) {
      VedetteExpr key = Unary();
      Need(":");
      names_.maps[name].emplace_back(key, Unary());
      if (!Sign(",")) break;
    }
    Need("}");
  }

  // `category where condition`, or nothing taken.
  VedetteExpr Query() {
    Blanks();
    const size_t before = at_;
    const bool quoted = Now() == '"';
    const std::string category = quoted ? Text()->value.text : Word();
    if (!Keyword("where")) {
      at_ = before;
      return nullptr;
    }
    VedetteExpr condition = Or();
    if (category == "any" && !quoted) return condition;
    return And2(InCategory(category), condition);
  }

  void Let(VedetteNames* names) {
    const std::string name = Name();
    Need("=");
    VedetteExpr query = Query();
    names->lets[name] = query != nullptr ? query : Or();
  }

  void Rule() {
    rule_ = CorrelationRule();
    rule_.name = Name();
    Need("{");
    while (why_.empty() && !Sign("}")) Part();
    rules_.push_back(rule_);
  }

  void Part() {
    if (Keyword("meta")) {
      Meta();
    } else if (Keyword("let")) {
      Let(&rule_.names);
    } else if (Keyword("match")) {
      Match();
    } else if (Keyword("having")) {
      rule_.having = Or();
    } else if (Keyword("outcome")) {
      Need("{");
      while (why_.empty() && !Sign("}")) {
        const std::string name = Name();
        Need("=");
        rule_.outcomes.emplace_back(name, Or());
        Sign(",");
      }
    } else if (Keyword("suppress")) {
      if (Keyword("by")) rule_.suppress_by = Keys();
      NeedWord("for");
      rule_.suppress = Whole();
    } else if (Keyword("rearm")) {
      Rearm();
    } else if (Keyword("select")) {
      Select();
    } else if (Keyword("generate")) {
      rule_.generate = Keyword("true");
      if (!rule_.generate) NeedWord("false");
    } else if (Keyword("test")) {
      Text();
      SkipBraces();
    } else {
      Fail("no part of a rule");
    }
  }

  void SkipBraces() {
    Need("{");
    int open = 1;
    while (why_.empty() && open > 0) {
      Blanks();
      if (Now() == '\0') Fail("braces not closed");
      if (Now() == '"') {
        Text();
        continue;
      }
      open += Now() == '{' ? 1 : Now() == '}' ? -1 : 0;
      ++at_;
    }
  }

  void Meta() {
    Need("{");
    while (why_.empty() && !Sign("}")) {
      const std::string key = Quoted();
      Need("=");
      if (Sign("[")) {
        while (why_.empty() && !Sign("]")) {
          Unary();
          Sign(",");
        }
      } else if (Sign("{")) {
        while (why_.empty() && !Sign("}")) {
          const std::string part = Name();
          Need(":");
          const std::string value = Quoted();
          if (key == "logsource" && part == "product") rule_.product = value;
          if (key == "logsource" && part == "category") rule_.category = value;
          if (key == "logsource" && part == "service") rule_.service = value;
          Sign(",");
        }
      } else {
        Blanks();
        const bool number = (Now() >= '0' && Now() <= '9') || Now() == '-';
        const std::string value = number ? TextOf(Unary()->value) : Quoted();
        if (key == "emit") rule_.emit = value != "false";
        if (key == "id") rule_.id = value;
        if (key == "name") rule_.name = value;
      }
      Sign(",");
    }
  }

  void Rearm() {
    using R = CorrelationRule::Rearm;
    if (Keyword("immediately")) {
      rule_.rearm = R::kImmediately;
    } else if (Keyword("when")) {
      NeedWord("false");
      rule_.rearm = R::kWhenFalse;
    } else if (Keyword("after")) {
      rule_.rearm = R::kAfter;
      rule_.rearm_span = Whole();
    } else if (Keyword("reset")) {
      rule_.rearm = R::kReset;
    } else {
      NeedWord("never");
      rule_.rearm = R::kNever;
    }
  }

  void Select() {
    using S = CorrelationRule::Select;
    if (Keyword("latest")) {
      rule_.select = S::kLatest;
    } else if (Keyword("first")) {
      rule_.select = S::kFirst;
    } else {
      NeedWord("all");
      NeedWord("up");
      NeedWord("to");
      rule_.select = S::kAll;
      rule_.select_limit = Whole();
    }
  }

  std::vector<CorrelationKey> Keys() {
    std::vector<CorrelationKey> out;
    do {
      Blanks();
      const bool optional = Now() == '?';
      VedetteExpr value = Sum();
      if (optional && value != nullptr) {
        // Of a key the mark is about the key, not about the name.
        auto plain = std::make_shared<VedetteNode>(*value);
        plain->plain_name = true;
        value = plain;
      }
      out.push_back({value, optional});
    } while (why_.empty() && Sign(","));
    return out;
  }

  void By(std::vector<CorrelationKey>* keys) {
    if (Keyword("by")) *keys = Keys();
  }

  void Match() {
    const size_t before = at_;
    if (VedetteExpr query = Query()) {
      rule_.condition = query;
      return;
    }
    at_ = before;
    std::vector<CorrelationKey> keys;
    if (Keyword("window")) {
      rule_.shape = Shape::kWindow;
      rule_.span = Whole();
      WindowKind();
      By(&keys);
      Sources();
    } else if (Keyword("sequence")) {
      rule_.shape = Shape::kSequence;
      Within();
      By(&keys);
      Within();
      Sources();
      if (Keyword("until")) rule_.until = Source();
    } else if (Keyword("all")) {
      rule_.shape = Shape::kAll;
      By(&keys);
      Within();
      By(&keys);
      Sources();
    } else if (Keyword("sample")) {
      rule_.shape = Shape::kSample;
      By(&keys);
      Sources();
    } else if (Keyword("absence")) {
      rule_.shape = Shape::kAbsence;
      NeedWord("of");
      rule_.sources.push_back(Source());
      keys = std::exchange(rule_.sources[0].keys, {});
      By(&keys);
      NeedWord("for");
      rule_.span = Whole();
      if (Keyword("after")) rule_.sources.push_back(Source());
    } else if (Keyword("new")) {
      rule_.shape = Shape::kNewValue;
      NeedWord("value");
      NeedWord("of");
      for (CorrelationKey& value : Keys()) rule_.new_values.push_back(value.value);
      NeedWord("in");
      rule_.sources.push_back(Source());
      keys = std::exchange(rule_.sources[0].keys, {});
      By(&keys);
      if (Keyword("history")) rule_.history = Whole();
    } else if (Keyword("descendant") || Keyword("child")) {
      rule_.shape = Shape::kLineage;
      rule_.any_generation = text_.substr(0, at_).ends_with("descendant");
      NeedWord("of");
      Sources();
      Within();
      if (Keyword("link")) {
        Blanks();
        rule_.link_id = Field()->text;
        NeedWord("to");
        Blanks();
        rule_.link_parent = Field()->text;
      }
    } else {
      rule_.condition = Field();  // the name of a let
    }
    FinishSources(keys);
  }

  // Keys of the match come before those of the source; sources without a name get that of their
  // place.
  void FinishSources(const std::vector<CorrelationKey>& keys) {
    const auto finish = [&keys](CorrelationSource* source) {
      source->keys.insert(source->keys.begin(), keys.begin(), keys.end());
    };
    for (size_t i = 0; i < rule_.sources.size(); ++i) {
      finish(&rule_.sources[i]);
      if (rule_.sources[i].alias.empty()) rule_.sources[i].alias = "_" + std::to_string(i + 1);
    }
    if (rule_.until.has_value()) finish(&*rule_.until);
  }

  void WindowKind() {
    if (Keyword("tumbling")) {
      rule_.window = CorrelationRule::Window::kTumbling;
    } else if (Keyword("session")) {
      rule_.window = CorrelationRule::Window::kSession;
      NeedWord("gap");
      rule_.gap = Whole();
    } else {
      Keyword("sliding");
    }
  }

  void Within() {
    if (Keyword("within")) {
      rule_.span = Whole();
    } else if (Keyword("with")) {
      NeedWord("maxspan");
      Need("=");
      rule_.span = Whole();
    }
  }

  bool AtSource() {
    if (At("[") || At("![")) return true;
    const size_t before = at_;
    Blanks();
    const bool there = !Word().empty() && Sign(":") && (At("[") || At("!["));
    at_ = before;
    return there;
  }

  void Sources() {
    while (why_.empty() && AtSource()) rule_.sources.push_back(Source());
    if (rule_.sources.empty()) Fail("no source");
  }

  CorrelationSource Source() {
    CorrelationSource out;
    if (!At("[") && !At("![")) {
      out.alias = Name();
      Need(":");
    }
    out.negated = Sign("!");
    Need("[");
    out.condition = Query();
    if (out.condition == nullptr) {
      do Reference(&out);
      while (why_.empty() && Sign(","));
    }
    Need("]");
    By(&out.keys);
    while (why_.empty() && Quantifier(&out)) {
    }
    return out;
  }

  // `[rule a, rule "id"]`, `[a]`, or the name of a let.
  void Reference(CorrelationSource* out) {
    const bool is_rule = Keyword("rule");
    CorrelationSource::Rule rule;
    rule.name = Quoted();
    By(&rule.keys);
    const bool is_let = !is_rule && (rule_.names.lets.contains(rule.name) || FileLet(rule.name));
    if (!is_let) {
      out->rules.push_back(rule);
      return;
    }
    auto node = std::make_shared<VedetteNode>();
    node->kind = Kind::kField;
    node->text = rule.name;
    node->plain_name = true;
    out->condition = node;
  }

  // Lets stand in any order: looks for one of that name anywhere in the text.
  bool FileLet(const std::string& name) const {
    for (size_t at = text_.find("let "); at != std::string_view::npos;
         at = text_.find("let ", at + 1)) {
      const std::string_view rest = text_.substr(at + 4);
      if (rest.starts_with(name + " =") || rest.starts_with(name + "=")) return true;
    }
    return false;
  }

  bool Quantifier(CorrelationSource* out) {
    const size_t before = at_;
    if (Keyword("with") && Keyword("runs") && Sign("=")) {
      out->runs = Whole();
    } else if (at_ = before; Keyword("count") && Sign(">=")) {
      out->min_count = Whole();
    } else if (at_ = before; Keyword("distinct") && Sign("(")) {
      Blanks();
      out->distinct_field = Field()->text;
      Need(")");
      Need(">=");
      out->min_distinct = Whole();
    } else if (at_ = before; Sign("{")) {
      out->min_count = Whole();
      Need(",");
      out->max_count = Whole();
      Need("}");
    } else if (at_ = before; Keyword("within")) {
      const int64_t limit = Whole();
      if (!Keyword("of")) {  // that of a lineage
        at_ = before;
        return false;
      }
      out->within_previous = limit;
      NeedWord("previous");
    } else if (Keyword("at")) {
      NeedWord("least");
      out->after_previous = Whole();
      NeedWord("after");
      NeedWord("previous");
    } else {
      return false;
    }
    return true;
  }

  CorrelationRule rule_;
  VedetteNames names_;
  std::vector<CorrelationRule> rules_;
};

}  // namespace

std::optional<std::vector<CorrelationRule>> ParseCorrelationRules(std::string_view text,
                                                                  std::string* why) {
  return FileReader(text).File(why);
}

}  // namespace vedette::reference
