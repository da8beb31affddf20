#include "lib/program/match_build.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/ir/key.h"

namespace vedette::inline v0 {
namespace {

using SlotKind = CorrelationSlot::Kind;

// The sources whose fields `e` reads; depth is bounded by the verifier, as in all that follows.
void CollectSources(const Expr& e, std::set<int32_t>* out) {
  if (e.kind == Expr::Kind::kField) out->insert(e.source);
  for (const Expr& arg : e.args) CollectSources(arg, out);
}

// Whether `e` is about the match, not about one event.
bool NeedsMatch(const Expr& e) {
  if (e.kind == Expr::Kind::kField && e.source != Expr::kThisEvent) return true;
  if (e.kind == Expr::Kind::kCall && SpecOf(e.function).is_aggregate) return true;
  return std::any_of(e.args.begin(), e.args.end(), NeedsMatch);
}

bool NeedsMatch(const Formula& f) {
  const bool own = f.kind == NodeKind::kPredicate && f.predicate.subject != nullptr &&
                   NeedsMatch(*f.predicate.subject);
  return own || std::any_of(f.children.begin(), f.children.end(),
                            [](const Formula& child) { return NeedsMatch(child); });
}

Expr OfThisEvent(Expr e) {
  if (e.kind == Expr::Kind::kField) e.source = Expr::kThisEvent;
  for (Expr& arg : e.args) arg = OfThisEvent(std::move(arg));
  return e;
}

ExprType TypeOf(const Expr& e) {
  return e.kind == Expr::Kind::kCall ? SpecOf(e.function).result : ExprType::kAny;
}

// A predicate on a computed value as an expression that is true of the same values; null if there
// is none.
Expr AsExpr(const Predicate& p) {
  const Expr& value = *p.subject;
  if (p.op == PredicateOp::kHolds) return value;
  if (p.op == PredicateOp::kIsNull) {
    Expr present = Expr::Call(Function::kEqual, {value, value});
    return Expr::Call(Function::kNot,
                      {Expr::Call(Function::kCoalesce, {std::move(present), Expr::Bool(false)})});
  }
  if (TypeOf(value) == ExprType::kNumber) {
    switch (p.op) {
      case PredicateOp::kNumberEq:
        return Expr::Call(Function::kEqual, {value, Expr::Of(p.number)});
      case PredicateOp::kNumberLt:
        return Expr::Call(Function::kLess, {value, Expr::Of(p.number)});
      case PredicateOp::kNumberLe:
        return Expr::Call(Function::kLessEqual, {value, Expr::Of(p.number)});
      case PredicateOp::kNumberGt:
        return Expr::Call(Function::kGreater, {value, Expr::Of(p.number)});
      case PredicateOp::kNumberGe:
        return Expr::Call(Function::kGreaterEqual, {value, Expr::Of(p.number)});
      default:
        return Expr::Null();
    }
  }
  const std::vector<PatternPiece>& pieces = p.pattern.pieces;
  const bool exact =
      pieces.empty() || (pieces.size() == 1 && pieces[0].kind == PatternPiece::Kind::kLiteral);
  if (p.op == PredicateOp::kText && TypeOf(value) == ExprType::kString && p.pattern.cased &&
      exact) {
    return Expr::Call(Function::kEqual, {value, Expr::Text(pieces.empty() ? "" : pieces[0].text)});
  }
  return Expr::Null();
}

// Of aggregates only one is a list.
bool MayReadList(const Expr& e) {
  if (e.kind == Expr::Kind::kField) return !e.text.empty();
  if (e.kind == Expr::Kind::kCall && SpecOf(e.function).is_aggregate) {
    return e.function == Function::kValues;
  }
  return std::any_of(e.args.begin(), e.args.end(), MayReadList);
}

bool IsConnective(const Expr& e) {
  return e.kind == Expr::Kind::kCall &&
         (e.function == Function::kAnd || e.function == Function::kOr ||
          e.function == Function::kNot);
}

Expr Joined(Function function, std::vector<Expr> parts) {
  if (parts.empty()) return Expr::Bool(function == Function::kAnd);
  if (parts.size() == 1) return std::move(parts[0]);
  return Expr::Call(function, std::move(parts));
}

}  // namespace

MatchBuilder::MatchBuilder(const CorrelationSpec& spec, size_t inputs,
                           const FunctionRegistry* functions, ProgramCorrelation* out)
    : spec_(spec), functions_(functions), out_(out), columns_(inputs) {
  for (const CorrelationSource& source : spec.sources) names_.aliases.push_back(source.alias);
}

uint32_t MatchBuilder::AddColumn(uint32_t source, ColumnPlan plan, bool share) {
  std::vector<ColumnPlan>& columns = columns_[source];
  plan.key.push_back(static_cast<char>(plan.kind));
  if (plan.kind == CompiledColumn::Kind::kFormula) {
    AppendFormulaKey(plan.formula, &plan.key);
  } else {
    AppendExprKey(plan.value, &plan.key);
  }
  const auto known = std::find_if(columns.begin(), columns.end(),
                                  [&plan](const ColumnPlan& c) { return c.key == plan.key; });
  if (share && known != columns.end()) return static_cast<uint32_t>(known - columns.begin());
  columns.push_back(std::move(plan));
  return static_cast<uint32_t>(columns.size() - 1);
}

uint32_t MatchBuilder::AppendColumn(uint32_t source, const Expr& value) {
  const bool is_field = value.kind == Expr::Kind::kField;
  const auto kind = is_field ? CompiledColumn::Kind::kField : CompiledColumn::Kind::kExpr;
  return AddColumn(source, {kind, OfThisEvent(value), {}, ""}, false);
}

uint32_t MatchBuilder::ValueColumn(uint32_t source, const Expr& value) {
  const bool is_field = value.kind == Expr::Kind::kField;
  const auto kind = is_field ? CompiledColumn::Kind::kField : CompiledColumn::Kind::kExpr;
  return AddColumn(source, {kind, OfThisEvent(value), {}, ""}, true);
}

Expr MatchBuilder::Slot(SlotKind kind, uint32_t source, uint32_t index) {
  std::vector<CorrelationSlot>& slots = out_->slots;
  const auto known = std::find_if(slots.begin(), slots.end(), [&](const CorrelationSlot& slot) {
    return slot.kind == kind && slot.source == source && slot.index == index;
  });
  const auto number = static_cast<int32_t>(known - slots.begin());
  if (known == slots.end()) slots.push_back({kind, source, index});
  return Expr::Field("", number);
}

Expr MatchBuilder::ColumnSlot(uint32_t source, const Expr& value) {
  return Slot(SlotKind::kColumn, source, ValueColumn(source, value));
}

Expr MatchBuilder::FormulaSlot(uint32_t source, Formula formula) {
  if (formula.kind == NodeKind::kTrue) return Expr::Bool(true);
  if (formula.kind == NodeKind::kFalse) return Expr::Bool(false);
  ColumnPlan plan;
  plan.kind = CompiledColumn::Kind::kFormula;
  plan.formula = std::move(formula);
  Expr slot = Slot(SlotKind::kColumn, source, AddColumn(source, std::move(plan), true));
  // Null if the match has no record of the source.
  return Expr::Call(Function::kCoalesce, {std::move(slot), Expr::Bool(false)});
}

absl::StatusOr<Expr> MatchBuilder::AggregateSlot(const Expr& e) {
  CorrelationAggregate aggregate;
  if (e.function == Function::kHostAggregate) {
    aggregate.host = functions_ == nullptr ? nullptr : functions_->FindAggregate(e.text);
    if (aggregate.host == nullptr || aggregate.host->arguments.size() != e.args.size()) {
      return absl::InvalidArgumentError(absl::StrCat("the host has no aggregate '", e.text, "' of ",
                                                     e.args.size(), " arguments"));
    }
  }
  aggregate.function = e.function;
  aggregate.source = static_cast<uint32_t>(e.args[0].source);
  for (const Expr& arg : e.args) {
    if (arg.kind == Expr::Kind::kNumber) aggregate.percent = arg.number.d;
    if (arg.kind == Expr::Kind::kField && !arg.text.empty()) {
      aggregate.columns.push_back(ValueColumn(aggregate.source, arg));
    }
  }
  aggregate.text = PrintExpr(e, names_);
  std::vector<CorrelationAggregate>& all = out_->aggregates;
  const auto known =
      std::find_if(all.begin(), all.end(), [&aggregate](const CorrelationAggregate& a) {
        return a.function == aggregate.function && a.source == aggregate.source &&
               a.columns == aggregate.columns && a.percent == aggregate.percent &&
               a.host == aggregate.host;
      });
  const auto index = static_cast<uint32_t>(known - all.begin());
  if (known == all.end()) all.push_back(std::move(aggregate));
  return Slot(SlotKind::kAggregate, 0, index);
}

// A field outside of any source is a key; a correlation with one source has no other event.
absl::StatusOr<Expr> MatchBuilder::EventField(const Expr& e) {
  if (spec_.sources.size() == 1) return ColumnSlot(0, e);
  return absl::UnimplementedError(absl::StrCat(
      "'", PrintExpr(e, names_), "' is of no particular event: it is no key of the match"));
}

absl::StatusOr<Expr> MatchBuilder::OverMatch(const Expr& e) {
  if (e.is_constant()) return e;
  for (const CorrelationSource& source : spec_.sources) {
    for (size_t i = 0; i < source.keys.size(); ++i) {
      if (source.keys[i].value == e) return Slot(SlotKind::kKey, 0, static_cast<uint32_t>(i));
    }
  }
  if (e.kind == Expr::Kind::kField) {
    if (e.source == Expr::kThisEvent) return EventField(e);
    if (e.text.empty()) return AggregateSlot(Expr::Call(Function::kSeen, {e}));
    return ColumnSlot(static_cast<uint32_t>(e.source), e);
  }
  if (SpecOf(e.function).is_aggregate) return AggregateSlot(e);
  Expr out = e;
  for (Expr& arg : out.args) {
    absl::StatusOr<Expr> over = OverMatch(arg);
    if (!over.ok()) return over.status();
    arg = *std::move(over);
  }
  return out;
}

absl::StatusOr<Expr> MatchBuilder::ConditionOverMatch(const Expr& e) {
  if (!IsConnective(e)) return OverMatch(e);
  Expr out = e;
  for (Expr& arg : out.args) {
    absl::StatusOr<Expr> part = ConditionOverMatch(arg);
    if (!part.ok()) return part.status();
    const bool is_test = !IsConnective(arg) && MayReadList(arg);
    arg = is_test ? TestSlot(*std::move(part)) : *std::move(part);
  }
  return out;
}

bool MatchBuilder::SeesDetections(size_t source) const {
  const std::vector<RuleReference>& rules = spec_.sources[source].rules;
  return std::any_of(rules.begin(), rules.end(),
                     [](const RuleReference& rule) { return rule.is_correlation; });
}

absl::StatusOr<MatchBuilder::Split> MatchBuilder::SplitCondition(uint32_t source,
                                                                 const Formula& condition) {
  Split split;
  if (!NeedsMatch(condition)) {
    split.event = condition;
    return split;
  }
  if (condition.kind != NodeKind::kAnd) {
    split.event = Formula::True();
    absl::StatusOr<Expr> join = Join(source, condition);
    if (!join.ok()) return join.status();
    split.has_join = true;
    split.join = *std::move(join);
    return split;
  }
  std::vector<Formula> alone;
  std::vector<Expr> joins;
  for (const Formula& part : condition.children) {
    if (!NeedsMatch(part)) {
      alone.push_back(part);
      continue;
    }
    absl::StatusOr<Expr> join = Join(source, part);
    if (!join.ok()) return join.status();
    joins.push_back(*std::move(join));
  }
  split.event = alone.empty() ? Formula::True() : Formula::And(std::move(alone));
  split.has_join = true;
  split.join = Joined(Function::kAnd, std::move(joins));
  return split;
}

// A condition as a value that is true or false, never null.
absl::StatusOr<Expr> MatchBuilder::Join(uint32_t source, const Formula& f) {
  if (!NeedsMatch(f)) return FormulaSlot(source, f);
  switch (f.kind) {
    case NodeKind::kAnd:
    case NodeKind::kOr:
      return JoinBranch(source, f);
    case NodeKind::kNot: {
      absl::StatusOr<Expr> child = Join(source, f.children[0]);
      if (!child.ok()) return child.status();
      return Expr::Call(Function::kNot, {*std::move(child)});
    }
    case NodeKind::kPredicate:
      return JoinPredicate(source, f.predicate);
    default:
      return absl::UnimplementedError(
          "the elements of a list cannot be compared with other stages");
  }
}

// What the event decides alone is one column.
absl::StatusOr<Expr> MatchBuilder::JoinBranch(uint32_t source, const Formula& f) {
  std::vector<Formula> alone;
  std::vector<Expr> parts;
  for (const Formula& child : f.children) {
    if (!NeedsMatch(child)) {
      alone.push_back(child);
      continue;
    }
    absl::StatusOr<Expr> part = Join(source, child);
    if (!part.ok()) return part.status();
    parts.push_back(*std::move(part));
  }
  const bool is_and = f.kind == NodeKind::kAnd;
  if (!alone.empty()) {
    parts.push_back(FormulaSlot(
        source, is_and ? Formula::And(std::move(alone)) : Formula::Or(std::move(alone))));
  }
  return Joined(is_and ? Function::kAnd : Function::kOr, std::move(parts));
}

absl::StatusOr<Expr> MatchBuilder::JoinPredicate(uint32_t source, const Predicate& p) {
  const Expr& value = *p.subject;
  std::set<int32_t> sources;
  CollectSources(value, &sources);
  const auto earlier = static_cast<uint32_t>(*sources.rbegin());
  // The name of a stage alone: it was seen, as stages come in order.
  const bool is_stage = value.kind == Expr::Kind::kField && value.text.empty();
  if (is_stage && p.op == PredicateOp::kHolds) return Expr::Bool(!spec_.sources[earlier].negated);
  if (const Expr test = AsExpr(p); test.kind != Expr::Kind::kNull) return Test(source, test);
  if (sources.size() > 1) {
    return absl::UnimplementedError(
        absl::StrCat("`", PrintPredicate(p, names_),
                     "` computes with fields of several stages, which may only be compared"));
  }
  if (SeesDetections(earlier)) {
    return absl::UnimplementedError(
        absl::StrCat("`", PrintPredicate(p, names_),
                     "` tests a field of a detection; only comparisons with `==` and `<` can"));
  }
  // The stage's own events answer it.
  Predicate own = p;
  own.subject = nullptr;
  if (value.kind == Expr::Kind::kField) {
    own.field = value.text;
  } else {
    own.subject = std::make_shared<const Expr>(OfThisEvent(value));
  }
  return FormulaSlot(earlier, Formula::Of(std::move(own)));
}

// Fields of the event itself are columns of `source`.
Expr MatchBuilder::Test(uint32_t source, const Expr& value) {
  const auto over = [&](const Expr& e, const auto& self) -> Expr {
    if (e.kind == Expr::Kind::kField && e.text.empty()) {
      return Expr::Bool(!spec_.sources[static_cast<size_t>(e.source)].negated);
    }
    if (e.kind == Expr::Kind::kField) {
      return ColumnSlot(e.source == Expr::kThisEvent ? source : static_cast<uint32_t>(e.source), e);
    }
    Expr out = e;
    for (Expr& arg : out.args) arg = self(arg, self);
    return out;
  };
  return TestSlot(over(value, over));
}

Expr MatchBuilder::TestSlot(Expr test) {
  const auto known = std::find(tests_.begin(), tests_.end(), test);
  const auto index = static_cast<uint32_t>(known - tests_.begin());
  if (known == tests_.end()) tests_.push_back(std::move(test));
  return Slot(SlotKind::kTest, 0, index);
}

}  // namespace vedette::inline v0
