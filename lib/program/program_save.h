// The parts of SaveProgram: each appends what the loader reads again.
#ifndef VEDETTE_LIB_PROGRAM_PROGRAM_SAVE_H_
#define VEDETTE_LIB_PROGRAM_PROGRAM_SAVE_H_

#include <string>
#include <vector>

#include "lib/program/program_layout.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {

template <typename List, typename Save>
void SaveList(const List& list, Save save, std::string* out) {
  AppendVarint(list.size(), out);
  for (const auto& item : list) save(item, out);
}

void SaveTexts(const std::vector<std::string>& texts, std::string* out);
void SaveMeta(const RuleMeta& meta, std::string* out);
void SaveExpr(const CompiledExpr& expr, std::string* out);
void SaveKey(const CompiledKey& key, std::string* out);
void SaveOutcome(const std::pair<std::string, CompiledExpr>& outcome, std::string* out);
void SaveCorrelation(const ProgramCorrelation& correlation, std::string* out);
void SaveFeed(const CorrelationFeed& feed, std::string* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_PROGRAM_SAVE_H_
