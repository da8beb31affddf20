#include "vedette/evaluator.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "lib/base/json_text.h"
#include "lib/eval/evaluator_impl.h"
#include "lib/eval/kernels.h"
#include "lib/eval/rule_index.h"

namespace vedette::inline v0 {
namespace {

using Kind = ProgramNode::Kind;

// Cut at a character boundary, so that output stays valid UTF-8.
std::string Cut(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// Collects the values that made a formula hold: true predicates on the branches that are true and
// stand under no `not`.
class Collector {
 public:
  Collector(const ProgramLayout& layout, const EvaluatorOptions& options, Frame* frame,
            Runner* runner, std::vector<MatchedField>* out)
      : layout_(layout), options_(options), frame_(frame), runner_(runner), out_(out) {}

  void Collect(uint32_t index, uint32_t label, const Value* element) {
    const ProgramNode& node = layout_.nodes[index];
    if (out_->size() >= options_.max_matched_fields) return;
    if (node.label != 0) label = node.label;
    switch (node.kind) {
      case Kind::kTrue:
      case Kind::kFalse:
      case Kind::kNot:
        return;
      case Kind::kPredicate:
        CollectPredicate(layout_.predicates[node.first], label, element);
        return;
      case Kind::kEach:
        for (const Value& item : runner_->Elements(node, element)) {
          if (runner_->Holds(node.first, &item)) Collect(node.first, label, &item);
        }
        return;
      case Kind::kAnd:
      case Kind::kOr:
        CollectChildren(node, label, element);
        return;
    }
  }

 private:
  void CollectChildren(const ProgramNode& node, uint32_t label, const Value* element) {
    const auto collect = [this, label, element](uint32_t child) {
      if (runner_->Holds(child, element)) Collect(child, label, element);
    };
    const auto rank = [this, &node](uint32_t i) { return layout_.nodes[node.first + i].rank; };
    uint32_t in_order = 1;
    while (in_order < node.count && rank(in_order - 1) <= rank(in_order)) ++in_order;
    if (in_order >= node.count) {
      // As they mostly stand: children of one kind cost the same.
      for (uint32_t i = 0; i < node.count; ++i) collect(node.first + i);
    } else {
      for (const uint32_t child : ChildrenInOrder(layout_, node)) collect(child);
    }
  }

  void CollectPredicate(const CompiledPredicate& p, uint32_t label, const Value* element) {
    MatchedField found;
    found.test = p.text;
    found.selection = layout_.labels[label];
    std::span<Scalar> scalars;
    FieldState relative;
    if (p.subject != nullptr) {
      frame_->indicators().ClearHit();
      frame_->AnyValue(*p.subject, p.relative ? element : nullptr, [&](const Value& v) {
        if (!ValueMatches(p, v, frame_)) return false;
        found.value = v.is_scalar() ? Cut(DisplayText(v), options_.max_value_bytes) : "";
        return true;
      });
      if (AsksIndicatorSet(p)) AddIndicator(p, &found);
      Add(std::move(found));
      return;
    }
    if (p.op == CompiledPredicate::Op::kKeyword) {
      scalars = frame_->WholeEvent();
    } else {
      found.field = layout_.fields[p.field].text();
      if (p.relative && element != nullptr) relative = frame_->RelativeField(*element, p.field);
      const FieldState& state = p.relative ? relative : frame_->Field(p.field);
      scalars = state.scalars;
      const bool whole = p.op == CompiledPredicate::Op::kExists ||
                         p.op == CompiledPredicate::Op::kIsNull ||
                         p.op == CompiledPredicate::Op::kFieldText;
      if (whole) {
        found.value = state.present ? Cut(DisplayText(state.value), options_.max_value_bytes) : "";
        Add(std::move(found));
        return;
      }
    }
    for (Scalar& scalar : scalars) {
      if (!ScalarMatches(p, &scalar, frame_)) continue;
      found.value = Cut(frame_->Text(&scalar), options_.max_value_bytes);
      Add(std::move(found));
      return;
    }
  }

  // The value that is in the set, instead of the test's own "true".
  void AddIndicator(const CompiledPredicate& p, MatchedField* found) {
    const IndicatorLookup::Hit& hit = frame_->indicators().hit();
    if (hit.set == nullptr) return;
    if (p.subject->nodes[0].kind == CompiledExpr::Node::Kind::kField) {
      found->field = layout_.fields[p.subject->fields[p.subject->nodes[0].index]].text();
    }
    found->value = Cut(DisplayText(hit.value), options_.max_value_bytes);
    found->indicator = DescribeIndicator(hit);
  }

  // Several tests of one value (contains a list of words) are one matched field each.
  void Add(MatchedField field) {
    if (out_->size() < options_.max_matched_fields) out_->push_back(std::move(field));
  }

  const ProgramLayout& layout_;
  const EvaluatorOptions& options_;
  Frame* frame_;
  Runner* runner_;
  std::vector<MatchedField>* out_;
};

}  // namespace

std::string DisplayText(const Value& value) {
  std::string text;
  if (value.is_scalar()) {
    value.AppendText(&text);
  } else {
    text = value.ToJson();
  }
  return text;
}

bool AsksIndicatorSet(const CompiledPredicate& p) {
  if (p.op != CompiledPredicate::Op::kHolds || p.subject == nullptr) return false;
  const CompiledExpr::Node& last = p.subject->nodes.back();
  return last.kind == CompiledExpr::Node::Kind::kCall && last.function == Function::kInSet;
}

std::vector<std::pair<std::string, std::string>> DescribeIndicator(
    const IndicatorLookup::Hit& hit) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&out](std::string_view name, std::string_view text) {
    std::string json;
    AppendJsonString(text, &json);
    out.emplace_back(name, std::move(json));
  };
  add("set", hit.name);
  const Indicator& indicator = hit.set->indicator(hit.indicator);
  for (const IndicatorValue& v : indicator.values) {
    add(v.field.empty() ? "value" : std::string_view(v.field), v.text);
  }
  if (!indicator.source.empty()) add("source", indicator.source);
  if (indicator.confidence >= 0) {
    out.emplace_back("confidence", std::to_string(indicator.confidence));
  }
  if (indicator.severity != Level::kUnset) add("severity", LevelName(indicator.severity));
  if (indicator.valid_until != kNoEventTime) {
    add("valid_until", FormatEventTime(indicator.valid_until));
  }
  return out;
}

std::vector<uint32_t> ChildrenInOrder(const ProgramLayout& layout, const ProgramNode& node) {
  std::vector<uint32_t> children(node.count);
  for (uint32_t i = 0; i < node.count; ++i) children[i] = node.first + i;
  std::sort(children.begin(), children.end(), [&layout](uint32_t a, uint32_t b) {
    return layout.nodes[a].rank < layout.nodes[b].rank;
  });
  return children;
}

EvaluatorStats& EvaluatorStats::operator+=(const EvaluatorStats& other) {
  events += other.events;
  matches += other.matches;
  events_without_log_source += other.events_without_log_source;
  events_without_rules += other.events_without_rules;
  events_undecided += other.events_undecided;
  rules_undecided += other.rules_undecided;
  rules_faced += other.rules_faced;
  rules_evaluated += other.rules_evaluated;
  records += other.records;
  records_without_key += other.records_without_key;
  key_combinations_dropped += other.key_combinations_dropped;
  missing_indicator_sets += other.missing_indicator_sets;
  return *this;
}

Evaluator::Evaluator(std::shared_ptr<const Program> program, EvaluatorOptions options)
    : impl_(std::make_unique<Impl>(std::move(program), options)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

void Evaluator::Impl::Begin(const EventView& event) {
  frame.Begin(event);
  runner.Begin();
  Plan* plan = planner.PlanFor(event, frame.arena());
  TreePlaces tree;
  Binding* binding = planner.BindingFor(event, plan, &tree);
  frame.set_plan(plan, binding, tree);
}

RuleIndex* Evaluator::Impl::IndexOf(Plan* plan) {
  if (!options.use_index) return nullptr;
  if (plan->index == nullptr && ++plan->events >= options.events_before_index) {
    plan->index = std::make_unique<RuleIndex>(layout, plan->rules, next_index++, &memo);
  }
  return plan->index.get();
}

template <typename Visit>
void Evaluator::Impl::VisitCandidates(Visit visit) {
  Plan* plan = frame.plan();
  RuleIndex* const index = IndexOf(plan);
  if (index == nullptr) {
    for (const uint32_t rule : plan->rules) visit(rule);
    return;
  }
  const std::span<const uint64_t> words = index->Candidates(&frame, &runner);
  for (size_t w = 0; w < words.size(); ++w) {
    for (uint64_t bits = words[w]; bits != 0; bits &= bits - 1) {
      visit(plan->rules[w * 64 + static_cast<size_t>(std::countr_zero(bits))]);
    }
  }
}

void Evaluator::Impl::Decide(uint32_t rule, bool holds, uint64_t* undecided) {
  ++stats.rules_evaluated;
  if (frame.over_budget()) {
    ++*undecided;
  } else if (holds) {
    const ProgramRule& r = layout.rules[rule];
    if (!r.silent) matches.push_back({rule});
    if (!r.feeds.empty()) feeding.push_back(rule);
  }
}

uint64_t Evaluator::Impl::EvaluateRules() {
  uint64_t undecided = 0;
  VisitCandidates([this, &undecided](uint32_t rule) {
    Decide(rule, runner.Holds(layout.rules[rule].root), &undecided);
  });
  return undecided;
}

uint64_t Evaluator::Impl::EvaluateSampled(int64_t start) {
  for (const uint32_t rule : frame.plan()->rules) profiler.AddFaced(rule);
  runner.SetProfiler(&profiler);
  uint64_t undecided = 0;
  int64_t in_rules = 0;
  const int64_t begin = profiler.Now();
  VisitCandidates([this, &undecided, &in_rules](uint32_t rule) {
    const int64_t before = profiler.Now();
    const bool holds = runner.Holds(layout.rules[rule].root);
    const int64_t spent = profiler.Now() - before;
    in_rules += spent;
    profiler.AddRule(rule, holds, spent);
    Decide(rule, holds, &undecided);
  });
  const int64_t end = profiler.Now();
  profiler.AddEvent(end - start, options.use_index ? end - begin - in_rules : 0);
  return undecided;
}

std::span<const Match> Evaluator::Evaluate(const EventView& event) {
  Impl& impl = *impl_;
  const bool sampled = impl.profiler.Begin();
  const int64_t start = sampled ? impl.profiler.Now() : 0;
  impl.matches.clear();
  impl.feeding.clear();
  impl.records_made = false;
  impl.Begin(event);
  const Plan& plan = *impl.frame.plan();
  ++impl.stats.events;
  if (plan.sources.empty()) {
    ++impl.stats.events_without_log_source;
  } else if (plan.rules.empty()) {
    ++impl.stats.events_without_rules;
  }
  impl.stats.rules_faced += plan.rules.size();
  const uint64_t undecided = sampled ? impl.EvaluateSampled(start) : impl.EvaluateRules();
  if (undecided > 0) ++impl.stats.events_undecided;
  impl.stats.rules_undecided += undecided;
  impl.stats.missing_indicator_sets = impl.frame.indicators().missing_sets();
  impl.stats.matches += impl.matches.size();
  return impl.matches;
}

EvaluationProfile Evaluator::Profile() const {
  EvaluationProfile profile = impl_->profiler.Profile();
  if (profile.rules.empty()) return profile;
  impl_->planner.VisitPlans([&profile](const Plan& plan) {
    if (plan.index == nullptr) return;
    const std::span<const uint64_t> always = plan.index->always();
    for (size_t i = 0; i < plan.rules.size(); ++i) {
      if ((always[i / 64] >> (i % 64) & 1) != 0) profile.rules[plan.rules[i]].always = true;
    }
  });
  return profile;
}

std::span<const MatchRecord> Evaluator::Records(const EventView& event) {
  Impl& impl = *impl_;
  if (impl.records_made) return impl.records.records();
  impl.records_made = true;
  const bool was_undecided = impl.frame.over_budget();
  impl.records.Make(event, impl.feeding, &impl.stats);
  if (!was_undecided && impl.frame.over_budget()) ++impl.stats.events_undecided;
  return impl.records.records();
}

Detection Evaluator::Describe(const EventView& event, const Match& match) {
  Impl& impl = *impl_;
  const ProgramRule& rule = impl.layout.rules[match.rule];
  Detection d;
  d.program = impl.program;
  d.rule = match.rule;
  d.time = event.time();
  d.event_source = std::string(event.ref().source);
  d.event_line = event.ref().line;
  for (const LogSource& source : impl.frame.plan()->sources) {
    if (source.Satisfies(rule.meta.log_source)) {
      d.log_source = source;
      break;
    }
  }
  if (impl.frame.over_budget()) {
    // What is remembered of undecided predicates is worthless.
    impl.frame.LiftBudget();
    impl.runner.Begin();
  }
  for (const auto& [name, expr] : rule.outcomes) {
    // The first value, as the rule's author would read a list field in a title.
    // clang 14 captures no structured binding by its name alone.
    impl.frame.AnyValue(expr, nullptr, [&d, &name = name](const Value& v) {
      d.outcomes.emplace_back(name, v.ToJson());
      return true;
    });
  }
  Collector(impl.layout, impl.options, &impl.frame, &impl.runner, &d.matched)
      .Collect(rule.root, 0, nullptr);
  return d;
}

bool Evaluator::AppendSuppressionKey(const Match& match, std::string* key) {
  for (const CompiledKey& by : impl_->layout.rules[match.rule].suppress_by) {
    Value part = Value::Null();
    impl_->frame.AnyValue(by.expr, nullptr, [&part](const Value& v) {
      part = v;
      return true;
    });
    if (!part.is_scalar() && !by.optional) return false;
    AppendKeyPart(part, key);
  }
  return true;
}

std::vector<LogSource> Evaluator::LogSourcesOf(const EventView& event) {
  impl_->Begin(event);
  return impl_->frame.plan()->sources;
}

const Program& Evaluator::program() const { return *impl_->program; }
const EvaluatorStats& Evaluator::stats() const { return impl_->stats; }

}  // namespace vedette::inline v0
