// The parts of LoadProgram that read what rules test: expressions, predicates, formulas.
#ifndef VEDETTE_LIB_PROGRAM_PREDICATE_LOAD_H_
#define VEDETTE_LIB_PROGRAM_PREDICATE_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "lib/program/byte_reader.h"
#include "lib/program/program_layout.h"
#include "vedette/function.h"

namespace vedette::inline v0 {

// What is being loaded. Sections are read in their order, so that what they refer to is there.
struct LoadContext {
  ProgramLayout* layout = nullptr;
  const FunctionRegistry* functions = nullptr;  // may be null
  int64_t regex_bytes = 0;                      // of all regular expressions compiled so far
  int64_t late_regex_bytes = 0;                 // and of those that will be, at most
  absl::Status refusal;  // why sound bytes are not loaded; the reader has failed, too

  void Refuse(absl::Status why, ByteReader* reader) {
    if (refusal.ok() && reader->ok()) refusal = std::move(why);
    reader->Fail("refused");
  }
};

// Each leaves an error in `reader`, or a refusal as well, and then parts of what it read.
// An expression over so many fields, or slots, or whatever it is over.
CompiledExpr LoadExpr(size_t field_count, ByteReader* reader, LoadContext* context);
void LoadPredicates(ByteReader* reader, LoadContext* context);
void LoadNodes(ByteReader* reader, LoadContext* context);
// Once everything is there: that the nodes of each rule and column are a tree of their own, not too
// deep, and what is tested in an array's elements fits. Sets `relative` of nodes. InvalidArgument
// otherwise.
absl::Status CheckFormulas(ProgramLayout* layout);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PREDICATE_LOAD_H_
