// The compiled form of a rule set.
#ifndef VEDETTE_PROGRAM_H_
#define VEDETTE_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/logsource.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

struct ProgramLayout;  // lib/program/program_layout.h

// Everything needed to run the rules: immutable, shared by any number of evaluators and threads
// (thread-safe). Made by `Compiler`, or by `LoadProgram` from what SaveProgram wrote.
class Program {
 public:
  explicit Program(std::unique_ptr<ProgramLayout> layout);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  size_t rule_count() const;
  // Distinct tests, over all rules.
  size_t predicate_count() const;
  // Rules are numbered in the order of the sources. A rule that only feeds correlations counts.
  const RuleMeta& rule(size_t index) const;
  // 64-bit fingerprint of what the rule means (not of its metadata): equal in two programs if and
  // only if the compiled condition, log source and fields are.
  uint64_t fingerprint(size_t index) const;
  uint64_t fingerprint() const;
  // The rule's IR as text.
  std::string DumpRule(size_t index) const;
  // Index of the rule with this id, name or title; -1 if there is none.
  int FindRule(std::string_view id_name_or_title) const;

  // Rules over several events, run by a Correlator.
  size_t correlation_count() const;
  const RuleMeta& correlation(size_t index) const;
  // As fingerprint() of a rule; that of what feeds the correlation is in it.
  uint64_t correlation_fingerprint(size_t index) const;
  // How deep rules stand on detections of others: 0 without correlations, 1 if all look at events
  // (and single-event rules) only.
  uint32_t correlation_depth() const;
  std::string DumpCorrelation(size_t index) const;

  // Names of the event fields that some rule reads, sorted.
  std::span<const std::string> required_fields() const;
  // Some rule searches the whole event (keywords).
  bool searches_whole_event() const;
  const LogSourceTable& log_sources() const;
  // Memory of the program, an estimate in bytes.
  size_t memory_bytes() const;

  const ProgramLayout& layout() const { return *layout_; }

 private:
  std::unique_ptr<const ProgramLayout> layout_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_PROGRAM_H_
