// Builds Programs from verified IR.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ir/ir.h"
#include "lib/program/correlation_build.h"
#include "lib/program/program_layout.h"
#include "vedette/function.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// One rule, compiled by itself, with tables of its own: what AddImage puts into programs.
struct RuleImage {
  absl::Status status;                      // as AddRule would say
  std::unique_ptr<const ProgramLayout> of;  // the one rule, without metadata
  std::vector<std::string> predicate_keys;  // of each predicate
  std::string key;                          // of the whole rule
  size_t memory_bytes() const;
};

// Collects rules and makes the program. Thread-compatible; use once.
class ProgramBuilder {
 public:
  // `functions` may be null; it must outlive the builder.
  ProgramBuilder(const LogSourceTable& log_sources, int64_t max_regex_bytes,
                 const FunctionRegistry* functions);

  // Its place in the program. InvalidArgument with the reason if a regular expression is not
  // supported or beyond the budget, or a host function is not there; the builder is as before then.
  // `rule` must be verified; `meaning` is the condition as the fingerprint knows it.
  absl::StatusOr<uint32_t> AddRule(IrRule rule, const Formula& meaning);
  // AddRule in two steps, of which the first needs to be done once for all programs.
  static RuleImage MakeImage(IrRule rule, const Formula& meaning, int64_t max_regex_bytes,
                             const FunctionRegistry* functions);
  absl::StatusOr<uint32_t> AddImage(const RuleImage& image, RuleMeta meta);
  // Once all rules are there. What is wrong with some, which are left out, or odd.
  std::vector<CorrelationProblem> AddCorrelations(const CorrelationModule& correlations);
  size_t predicate_count() const { return layout_->predicates.size(); }
  // Memory of the rules so far, an estimate; takes time for those that are new since the last call.
  size_t memory_bytes();
  std::shared_ptr<const Program> Finish();

 private:
  friend class CorrelationBuilder;
  ProgramBuilder(int64_t max_regex_bytes, const FunctionRegistry* functions);  // routes nothing
  // The number of a field in what is compiled; kNoField for one that never has a value.
  using FieldNumber = std::function<uint32_t(const Expr& field)>;
  // What memory_bytes has seen.
  struct Counted {
    size_t predicates = 0;
    size_t rules = 0;
    size_t bytes = 0;
  };
  // Where the builder stood, to undo a rule that failed.
  struct Mark {
    size_t nodes;
    size_t predicates;
    size_t labels;
  };

  absl::StatusOr<uint32_t> AddRule(IrRule rule, const Formula& meaning, std::string* key);
  absl::StatusOr<uint32_t> InternPredicate(const Predicate& predicate, bool relative);
  absl::Status CompilePredicate(const Predicate& predicate, bool relative, CompiledPredicate* out);
  absl::Status CompileExpr(const Expr& expr, const FieldNumber& number, CompiledExpr* out);
  absl::StatusOr<CompiledExpr> Compiled(const Expr& expr, const FieldNumber& number);
  absl::StatusOr<CompiledExpr> Compiled(const Expr& expr);  // of an event
  absl::StatusOr<std::vector<CompiledKey>> CompiledKeys(const std::vector<Key>& keys,
                                                        const FieldNumber& number);
  FieldNumber OfEvent() {
    return [this](const Expr& field) { return InternField(field.text); };
  }
  // A node that holds if `formula` does.
  absl::StatusOr<uint32_t> AddFormula(const Formula& formula);
  absl::Status FillNode(uint32_t index, const Formula& formula, bool relative);
  // Puts a rule with its fingerprint after the others.
  uint32_t Append(ProgramRule rule, const std::string& key);
  uint32_t InternField(const std::string& name);
  uint32_t InternLabel(const std::string& label);
  Mark Here() const {
    return {layout_->nodes.size(), layout_->predicates.size(), layout_->labels.size()};
  }
  void Undo(const Mark& mark);

  std::unique_ptr<ProgramLayout> layout_;
  Counted counted_;
  int64_t max_regex_bytes_;
  const FunctionRegistry* functions_;
  absl::flat_hash_map<std::string, uint32_t> predicate_index_;
  absl::flat_hash_map<std::string, uint32_t> field_index_;
  absl::flat_hash_map<std::string, uint32_t> label_index_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_
