// Ties documents together: ids and names, filters to rules, correlations to what they refer to.
#ifndef VEDETTE_LIB_LANG_SIGMA_LINKER_H_
#define VEDETTE_LIB_LANG_SIGMA_LINKER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/sigma/document.h"

namespace vedette::inline v0::sigma {

// Works on the documents of all sources. Call the steps in order.
class Linker {
 public:
  explicit Linker(std::vector<Document>* documents) : documents_(documents) {}

  // Refuses documents whose id or name an earlier one has (SIG0042).
  void IndexNames();
  // Notes in each rule the filters that are for it; reports references to nothing (SIG0041).
  void AssignFilters();
  // Appends the correlations that can be resolved to `module`. `rule_index[i]` is the place of
  // document `i` in module->rules, or kNone if it is no rule or was refused.
  void ResolveCorrelations(const std::vector<size_t>& rule_index, IrModule* module);

  static constexpr size_t kNone = static_cast<size_t>(-1);

 private:
  // The document that an id or name stands for, or kNone.
  size_t Find(std::string_view reference) const;
  void Claim(const std::string& text, SourceSpan span, size_t document, std::string_view what);
  void AssignFilter(const Document& filter);
  // Refuses correlations that refer to nothing or to what was refused.
  void RefuseUnresolved(const std::vector<size_t>& rule_index);
  void RefuseCycles();
  // Refuses a correlation and all that refer to it.
  void Refuse(size_t correlation);

  std::vector<Document>* documents_;
  std::unordered_map<std::string, size_t> index_;
  // For each document the correlations that refer to it, and at which place of their rules.
  std::vector<std::vector<std::pair<size_t, size_t>>> users_;
};

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_LINKER_H_
