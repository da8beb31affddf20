// Builds Programs from verified IR.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ir/ir.h"
#include "lib/program/program_layout.h"
#include "vedette/function.h"
#include "vedette/program.h"

namespace vedette::inline v0 {

// Collects rules and makes the program. Thread-compatible; use once.
class ProgramBuilder {
 public:
  // `functions` may be null; it must outlive the builder.
  ProgramBuilder(const LogSourceTable& log_sources, int64_t max_regex_bytes,
                 const FunctionRegistry* functions);

  // InvalidArgument with the reason if a regular expression is not supported or beyond the budget,
  // or a host function is not there; the builder is as before then. `rule` must be verified.
  // `meaning` is the condition as the fingerprint knows it.
  absl::Status AddRule(IrRule rule, const Formula& meaning);
  void AddCorrelation(const CorrelationSpec& spec);
  size_t predicate_count() const { return layout_->predicates.size(); }
  std::shared_ptr<const Program> Finish();

 private:
  // Where the builder stood, to undo a rule that failed.
  struct Mark {
    size_t nodes;
    size_t predicates;
    size_t labels;
  };

  absl::StatusOr<uint32_t> InternPredicate(const Predicate& predicate, bool relative);
  absl::Status CompilePredicate(const Predicate& predicate, bool relative, CompiledPredicate* out);
  absl::Status CompileExpr(const Expr& expr, CompiledExpr* out);
  absl::StatusOr<CompiledExpr> Compiled(const Expr& expr);
  absl::Status FillNode(uint32_t index, const Formula& formula, bool relative);
  uint32_t InternField(const std::string& name);
  uint32_t InternLabel(const std::string& label);
  void Undo(const Mark& mark);

  std::unique_ptr<ProgramLayout> layout_;
  int64_t max_regex_bytes_;
  const FunctionRegistry* functions_;
  absl::flat_hash_map<std::string, uint32_t> predicate_index_;
  absl::flat_hash_map<std::string, uint32_t> field_index_;
  absl::flat_hash_map<std::string, uint32_t> label_index_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_BUILD_H_
