#include "lib/lang/vedette/rule_lowering.h"

#include <algorithm>
#include <utility>

namespace vedette::inline v0::lang {
namespace {

bool HasDuplicates(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

void RuleLowering::Declare(const FileAst& file) {
  std::map<std::string, SourceSpan> seen;
  const auto claim = [&](const std::string& name, SourceSpan span) {
    const auto [it, is_new] = seen.emplace(name, span);
    if (!is_new) {
      reporter_->Error("VDT0005", span, "the name " + Quoted(name) + " is taken already", "",
                       {"it was given on line " + std::to_string(it->second.line)});
    }
    return is_new;
  };
  for (const ListAst& list : file.lists) {
    if (claim(list.name, list.span)) scope_.lists.emplace(list.name, &list);
  }
  for (const MapAst& map : file.maps) {
    if (claim(map.name, map.span)) scope_.maps.emplace(map.name, &map);
  }
  for (const LetAst& let : file.lets) {
    if (claim(let.name, let.span)) scope_.lets.emplace(let.name, &let);
  }
}

void RuleLowering::ReportUnused(const FileAst& file) {
  for (const LetAst& let : file.lets) {
    if (expressions_.used_lets().contains(let.name)) continue;
    reporter_->Warning("VDT0022", let.span, "the let " + Quoted(let.name) + " is not used");
  }
}

std::optional<LoweredRule> RuleLowering::Lower(const RuleAst& rule, std::string_view source_name) {
  reporter_->set_rule(rule.name);
  LoweredRule out;
  out.span = rule.span;
  out.meta.name = rule.name;
  out.meta.source = source_name;
  out.meta.line = rule.span.line;
  bool ok = LowerMeta(rule.meta, &out.meta, &out.emits, reporter_);
  Scope scope = scope_;
  for (const LetAst& let : rule.lets) {
    if (scope_.lets.contains(let.name) || !scope.lets.emplace(let.name, &let).second) {
      reporter_->Error("VDT0005", let.span, "the name " + Quoted(let.name) + " is taken already");
      ok = false;
    }
  }
  out.is_event = rule.match->is_event;
  ok = (out.is_event ? LowerEvent(rule, scope, &out)
                     : LowerCorrelation(rule, std::move(scope), &out)) &&
       ok;
  for (const LetAst& let : rule.lets) {
    if (!ok || expressions_.used_lets().contains(let.name)) continue;
    reporter_->Warning("VDT0022", let.span, "the let " + Quoted(let.name) + " is not used");
  }
  for (const TestAst& test : rule.tests) {
    RuleTest t;
    t.rule = out.meta.name;
    t.name = test.name;
    t.events = test.events;
    t.times_ns = test.times_ns;
    t.expected = static_cast<uint32_t>(test.expected);
    t.source = source_name;
    t.span = test.span;
    out.tests.push_back(std::move(t));
  }
  reporter_->set_rule("");
  if (!ok) return std::nullopt;
  return out;
}

// Parts that only rules over several events have.
bool RuleLowering::NoLeftovers(const RuleAst& rule) {
  const auto wrong = [&](std::string_view part) {
    reporter_->Error("VDT0006", rule.span,
                     "`" + std::string(part) + "` needs a rule over several events",
                     "match a `window`, a `sequence` or `all`");
    return false;
  };
  if (rule.having.has_value()) return wrong("having");
  if (rule.rearm != Rearm::kDefault) return wrong("rearm");
  if (rule.select != Select::kLatest) return wrong("select");
  if (rule.generate) return wrong("generate");
  return true;
}

bool RuleLowering::LowerEvent(const RuleAst& rule, const Scope& scope, LoweredRule* out) {
  const MatchAst& match = *rule.match;
  std::optional<Formula> condition;
  if (match.event.has_value()) {
    condition = expressions_.Query(*match.event, scope);
  } else if (const auto let = scope.lets.find(match.event_name); let != scope.lets.end()) {
    condition = expressions_.Let(*let->second, scope);
  } else {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : scope.lets) names.push_back(name);
    reporter_->Error("VDT0012", match.span, "there is no let " + Quoted(match.event_name),
                     Suggest(match.event_name, names));
  }
  for (const PipeAst& pipe : match.pipes) {
    reporter_->Error("VDT0009", pipe.span,
                     "the pipe " + Quoted(pipe.name) + " has no meaning in a stream of events");
    return false;
  }
  const bool fits = NoLeftovers(rule);
  const bool actions = LowerActions(rule, scope, &out->event.actions) &&
                       LowerSuppress(rule, scope, nullptr, &out->event.actions);
  if (!condition.has_value() || !fits || !actions) return false;
  out->event.condition = *std::move(condition);
  return true;
}

bool RuleLowering::LowerActions(const RuleAst& rule, const Scope& scope, RuleActions* out) {
  bool ok = true;
  std::vector<std::string> names;
  for (size_t i = 0; i < rule.outcomes.size(); ++i) {
    std::optional<Typed> value = expressions_.Interpolated(rule.outcomes[i].second, scope);
    names.push_back(rule.outcomes[i].first);
    if (HasDuplicates(names)) {
      reporter_->Error("VDT0005", rule.outcome_spans[i],
                       "the outcome " + Quoted(names.back()) + " is given twice");
      return false;
    }
    if (value.has_value()) {
      out->outcomes.emplace_back(rule.outcomes[i].first, std::move(value->expr));
    } else {
      ok = false;
    }
  }
  return ok;
}

// A key of a correlation's suppression is a field of a stage or a key of the match itself.
bool RuleLowering::LowerSuppress(const RuleAst& rule, Scope scope,
                                 const std::vector<Key>* match_keys, RuleActions* out) {
  scope.only_sources = false;
  std::optional<std::vector<Key>> keys = expressions_.Keys(rule.suppress_by, scope);
  if (!keys.has_value()) return false;
  for (size_t i = 0; match_keys != nullptr && i < keys->size(); ++i) {
    const Expr& value = (*keys)[i].value;
    const bool is_field = value.kind == Expr::Kind::kField && value.source == Expr::kThisEvent;
    const bool known = std::any_of(match_keys->begin(), match_keys->end(),
                                   [&value](const Key& key) { return key.value == value; });
    if (!is_field || known) continue;
    reporter_->Error("VDT0012", rule.suppress_by[i].span,
                     Quoted(rule.suppress_by[i].text) + " is no key of the match",
                     "name a field that stands after `by`, or the field of a stage");
    return false;
  }
  out->suppress_by = *std::move(keys);
  out->suppress_ns = rule.suppress_ns;
  return true;
}

bool RuleLowering::LowerSource(const SourceAst& source, const std::vector<Ast>& shared_keys,
                               const Scope& scope, bool sees_earlier, LoweredRule* rule,
                               CorrelationSource* out) {
  out->alias = source.alias;
  out->negated = source.negated;
  const auto number = [](int64_t n) { return static_cast<uint32_t>(n); };
  out->runs = number(source.runs);
  out->min_count = number(source.min_count);
  out->max_count = number(source.max_count);
  out->distinct_field = source.distinct_field;
  out->min_distinct = number(source.min_distinct);
  out->within_previous_ns = source.within_previous_ns;
  out->after_previous_ns = source.after_previous_ns;
  if (source.runs < 1 || source.runs > 100) {
    reporter_->Error("VDT0015", source.span, "`runs` is from 1 to 100");
    return false;
  }
  if (source.min_count < 1 || (source.max_count > 0 && source.max_count < source.min_count)) {
    reporter_->Error("VDT0015", source.span, "the limits of the number of events are wrong");
    return false;
  }
  Scope own = scope;
  if (!sees_earlier) own.aliases.clear();
  bool ok = true;
  const bool is_let = source.rules.size() == 1 && !source.rules[0].is_rule &&
                      scope.lets.contains(source.rules[0].name);
  if (source.query.has_value() || is_let) {
    std::optional<Formula> condition =
        is_let ? expressions_.Let(*scope.lets.find(source.rules[0].name)->second, own)
               : expressions_.Query(*source.query, own);
    ok = condition.has_value();
    if (ok) out->condition = *std::move(condition);
  } else {
    for (const RuleRefAst& ref : source.rules) {
      RuleReference reference;
      reference.text = ref.name;
      std::optional<std::vector<Key>> keys = expressions_.Keys(ref.keys, Scope());
      ok = ok && keys.has_value();
      if (keys.has_value()) reference.keys = *std::move(keys);
      out->rules.push_back(std::move(reference));
      rule->reference_spans.push_back(ref.span);
    }
  }
  std::vector<Ast> all = shared_keys;
  all.insert(all.end(), source.keys.begin(), source.keys.end());
  std::optional<std::vector<Key>> keys = expressions_.Keys(all, Scope());
  if (!keys.has_value()) return false;
  out->keys = *std::move(keys);
  return ok;
}

bool RuleLowering::CheckSequence(const RuleAst& rule, const CorrelationSpec& spec) {
  bool negated = false;
  bool happens = false;
  bool repeated = false;
  for (const CorrelationSource& source : spec.sources) {
    negated = negated || source.negated;
    happens = happens || !source.negated;
    repeated = repeated || source.runs > 1 || source.min_count > 1 || source.min_distinct > 0;
  }
  if (negated && spec.span_ns == 0) {
    reporter_->Error("VDT0015", rule.match->span,
                     "a sequence with `![..]` needs a limit: `within 5m`");
    return false;
  }
  if (!happens) {
    reporter_->Error("VDT0015", rule.match->span,
                     "the sequence has only stages that must not happen",
                     "match the `absence` of events, or add a stage");
    return false;
  }
  if (spec.sources.size() < 2 && !repeated) {
    reporter_->Error("VDT0015", rule.match->span, "a sequence of one event is no sequence",
                     "add a stage, or `count >= 2`");
    return false;
  }
  if (spec.span_ns == 0) {
    reporter_->Warning("VDT0023", rule.match->span,
                       "the sequence has no time limit: its state never expires",
                       "write `within 5m`");
  }
  return true;
}

// What the shapes demand of their sources.
bool RuleLowering::CheckShape(const RuleAst& rule, const CorrelationSpec& spec) {
  const MatchAst& match = *rule.match;
  const auto wrong = [&](SourceSpan span, std::string message, std::string hint = "") {
    reporter_->Error("VDT0015", span, std::move(message), std::move(hint));
    return false;
  };
  const size_t keys = spec.sources[0].keys.size();
  const auto differs = [keys](const CorrelationSource& s) {
    return s.keys.size() != keys ||
           std::any_of(s.rules.begin(), s.rules.end(), [keys](const RuleReference& r) {
             return !r.keys.empty() && r.keys.size() != keys;
           });
  };
  if (std::any_of(spec.sources.begin(), spec.sources.end(), differs) ||
      (spec.until.has_value() && differs(*spec.until))) {
    return wrong(match.span, "the sources have keys of different lengths",
                 "give each `by` as many fields as the others");
  }
  if (match.shape == Shape::kSequence) return CheckSequence(rule, spec);
  for (size_t i = 0; i < spec.sources.size(); ++i) {
    const CorrelationSource& s = spec.sources[i];
    const SourceSpan span = match.sources[i].span;
    if (s.negated) {
      return wrong(span, "only a sequence has stages that must not happen",
                   match.shape == Shape::kAll ? "name the slot and write `having not name`" : "");
    }
    if (s.runs > 1 || s.min_count > 1 || s.max_count > 0 || s.min_distinct > 0 ||
        s.within_previous_ns > 0 || s.after_previous_ns > 0) {
      return wrong(span, "only a stage of a sequence says how often and when it happens",
                   match.shape == Shape::kWindow ? "count in `having`" : "");
    }
  }
  if (match.shape == Shape::kSample && spec.sources.size() < 2) {
    return wrong(match.span, "a sample of one query is no sample", "add a query");
  }
  if (match.shape == Shape::kAll && match.span_ns == 0) {
    return wrong(match.span, "`all` needs a limit: `within 5m`");
  }
  if (match.shape == Shape::kWindow && !rule.having.has_value()) {
    return wrong(match.span, "a window needs a condition",
                 "write `having count(..) >= 5` after it");
  }
  return true;
}

bool RuleLowering::LowerCorrelation(const RuleAst& rule, Scope scope, LoweredRule* out) {
  const MatchAst& match = *rule.match;
  CorrelationSpec& spec = out->correlation;
  spec.shape = match.shape;
  spec.span_ns = match.span_ns;
  spec.window = match.window;
  spec.gap_ns = match.gap_ns;
  spec.history_ns = match.history_ns;
  spec.any_generation = match.any_generation;
  if (!match.lineage_id.empty()) spec.lineage_id = match.lineage_id;
  if (!match.lineage_parent.empty()) spec.lineage_parent = match.lineage_parent;
  spec.select = rule.select;
  spec.select_limit = static_cast<uint32_t>(rule.select_limit);
  spec.rearm = rule.rearm;
  spec.rearm_ns = rule.rearm_ns;
  spec.generate = rule.generate;
  bool ok = true;
  for (size_t i = 0; i < match.sources.size(); ++i) {
    CorrelationSource source;
    const bool sees_earlier = match.shape == Shape::kSequence;
    scope.later.clear();
    for (size_t j = i + 1; sees_earlier && j < match.sources.size(); ++j) {
      scope.later.push_back(match.sources[j].alias);
    }
    ok = LowerSource(match.sources[i], match.keys, scope, sees_earlier, out, &source) && ok;
    // Sources without a name get one that no author can write.
    if (source.alias.empty()) source.alias = "_" + std::to_string(i + 1);
    scope.aliases.push_back(source.alias);
    spec.sources.push_back(std::move(source));
  }
  if (HasDuplicates(scope.aliases)) {
    reporter_->Error("VDT0005", match.span, "two sources have the same name");
    ok = false;
  }
  if (match.until.has_value()) {
    CorrelationSource until;
    ok = LowerSource(*match.until, match.keys, scope, false, out, &until) && ok;
    spec.until = std::move(until);
  }
  if (!ok || !CheckShape(rule, spec)) return false;
  for (const PipeAst& pipe : match.pipes) {
    if (pipe.name == "head" || pipe.name == "tail") {
      reporter_->Warning("VDT0009", pipe.span, "pipes count in batch replay only");
      continue;
    }
    reporter_->Error("VDT0009", pipe.span, "there is no pipe " + Quoted(pipe.name));
    return false;
  }
  for (const Ast& value : match.new_values) {
    std::optional<Typed> typed = expressions_.Value(value, Scope());
    if (!typed.has_value()) return false;
    spec.new_values.push_back(std::move(typed->expr));
  }
  scope.only_sources = true;
  for (const Key& key : spec.sources[0].keys) {
    if (key.value.kind == Expr::Kind::kField) scope.keys.push_back(key.value.text);
  }
  if (rule.having.has_value()) {
    std::optional<Typed> having = expressions_.Value(*rule.having, scope);
    if (!having.has_value()) return false;
    const bool is_source = having->expr.kind == Expr::Kind::kField && having->expr.source >= 0 &&
                           having->expr.text.empty();
    if (is_source) {
      having = Typed{Expr::Call(Function::kSeen, {std::move(having->expr)}), ExprType::kBoolean};
    }
    if (having->type != ExprType::kBoolean) {
      reporter_->Error("VDT0010", rule.having->span, "`having` needs a condition",
                       "compare the value: `count(x) >= 5`");
      return false;
    }
    spec.having = std::move(having->expr);
  }
  return LowerActions(rule, scope, &spec.actions) &&
         LowerSuppress(rule, scope, &spec.sources[0].keys, &spec.actions);
}

std::optional<LoweredRule> RuleLowering::LowerMatch(const RuleAst& rule) {
  LoweredRule out;
  out.is_event = rule.match->is_event;
  const bool ok =
      out.is_event ? LowerEvent(rule, scope_, &out) : LowerCorrelation(rule, scope_, &out);
  if (!ok) return std::nullopt;
  return out;
}

}  // namespace vedette::inline v0::lang
