#include "lib/program/correlation_build.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/hash.h"
#include "lib/base/strings.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/program/match_build.h"
#include "lib/program/program_build.h"

namespace vedette::inline v0 {
namespace {

constexpr uint32_t kMaxDepth = 16;

// The run side has enums of its own, so that it needs no IR; they are the same lists.
static_assert(static_cast<int>(Shape::kLineage) ==
              static_cast<int>(ProgramCorrelation::Shape::kLineage));
static_assert(static_cast<int>(WindowKind::kSession) ==
              static_cast<int>(ProgramCorrelation::Window::kSession));
static_assert(static_cast<int>(Select::kAll) == static_cast<int>(ProgramCorrelation::Select::kAll));
static_assert(static_cast<int>(Rearm::kNever) ==
              static_cast<int>(ProgramCorrelation::Rearm::kNever));

// Sources in order, `until` last.
template <typename F>
void ForEachSource(const CorrelationSpec& spec, F f) {
  for (const CorrelationSource& source : spec.sources) f(source);
  if (spec.until.has_value()) f(*spec.until);
}

template <typename F>
void ForEachReference(const CorrelationSpec& spec, F f) {
  ForEachSource(spec, [&f](const CorrelationSource& source) {
    for (const RuleReference& reference : source.rules) f(reference);
  });
}

// Whether more records can only make it true: docs/correlator.md, section 2.
bool IsRising(const Expr& e, const FunctionRegistry* functions) {
  if (e.kind == Expr::Kind::kField) return e.source >= 0 && e.text.empty();
  if (e.kind != Expr::Kind::kCall) return false;
  const auto growing = [functions](const Expr& value, bool up) {
    if (value.kind != Expr::Kind::kCall) return false;
    switch (value.function) {
      case Function::kCount:
      case Function::kDistinct:
      case Function::kSum:
      case Function::kAvg:
      case Function::kMax:
      case Function::kStddev:
      case Function::kPercentile:
      case Function::kRate:
        return up;
      case Function::kMin:
        return !up;
      case Function::kHostAggregate: {
        const auto host = functions == nullptr ? nullptr : functions->FindAggregate(value.text);
        return up && host != nullptr && host->rising;
      }
      default:
        return false;
    }
  };
  switch (e.function) {
    case Function::kSeen:
      return true;
    case Function::kAnd:
    case Function::kOr:
      return std::all_of(e.args.begin(), e.args.end(),
                         [functions](const Expr& part) { return IsRising(part, functions); });
    case Function::kGreater:
    case Function::kGreaterEqual:
    case Function::kLess:
    case Function::kLessEqual: {
      const bool greater =
          e.function == Function::kGreater || e.function == Function::kGreaterEqual;
      if (e.args[1].is_constant()) return growing(e.args[0], greater);
      return e.args[0].is_constant() && growing(e.args[1], !greater);
    }
    default:
      return false;
  }
}

ProgramCorrelation::Rearm RearmOf(const CorrelationSpec& spec) {
  using R = ProgramCorrelation::Rearm;
  if (spec.rearm != Rearm::kDefault) return static_cast<R>(spec.rearm);
  switch (spec.shape) {
    case Shape::kWindow:
    case Shape::kAll:
      return R::kWhenFalse;
    case Shape::kSample:
      return R::kNever;
    default:
      return R::kImmediately;
  }
}

std::string KeyName(const Expr& key) {
  return key.kind == Expr::Kind::kField ? key.text : PrintExpr(key);
}

std::string ColumnName(const ColumnPlan& column) {
  if (column.kind == CompiledColumn::Kind::kFormula) return "";
  return KeyName(column.value);
}

CorrelationInput InputOf(const CorrelationSource& source, CorrelationInput::Role role) {
  CorrelationInput input;
  input.role = role;
  input.alias = source.alias;
  input.runs = source.runs;
  input.min_count = source.min_count;
  input.max_count = source.max_count;
  input.min_distinct = source.min_distinct;
  input.within_previous_ns = source.within_previous_ns;
  input.after_previous_ns = source.after_previous_ns;
  return input;
}

void CopyPlainParts(const CorrelationSpec& spec, const FunctionRegistry* functions,
                    ProgramCorrelation* out) {
  out->meta = spec.meta;
  out->shape = static_cast<ProgramCorrelation::Shape>(spec.shape);
  out->window = static_cast<ProgramCorrelation::Window>(spec.window);
  out->select = static_cast<ProgramCorrelation::Select>(spec.select);
  out->rearm = RearmOf(spec);
  out->select_limit = spec.select_limit;
  out->span_ns = spec.span_ns;
  out->gap_ns = spec.gap_ns;
  out->history_ns = spec.history_ns;
  out->rearm_ns = spec.rearm_ns;
  out->any_generation = spec.any_generation;
  out->emits = spec.emits;
  for (const Key& key : spec.sources[0].keys) out->key_names.push_back(KeyName(key.value));
  const bool windowed = spec.shape == Shape::kWindow || spec.shape == Shape::kAll;
  out->has_having = spec.having.kind != Expr::Kind::kNull;
  out->at_close = windowed && out->has_having && !IsRising(spec.having, functions);
}

Formula Exists(const std::string& field) {
  Predicate p;
  p.op = PredicateOp::kExists;
  p.field = field;
  return Formula::Of(std::move(p));
}

}  // namespace

CorrelationBuilder::CorrelationBuilder(ProgramBuilder* program, const CorrelationModule& input)
    : program_(program),
      input_(input),
      module_(*input.module),
      built_(module_.correlations.size()) {}

void CorrelationBuilder::Error(uint32_t index, std::string code, std::string message,
                               std::string hint) {
  problems_.push_back({false, index, true, std::move(code), std::move(message), std::move(hint)});
}

std::string CorrelationBuilder::Name(uint32_t index) const {
  return std::string(module_.correlations[index].meta.display_name());
}

std::vector<std::vector<uint32_t>> CorrelationBuilder::FindParents() const {
  std::vector<std::vector<uint32_t>> parents(module_.correlations.size());
  for (size_t i = 0; i < parents.size(); ++i) {
    if (input_.refused[i]) continue;
    ForEachReference(module_.correlations[i], [&](const RuleReference& reference) {
      if (reference.is_correlation) parents[i].push_back(reference.index);
    });
    std::sort(parents[i].begin(), parents[i].end());
    parents[i].erase(std::unique(parents[i].begin(), parents[i].end()), parents[i].end());
  }
  return parents;
}

std::vector<uint32_t> CorrelationBuilder::Order(const std::vector<std::vector<uint32_t>>& parents) {
  const size_t n = parents.size();
  std::vector<std::vector<uint32_t>> children(n);
  std::vector<size_t> open(n);
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < n; ++i) {
    open[i] = parents[i].size();
    if (open[i] == 0) order.push_back(i);
    for (const uint32_t parent : parents[i]) children[parent].push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const uint32_t child : children[order[next]]) {
      if (--open[child] == 0) order.push_back(child);
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (open[i] == 0) continue;
    Error(i, "VED0008",
          "the rule depends on itself, through others or directly: " + Chain(i, parents));
  }
  return order;
}

// "a, which needs b, which needs a": the first parent of each that is not built.
std::string CorrelationBuilder::Chain(uint32_t index,
                                      const std::vector<std::vector<uint32_t>>& parents) const {
  std::vector<uint32_t> path = {index};
  std::string out = Name(index);
  while (path.size() <= kMaxDepth) {
    const std::vector<uint32_t>& of = parents[path.back()];
    uint32_t next = kNoRule;
    uint32_t depth = 0;
    for (const uint32_t parent : of) {
      const uint32_t d = built_[parent].has_value() ? built_[parent]->correlation.depth : kNoRule;
      if (next != kNoRule && d <= depth) continue;
      next = parent;
      depth = d;
    }
    if (next == kNoRule) break;
    absl::StrAppend(&out, ", which needs ", ToAbsl(Name(next)));
    if (std::find(path.begin(), path.end(), next) != path.end()) break;
    path.push_back(next);
  }
  return out;
}

bool CorrelationBuilder::ParentsAreThere(uint32_t index,
                                         const std::vector<std::vector<uint32_t>>& parents) {
  const CorrelationSpec& spec = module_.correlations[index];
  const RuleReference* missing = nullptr;
  ForEachReference(spec, [&](const RuleReference& reference) {
    const bool there = reference.is_correlation ? built_[reference.index].has_value()
                                                : input_.rule_places[reference.index] != kNoRule;
    if (!there && missing == nullptr) missing = &reference;
  });
  if (missing != nullptr) {
    Error(index, "VED0007",
          "the rule '" + missing->text + "', which this one looks at, was left out",
          "mend that rule first");
    return false;
  }
  for (const uint32_t parent : parents[index]) {
    if (built_[parent]->correlation.depth < kMaxDepth) continue;
    Error(index, "VED0008",
          "rules on rules go deeper than " + std::to_string(kMaxDepth) +
              " levels: " + Chain(index, parents));
    return false;
  }
  return true;
}

std::vector<CorrelationProblem> CorrelationBuilder::Build() {
  const std::vector<std::vector<uint32_t>> parents = FindParents();
  for (const uint32_t i : Order(parents)) {
    if (input_.refused[i] || !ParentsAreThere(i, parents)) continue;
    const ProgramBuilder::Mark mark = program_->Here();
    const size_t rules = program_->layout_->rules.size();
    Built built;
    const absl::Status status = BuildOne(i, &built);
    if (status.ok()) {
      for (const uint32_t parent : parents[i]) {
        built.correlation.depth =
            std::max(built.correlation.depth, built_[parent]->correlation.depth + 1);
      }
      built_[i] = std::move(built);
      continue;
    }
    std::erase_if(hidden_, [rules](const auto& entry) { return entry.second >= rules; });
    program_->layout_->rules.resize(rules);
    program_->Undo(mark);
    // The rest is what rules of one event are refused for, too.
    Error(i, absl::IsUnimplemented(status) ? "VED0009" : "VED0004",
          std::string(ToStd(status.message())));
  }
  DecideWhoEmits();
  Append();
  return std::move(problems_);
}

absl::StatusOr<CompiledExpr> CorrelationBuilder::OverSlots(const Expr& expr) {
  return program_->Compiled(expr,
                            [](const Expr& field) { return static_cast<uint32_t>(field.source); });
}

// Those that have a certain place come first.
void CorrelationBuilder::PlanFixedColumns(const CorrelationSpec& spec, MatchBuilder* match,
                                          ProgramCorrelation* out) {
  if (spec.shape == Shape::kNewValue) {
    for (const Expr& value : spec.new_values) match->AppendColumn(0, value);
    out->new_value_columns = static_cast<uint32_t>(spec.new_values.size());
  }
  if (spec.shape != Shape::kLineage) return;
  const Expr id = Expr::Field(spec.lineage_id);
  const Expr parent = Expr::Field(spec.lineage_parent);
  match->AppendColumn(0, id);
  match->AppendColumn(1, parent);
  if (!spec.any_generation) return;
  match->AppendColumn(2, id);
  match->AppendColumn(2, parent);
}

// Of the events that a match has. Those of detections have no other fields than the rule gave them.
void CorrelationBuilder::PlanEvidence(const CorrelationSpec& spec, MatchBuilder* match) const {
  for (uint32_t i = 0; i < spec.sources.size(); ++i) {
    if (spec.sources[i].negated || match->SeesDetections(i)) continue;
    for (const std::string& field : input_.evidence_fields) {
      match->ValueColumn(i, Expr::Field(field));
    }
  }
}

absl::Status CorrelationBuilder::BuildOne(uint32_t index, Built* out) {
  const CorrelationSpec& spec = module_.correlations[index];
  ProgramCorrelation& c = out->correlation;
  CopyPlainParts(spec, program_->functions_, &c);
  c.dump = input_.dumps[index];
  using Role = CorrelationInput::Role;
  for (const CorrelationSource& source : spec.sources) {
    c.sources.push_back(InputOf(source, source.negated ? Role::kNegated : Role::kStage));
  }
  if (spec.until.has_value()) c.sources.push_back(InputOf(*spec.until, Role::kUntil));
  if (spec.shape == Shape::kLineage && spec.any_generation) {
    c.sources.emplace_back().role = Role::kTrack;
  }
  MatchBuilder match(spec, c.sources.size(), program_->functions_, &c);
  PlanFixedColumns(spec, &match, &c);
  absl::Status status = BuildActions(spec, &match, &c);
  if (status.ok()) status = BuildSources(index, &match, out);
  if (!status.ok()) return status;
  for (size_t i = 0; i < c.sources.size(); ++i) {
    for (const ColumnPlan& column : match.columns(i)) {
      c.sources[i].columns.push_back(ColumnName(column));
    }
  }
  for (const Expr& test : match.tests()) {
    absl::StatusOr<CompiledExpr> compiled = OverSlots(test);
    if (!compiled.ok()) return compiled.status();
    c.tests.push_back(*std::move(compiled));
  }
  c.fingerprint = Fingerprint(index, match, *out);
  return absl::OkStatus();
}

absl::Status CorrelationBuilder::BuildActions(const CorrelationSpec& spec, MatchBuilder* match,
                                              ProgramCorrelation* out) {
  const auto over = [&](const Expr& e, CompiledExpr* compiled) {
    absl::StatusOr<Expr> slots = match->OverMatch(e);
    if (!slots.ok()) return slots.status();
    absl::StatusOr<CompiledExpr> done = OverSlots(*slots);
    if (done.ok()) *compiled = *std::move(done);
    return done.status();
  };
  absl::Status status;
  if (out->has_having) {
    absl::StatusOr<Expr> slots = match->ConditionOverMatch(spec.having);
    if (!slots.ok()) return slots.status();
    absl::StatusOr<CompiledExpr> done = OverSlots(*slots);
    if (!done.ok()) return done.status();
    out->having = *std::move(done);
  }
  for (const auto& [name, value] : spec.actions.outcomes) {
    if (!status.ok()) return status;
    CompiledExpr expr;
    status = over(value, &expr);
    out->outcomes.emplace_back(name, std::move(expr));
  }
  for (const Key& key : spec.actions.suppress_by) {
    if (!status.ok()) return status;
    out->suppress_by.emplace_back().optional = key.optional;
    status = over(key.value, &out->suppress_by.back().expr);
  }
  out->suppress_ns = spec.actions.suppress_ns;
  return status;
}

absl::Status CorrelationBuilder::BuildSources(uint32_t index, MatchBuilder* match, Built* out) {
  const CorrelationSpec& spec = module_.correlations[index];
  ProgramCorrelation& c = out->correlation;
  std::vector<const CorrelationSource*> sources;
  ForEachSource(spec, [&sources](const CorrelationSource& s) { sources.push_back(&s); });
  // All columns are planned before the first feed is made: a later stage may look at an earlier
  // one.
  std::vector<Formula> conditions(c.sources.size());
  for (uint32_t i = 0; i < sources.size(); ++i) {
    if (sources[i]->min_distinct > 0) {
      c.sources[i].distinct_column = match->ValueColumn(i, Expr::Field(sources[i]->distinct_field));
    }
    if (!sources[i]->rules.empty()) continue;
    auto split = match->SplitCondition(i, sources[i]->condition);
    if (!split.ok()) return split.status();
    conditions[i] = std::move(split->event);
    if (!split->has_join) continue;
    absl::StatusOr<CompiledExpr> join = OverSlots(split->join);
    if (!join.ok()) return join.status();
    c.sources[i].has_join = true;
    c.sources[i].join = *std::move(join);
  }
  CorrelationSource track;
  if (sources.size() < c.sources.size()) {
    track.keys = spec.sources[0].keys;
    std::vector<Formula> both;
    both.push_back(Exists(spec.lineage_id));
    both.push_back(Exists(spec.lineage_parent));
    conditions.back() = Formula::And(std::move(both));
    sources.push_back(&track);
  }
  PlanEvidence(spec, match);
  for (uint32_t i = 0; i < sources.size(); ++i) {
    const absl::Status status =
        FeedSource(index, i, *sources[i], conditions[i], match->columns(i), out);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CorrelationBuilder::FeedSource(uint32_t index, uint32_t number,
                                            const CorrelationSource& source,
                                            const Formula& condition,
                                            const std::vector<ColumnPlan>& columns, Built* out) {
  const auto add = [out](absl::StatusOr<CorrelationFeed> feed) {
    if (!feed.ok()) return feed.status();
    out->feeds.push_back(*std::move(feed));
    return absl::OkStatus();
  };
  if (source.rules.empty()) {
    absl::StatusOr<uint32_t> rule = HiddenRule(module_.correlations[index].meta, condition);
    if (!rule.ok()) return rule.status();
    return add(EventFeed(number, *rule, source.keys, columns));
  }
  for (const RuleReference& reference : source.rules) {
    const std::vector<Key>& keys = reference.keys.empty() ? source.keys : reference.keys;
    absl::Status status =
        reference.is_correlation
            ? add(DetectionFeed(index, number, reference.index, keys, columns))
            : add(EventFeed(number, input_.rule_places[reference.index], keys, columns));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<CorrelationFeed> CorrelationBuilder::EventFeed(
    uint32_t number, uint32_t rule, const std::vector<Key>& keys,
    const std::vector<ColumnPlan>& columns) {
  CorrelationFeed feed;
  feed.source = number;
  feed.from = rule;
  auto compiled = program_->CompiledKeys(keys, program_->OfEvent());
  if (!compiled.ok()) return compiled.status();
  feed.keys = *std::move(compiled);
  for (const ColumnPlan& plan : columns) {
    CompiledColumn& column = feed.columns.emplace_back();
    column.kind = plan.kind;
    if (plan.kind == CompiledColumn::Kind::kFormula) {
      absl::StatusOr<uint32_t> node = program_->AddFormula(plan.formula);
      if (!node.ok()) return node.status();
      column.node = *node;
      continue;
    }
    absl::StatusOr<CompiledExpr> expr = program_->Compiled(plan.value);
    if (!expr.ok()) return expr.status();
    column.expr = *std::move(expr);
  }
  return feed;
}

absl::StatusOr<CorrelationFeed> CorrelationBuilder::DetectionFeed(
    uint32_t index, uint32_t number, uint32_t parent, const std::vector<Key>& keys,
    const std::vector<ColumnPlan>& columns) {
  const ProgramCorrelation& from = built_[parent]->correlation;
  const auto named = [&](const Expr& field) {
    uint32_t place = 0;
    for (const std::string& name : from.key_names) {
      if (name == field.text) return place;
      ++place;
    }
    for (const auto& [name, expr] : from.outcomes) {
      if (name == field.text) return place;
      ++place;
    }
    std::string message = "detections of '" + Name(parent) + "' have no '" + field.text +
                          "', so it is always missing";
    const bool said = std::any_of(problems_.begin(), problems_.end(), [&](const auto& p) {
      return p.index == index && p.message == message;
    });
    if (!said) {
      problems_.push_back({false, index, false, "VED0010", std::move(message),
                           "they have its keys and outcomes: give it an outcome of that name"});
    }
    return kNoField;
  };
  CorrelationFeed feed;
  feed.source = number;
  feed.from = parent;
  feed.from_correlation = true;
  auto compiled = program_->CompiledKeys(keys, named);
  if (!compiled.ok()) return compiled.status();
  feed.keys = *std::move(compiled);
  for (const ColumnPlan& plan : columns) {
    CompiledColumn& column = feed.columns.emplace_back();
    absl::StatusOr<CompiledExpr> expr = program_->Compiled(plan.value, named);
    if (!expr.ok()) return expr.status();
    column.expr = *std::move(expr);
    const bool is_field = column.expr.nodes.size() == 1 &&
                          column.expr.nodes[0].kind == CompiledExpr::Node::Kind::kField;
    column.kind = is_field ? CompiledColumn::Kind::kField : CompiledColumn::Kind::kExpr;
  }
  return feed;
}

absl::StatusOr<uint32_t> CorrelationBuilder::HiddenRule(const RuleMeta& meta,
                                                        const Formula& condition) {
  std::string key = meta.log_source.ToString();
  AppendFormulaKey(condition, &key);
  if (const auto it = hidden_.find(key); it != hidden_.end()) return it->second;
  absl::StatusOr<uint32_t> root = program_->AddFormula(condition);
  if (!root.ok()) return root.status();
  ProgramRule rule;
  rule.root = *root;
  rule.meta.log_source = meta.log_source;
  rule.meta.source = meta.source;
  rule.meta.line = meta.line;
  rule.fingerprint = StableHash(key);
  rule.silent = true;
  std::vector<ProgramRule>& rules = program_->layout_->rules;
  const auto place = static_cast<uint32_t>(rules.size());
  rules.push_back(std::move(rule));
  hidden_.emplace(std::move(key), place);
  return place;
}

// State is kept over a change of rules while this is equal: so the columns, which records hold, are
// in it beside the meaning.
uint64_t CorrelationBuilder::Fingerprint(uint32_t index, const MatchBuilder& match,
                                         const Built& built) const {
  std::string key;
  AppendCorrelationKey(module_.correlations[index], &key);
  const auto append = [&key](uint64_t n) {
    for (int shift = 0; shift < 64; shift += 8) key.push_back(static_cast<char>(n >> shift));
  };
  for (size_t i = 0; i < built.correlation.sources.size(); ++i) {
    append(match.columns(i).size());
    for (const ColumnPlan& column : match.columns(i)) {
      append(column.key.size());
      key += column.key;
    }
  }
  for (const CorrelationFeed& feed : built.feeds) {
    append(feed.from_correlation ? built_[feed.from]->correlation.fingerprint
                                 : program_->layout_->rules[feed.from].fingerprint);
  }
  return StableHash(key);
}

// What feeds a correlation may be silent, unless a correlation asks for its detections.
void CorrelationBuilder::DecideWhoEmits() {
  std::vector<bool> feeds[2] = {std::vector<bool>(module_.rules.size()),
                                std::vector<bool>(module_.correlations.size())};
  const auto let_speak = [this](const RuleReference& reference, bool speaks) {
    if (reference.is_correlation) {
      built_[reference.index]->correlation.emits = speaks;
    } else {
      program_->layout_->rules[input_.rule_places[reference.index]].silent = !speaks;
    }
  };
  // First those that silence, then those that want to hear: of what was refused neither counts.
  for (const bool generates : {false, true}) {
    for (size_t i = 0; i < built_.size(); ++i) {
      if (!built_[i].has_value()) continue;
      const CorrelationSpec& spec = module_.correlations[i];
      ForEachReference(spec, [&](const RuleReference& reference) {
        feeds[reference.is_correlation ? 1 : 0][reference.index] = true;
        if (spec.generate != generates) return;
        if (generates || Silences(spec, reference, module_)) let_speak(reference, generates);
      });
    }
  }
  const auto warn = [this](bool of_rule, uint32_t index) {
    problems_.push_back({of_rule, index, false, "VED0011",
                         "the rule gives no detections, and no rule over several events looks at "
                         "it",
                         "let it emit, or mend the rule that names it"});
  };
  for (uint32_t i = 0; i < module_.rules.size(); ++i) {
    const uint32_t place = input_.rule_places[i];
    if (place != kNoRule && program_->layout_->rules[place].silent && !feeds[0][i]) warn(true, i);
  }
  for (uint32_t i = 0; i < built_.size(); ++i) {
    if (built_[i].has_value() && !built_[i]->correlation.emits && !feeds[1][i]) warn(false, i);
  }
}

// In the order of the module.
void CorrelationBuilder::Append() {
  ProgramLayout& layout = *program_->layout_;
  std::vector<uint32_t> place(built_.size(), kNoRule);
  uint32_t next = 0;
  for (size_t i = 0; i < built_.size(); ++i) {
    if (built_[i].has_value()) place[i] = next++;
  }
  for (size_t i = 0; i < built_.size(); ++i) {
    if (!built_[i].has_value()) continue;
    Built& built = *built_[i];
    for (CorrelationFeed& feed : built.feeds) {
      feed.correlation = place[i];
      if (feed.from_correlation) feed.from = place[feed.from];
      layout.feeds.push_back(std::move(feed));
    }
    std::string key;
    for (int shift = 0; shift < 64; shift += 8) {
      key.push_back(static_cast<char>(built.correlation.fingerprint >> shift));
    }
    layout.fingerprint = StableHash(key, layout.fingerprint + 1);
    layout.correlations.push_back(std::move(built.correlation));
  }
}

}  // namespace vedette::inline v0
