// Whole rules as text.
#include <algorithm>
#include <map>
#include <utility>

#include "lib/ir/printer.h"

namespace vedette::inline v0 {
namespace {

bool IsIdentifier(std::string_view s) {
  if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
  return std::all_of(s.begin(), s.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string Identifier(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (out.ends_with('_')) out.pop_back();
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, "r_");
  if (IsReservedName(out)) out += '_';
  return out;
}

// Every field name of a formula, so that no `let` takes one of them.
void CollectFirstWords(const Formula& f, std::set<std::string>* out) {
  const auto add = [out](const std::string& name) { out->insert(name.substr(0, name.find('.'))); };
  if (f.kind == NodeKind::kPredicate) {
    add(f.predicate.field);
    add(f.predicate.other_field);
  }
  if (f.kind == NodeKind::kEach) add(f.field);
  for (const Formula& child : f.children) CollectFirstWords(child, out);
}

// Turns labelled parts of a condition into `let`s.
class Hoister {
 public:
  explicit Hoister(const Formula& condition) { CollectFirstWords(condition, &taken_); }

  // `f` with labelled parts replaced by references; depth is bounded by the verifier.
  std::string Print(const Formula& f) {
    const std::string text = PrintBody(f);
    if (f.label.empty() || !IsHoistable(f)) return text;
    const auto [it, is_new] = names_.try_emplace({f.label, text}, "");
    if (is_new) {
      it->second = Fresh(f.label);
      lets_ += "let " + it->second + " = " + text + "\n";
    }
    return it->second;
  }
  const std::string& lets() const { return lets_; }

 private:
  // "1 of selection_*" says nothing that its parts do not.
  static bool IsHoistable(const Formula& f) {
    return IsIdentifier(f.label) && !IsReservedName(f.label);
  }

  std::string Fresh(const std::string& label) {
    std::string name = label;
    for (int i = 2; taken_.contains(name); ++i) name = label + "_" + std::to_string(i);
    taken_.insert(name);
    return name;
  }

  static bool HasLabels(const Formula& f) {
    if (f.kind == NodeKind::kEach) return false;
    return std::any_of(f.children.begin(), f.children.end(), [](const Formula& child) {
      return (!child.label.empty() && IsHoistable(child)) || HasLabels(child);
    });
  }

  std::string PrintBody(const Formula& f) {
    if (!HasLabels(f)) return PrintFormula(f);
    const bool is_not = f.kind == NodeKind::kNot;
    if (is_not) return "not " + Operand(f.children[0], false);
    std::string out;
    for (const Formula& child : f.children) {
      if (!out.empty()) out += f.kind == NodeKind::kAnd ? " and " : " or ";
      out += Operand(child, true);
    }
    return out;
  }

  std::string Operand(const Formula& f, bool joined) {
    const std::string text = Print(f);
    if (joined && f.kind == NodeKind::kNot) return text;
    const bool is_name = IsIdentifier(text);
    const bool is_simple = f.kind == NodeKind::kPredicate || f.kind == NodeKind::kEach;
    return is_name || (is_simple && !text.starts_with("not ")) ? text : "(" + text + ")";
  }

  std::set<std::string> taken_;
  std::map<std::pair<std::string, std::string>, std::string> names_;
  std::string lets_;
};

class MetaPrinter {
 public:
  std::string Print(const RuleMeta& m, bool emits, std::string_view name) {
    Line("id", m.id);
    if (m.name != name) Line("name", m.name);
    Line("title", m.title);
    Line("description", m.description);
    Line("status", m.status);
    if (m.level != Level::kUnset) out_ += "severity = " + std::string(LevelName(m.level)) + "\n";
    Line("author", m.author);
    Line("date", m.date);
    Line("modified", m.modified);
    Line("license", m.license);
    Lines("tags", m.tags);
    Lines("references", m.references);
    Lines("false_positives", m.false_positives);
    Lines("fields", m.fields);
    std::vector<std::string> related;
    for (const auto& [id, type] : m.related) related.push_back(type + ":" + id);
    Lines("related", related);
    if (!m.log_source.empty()) {
      out_ += "logsource = {";
      std::string_view separator = " ";
      const auto part = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        out_ += std::string(separator) + std::string(name) + ": " + PrintString(value);
        separator = ", ";
      };
      part("product", m.log_source.product);
      part("category", m.log_source.category);
      part("service", m.log_source.service);
      out_ += " }\n";
    }
    if (!emits) out_ += "emit = false\n";
    for (const auto& [key, value] : m.custom) {
      static constexpr std::string_view kKnown[] = {
          "id",       "name",      "title",      "description",     "status",
          "severity", "author",    "date",       "modified",        "license",
          "tags",     "attack",    "references", "false_positives", "fields",
          "related",  "logsource", "emit"};
      const bool known = std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown);
      out_ += (IsIdentifier(key) && !known ? key : PrintString(key)) + " = " + PrintString(value) +
              "\n";
    }
    return "meta {\n" + out_ + "}\n";
  }

 private:
  void Line(std::string_view name, const std::string& value) {
    if (!value.empty()) out_ += std::string(name) + " = " + PrintString(value) + "\n";
  }
  void Lines(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    out_ += std::string(name) + " = [";
    for (size_t i = 0; i < values.size(); ++i) {
      out_ += (i > 0 ? ", " : "") + PrintString(values[i]);
    }
    out_ += "]\n";
  }

  std::string out_;
};

std::string PrintKeys(const std::vector<Key>& keys, const PrintContext& context) {
  std::string out;
  for (const Key& key : keys) {
    out += (out.empty() ? " by " : ", ") + std::string(key.optional ? "?" : "") +
           PrintExpr(key.value, context);
  }
  return out;
}

std::string PrintActions(const RuleActions& actions, const PrintContext& context) {
  std::string out;
  if (!actions.outcomes.empty()) {
    out += "outcome {\n";
    for (const auto& [name, value] : actions.outcomes) {
      out += (IsIdentifier(name) ? name : PrintString(name)) + " = " + PrintExpr(value, context) +
             "\n";
    }
    out += "}\n";
  }
  if (actions.suppress_ns > 0) {
    out += "suppress" + PrintKeys(actions.suppress_by, context) + " for " +
           PrintDuration(actions.suppress_ns) + "\n";
  }
  return out;
}

class CorrelationPrinter {
 public:
  explicit CorrelationPrinter(const CorrelationSpec& spec) : spec_(spec) {
    for (const CorrelationSource& source : spec.sources) context_.aliases.push_back(source.alias);
    // Keys that all sources share stand once, before them.
    // A lineage has no place for them.
    shared_keys_ = !spec.sources.empty() && spec.shape != Shape::kLineage;
    for (const CorrelationSource& source : spec.sources) {
      shared_keys_ = shared_keys_ && source.keys == spec.sources[0].keys;
    }
  }

  std::string Print() {
    std::string out = "match " + Head();
    if (spec_.having.kind != Expr::Kind::kNull)
      out += "having " + PrintExpr(spec_.having, context_) + "\n";
    if (spec_.select == Select::kFirst) out += "select first\n";
    if (spec_.select == Select::kAll) {
      out += "select all up to " + std::to_string(spec_.select_limit) + "\n";
    }
    switch (spec_.rearm) {
      case Rearm::kDefault:
        break;
      case Rearm::kWhenFalse:
        out += "rearm when false\n";
        break;
      case Rearm::kImmediately:
        out += "rearm immediately\n";
        break;
      case Rearm::kAfter:
        out += "rearm after " + PrintDuration(spec_.rearm_ns) + "\n";
        break;
      case Rearm::kReset:
        out += "rearm reset\n";
        break;
      case Rearm::kNever:
        out += "rearm never\n";
        break;
    }
    if (spec_.generate) out += "generate true\n";
    return out + PrintActions(spec_.actions, context_);
  }

 private:
  std::string Shared() const {
    return shared_keys_ ? PrintKeys(spec_.sources[0].keys, context_) : "";
  }

  std::string Head() {
    const auto duration = [](std::string_view word, int64_t ns) {
      return ns == 0 ? "" : " " + std::string(word) + " " + PrintDuration(ns);
    };
    switch (spec_.shape) {
      case Shape::kWindow: {
        static constexpr std::string_view kKinds[] = {"", " tumbling", " session gap "};
        std::string kind(kKinds[static_cast<size_t>(spec_.window)]);
        if (spec_.window == WindowKind::kSession) kind += PrintDuration(spec_.gap_ns);
        return "window" + duration("", spec_.span_ns).substr(1) + kind + Shared() + "\n" +
               Sources(0);
      }
      case Shape::kSequence:
        return "sequence" + Shared() + duration("within", spec_.span_ns) + "\n" + Sources(0) +
               (spec_.until.has_value() ? "until " + Source(*spec_.until) : "");
      case Shape::kAll:
        return "all" + Shared() + duration("within", spec_.span_ns) + "\n" + Sources(0);
      case Shape::kSample:
        return "sample" + Shared() + "\n" + Sources(0);
      case Shape::kAbsence:
        return "absence of " + Source(spec_.sources[0]) + Shared() +
               duration("for", spec_.span_ns) + "\n" +
               (spec_.sources.size() > 1 ? "after " + Source(spec_.sources[1]) : "");
      case Shape::kNewValue: {
        std::string values;
        for (const Expr& value : spec_.new_values) {
          values += (values.empty() ? " " : ", ") + PrintExpr(value);
        }
        return "new value of" + values + " in " + Source(spec_.sources[0]) + Shared() +
               duration("history", spec_.history_ns) + "\n";
      }
      case Shape::kLineage:
        return std::string(spec_.any_generation ? "descendant" : "child") + " of " +
               Source(spec_.sources[0]) + Source(spec_.sources[1]) +
               (spec_.span_ns == 0 ? "" : "within " + PrintDuration(spec_.span_ns) + " ") +
               "link " + PrintFieldName(spec_.lineage_id) + " to " +
               PrintFieldName(spec_.lineage_parent) + "\n";
    }
    return "";
  }

  // Sources that the author gave no name have that of their place; nothing needs to say it unless
  // something refers to it.
  bool IsUnnamed(const CorrelationSource& s) const {
    const bool referred = spec_.having.kind != Expr::Kind::kNull || !spec_.actions.outcomes.empty();
    const auto place = &s - spec_.sources.data() + 1;
    return !referred && s.alias == "_" + std::to_string(place);
  }

  std::string Sources(size_t first) {
    std::string out;
    for (size_t i = first; i < spec_.sources.size(); ++i) out += Source(spec_.sources[i]);
    return out;
  }

  std::string Source(const CorrelationSource& s) {
    std::string out;
    if (!s.alias.empty() && !IsUnnamed(s)) out += s.alias + ": ";
    out += s.negated ? "![" : "[";
    for (size_t i = 0; i < s.rules.size(); ++i) {
      const RuleReference& rule = s.rules[i];
      if (i > 0) out += ", ";
      out += "rule " + (IsIdentifier(rule.text) && !IsReservedName(rule.text)
                            ? rule.text
                            : PrintString(rule.text));
      out += PrintKeys(rule.keys, {});
    }
    if (s.rules.empty()) out += PrintQuery(s.condition, context_);
    out += "]";
    if (!shared_keys_ && !s.keys.empty()) out += PrintKeys(s.keys, {});
    if (s.runs > 1) out += " with runs=" + std::to_string(s.runs);
    if (s.max_count > 0) {
      out += " {" + std::to_string(s.min_count) + "," + std::to_string(s.max_count) + "}";
    } else if (s.min_count > 1) {
      out += " count >= " + std::to_string(s.min_count);
    }
    if (s.min_distinct > 0) {
      out += " distinct(" + PrintFieldName(s.distinct_field) +
             ") >= " + std::to_string(s.min_distinct);
    }
    if (s.within_previous_ns > 0) {
      out += " within " + PrintDuration(s.within_previous_ns) + " of previous";
    }
    if (s.after_previous_ns > 0) {
      out += " at least " + PrintDuration(s.after_previous_ns) + " after previous";
    }
    return out + "\n";
  }

  const CorrelationSpec& spec_;
  PrintContext context_;
  bool shared_keys_ = false;
};

}  // namespace

std::string RuleIdentifier(const RuleMeta& meta) {
  if (IsIdentifier(meta.name) && !IsReservedName(meta.name)) return meta.name;
  std::string_view text = !meta.name.empty()    ? meta.name
                          : !meta.title.empty() ? meta.title
                                                : meta.id;
  return Identifier(text.substr(0, 80));
}

std::string PrintQuery(const Formula& f, const PrintContext& context) {
  const auto category = [](const Formula& part) -> std::string {
    if (part.kind != NodeKind::kPredicate || part.predicate.op != PredicateOp::kText) return "";
    const Predicate& p = part.predicate;
    if (p.field != "event.category" || p.subject != nullptr || !p.pattern.cased) return "";
    if (p.pattern.pieces.size() != 1 || p.pattern.pieces[0].kind != PatternPiece::Kind::kLiteral) {
      return "";
    }
    const std::string& word = p.pattern.pieces[0].text;
    return IsIdentifier(word) && !IsKeyword(word) ? word : PrintString(word);
  };
  if (const std::string word = category(f); !word.empty()) return word + " where true";
  if (f.kind == NodeKind::kAnd && f.children.size() > 1 && f.label.empty()) {
    if (const std::string word = category(f.children[0]); !word.empty()) {
      Formula rest = f;
      rest.children.erase(rest.children.begin());
      return word + " where " + PrintFormula(rest, context);
    }
  }
  return "any where " + PrintFormula(f, context);
}

std::string PrintRule(const IrRule& rule, std::string_view name) {
  Hoister hoister(rule.condition);
  std::string query = PrintQuery(rule.condition);
  // With named parts the condition reads as the author wrote it.
  const std::string named = hoister.Print(rule.condition);
  if (!hoister.lets().empty()) query = "any where " + named;
  return "rule " + std::string(name) + " {\n" + MetaPrinter().Print(rule.meta, rule.emits, name) +
         hoister.lets() + "match " + query + "\n" + PrintActions(rule.actions, {}) + "}\n";
}

std::string PrintCorrelation(const CorrelationSpec& spec, std::string_view name) {
  return "rule " + std::string(name) + " {\n" + MetaPrinter().Print(spec.meta, spec.emits, name) +
         CorrelationPrinter(spec).Print() + "}\n";
}

}  // namespace vedette::inline v0
