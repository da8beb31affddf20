#include "lib/correlate/sequence_plan.h"

#include <algorithm>

namespace vedette::inline v0 {

SequencePlan::SequencePlan(const ProgramCorrelation& spec) {
  using Role = CorrelationInput::Role;
  using Select = ProgramCorrelation::Select;
  // What a program may say is bounded elsewhere; this keeps bad ones from taking all memory.
  constexpr size_t kMaxStages = 4096;
  for (uint32_t i = 0; i < spec.sources.size(); ++i) {
    const CorrelationInput& input = spec.sources[i];
    Source source;
    source.role = input.role;
    source.first = levels();
    const bool quantified = input.min_count > 1 || input.max_count > 0 || input.min_distinct > 0;
    while (input.role == Role::kStage && source.stages < std::max(input.runs, 1U) &&
           stages.size() < kMaxStages) {
      stages.push_back({i, &input, quantified, false});
      ++source.stages;
    }
    if (source.stages > 0) has_groups = has_groups || quantified;
    sources.push_back(source);
  }
  for (const Source& source : sources) {
    if (source.role != Role::kNegated) continue;
    has_leading = has_leading || source.first == 0;
    has_trailing = has_trailing || source.first == levels();
  }
  const bool all = spec.select == Select::kAll;
  if (all) {
    picks = spec.select_limit == 0 ? kMaxWidePartials
                                   : std::min<size_t>(spec.select_limit, kMaxWidePartials);
  }
  bool any_wide = false;
  for (size_t i = 0; i < stages.size(); ++i) {
    const bool last = i + 1 == stages.size();
    stages[i].wide = all || stages[i].quantified ||
                     (!last && (stages[i + 1].quantified || stages[i + 1].input->has_join));
    any_wide = any_wide || stages[i].wide;
  }
  must_expire = any_wide || spec.select == Select::kFirst ||
                spec.rearm == ProgramCorrelation::Rearm::kWhenFalse;
}

}  // namespace vedette::inline v0
