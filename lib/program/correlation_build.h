// Builds the correlations of a Program: what feeds each, and what it says of a match.
#ifndef VEDETTE_LIB_PROGRAM_CORRELATION_BUILD_H_
#define VEDETTE_LIB_PROGRAM_CORRELATION_BUILD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ir/ir.h"
#include "lib/program/correlation_layout.h"

namespace vedette::inline v0 {

class MatchBuilder;
class ProgramBuilder;
struct ColumnPlan;

inline constexpr uint32_t kNoRule = UINT32_MAX;

// What is to be added; parallel to the lists of `module`, which must outlive the call.
struct CorrelationModule {
  const IrModule* module = nullptr;   // conditions simplified
  std::vector<std::string> dumps;     // of the correlations, for people
  std::vector<bool> refused;          // correlations that the verifier refused
  std::vector<uint32_t> rule_places;  // in the program; kNoRule if refused
  // Fields that records have of their events beside those that the rules look at.
  std::vector<std::string> evidence_fields;
};

// Something to tell the author of a rule or correlation, by its number in the module.
struct CorrelationProblem {
  bool of_rule = false;
  uint32_t index = 0;
  bool is_error = true;  // the correlation was left out
  std::string code;
  std::string message;
  std::string hint;
};

// Adds correlations, parents first, and the hidden rules that they need. Use once.
class CorrelationBuilder {
 public:
  CorrelationBuilder(ProgramBuilder* program, const CorrelationModule& input);
  std::vector<CorrelationProblem> Build();

 private:
  // A correlation and its feeds; `from` of correlations counts those of the module until the end.
  struct Built {
    ProgramCorrelation correlation;
    std::vector<CorrelationFeed> feeds;
  };

  void Error(uint32_t index, std::string code, std::string message, std::string hint = "");
  std::string Name(uint32_t index) const;
  std::vector<std::vector<uint32_t>> FindParents() const;
  // Parents before children; cyclic ones are reported.
  std::vector<uint32_t> Order(const std::vector<std::vector<uint32_t>>& parents);
  std::string Chain(uint32_t index, const std::vector<std::vector<uint32_t>>& parents) const;
  // False after a report.
  bool ParentsAreThere(uint32_t index, const std::vector<std::vector<uint32_t>>& parents);
  absl::Status BuildOne(uint32_t index, Built* out);
  absl::Status BuildSources(uint32_t index, MatchBuilder* match, Built* out);
  absl::Status BuildActions(const CorrelationSpec& spec, MatchBuilder* match,
                            ProgramCorrelation* out);
  void PlanFixedColumns(const CorrelationSpec& spec, MatchBuilder* match, ProgramCorrelation* out);
  void PlanEvidence(const CorrelationSpec& spec, MatchBuilder* match) const;
  absl::StatusOr<CompiledExpr> OverSlots(const Expr& expr);
  absl::Status FeedSource(uint32_t index, uint32_t number, const CorrelationSource& source,
                          const Formula& condition, const std::vector<ColumnPlan>& columns,
                          Built* out);
  absl::StatusOr<CorrelationFeed> EventFeed(uint32_t number, uint32_t rule,
                                            const std::vector<Key>& keys,
                                            const std::vector<ColumnPlan>& columns);
  absl::StatusOr<CorrelationFeed> DetectionFeed(uint32_t index, uint32_t number, uint32_t parent,
                                                const std::vector<Key>& keys,
                                                const std::vector<ColumnPlan>& columns);
  absl::StatusOr<uint32_t> HiddenRule(const RuleMeta& meta, const Formula& condition);
  uint64_t Fingerprint(uint32_t index, const MatchBuilder& match, const Built& built) const;
  void DecideWhoEmits();
  void Append();

  ProgramBuilder* program_;
  const CorrelationModule& input_;
  const IrModule& module_;
  std::vector<std::optional<Built>> built_;  // by number in the module
  std::map<std::string, uint32_t> hidden_;   // place by log source and condition
  std::vector<CorrelationProblem> problems_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_CORRELATION_BUILD_H_
