#include "lib/compiler/lint.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/ir/state_bound.h"
#include "lib/opt/simplify.h"

namespace vedette::inline v0 {
namespace {

bool IsConstant(const Formula& f) {
  return f.kind == NodeKind::kTrue || f.kind == NodeKind::kFalse;
}

// As AppendFormulaKey, but equal for joins whose parts stand in another order, too.
std::string Meaning(const Formula& f) {
  const bool is_join = f.kind == NodeKind::kAnd || f.kind == NodeKind::kOr;
  std::vector<std::string> parts;
  for (const Formula& child : f.children) parts.push_back(Meaning(child));
  if (is_join) std::sort(parts.begin(), parts.end());
  std::string key;
  AppendNodeKey(f, &key);
  for (const std::string& part : parts) {
    key += std::to_string(part.size()) + ":" + part;
  }
  return key;
}

std::string Named(const RuleMeta& meta) {
  return "\"" + std::string(meta.display_name()) + "\" in " + meta.source +
         (meta.line > 1 ? ":" + std::to_string(meta.line) : "");
}

// The parts of a join, through joins of the same kind within it.
void Flatten(const Formula& f, NodeKind kind, std::vector<const Formula*>* out) {
  for (const Formula& child : f.children) {
    if (child.kind == kind) {
      Flatten(child, kind, out);
    } else {
      out->push_back(&child);
    }
  }
}

// What the comparisons of one field by number leave of it.
struct Bounds {
  const Formula* low = nullptr;
  const Formula* high = nullptr;

  static bool IsStrict(const Formula& f) {
    return f.predicate.op == PredicateOp::kNumberLt || f.predicate.op == PredicateOp::kNumberGt;
  }
  void Add(const Formula& f) {
    const PredicateOp op = f.predicate.op;
    const double d = f.predicate.number.d;
    const bool below = op == PredicateOp::kNumberLt || op == PredicateOp::kNumberLe;
    const bool above = op == PredicateOp::kNumberGt || op == PredicateOp::kNumberGe;
    if (!below && (low == nullptr || d > low->predicate.number.d || IsStrict(f))) {
      if (low == nullptr || d >= low->predicate.number.d) low = &f;
    }
    if (!above && (high == nullptr || d < high->predicate.number.d || IsStrict(f))) {
      if (high == nullptr || d <= high->predicate.number.d) high = &f;
    }
  }
  bool IsEmpty() const {
    if (low == nullptr || high == nullptr) return false;
    const double a = low->predicate.number.d;
    const double b = high->predicate.number.d;
    return a > b || (a == b && (IsStrict(*low) || IsStrict(*high)));
  }
};

std::string FieldKey(const Predicate& p) {
  std::string key = p.field + "\n" + std::to_string(static_cast<int>(p.time_part));
  if (p.subject != nullptr) AppendExprKey(*p.subject, &key);
  return key;
}

bool IsNumberTest(const Formula& f) {
  return f.kind == NodeKind::kPredicate && f.predicate.op >= PredicateOp::kNumberEq &&
         f.predicate.op <= PredicateOp::kNumberGe;
}

// How much of the beginning of a regular expression changes nothing: `.*`, `.*?`, and an anchor
// before it if `.` is any character.
size_t IdlePrefix(std::string_view regex, bool dot_all) {
  std::string_view rest = regex;
  for (const std::string_view anchor : {"^", "\\A"}) {
    if (rest.size() < regex.size() || !rest.starts_with(anchor)) continue;
    // With a `|` it may be the anchor of one alternative only.
    if (!dot_all || regex.find('|') != std::string_view::npos) return 0;
    rest.remove_prefix(anchor.size());
  }
  if (!rest.starts_with(".*")) return 0;
  rest.remove_prefix(rest.starts_with(".*?") ? 3 : 2);
  return regex.size() - rest.size();
}

// The expression that matches whole texts only, as the Vedette language's `regex` makes it.
std::optional<std::string_view> WholeTextOf(std::string_view regex) {
  constexpr std::string_view kBegin = "\\A(?:";
  constexpr std::string_view kEnd = ")\\z";
  if (!regex.starts_with(kBegin) || !regex.ends_with(kEnd)) return std::nullopt;
  regex.remove_prefix(kBegin.size());
  regex.remove_suffix(kEnd.size());
  return regex;
}

// Whether every text has a match, as far as that is easy to see.
bool MatchesEverything(std::string_view regex, bool is_whole, bool dot_all) {
  static constexpr std::string_view kAnchored[] = {"^.*$", "^(.*)$", "^[\\s\\S]*$"};
  static constexpr std::string_view kAny[] = {".*", ".*?", "(.*)", "(.*?)", "(?:.*)", "[\\s\\S]*"};
  static constexpr std::string_view kBare[] = {"", "^", "$", "^.*", ".*$"};
  const auto has = [regex](const auto& list) {
    return std::find(std::begin(list), std::end(list), regex) != std::end(list);
  };
  // An expression for whole texts is anchored itself; without `dot_all` one line alone would match.
  return has(kAny) || (dot_all && has(kAnchored)) || (!is_whole && has(kBare));
}

}  // namespace

Linter::Linter(const RuleSet& rules, DiagnosticSink* diagnostics) : diagnostics_(diagnostics) {
  for (const RuleSource& source : rules.sources()) sources_.emplace(source.name, &source);
}

void Linter::Warn(std::string code, SourceSpan span, std::string message, std::string hint,
                  const RuleMeta& meta) {
  Diagnostic d;
  d.severity = Severity::kWarning;
  d.code = std::move(code);
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.source = meta.source;
  d.span = span;
  if (d.span.line == 0) d.span.line = meta.line;
  const auto source = sources_.find(meta.source);
  if (source != sources_.end() && span.line != 0) {
    d.line_text = SourceLine(source->second->text, span.line);
  }
  d.rule = std::string(meta.display_name());
  diagnostics_->Add(std::move(d));
}

void Linter::LookAtMeta(const RuleMeta& meta) {
  // A file with an EQL query alone has no place for them.
  if (meta.source.ends_with(".eql")) return;
  if (meta.id.empty()) {
    Warn("VED0015", {}, "the rule has no id", "give it a random UUID, so that its name may change",
         meta);
  } else if (const auto [it, is_new] = by_id_.emplace(meta.id, Named(meta)); !is_new) {
    Warn("VED0017", {}, "the id is also that of " + it->second, "give each rule its own", meta);
  }
  if (meta.level != Level::kUnset) return;
  Warn("VED0016", {}, "the rule has no severity",
       "informational, low, medium, high or critical; filters by level leave the rule out", meta);
}

void Linter::LookAtTwins(const RuleMeta& meta, std::string key) {
  for (const std::string* part :
       {&meta.log_source.product, &meta.log_source.category, &meta.log_source.service}) {
    key += "\n" + *part;
  }
  const auto [it, is_new] = by_meaning_.emplace(std::move(key), Named(meta));
  if (is_new) return;
  Warn("VED0014", {}, "the rule means the same as " + it->second,
       "remove one of them, or say in which events they differ", meta);
}

void Linter::Look(const IrRule& rule) {
  LookAtMeta(rule.meta);
  LookAtCondition(rule.condition, rule.meta, true);
  std::string key = Meaning(Simplify(WithoutLabels(rule.condition)));
  AppendActionsKey(rule.actions, &key);
  LookAtTwins(rule.meta, std::move(key));
}

void Linter::Look(const CorrelationSpec& spec) {
  LookAtMeta(spec.meta);
  for (const CorrelationSource& source : spec.sources) {
    if (source.rules.empty()) LookAtCondition(source.condition, spec.meta, false);
  }
  if (spec.until.has_value() && spec.until->rules.empty()) {
    LookAtCondition(spec.until->condition, spec.meta, false);
  }
  if (const std::string kept = NeverForgotten(spec); !kept.empty()) {
    Warn("VED0020", {}, "the state of the rule never goes away: it remembers " + kept,
         spec.shape == Shape::kNewValue  ? "write `history 30d`"
         : spec.shape == Shape::kLineage ? "write `within 1d`"
         : spec.shape == Shape::kSample  ? "`all by .. within 1h` has a limit"
                                         : "`rearm after 1d` forgets them in time",
         spec.meta);
  }
  CorrelationSpec bare = spec;
  bare.meta = {};
  LookAtTwins(spec.meta, PrintCorrelation(bare, "x"));
}

void Linter::LookAtCondition(const Formula& condition, const RuleMeta& meta, bool is_whole) {
  const Formula simple = Simplify(condition);
  // `[any where true]` counts every event, and may mean it.
  if (simple.kind == NodeKind::kTrue && !is_whole) return;
  if (IsConstant(simple)) {
    const bool holds = simple.kind == NodeKind::kTrue;
    Warn("VED0013", condition.span,
         holds ? "the condition holds for every event" : "the condition holds for no event",
         "a condition depends on the event", meta);
    return;
  }
  LookAtParts(condition, NodeKind::kTrue, meta);
}

void Linter::LookAtParts(const Formula& f, NodeKind parent, const RuleMeta& meta) {
  if (f.kind == NodeKind::kPredicate) {
    LookAtRegex(f, meta);
    return;
  }
  // A join within one of its kind was looked at with it.
  const bool is_join = f.kind == NodeKind::kAnd || f.kind == NodeKind::kOr;
  if (is_join && f.kind != parent) LookAtJoin(f, meta);
  for (const Formula& child : f.children) {
    const Formula simple = Simplify(child);
    if (!IsConstant(simple)) {
      LookAtParts(child, f.kind, meta);
      continue;
    }
    const std::string part = child.label.empty() ? "a part" : "the part `" + child.label + "`";
    Warn(
        "VED0013", child.span,
        part + " of the condition is always " + (simple.kind == NodeKind::kTrue ? "true" : "false"),
        "an empty list, or a test of constants only; remove it", meta);
  }
}

void Linter::LookAtJoin(const Formula& f, const RuleMeta& meta) {
  const bool is_and = f.kind == NodeKind::kAnd;
  std::vector<const Formula*> parts;
  Flatten(f, f.kind, &parts);
  std::set<std::string> whole;
  for (const Formula* part : parts) {
    if (part->kind != NodeKind::kNot) whole.insert(Meaning(*part));
  }
  for (const Formula* part : parts) {
    if (part->kind != NodeKind::kNot || !whole.contains(Meaning(part->children[0]))) continue;
    Warn("VED0013", part->children[0].span,
         is_and ? "the condition never holds: it asks for a part and for its opposite"
                : "the condition always holds: a part or its opposite is enough",
         "", meta);
    return;
  }
  if (!is_and) return;
  std::map<std::string, Bounds> bounds;
  for (const Formula* part : parts) {
    if (IsNumberTest(*part)) bounds[FieldKey(part->predicate)].Add(*part);
  }
  for (const auto& [field, b] : bounds) {
    if (!b.IsEmpty()) continue;
    Warn("VED0013", b.high->span,
         "no value satisfies both " + PrintPredicate(b.low->predicate) + " and " +
             PrintPredicate(b.high->predicate),
         "only a field with several values could; write `or`, or mend the bounds", meta);
  }
}

void Linter::LookAtRegex(const Formula& f, const RuleMeta& meta) {
  const Predicate& p = f.predicate;
  if (p.op != PredicateOp::kRegex) return;
  const std::optional<std::string_view> whole = WholeTextOf(p.regex);
  const std::string_view regex = whole.value_or(p.regex);
  if (MatchesEverything(regex, whole.has_value(), p.regex_flags.dot_all)) {
    Warn("VED0019", f.span, "the regular expression matches every value",
         "test whether there is one instead", meta);
    return;
  }
  const size_t idle = IdlePrefix(regex, p.regex_flags.dot_all);
  if (idle == 0 || idle == regex.size()) return;
  const std::string shown = "`" + std::string(regex.substr(0, idle)) + "`";
  Warn("VED0018", f.span, "the regular expression begins with " + shown + ", which slows it down",
       whole.has_value() ? "`search` finds the rest anywhere in a value"
                         : "the same values match without it",
       meta);
}

}  // namespace vedette::inline v0
