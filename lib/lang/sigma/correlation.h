// Correlation documents: their section, and the references between documents.
#ifndef VEDETTE_LIB_LANG_SIGMA_CORRELATION_H_
#define VEDETTE_LIB_LANG_SIGMA_CORRELATION_H_

#include <optional>
#include <string_view>

#include "lib/lang/sigma/document.h"

namespace vedette::inline v0::sigma {

// Reads the `correlation` section into document->correlation; false, and reports (SIG0050,
// SIG0051), if it is wrong. `top` is the whole document.
bool ParseCorrelation(const YamlNode& node, SourceSpan at, const YamlNode& top, size_t max_nesting,
                      Document* document);

// "15m" in nanoseconds: a whole number and s, m, h, d, w, M (30 days) or y (365 days). Nothing if
// malformed, zero, or beyond int64.
std::optional<int64_t> ParseTimespan(std::string_view text);

}  // namespace vedette::inline v0::sigma

#endif  // VEDETTE_LIB_LANG_SIGMA_CORRELATION_H_
