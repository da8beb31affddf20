// What a Program holds about its correlations: flat and immutable, built by correlation_build.cc,
// read by the evaluator (feeds) and by the correlator (the rest). Meaning: docs/correlator.md.
#ifndef VEDETTE_LIB_PROGRAM_CORRELATION_LAYOUT_H_
#define VEDETTE_LIB_PROGRAM_CORRELATION_LAYOUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/program/compiled_expr.h"
#include "vedette/function.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kNoColumn = UINT32_MAX;

// A part of a group key, over the fields of what feeds the correlation.
struct CompiledKey {
  CompiledExpr expr;
  bool optional = false;  // a missing value joins with other missing ones
};

// A value of an event that the correlator needs later.
struct CompiledColumn {
  enum class Kind : uint8_t {
    kField,    // the field as it is, lists too; expr has one node
    kExpr,     // the first value of an expression
    kFormula,  // whether `node` holds, for events only
  };
  Kind kind = Kind::kField;
  CompiledExpr expr;
  uint32_t node = 0;
};

// What makes a record of one source of one correlation.
struct CorrelationFeed {
  uint32_t correlation = 0;
  uint32_t source = 0;  // into ProgramCorrelation::sources
  bool from_correlation = false;
  // Rule of the program (hidden ones, too), or correlation. The fields of expressions are those of
  // the event; for a correlation they number its keys, then its outcomes.
  uint32_t from = 0;
  std::vector<CompiledKey> keys;
  std::vector<CompiledColumn> columns;  // as many as the source has
};

// A thing that an expression over a match refers to: CompiledExpr::fields of `having`, `join`,
// outcomes and suppression keys are numbers of slots.
struct CorrelationSlot {
  enum class Kind : uint8_t {
    kAggregate,  // `index` into ProgramCorrelation::aggregates
    kColumn,     // column `index` of `source`: of its last record in the match
    kKey,        // part `index` of the group key
    kTest,       // whether test `index` of ProgramCorrelation::tests holds; in `join` and `having`
  };
  Kind kind = Kind::kColumn;
  uint32_t source = 0;
  uint32_t index = 0;
};

struct CorrelationAggregate {
  Function function = Function::kCount;
  uint32_t source = 0;
  std::vector<uint32_t> columns;              // of the source
  double percent = 0;                         // kPercentile
  std::string text;                           // for people: "distinct(conn.destination.port)"
  std::shared_ptr<const HostAggregate> host;  // kHostAggregate: one column for each argument
};

struct CorrelationInput {
  enum class Role : uint8_t {
    kStage,    // a source that the author wrote
    kNegated,  // kSequence: `![..]`
    kUntil,    // kSequence
    kTrack,    // kLineage with descendants: every event that may pass an id on
  };
  Role role = Role::kStage;
  std::string alias;
  uint32_t runs = 1;
  uint32_t min_count = 1;
  uint32_t max_count = 0;
  uint32_t min_distinct = 0;
  uint32_t distinct_column = kNoColumn;
  int64_t within_previous_ns = 0;
  int64_t after_previous_ns = 0;
  // Names for people, as the author wrote the fields; empty for kFormula.
  std::vector<std::string> columns;
  // A condition on this record (columns of this source) and on earlier stages of the match: over
  // tests and kFormula columns, so that each test chooses elements of lists for itself.
  bool has_join = false;
  CompiledExpr join;
};

struct ProgramCorrelation {
  // Same lists as Shape, WindowKind, Select and Rearm of the IR.
  enum class Shape : uint8_t { kWindow, kSequence, kAll, kSample, kAbsence, kNewValue, kLineage };
  enum class Window : uint8_t { kSliding, kTumbling, kSession };
  enum class Select : uint8_t { kLatest, kFirst, kAll };
  enum class Rearm : uint8_t { kDefault, kWhenFalse, kImmediately, kAfter, kReset, kNever };

  RuleMeta meta;
  uint64_t fingerprint = 0;  // of the meaning, with that of everything that feeds it
  std::string dump;
  Shape shape = Shape::kWindow;
  Window window = Window::kSliding;
  Select select = Select::kLatest;
  Rearm rearm = Rearm::kWhenFalse;  // never kDefault
  uint32_t depth = 1;
  uint32_t select_limit = 0;
  int64_t span_ns = 0;
  int64_t gap_ns = 0;
  int64_t history_ns = 0;
  int64_t rearm_ns = 0;
  bool any_generation = false;
  bool at_close = false;  // kWindow, kAll: `having` is judged when the window closes
  bool emits = true;      // hands its detections to the host; they feed other rules anyway
  std::vector<CorrelationInput> sources;
  std::vector<std::string> key_names;
  std::vector<CorrelationAggregate> aggregates;
  std::vector<CorrelationSlot> slots;
  std::vector<CompiledExpr> tests;  // over slots that are no tests
  bool has_having = false;
  CompiledExpr having;
  // kNewValue: columns 0 .. n-1 of source 0 are the tuple. kLineage: column 0 of source 0 is the
  // id; columns 0 and 1 of kTrack (with the keys of source 0) are id and parent id; column 0 of
  // source 1 is the parent id.
  uint32_t new_value_columns = 0;
  std::vector<std::pair<std::string, CompiledExpr>> outcomes;
  std::vector<CompiledKey> suppress_by;
  int64_t suppress_ns = 0;
  std::vector<uint32_t> feeds;  // into ProgramLayout::feeds: those from this correlation
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_CORRELATION_LAYOUT_H_
