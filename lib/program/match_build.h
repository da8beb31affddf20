// What a correlation says of its match, as columns of its sources and expressions over slots.
#ifndef VEDETTE_LIB_PROGRAM_MATCH_BUILD_H_
#define VEDETTE_LIB_PROGRAM_MATCH_BUILD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "lib/program/correlation_layout.h"

namespace vedette::inline v0 {

// A value of the events of one source; its expression or formula is about the event itself.
struct ColumnPlan {
  CompiledColumn::Kind kind = CompiledColumn::Kind::kField;
  Expr value;
  Formula formula;
  std::string key;  // what it is, as bytes
};

// Plans the columns of one correlation while it rewrites expressions and conditions. In what it
// gives, the `source` of a field is the number of a slot. Errors are Unimplemented, for the
// rule's author, or InvalidArgument, for an aggregate that the host does not have.
class MatchBuilder {
 public:
  // `spec` must be verified, `functions` may be null. Appends to `aggregates` and `slots` of `out`;
  // `inputs` are its sources with `until` or whatever else comes after those of `spec`.
  MatchBuilder(const CorrelationSpec& spec, size_t inputs, const FunctionRegistry* functions,
               ProgramCorrelation* out);

  // Appends a column even if the source has it already, to stand in a certain place.
  uint32_t AppendColumn(uint32_t source, const Expr& value);
  // The column of the source with this value.
  uint32_t ValueColumn(uint32_t source, const Expr& value);
  // Outcomes, suppression keys.
  absl::StatusOr<Expr> OverMatch(const Expr& e);
  // `having`: what `and`, `or` and `not` connect are tests, and each chooses elements of lists for
  // itself, as tests of one event do.
  absl::StatusOr<Expr> ConditionOverMatch(const Expr& e);

  // A condition of a source that refers to earlier ones, in two parts.
  struct Split {
    Formula event;  // what the event alone must satisfy
    bool has_join = false;
    Expr join;  // over tests() and columns
  };
  absl::StatusOr<Split> SplitCondition(uint32_t source, const Formula& condition);

  // Whether the records of a source come from other rules over several events.
  bool SeesDetections(size_t source) const;
  const std::vector<ColumnPlan>& columns(size_t source) const { return columns_[source]; }
  const std::vector<Expr>& tests() const { return tests_; }

 private:
  uint32_t AddColumn(uint32_t source, ColumnPlan plan, bool share);
  Expr Slot(CorrelationSlot::Kind kind, uint32_t source, uint32_t index);
  Expr ColumnSlot(uint32_t source, const Expr& value);
  Expr FormulaSlot(uint32_t source, Formula formula);
  absl::StatusOr<Expr> AggregateSlot(const Expr& e);
  absl::StatusOr<Expr> EventField(const Expr& e);
  absl::StatusOr<Expr> Join(uint32_t source, const Formula& f);
  absl::StatusOr<Expr> JoinBranch(uint32_t source, const Formula& f);
  absl::StatusOr<Expr> JoinPredicate(uint32_t source, const Predicate& p);
  Expr Test(uint32_t source, const Expr& value);
  Expr TestSlot(Expr test);

  const CorrelationSpec& spec_;
  const FunctionRegistry* functions_;
  ProgramCorrelation* out_;
  std::vector<std::vector<ColumnPlan>> columns_;
  std::vector<Expr> tests_;
  PrintContext names_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_MATCH_BUILD_H_
