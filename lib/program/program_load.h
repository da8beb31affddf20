// The parts of LoadProgram that rules and correlations share, and the one that reads correlations.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_LOAD_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_LOAD_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "lib/program/byte_reader.h"
#include "lib/program/predicate_load.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// The least that a RuleMeta takes.
inline constexpr size_t kLeastMeta = 21;

// Each leaves an error in `reader`, or a refusal as well, and then parts of what it read.
void LoadTexts(ByteReader* reader, std::vector<std::string>* out);
void LoadMeta(ByteReader* reader, RuleMeta* out);
int64_t LoadDuration(ByteReader* reader);
std::vector<std::pair<std::string, CompiledExpr>> LoadOutcomes(size_t field_count,
                                                               ByteReader* reader,
                                                               LoadContext* context);
std::vector<CompiledKey> LoadKeys(size_t field_count, ByteReader* reader, LoadContext* context);
// Correlations and feeds; rules and nodes must be there. What they refer to exists and fits, and
// every correlation stands deeper than those that feed it.
void LoadCorrelations(ByteReader* reader, LoadContext* context);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_LOAD_H_
