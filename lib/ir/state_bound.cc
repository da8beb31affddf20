#include "lib/ir/state_bound.h"

#include <algorithm>
#include <set>
#include <vector>

#include "lib/base/state_limits.h"
#include "lib/event/function_table.h"
#include "lib/ir/printer.h"

namespace vedette::inline v0 {
namespace {

std::string Number(uint64_t n) {
  std::string out = std::to_string(n);
  for (size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string Count(uint64_t n, std::string_view noun) {
  return Number(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

bool RefersToSources(const Expr& e) {
  return (e.kind == Expr::Kind::kField && e.source != Expr::kThisEvent) ||
         std::any_of(e.args.begin(), e.args.end(), RefersToSources);
}

bool RefersToSources(const Formula& f) {
  const Predicate& p = f.predicate;
  const bool here =
      f.kind == NodeKind::kPredicate && p.subject != nullptr && RefersToSources(*p.subject);
  return here || std::any_of(f.children.begin(), f.children.end(),
                             [](const Formula& child) { return RefersToSources(child); });
}

bool IsQuantified(const CorrelationSource& s) {
  return s.min_count > 1 || s.max_count > 0 || s.min_distinct > 0;
}

// The stages that must happen, those with `runs` as often as they must.
std::vector<const CorrelationSource*> Stages(const CorrelationSpec& spec) {
  std::vector<const CorrelationSource*> stages;
  for (const CorrelationSource& s : spec.sources) {
    if (!s.negated) stages.insert(stages.end(), s.runs, &s);
  }
  return stages;
}

void CollectFields(const Expr& e, const CorrelationSpec& spec, std::set<std::string>* out) {
  if (e.kind == Expr::Kind::kField && e.source >= 0 && !e.text.empty()) {
    const std::string& alias = spec.sources[static_cast<size_t>(e.source)].alias;
    out->insert(alias + "." + PrintFieldName(e.text));
  }
  for (const Expr& arg : e.args) CollectFields(arg, spec, out);
}

// ", with a.f and b.g": what is remembered of an event besides its time and place.
std::string Values(const CorrelationSpec& spec) {
  std::set<std::string> fields;
  CollectFields(spec.having, spec, &fields);
  for (const auto& [name, value] : spec.actions.outcomes) CollectFields(value, spec, &fields);
  for (const Key& key : spec.actions.suppress_by) CollectFields(key.value, spec, &fields);
  std::string out;
  for (const std::string& field : fields) out += (out.empty() ? ", with " : ", ") + field;
  return out;
}

std::string Within(int64_t span_ns) {
  return span_ns > 0 ? " within " + PrintDuration(span_ns) : ", whatever the time";
}

std::string Sequence(const CorrelationSpec& spec) {
  const std::vector<const CorrelationSource*> stages = Stages(spec);
  const uint64_t open = OpenPartials(spec);
  std::string out = Count(stages.size(), "stage") + ", at most " + std::to_string(open) +
                    " open partial match" + (open == 1 ? "" : "es");
  out += Within(spec.span_ns);
  if (std::any_of(stages.begin(), stages.end(),
                  [](const CorrelationSource* s) { return IsQuantified(*s); })) {
    out += "; a counted stage holds as many events as come in that time, at most " +
           Number(kMaxGroupRecords);
  }
  if (!spec.sources.empty() && spec.sources.front().negated) {
    out += "; the last event that must not come before";
  }
  if (!spec.sources.empty() && spec.sources.back().negated) {
    out += "; at most " + std::to_string(kMaxWaitingMatches) + " matches that wait for their end";
  }
  return out;
}

bool HasAggregate(const Expr& e, bool of_values_only) {
  if (e.kind == Expr::Kind::kCall && e.function != Function::kHost &&
      SpecOf(e.function).is_aggregate) {
    const bool of_values = std::any_of(e.args.begin(), e.args.end(), [](const Expr& arg) {
      return arg.kind == Expr::Kind::kField && !arg.text.empty();
    });
    if (of_values || !of_values_only) return true;
  }
  return std::any_of(e.args.begin(), e.args.end(),
                     [&](const Expr& arg) { return HasAggregate(arg, of_values_only); });
}

// Whether the rule asks for aggregates of the whole window.
bool HasAggregate(const CorrelationSpec& spec, bool of_values_only) {
  return HasAggregate(spec.having, of_values_only) ||
         std::any_of(
             spec.actions.outcomes.begin(), spec.actions.outcomes.end(),
             [&](const auto& outcome) { return HasAggregate(outcome.second, of_values_only); });
}

// The records of a window; a rule that only counts keeps whole the first and the last of them.
std::string Window(const CorrelationSpec& spec) {
  std::string of = "window";
  if (spec.window == WindowKind::kTumbling) of = "tumbling window";
  if (spec.window == WindowKind::kSession) of = "session";
  const std::string within =
      spec.span_ns > 0 ? "as many as come within " + PrintDuration(spec.span_ns) + ", " : "";
  const std::string events =
      "the events of one " + of + " (" + within + "at most " + Number(kMaxWindowRecords) + ")";
  if (HasAggregate(spec, true)) return events;
  return "the times of " + events + ", and the first and last of them whole";
}

std::string Together(const CorrelationSpec& spec) {
  const uint64_t n = spec.sources.size();
  std::string out = Count(n, "slot") + ", the last " + Count(n, "event") + " of each";
  out += spec.shape == Shape::kSample ? " until all are filled" : Within(spec.span_ns);
  if (HasAggregate(spec, false)) out += "; " + Window(spec);
  return out;
}

std::string OfShape(const CorrelationSpec& spec) {
  switch (spec.shape) {
    case Shape::kWindow:
      return Window(spec);
    case Shape::kSequence:
      return Sequence(spec);
    case Shape::kAll:
      return spec.having.kind != Expr::Kind::kNull ? Window(spec) : Together(spec);
    case Shape::kSample:
      return Together(spec);
    case Shape::kAbsence:
      return "the last event and one timer";
    case Shape::kNewValue:
      return "at most " + Number(kMaxNewValues) + " values and when they were last seen" +
             (spec.history_ns > 0 ? ", for " + PrintDuration(spec.history_ns) : "");
    case Shape::kLineage:
      return "the ids of the processes that are followed" + Within(spec.span_ns) + ", at most " +
             Number(kMaxLineageIds) + ", and their ancestors";
  }
  return "";
}

}  // namespace

uint64_t OpenPartials(const CorrelationSpec& spec) {
  const std::vector<const CorrelationSource*> stages = Stages(spec);
  uint64_t open = 0;
  for (size_t i = 0; i < stages.size(); ++i) {
    const bool is_last = i + 1 == stages.size();
    const bool counts = IsQuantified(*stages[i]);
    // A match of a plain last stage is complete at once.
    if (is_last && !counts) continue;
    const bool next_chooses =
        !is_last && (IsQuantified(*stages[i + 1]) || RefersToSources(stages[i + 1]->condition));
    open += counts || next_chooses || spec.select == Select::kAll ? kMaxWidePartials : 1;
  }
  return open;
}

std::string StatePerKey(const CorrelationSpec& spec) {
  std::string out = OfShape(spec) + Values(spec);
  if (spec.actions.suppress_ns > 0) {
    out += "; one time for each key of the suppression, for " +
           PrintDuration(spec.actions.suppress_ns);
  }
  return out;
}

std::string NeverForgotten(const CorrelationSpec& spec) {
  const bool has_keys = !spec.sources.empty() && !spec.sources[0].keys.empty();
  if (spec.shape == Shape::kNewValue && spec.history_ns == 0) return "all values that were seen";
  if (spec.shape == Shape::kLineage && spec.span_ns == 0) return "all ids that were seen";
  if (spec.shape == Shape::kSample && has_keys) return "all keys";
  if (spec.rearm == Rearm::kNever && has_keys) return "all keys that had a detection";
  return "";
}

}  // namespace vedette::inline v0
